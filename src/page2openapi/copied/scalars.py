"""Words of a page as values of the type they stand under: options and defaults."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from modellix._openapi import Object
from page2openapi.copied.fits import fits, types_of
from page2openapi.copied.header import FLAGS
from page2openapi.json_text import json_value

_WORDS = {"true": True, "false": False}


class Unclear(Exception):
    """A word may stand for several values, or for none."""


def as_options(schema: Object, words: Sequence[str]) -> list[Any] | None:
    """The options with the type of the schema, and null where it is allowed. None when they are not of that type."""
    names = types_of(schema)
    if len(words) == 1 and "," in words[0]:
        if "string" in names:
            return None
        words = [word.strip() for word in words[0].split(",")]
    try:
        options = [_scalar(names, word) for word in words]
    except Unclear:
        return None
    return [*options, None] if "null" in names and None not in options else options


def as_default(schema: Object, text: str, *, glued: bool) -> list[tuple[Any, set[str]]]:
    """The values that a default may stand for, each with the chips that were run together with it."""
    found = list[tuple[Any, set[str]]]()
    for words, flags in _splits(text) if glued or "enum" in schema else [(text, set[str]())]:
        try:
            value = _value(schema, words)
        except Unclear:
            continue
        if fits(schema, value) and (words or "enum" in schema):
            found.append((value, flags))
    return _likely(found, glued=glued) if len(found) > 1 else found


def flags_at_end(text: str) -> bool:
    """Whether a text ends with a word that is a chip as well."""
    return text.endswith(FLAGS)


def _splits(text: str) -> list[tuple[str, set[str]]]:
    """The text as a whole, then with ever more chips taken from its end; no chip stands twice."""
    found, flags = [(text, set[str]())], set[str]()
    while (flag := next((one for one in FLAGS if text.endswith(one)), None)) and flag not in flags:
        text, flags = text.removesuffix(flag), flags | {flag}
        found.append((text, flags))
    return found


def _likely(found: list[tuple[Any, set[str]]], *, glued: bool) -> list[tuple[Any, set[str]]]:
    """A row of its own holds the default alone. Run together, chips end it, unless that leaves half a word."""
    if not glued:
        return found[:1]
    whole = [one for one in found if one[1] and str(one[0])[-1:].isalnum()]
    return whole[-1:] or found


def _value(schema: Object, text: str) -> Any:
    names = types_of(schema)
    if not names or set(names) & {"array", "object"}:
        return _json(text)
    if "string" in names and len(text) > 1 and text[0] == text[-1] == '"' and text not in schema.get("enum", []):
        return _json(text)
    return _scalar(names, text)


def _scalar(names: Sequence[str], word: str) -> Any:
    """A word as a value of the only one of these types that it can have."""
    others = [name for name in names if name != "null"]
    if word == "null" and "null" in names:
        if others == ["string"]:
            raise Unclear
        return None
    if others == ["string"]:
        return word
    found = [value for name in others for value in _of_type(name, word)]
    if len(found) == 0 or any(found[0] != one or type(found[0]) is not type(one) for one in found):
        raise Unclear
    return found[0]


def _of_type(name: str, word: str) -> list[Any]:
    if name == "string":
        return [word]
    if name == "boolean":
        return [_WORDS[word]] if word in _WORDS else []
    try:
        value = json_value(word)
    except ValueError:
        return []
    numeric = isinstance(value, int | float) and not isinstance(value, bool)
    fits = numeric and (name == "number" or (name == "integer" and isinstance(value, int)))
    return [value] if fits else []


def _json(text: str) -> Any:
    try:
        return json_value(text)
    except ValueError:
        raise Unclear from None
