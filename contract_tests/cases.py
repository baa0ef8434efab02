"""Boundary cases, derived from the document: a value at each limit, and the values just beyond it.

No limit, option, path or model is named here, so that a document with another limit or another operation brings its
own cases. Whether a case is valid is worked out from the limit it is about; in `test_cases.py` jsonschema-rs judges
them again.
"""

from __future__ import annotations

import dataclasses
import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import Any

from contract_tests.document import Document, Node, Operation, contract, types_of
from contract_tests.samples import NUMBER_LIMITS, base_body, elements, numbers_near, sample, text_of

ASTRAL = "\N{ARTIST PALETTE}"  # one code point, two UTF-16 units, four bytes of UTF-8
JSON_VALUES: dict[str, tuple[str, Any]] = {
    "null": ("null", None),
    "boolean": ("true", True),
    "integer": ("an integer", 1),
    "number": ("a number", 1.5),
    "string": ("a string", "text"),
    "array": ("a list", []),
    "object": ("an object", {}),
}
"""A value of each JSON type, and what the ids call it."""

UNIONS = ("anyOf", "oneOf")
NUMBER_RULES: dict[str, Callable[[Any, Any], bool]] = {
    "minimum": operator.ge,
    "exclusiveMinimum": operator.gt,
    "maximum": operator.le,
    "exclusiveMaximum": operator.lt,
    "multipleOf": lambda number, limit: Fraction(str(number)) % Fraction(str(limit)) == 0,
}


@dataclass(frozen=True)
class Case:
    """One request body, and what has to become of it."""

    sentence: str  # the id of the test: gpt-image-2 prompt of 0 characters is refused
    operation: Operation
    body: Any = dataclasses.field(repr=False)
    is_valid: bool
    field: str  # what the case is about, as ConstraintError names it: images[2]; empty for the whole body
    keyword: str  # the limit that the case is about

    @property
    def keywords(self) -> set[str]:
        """What may be named as broken: the limit, or the union of schemas that the limit is part of."""
        return {self.keyword, *UNIONS}


@dataclass(frozen=True)
class Value:
    """A value for a place in a body. `joint` and `noun` follow the place's name in a sentence: `of`, `0 characters`."""

    joint: str
    noun: str
    value: Any = dataclasses.field(repr=False)
    keyword: str
    is_valid: bool
    path: str = ""  # to what is broken inside the value: [2]

    def after(self, name: str) -> str:
        """The sentence's piece about a place of that name."""
        return " ".join(word for word in (name, self.joint, self.noun) if word)


@lru_cache(maxsize=1)
def all_cases() -> tuple[Case, ...]:
    """The cases of every submission of the document, in a fixed order."""
    return tuple(case for operation in contract().submissions for case in cases(contract(), operation))


def cases(document: Document, operation: Operation) -> Iterator[Case]:
    """The cases of one submission: the document's own examples, then those made from its limits."""
    for name, body in document.examples(document.body(operation)).items():
        yield Case(f"{operation.name} example {name} is accepted", operation, body, True, "", "examples")
    seen: set[str] = set()
    base = base_body(document, operation)
    for value in _Derivation(document).values(document.body_schema(operation), base):
        subject = value.after("body" if value.joint == "as" else "")
        sentence = f"{operation.name} {subject} is {'accepted' if value.is_valid else 'refused'}"
        if sentence not in seen:
            seen.add(sentence)
            place = value.path.removeprefix(".")
            yield Case(sentence, operation, value.value, value.is_valid, place, value.keyword)


class _Derivation:
    """The values around the limits of schemas of one document."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def values(self, schema: Any, base: Any = None) -> Iterator[Value]:
        """Values around every limit of a schema. `base` is the valid object whose properties are exchanged."""
        flat = self._document.schema(schema)
        types = types_of(flat)
        if not types:
            yield from self._alternatives(flat)
        yield from _values_of_other_types(types)
        if "enum" in flat or "const" in flat:
            yield from _options(flat.get("enum", [flat.get("const")]), "enum" if "enum" in flat else "const")
        else:
            yield from self._scalars(flat, types)
        if "array" in types:
            yield from self._lists(flat)
        if "properties" in flat:
            yield from self._properties(flat, sample(self._document, schema) if base is None else base)

    def _scalars(self, flat: Node, types: list[str]) -> Iterator[Value]:
        if "string" in types:
            yield from self._lengths(flat)
            yield from self._texts(flat)
        if "boolean" in types:
            yield from (Value("", text, value, "type", True) for text, value in (("true", True), ("false", False)))
        if "integer" in types or "number" in types:
            yield from _numbers(flat)

    def _alternatives(self, flat: Node) -> Iterator[Value]:
        """Where no type is named: a value of each alternative, and values of the types that none of them takes."""
        parts = next((flat[union] for union in UNIONS if union in flat), [flat])
        judge = self._document.validator(flat)
        for number, part in enumerate(parts, 1):
            value = sample(self._document, part)
            if judge.is_valid(value):
                yield Value("as", f"alternative {number}", value, "type", True)
        types = [types_of(self._document.schema(part)) for part in parts]
        if all(types):
            yield from _values_of_other_types([name for named in types for name in named])

    def _lengths(self, flat: Node) -> Iterator[Value]:
        lower, upper = flat.get("minLength", 0), flat.get("maxLength")
        for letter, kind in (("a", "characters"), (ASTRAL, "astral characters")):
            for count in _around(lower, upper):
                text = text_of(self._document, flat, count, letter)
                keyword = "minLength" if count < lower else "maxLength"
                is_valid = lower <= count and (upper is None or count <= upper)
                if text is not None and (letter == "a" or count):
                    yield Value("of", f"{count} {kind if count != 1 else kind[:-1]}", text, keyword, is_valid)

    def _texts(self, flat: Node) -> Iterator[Value]:
        """A text that matches the pattern, and neighbours that do not: which ones, only the pattern can say."""
        if "pattern" not in flat:
            return
        good = sample(self._document, flat)
        yield Value("", _quoted(good), good, "pattern", True)
        judge = self._document.validator({"pattern": flat["pattern"]})
        for noun, text in _spoiled(good):
            if not judge.is_valid(text):
                yield Value("", noun, text, "pattern", False)

    def _lists(self, flat: Node) -> Iterator[Value]:
        """Counts and elements. Where elements must differ, a list that would hold one twice says nothing else."""
        judge = self._document.validator({"uniqueItems": flat.get("uniqueItems", False)})
        for value in self._any_lists(flat):
            if value.keyword == "uniqueItems" or judge.is_valid(value.value):
                yield value

    def _any_lists(self, flat: Node) -> Iterator[Value]:
        lower, upper = flat.get("minItems", 0), flat.get("maxItems")
        items = flat.get("items", {})
        for count in _around(lower, upper):
            is_valid = lower <= count and (upper is None or count <= upper)
            noun = f"{count} element{'' if count == 1 else 's'}"
            keyword = "minItems" if count < lower else "maxItems"
            yield Value("with", noun, elements(self._document, items, count), keyword, is_valid)
        count = max(lower, 3) if upper is None else max(lower, min(3, upper))
        if flat.get("uniqueItems") and count > 1:
            twice = [sample(self._document, items)] * count
            yield Value("with", f"the same element {count} times", twice, "uniqueItems", False)
        for inner in self.values(items):
            yield from _inside(inner, elements(self._document, items, count))

    def _properties(self, flat: Node, base: Any) -> Iterator[Value]:
        required = flat.get("required", [])
        if flat.get("additionalProperties") is False:
            name = "-".join(["unknown", *flat["properties"]])[:60]
            yield Value("", "with an unknown field", {**base, name: 1}, "additionalProperties", False, f".{name}")
        for name in dict.fromkeys([*required, *flat["properties"]]):
            rest = {key: value for key, value in base.items() if key != name}
            yield Value("", f"without {name}", rest, "required", name not in required, f".{name}")
            for inner in self.values(flat["properties"].get(name, {})):
                body = {**base, name: inner.value}
                yield replace(inner, joint="", noun=inner.after(name), value=body, path=f".{name}{inner.path}")


def _around(lower: int, upper: int | None) -> list[int]:
    """0, 1, 2, and the counts at and beside both limits."""
    near = {0, 1, 2, lower - 1, lower, lower + 1}
    if upper is not None:
        near |= {upper - 1, upper, upper + 1}
    return sorted(count for count in near if count >= 0)


def _values_of_other_types(types: list[str]) -> Iterator[Value]:
    taken = {*types, *(["integer"] if "number" in types else [])}
    for name, (noun, value) in JSON_VALUES.items():
        if types and name not in taken:
            yield Value("as", noun, value, "type", False)
    if "null" in taken:
        yield Value("as", "null", None, "type", True)


def _options(options: list[Any], keyword: str) -> Iterator[Value]:
    for option in options:
        yield Value("", _quoted(option), option, keyword, True)
    neighbours = [near for option in options for near in _neighbours(option)]
    for near in dict.fromkeys(neighbours):
        if near not in options:
            yield Value("", _quoted(near), near, keyword, False)


def _neighbours(option: Any) -> list[Any]:
    if isinstance(option, str):
        cased = [option.upper(), option.lower(), option.capitalize()]
        return ["", *cased, f" {option}", f"{option} ", f"{option}\n", option[:-1]]
    is_number = isinstance(option, int | float) and not isinstance(option, bool)
    return [option - 1, option + 1] if is_number else []


def _spoiled(good: str) -> Iterator[tuple[str, str]]:
    """Neighbours of a text, the URLs among them without what makes them one."""
    yield from (("an empty string", ""), ("a text that is no URL", "not a URL"))
    yield from (("a leading space", f" {good}"), ("a leading line break", f"\n{good}"))
    scheme, separator, rest = good.partition("://")
    if separator:
        path = rest.partition("/")[2]
        yield from ((f"{other}://...", f"{other}://{rest}") for other in ("http", "ftp"))
        yield from ((f"{scheme}:// alone", f"{scheme}://"), (f"{scheme}:/// without a host", f"{scheme}:///{path}"))
        yield from (("a URL without scheme", rest), (f"{scheme}: without slashes", f"{scheme}:{rest}"))


def _numbers(flat: Node) -> Iterator[Value]:
    """The numbers beside every limit, and halves where whole ones are asked for."""
    for number in numbers_near(flat):
        broken = _broken_by(flat, number)
        if isinstance(number, int) or "number" in types_of(flat):
            limit = next((key for key in NUMBER_LIMITS if key in flat), "type")
            yield Value("", str(number), number, broken or limit, broken is None)
    if "number" not in types_of(flat):
        half = _sample_number(flat) + 0.5
        yield Value("", str(half), half, "type", False)


def _sample_number(flat: Node) -> int:
    """The first whole number within the limits of a schema."""
    return next(number for number in numbers_near(flat) if isinstance(number, int) and _broken_by(flat, number) is None)


def _broken_by(flat: Node, number: Any) -> str | None:
    """The keyword that refuses a number."""
    return next((key for key, holds in NUMBER_RULES.items() if key in flat and not holds(number, flat[key])), None)


def _inside(inner: Value, good: list[Any]) -> Iterator[Value]:
    """Lists with a value at the first, the middle and the last place; valid values at the middle only."""
    count = len(good)
    names = {0: "first", count // 2: "in the middle", count - 1: "last"}
    for at, where in names.items() if count > 2 else enumerate(f"at {place}" for place in range(count)):
        if inner.is_valid and at != count // 2:
            continue
        noun = f"{inner.noun} {where} of {count}"
        listed = [*good[:at], inner.value, *good[at + 1 :]]
        yield replace(inner, joint="with", noun=noun, value=listed, path=f"[{at}]{inner.path}")


def _quoted(value: Any) -> str:
    """The value as ids show it: a plain word as it is, else as Python writes it, shortened."""
    text = value if isinstance(value, str) and value.isprintable() and value.strip() == value != "" else ascii(value)
    return text if len(text) <= 60 else f"{text[:60]}..."
