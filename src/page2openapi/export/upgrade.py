"""Schemas of OpenAPI 3.0 in the words of 3.1."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from modellix._openapi import Object, array_at, is_object, object_at

_ONE = ("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames")
_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
_MAPS = ("properties", "patternProperties", "dependentSchemas", "$defs")
_NULL: Object = {"type": "null"}


def upgrade(document: Object, *, is_30: bool) -> None:
    """Changes all schemas in place: `example` becomes `examples`; `nullable` and flags for bounds become keywords."""
    for schema in list(_schemas(document)):
        if "example" in schema:
            schema.setdefault("examples", [schema.pop("example")])
            schema.pop("example", None)
        if is_30:
            _bounds(schema)
            _nullable(schema)


def _bounds(schema: Object) -> None:
    for flag, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(schema.get(flag), bool):
            exclusive = schema.pop(flag)
            if exclusive and bound in schema:
                schema[flag] = schema.pop(bound)


def _nullable(schema: Object) -> None:
    if schema.pop("nullable", False) is not True or "$ref" in schema:
        return
    kind = schema.get("type")
    if isinstance(kind, str):
        schema["type"] = [kind, "null"]
    elif array_at(schema, "anyOf") or array_at(schema, "oneOf"):
        choice = "anyOf" if "anyOf" in schema else "oneOf"
        schema[choice] = [*schema[choice], dict(_NULL)]
    elif "allOf" in schema:
        schema["anyOf"] = [{"allOf": schema.pop("allOf")}, dict(_NULL)]


def _schemas(document: Object) -> Iterator[Object]:
    """Every schema of the document, those inside others included."""
    waiting = [*_roots(document)]
    while waiting:
        schema = waiting.pop()
        if not is_object(schema):
            continue
        yield schema
        waiting += [schema[key] for key in _ONE if key in schema]
        waiting += [inner for key in _LISTS for inner in array_at(schema, key)]
        waiting += [inner for key in _MAPS for inner in object_at(schema, key).values()]


def _roots(document: Object) -> Iterator[Any]:
    components = object_at(document, "components")
    yield from object_at(components, "schemas").values()
    holders: list[Any] = [
        *(object_at(components, "parameters").values()),
        *(object_at(components, "headers").values()),
        *(object_at(components, "requestBodies").values()),
        *(object_at(components, "responses").values()),
    ]
    for item in object_at(document, "paths").values():
        for operation in object_at(item).values():
            holders += array_at(operation, "parameters")
            holders += [object_at(operation, "requestBody"), *object_at(operation, "responses").values()]
    while holders:
        holder = holders.pop()
        if not is_object(holder):
            continue
        if "schema" in holder:
            yield holder["schema"]
        holders += [*object_at(holder, "content").values(), *object_at(holder, "headers").values()]
