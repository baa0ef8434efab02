"""What fits a type of a page: limits find the schema they go into, words become values, samples are judged."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from modellix._keywords import KEYWORDS
from modellix._openapi import Object, array_at, is_array, is_number, is_object, object_at, types_of
from page2openapi.copied.notation import FLAGS
from page2openapi.json_text import json_value

_PLACEHOLDER = re.compile(r"<[^<>]*>")
_MOST_ITEMS = 100  # of a list that are looked at
_DEEPEST = 20
_WORDS = {"true": True, "false": False}
_MEASURED = {"string": "length", "array": "number of elements", "number": "value", "object": "number of fields"}
_NO_OPTIONS = ("array", "object")
_OPEN: tuple[list[str], ...] = ([], ["null"])  # types of what says nothing of its values, or nothing but null
_SIZES = {"minSize": ("minLength", "minItems"), "maxSize": ("maxLength", "maxItems")}

# Which part of a schema a limit belongs to: the value itself, the items of a list, or one alternative.


def target_of(schema: Object, keyword: str) -> tuple[str, Object | None, str]:
    """The keyword proper, the schema that it goes into, and the place of that schema (empty, or `items.`)."""
    if keyword in _SIZES:
        for_string, for_array = _SIZES[keyword]
        names = types_of(schema)
        if ("array" in names) == ("string" in names):
            return keyword, None, ""
        keyword = for_array if "array" in names else for_string
    target, place = only_part(schema, lambda part: _is_judged(part, keyword))
    return keyword, target, place


def _is_judged(schema: Object, keyword: str) -> bool:
    names = types_of(schema)
    judged = not KEYWORDS[keyword].of or any(map(KEYWORDS[keyword].judges, names))
    return judged or not (names or "anyOf" in schema)


def base_of(schema: Object) -> tuple[Object | None, str]:
    """The schema whose values are listed as options: no list and no object, and the only one of its kind."""
    return only_part(schema, lambda part: set(types_of(part)).isdisjoint(_NO_OPTIONS) and types_of(part) not in _OPEN)


def only_part(
    schema: Object, fits: Callable[[Object], bool], place: str = "", *, create: bool = False
) -> tuple[Object | None, str]:
    """The one part of a schema that fits, and its place: itself, the items of a list, or one alternative.

    With `create`, a list of any items gets a schema for them.
    """
    if fits(schema):
        return schema, place
    inner = [(one, place) for one in array_at(schema, "anyOf")]
    if "array" in types_of(schema):
        items = schema.setdefault("items", {}) if create else schema.get("items")
        inner = [(items, f"{place}items.")] if is_object(items) else inner
    found = [only_part(one, fits, where, create=create) for one, where in inner]
    found = [one for one in found if one[0] is not None]
    return found[0] if len(found) == 1 else (None, place)


# Options and defaults: words as values of the type they stand under.


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
    fitting = is_number(value) and (name == "number" or (name == "integer" and isinstance(value, int)))
    return [value] if fitting else []


def _json(text: str) -> Any:
    try:
        return json_value(text)
    except ValueError:
        raise Unclear from None


# Samples: whether a value keeps to a schema.


def is_placeholder(value: object) -> bool:
    """Whether a sample's value only stands for one, such as `<string>`."""
    return isinstance(value, str) and _PLACEHOLDER.fullmatch(value) is not None


def json_type(value: object) -> str:
    """The name of a value's JSON type; a whole number is an integer."""
    if value is None or isinstance(value, bool):
        return "null" if value is None else "boolean"
    if is_number(value):
        return "integer" if float(value).is_integer() else "number"
    if isinstance(value, str):
        return "string"
    return "array" if is_array(value) else "object"


def misfits(schema: Object, value: object, place: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """Where and why a value breaks a schema. Formats and patterns are not looked at, nor references."""
    if is_placeholder(value) or depth > _DEEPEST or "$ref" in schema:
        return
    alternatives = array_at(schema, "anyOf")
    if alternatives and all(any(misfits(one, value, place, depth + 1)) for one in alternatives):
        yield place, "fits none of the alternatives"
    kind = json_type(value)
    named = types_of(schema)
    if named and kind not in named and not (kind == "integer" and "number" in named):
        yield place, f"is {_article(kind)}, not {' or '.join(named)}"
        return
    yield from ((place, reason) for reason in _breaches(schema, value))
    yield from _inside(schema, value, place, depth)


def _article(kind: str) -> str:
    return kind if kind == "null" else f"{'an' if kind[0] in 'aio' else 'a'} {kind}"


def _breaches(schema: Object, value: object) -> Iterator[str]:
    if "enum" in schema and not any(_same(value, one) for one in schema["enum"]):
        yield "is none of the options"
    if "const" in schema and not _same(value, schema["const"]):
        yield "is not the allowed value"
    for keyword in (KEYWORDS[name] for name in schema if name in KEYWORDS):
        bounded = keyword.bound and not keyword.needs and keyword.judges(json_type(value))
        if bounded and not keyword.allows(schema[keyword.name], keyword.measure(value)):
            yield f"has a {_MEASURED[keyword.of]} that is out of range"


def _same(one: object, other: object) -> bool:
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _inside(schema: Object, value: object, place: str, depth: int) -> Iterator[tuple[str, str]]:
    if is_array(value) and is_object(schema.get("items")):
        for one in value[:_MOST_ITEMS]:
            yield from misfits(schema["items"], one, f"{place}[]", depth + 1)
    if not is_object(value):
        return
    properties = object_at(schema, "properties")
    for name, inner in properties.items():
        if name in value and is_object(inner):
            yield from misfits(inner, value[name], f"{place}.{name}".lstrip("."), depth + 1)
        elif name in array_at(schema, "required") and name not in value:
            yield f"{place}.{name}".lstrip("."), "is required, but missing"
    if properties and "additionalProperties" not in schema:
        for name in value.keys() - properties.keys():
            yield f"{place}.{name}".lstrip("."), "is not in the field list"


def fits(schema: Object, value: Any) -> bool:
    """Whether nothing speaks against a value."""
    return not any(True for _ in misfits(schema, value))
