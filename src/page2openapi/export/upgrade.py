"""Schemas of OpenAPI 3.0 in the words of 3.1."""

from __future__ import annotations

from collections.abc import Iterator

from modellix._openapi import Found, Object, all_inside, array_at, component_schemas, is_object, objects_in

_SAMPLES = ("example", "examples", "enum", "const")
DATA = (*_SAMPLES, "default", "value")  # what holds data of the API itself
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
    """Every schema of the document, those inside others included; some come more than once."""
    holders = [found.value for found in objects_in(document, without=_SAMPLES) if "schema" in found.value]
    for root in [*component_schemas(document).values(), *(holder["schema"] for holder in holders)]:
        yield from (found.value for found in all_inside(Found("", root)) if is_object(found.value))
