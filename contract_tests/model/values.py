"""Values for one place in a body, and what ids call them: of each JSON type, options, numbers, parts of lists."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from contract_tests.model.document import Node
from contract_tests.model.near_misses import WRAPPERS, names_of_others, of_options, spellings
from contract_tests.model.numbers import BEYOND_64_BITS, broken_by, nearest_limit, numbers_near, whole_number
from modellix._openapi import types_of

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


@dataclass(frozen=True)
class Value:
    """A value for a place in a body. `joint` and `noun` follow the place's name in a sentence: `of`, `0 characters`."""

    joint: str
    noun: str
    value: Any = dataclasses.field(repr=False)
    keyword: str
    is_valid: bool
    path: str = ""  # to what is broken inside the value: [2]
    is_about_counting: bool = False

    def after(self, name: str) -> str:
        """The sentence's piece about a place of that name."""
        return " ".join(word for word in (name, self.joint, self.noun) if word)


def of_other_types(types: list[str]) -> Iterator[Value]:
    taken = {*types, *(["integer"] if "number" in types else [])}
    for name, (noun, value) in JSON_VALUES.items():
        if types and name not in taken:
            yield Value("as", noun, value, "type", False)
    if types and not {"integer", "number"} & taken:
        yield from (Value("as", noun, value, "type", False) for noun, value in BEYOND_64_BITS.items())
    if "null" in taken:
        yield Value("as", "null", None, "type", True)


def options_of(options: list[Any], keyword: str) -> Iterator[Value]:
    for option in options:
        yield Value("", quoted(option), option, keyword, True)
    for near in of_options(options):
        yield Value("", quoted(near), near, keyword, False)


def numbers_of(flat: Node) -> Iterator[Value]:
    """The numbers beside every limit, and halves where whole ones are asked for."""
    for number in numbers_near(flat):
        broken = broken_by(flat, number)
        if isinstance(number, int) or "number" in types_of(flat):
            yield Value("", str(number), number, broken or nearest_limit(flat, number), broken is None)
    noun, number = next(iter(BEYOND_64_BITS.items()))  # no larger one: many limits are compared as floats
    if broken := broken_by(flat, number):  # else nobody promises to take it
        yield Value("as", noun, number, broken, False)
    if "number" not in types_of(flat):
        half = whole_number(flat) + 0.5
        yield Value("", str(half), half, "type", False)


def renamed(rest: dict[str, Any], base: Any, name: str) -> Iterator[Value]:
    """Bodies in which a required field has another name, one that no other field has."""
    if name not in base:
        return
    good, alone = base[name], base[name][:1] if isinstance(base[name], list) else []
    others = [other for other in names_of_others(name, good) if other not in base]
    ways = {f"with {other} for {name}": {other: good} for other in spellings(name) if other not in base}
    ways |= {f"with one {spellings(name)[0]} for {name}": {spellings(name)[0]: one} for one in alone}
    ways |= {f"with names of others for {name}": dict.fromkeys(others, good)} if others else {}
    ways |= {f"with one under names of others for {name}": dict.fromkeys(others, one) for one in alone if others}
    for noun, instead in ways.items():
        yield Value("", noun, {**rest, **instead}, "required", False, f".{name}")


def wrapped(required: Sequence[str], base: Any) -> Iterator[Value]:
    """Bodies whose fields lie within another, as other services have it; or within a conversation, as theirs have."""
    if not required:
        return
    first, *others = [name for name in WRAPPERS if name not in base]
    words = next((base[name] for name in required if isinstance(base[name], str)), "words")
    talk = {
        "messages": [{"role": "user", "content": words}],
        "contents": [{"role": "user", "parts": [{"text": words}]}],
    }
    ways = {
        f"inside {first}": {first: base},
        "inside other fields": dict.fromkeys(others, base),
        "inside lists": {"instances": [base], "requests": [base], "items": [base]},
        "inside a conversation": talk,
    }
    for noun, body in ways.items():
        yield Value("", noun, body, "required", False, f".{required[0]}")


def inside(inner: Value, good: list[Any], places: Sequence[int]) -> Iterator[Value]:
    """Lists with a value at some of their places; valid values in the middle only."""
    count = len(good)
    named = {0: "first", count // 2: "in the middle", count - 1: "last"}
    for at in [count // 2] if inner.is_valid else places:
        where = named.get(at, f"at {at}") if count > 2 else f"at {at}"
        noun = f"{inner.noun} {where} of {count}"
        listed = [*good[:at], inner.value, *good[at + 1 :]]
        yield replace(inner, joint="with", noun=noun, value=listed, path=f"[{at}]{inner.path}")


def quoted(value: Any) -> str:
    """The value as ids show it: a word of ASCII as it is, else as Python writes it, shortened."""
    is_plain = isinstance(value, str) and value.isascii() and value.isprintable() and value.strip() == value != ""
    text = value if is_plain else ascii(value)
    return text if len(text) <= 60 else f"{text[:60]}..."
