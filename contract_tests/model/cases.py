"""Boundary cases, derived from the document: a value at each limit, and the values just beyond it.

No limit, option, path or model is named here, so that a document with another limit or another operation brings its
own cases. Whether a case is valid is worked out from the limit it is about; in `test_cases.py` jsonschema-rs judges
them again.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from contract_tests.model.counts import count_limits, counts_near
from contract_tests.model.document import Document, Node, Operation, contract
from contract_tests.model.joint_limits import good_objects, joint_values
from contract_tests.model.near_misses import ASTRAL, counted_texts, packed, spoiled, unpacked
from contract_tests.model.samples import base_body, free_objects, good_list, joint_limits, sample, text_of
from contract_tests.model.values import (
    Value,
    inside,
    numbers_of,
    of_other_types,
    options_of,
    quoted,
    renamed,
    wrapped,
)
from modellix._keywords import bounds_for
from modellix._openapi import types_of

FAR_LENGTHS, FAR_COUNTS = (1 << 16, 1 << 17), (1 << 8,)  # where counters of few bits begin anew
LONGEST_LIST = 32  # elements, up to which every place of a list is tried

UNIONS = ("anyOf", "oneOf")


@dataclass(frozen=True, eq=False)
class Case:
    """One request body, and what has to become of it."""

    sentence: str  # the id of the test: gpt-image-2 prompt of 0 characters is refused
    operation: Operation
    body: Any = dataclasses.field(repr=False)
    is_valid: bool
    field: str  # what the case is about, as ConstraintError names it: images[2]; empty for the whole body
    keyword: str  # the limit that the case is about
    is_about_counting: bool = False  # and only by how its characters are counted

    @property
    def value(self) -> Any:
        """What stands in the body where the case is about; None when nothing does."""
        found = self.body
        for step in re.findall(r"[^.\[\]]+", self.field):
            found = found[int(step)] if isinstance(found, list) else found.get(step)
        return found

    @property
    def keywords(self) -> set[str]:
        """What may be named as broken: the limit, or the union of schemas that the limit is part of."""
        return {self.keyword, *UNIONS}


@lru_cache(maxsize=1)
def all_cases() -> tuple[Case, ...]:
    """The cases of every submission of the document, in a fixed order."""
    return tuple(case for operation in contract().submissions for case in cases(contract(), operation))


@lru_cache(maxsize=1)
def _cases_by_operation() -> dict[Operation, list[Case]]:
    found: dict[Operation, list[Case]] = {}
    for case in all_cases():
        found.setdefault(case.operation, []).append(case)
    return found


def cases_of(operation: Operation) -> list[Case]:
    """The cases of one submission of the document."""
    return _cases_by_operation().get(operation, [])


def top_of(case: Case) -> str:
    """The field of the body that a case is about: images, of images[2]."""
    return case.field.partition(".")[0].partition("[")[0]


def cases(document: Document, operation: Operation) -> Iterator[Case]:
    """The cases of one submission: the document's own examples, then those made from its limits."""
    for name, body in document.examples(document.body(operation)).items():
        yield Case(f"{operation.name} example {name} is accepted", operation, body, True, "", "examples")
    seen: set[str] = set()
    base, schema = base_body(document, operation), document.body_schema(operation)
    whole = wrapped(document.schema(schema).get("required", []), base)
    for value in (*_Derivation(document).values(schema, base), *whole):
        subject = value.after("body" if value.joint == "as" else "")
        sentence = f"{operation.name} {subject} is {'accepted' if value.is_valid else 'refused'}"
        if sentence not in seen:
            seen.add(sentence)
            place = value.path.removeprefix(".")
            about = value.is_about_counting
            yield Case(sentence, operation, value.value, value.is_valid, place, value.keyword, about)


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
        yield from of_other_types(types)
        yield from self._wrapped(schema, types)
        if "enum" in flat or "const" in flat:
            yield from options_of(flat.get("enum", [flat.get("const")]), "enum" if "enum" in flat else "const")
        else:
            yield from self._scalars(flat, types)
        if "array" in types:
            yield from self._lists(flat)
        if "properties" in flat:
            base = sample(self._document, schema) if base is None else base
            yield from self._properties(flat, base)
        elif "object" in types:
            yield from self._free(flat)
        for noun, value, keyword, is_valid in joint_values(self._document, flat, base):
            yield Value("", noun, value, keyword, is_valid)

    def _free(self, flat: Node) -> Iterator[Value]:
        """Objects of fields that no schema names, as far as they are allowed."""
        judge = self._document.validator(flat)
        for value in [*free_objects(self._document, flat), {}][:3]:
            if judge.is_valid(value):
                yield Value("as", f"an object of {len(value)} fields", value, "type", True)

    def _options_of_others(self, flat: Node, base: Any, name: str) -> Iterator[Value]:
        """Options that another field has, and this one has not."""
        fields = {field: self._document.schema(one) for field, one in flat["properties"].items()}
        own = fields.get(name, {})
        typed = self._document.validator({"type": own["type"]} if "type" in own else {})
        for field, other in fields.items():
            for value in (one for one in other.get("enum", []) if own.get("enum") and one not in own["enum"]):
                noun, keyword = f"{name} {quoted(value)}, as {field}", "enum" if typed.is_valid(value) else "type"
                yield Value("", noun, {**base, name: value}, keyword, False, f".{name}")

    def _wrapped(self, schema: Any, types: list[str]) -> Iterator[Value]:
        """A good value in a shape that lenient readers unpack, or without the list around it."""
        if not types or set(types) <= {"boolean", "null"}:
            return
        good = sample(self._document, schema)
        shapes = unpacked(good) if isinstance(good, list) else packed(good) if good is not None else ()
        judge = self._document.validator({"type": types})  # A text or an element may be one of several types.
        for noun, value in shapes:
            if not judge.is_valid(value):
                yield Value("as", noun, value, "type", False)

    def _scalars(self, flat: Node, types: list[str]) -> Iterator[Value]:
        if "string" in types:
            yield from self._lengths(flat)
            yield from self._texts(flat)
        if "boolean" in types:
            yield from (Value("", text, value, "type", True) for text, value in (("true", True), ("false", False)))
        if "integer" in types or "number" in types:
            yield from numbers_of(flat)

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
            yield from of_other_types([name for named in types for name in named])

    def _lengths(self, flat: Node) -> Iterator[Value]:
        for count, keyword, is_valid in counts_near(flat, "string", FAR_LENGTHS):
            value = Value("of", "", "", keyword, is_valid)
            for kind, text in self._texts_of(flat, count, is_valid):
                noun = f"{count} {kind if count != 1 else kind.removesuffix('s')}"
                yield replace(value, noun=noun, value=text, is_about_counting=kind != "characters")

    def _texts_of(self, flat: Node, count: int, is_valid: bool) -> Iterator[tuple[str, str]]:
        """Texts of that many characters. At the limits themselves, some that are easily counted wrongly."""
        lower, upper = count_limits(flat, "string")
        plain = text_of(self._document, flat, count)
        yield from [("characters", plain)] if plain is not None else []
        if count not in {max(lower, 1), upper, (upper or 0) + 1}:
            return
        if "pattern" not in flat:
            yield from counted_texts(count, upper, is_valid)
        elif (astral := text_of(self._document, flat, count, ASTRAL)) is not None:
            yield "astral characters", astral

    def _texts(self, flat: Node) -> Iterator[Value]:
        """A text that matches the pattern, and near misses that do not: which ones, only the pattern can say."""
        if "pattern" not in flat:
            return
        good = sample(self._document, {**flat, "type": "string"})  # A list may do, too.
        yield Value("", quoted(good), good, "pattern", True)
        judge = self._document.validator({"pattern": flat["pattern"]})
        for noun, text in spoiled(good):
            if not judge.is_valid(text):
                yield Value("", noun, text, "pattern", False)

    def _lists(self, flat: Node) -> Iterator[Value]:
        """Counts and elements. Where elements must differ, a list that would hold one twice says nothing else."""
        unique = self._document.validator({"uniqueItems": flat.get("uniqueItems", False)})
        together = self._document.validator({name: flat[name] for name in joint_limits(flat)})
        for value in self._any_lists(flat):
            says_something = unique.is_valid(value.value) and (not value.is_valid or together.is_valid(value.value))
            if value.keyword == "uniqueItems" or says_something:
                yield value

    def _any_lists(self, flat: Node) -> Iterator[Value]:
        items, (lower, upper) = flat.get("items", {}), count_limits(flat, "array")
        for count, keyword, is_valid in counts_near(flat, "array", FAR_COUNTS):
            noun = f"{count} element{'' if count == 1 else 's'}"
            yield Value("with", noun, good_list(self._document, flat, count), keyword, is_valid)
        count = max(lower, 3) if upper is None else max(lower, min(3, upper))
        yield from self._repetitions(flat, count)
        yield from self._elements(items, good_list(self._document, flat, count))
        broken = [inner for inner in self.values(items) if not inner.is_valid and isinstance(inner.value, str)]
        if upper is not None and 3 < upper <= LONGEST_LIST and broken:
            yield from inside(broken[0], good_list(self._document, flat, upper), range(upper))

    def _elements(self, items: Any, good: list[Any]) -> Iterator[Value]:
        """Lists with a value among good ones: the first to break a limit in three places, others by turns."""
        places = sorted({0, len(good) // 2, len(good) - 1})
        seen: set[tuple[str, str]] = set()
        for turn, inner in enumerate(self.values(items)):
            limit = inner.path, inner.keyword
            yield from inside(inner, good, [places[turn % len(places)]] if limit in seen else places)
            seen |= set() if inner.is_valid else {limit}

    def _repetitions(self, flat: Node, count: int) -> Iterator[Value]:
        """Lists that hold one element several times: to be refused, or to be counted as often as it is there."""
        one, (_, upper) = [sample(self._document, flat.get("items", {}))], count_limits(flat, "array")
        if flat.get("uniqueItems"):
            counts = [(count, False)] if count > 1 else []
        else:
            counts = [(2, True), (upper + 1, False)] if upper is not None and upper > 1 else []
        for times, is_valid in counts:
            keyword = "uniqueItems" if flat.get("uniqueItems") else bounds_for("array")[1]
            yield Value("with", f"the same element {times} times", one * times, keyword, is_valid)

    def _properties(self, flat: Node, base: Any) -> Iterator[Value]:
        required, good = flat.get("required", []), good_objects(self._document, flat, base)
        if len(required) > 1:
            yield Value("", "without any field", {}, "required", False, f".{required[0]}")
        if flat.get("additionalProperties") is False:
            name = "-".join(["unknown", *flat["properties"]])[:60]
            yield Value("", "with an unknown field", {**base, name: 1}, "additionalProperties", False, f".{name}")
        for name in dict.fromkeys([*required, *flat["properties"]]):
            if name in required:
                rest = {key: value for key, value in base.items() if key != name}
                yield Value("", f"without {name}", rest, "required", False, f".{name}")
                yield from renamed(rest, base, name)
            for rest in [body for body in good if name not in body][:1]:
                yield Value("", f"without {name}", rest, "required", True, f".{name}")
            yield from self._options_of_others(flat, base, name)
            for inner in self.values(flat["properties"].get(name, {})):
                body = {**next((body for body in good if name in body), base), name: inner.value}
                yield replace(inner, joint="", noun=inner.after(name), value=body, path=f".{name}{inner.path}")
