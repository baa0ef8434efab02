# Generated from openapi/modellix.yaml by `python -m scripts.regenerate`; do not edit.

"""The fields of a request as plain data, enough for a form: what the document says of each, without references."""

from __future__ import annotations

import copy
from functools import cache
from typing import Any, TypeGuard

from .constraints import field_places
from .operations import document

_ONE = ("items", "additionalProperties", "not")
_SEVERAL = ("anyOf", "oneOf", "prefixItems")


def form_of(request: type) -> dict[str, Any]:
    """The keywords of each field, by the name of its parameter. `required` tells of each whether it must be given."""
    return copy.deepcopy(_form(request))


@cache
def _form(request: type) -> dict[str, Any]:
    place, fields = field_places(request)
    known = _written(document(), {"$ref": place}, ()).get("properties", {})
    return {name: known[wire] for name, wire in fields.items() if wire in known}


def _written(whole: dict[str, Any], schema: Any, seen: tuple[str, ...]) -> Any:
    """A schema with all that is inside it; what contains itself ends there."""
    if not _is_object(schema):
        return schema
    seen, kept = _merged(whole, schema, seen)
    kept.update({name: _written(whole, kept[name], seen) for name in _ONE if name in kept})
    kept.update({name: [_written(whole, one, seen) for one in kept[name]] for name in _SEVERAL if name in kept})
    needed = kept.pop("required", [])
    if "properties" in kept:
        fields = {name: _written(whole, one, seen) for name, one in kept["properties"].items()}
        kept["properties"] = {
            name: {**field, "required": name in needed} for name, field in fields.items() if _is_object(field)
        }
    return kept


def _merged(
    whole: dict[str, Any], schema: dict[str, Any], seen: tuple[str, ...]
) -> tuple[tuple[str, ...], dict[str, Any]]:
    """The keywords of a schema, of what its `$ref` leads to and of its `allOf`; and the references now seen."""
    kept = {name: value for name, value in schema.items() if not name.startswith("x-")}
    ref, parts = kept.pop("$ref", None), kept.pop("allOf", [])
    if ref is not None and ref not in seen:
        parts, seen = [*parts, _at(whole, ref)], (*seen, ref)
    for part in parts:
        if _is_object(part):
            seen, more = _merged(whole, part, seen)
            kept = _both(kept, more)
    return seen, kept


def _both(near: dict[str, Any], far: dict[str, Any]) -> dict[str, Any]:
    """What stands nearer counts, but the fields of both do."""
    found = {**far, **near}
    if "properties" in near and "properties" in far:
        found["properties"] = {**far["properties"], **near["properties"]}
    if "required" in near and "required" in far:
        found["required"] = [*far["required"], *near["required"]]
    return found


def _at(whole: Any, ref: str) -> Any:
    for step in ref.split("/")[1:]:
        whole = whole[step.replace("~1", "/").replace("~0", "~")]
    return whole


def _is_object(value: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)
