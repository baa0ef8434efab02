"""A flat schema written out as a schema of its own: whole, for a document, or in a few facts, for a report."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Any

from modellix._keywords import KEYWORDS
from modellix._openapi import Object
from page2openapi.drift.difference import FLAGS
from page2openapi.drift.flatten import OTHERS, WORDS, FlatSchema, Flattener
from page2openapi.json_text import key_of

SETTABLE = frozenset(["format", "default", *FLAGS, *(name for name, one in KEYWORDS.items() if one.is_limit)])
"""The keywords that are written into a document."""

_LONGEST_WORDS = 400  # characters of a description
_MOST_COMPARED = 30  # fields on either side that are looked at for new names
_ALIKE = 0.6  # of 1, how much of two names must be the same


class Endless(Exception):
    """A schema is nested without end, as far as anybody can tell."""


def summary_of(schema: FlatSchema, flattener: Flattener) -> Object:
    """A schema without references, words and extensions; deep or large ones are cut."""
    return _Writer(flattener, deepest=5, most=300, whole=False).write(schema, 0)


def written_out(schema: FlatSchema, flattener: Flattener) -> Object:
    """A schema without references and examples, words within bounds. Raises Endless."""
    return _Writer(flattener, deepest=12, most=500, whole=True).write(schema, 0)


def in_words(text: str, longest: int = _LONGEST_WORDS) -> str:
    """A description on one line, printable and within bounds."""
    words = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return words if len(words) <= longest else words[: longest - 1].rstrip() + "…"


class _Writer:
    """`most` schemas, `deepest` levels inside one another. `whole` ones have words, and no end is no schema."""

    def __init__(self, flattener: Flattener, *, deepest: int, most: int, whole: bool) -> None:
        self._flattener = flattener
        self._deepest = deepest
        self._left = most
        self._whole = whole

    def write(self, schema: FlatSchema, depth: int) -> Object:
        found = self._own(schema)
        self._left -= 1
        if depth <= self._deepest and self._left > 0:
            found |= self._inside(schema, depth + 1)
        elif self._whole:
            raise Endless
        return {key: found[key] for key in (*KEYWORDS, *found) if key in found}

    def _own(self, schema: FlatSchema) -> Object:
        found = {key: one for key, one in schema.keywords.items() if self._is_shown(key)}
        if self._whole and isinstance(words := schema.keywords.get("description"), str) and in_words(words):
            found["description"] = in_words(words)
        if schema.types:
            types = [*schema.types, *(["null"] if schema.nullable else [])]
            found["type"] = types[0] if len(types) == 1 else types
        if schema.options is not None:
            found["enum"] = [*schema.options, *([None] if schema.nullable and self._whole else [])]
        return found

    def _is_shown(self, keyword: str) -> bool:
        if self._whole:
            return keyword in SETTABLE
        return not (keyword in WORDS or keyword.startswith("x-") or keyword == "additionalProperties")

    def _inside(self, schema: FlatSchema, depth: int) -> Object:
        found: Object = {}
        if schema.forms:
            null = [{"type": "null"}] if self._whole and schema.nullable and not schema.types else []
            found["anyOf"] = [*(self.write(one, depth) for one in schema.forms), *null]
        if schema.items is not None:
            found["items"] = self._inner(schema.items, depth)
        properties = {name: self._inner(one, depth) for name, one in schema.properties.items()}
        if OTHERS in properties:
            found["additionalProperties"] = properties.pop(OTHERS)
        if properties:
            found["properties"] = properties
        if required := [name for name in properties if name in schema.required]:
            found["required"] = required
        return found

    def _inner(self, schema: Any, depth: int) -> Object:
        return self.write(self._flattener.flat(schema), depth)


def renamed(gone: dict[str, Object], come: dict[str, Object]) -> dict[str, str]:
    """Which of the fields that went may be which of those that came, both ways; the values are their summaries."""
    scored = [
        (score, old, new)
        for old in list(gone)[:_MOST_COMPARED]
        for new in list(come)[:_MOST_COMPARED]
        if (score := _likeness(old, new, same=key_of(gone[old]) == key_of(come[new]))) >= _ALIKE
    ]
    found: dict[str, str] = {}
    taken = set[str]()
    for _, old, new in sorted(scored, key=lambda one: -one[0]):
        if old not in found and new not in taken:
            found[old] = new
            taken.add(new)
    return found | {new: old for old, new in found.items()}


def _likeness(old: str, new: str, *, same: bool) -> float:
    """How alike two fields are: by name, and more so when they say the same."""
    ratio = SequenceMatcher(None, old[:100].lower(), new[:100].lower(), autojunk=False).ratio()
    return ratio + (0.3 if same else 0.0)
