"""Whether a value keeps to a schema that was read from a page: its default, and what the samples show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from modellix._openapi import Object, array_at, is_array, is_object, object_at

_PLACEHOLDER = re.compile(r"<[^<>]*>")
_MOST_ITEMS = 100  # of a list that are looked at
_DEEPEST = 20


def is_placeholder(value: object) -> bool:
    """Whether a sample's value only stands for one, such as `<string>`."""
    return isinstance(value, str) and _PLACEHOLDER.fullmatch(value) is not None


def json_type(value: object) -> str:
    """The name of a value's JSON type; a whole number is an integer."""
    if value is None or isinstance(value, bool):
        return "null" if value is None else "boolean"
    if isinstance(value, int | float):
        return "integer" if float(value).is_integer() else "number"
    if isinstance(value, str):
        return "string"
    return "array" if is_array(value) else "object"


def types_of(schema: Object) -> list[str]:
    """The JSON types that a schema names."""
    stated = schema.get("type", [])
    return [str(one) for one in stated] if is_array(stated) else [str(stated)]


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
    if isinstance(value, str):
        yield from _outside(schema, "minLength", "maxLength", len(value), "length")
    elif is_array(value):
        yield from _outside(schema, "minItems", "maxItems", len(value), "number of elements")
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _outside(schema, "minimum", "maximum", value, "value")
        if value <= schema.get("exclusiveMinimum", -float("inf")) or value >= schema.get(
            "exclusiveMaximum", float("inf")
        ):
            yield "has a value that is out of range"


def _same(one: object, other: object) -> bool:
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _outside(schema: Object, least: str, most: str, size: float, what: str) -> Iterator[str]:
    if size < schema.get(least, -float("inf")) or size > schema.get(most, float("inf")):
        yield f"has a {what} that is out of range"


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
