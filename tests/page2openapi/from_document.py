"""The page of an operation as the document has it, in the vendor's layout, with what one wants changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contract_tests.model.document import Document, Operation
from scripts.catalogue import layout
from scripts.catalogue.layout import Drawn, Schema

HTTPS = "Direct image URL (https only)"  # the sentence that a pattern of the document rests on, as `x-prose` has it
_NOT_SHOWN = {"description", "properties", "required", "items", "x-source", "x-prose"}


def page_of(document: Document, operation: Operation, changed: dict[str, Schema] | None = None) -> str:
    """The page as copied from a browser; `changed` holds fields as they are told now, new ones too."""
    body = document.schema(document.body_schema(operation))
    reply = document.schema(document.replies(operation)["200"]["schema"])
    properties = {**body["properties"], **(changed or {})}
    drawn = layout.Operation(
        operation.method,
        document.server,
        operation.path,
        (),
        _fields(document, {**body, "properties": properties}),
        _fields(document, reply),
        "rows",
    )
    return layout.render(drawn)


def renamed(page: str, names: Mapping[str, str]) -> str:
    """The page with other names for its fields."""
    return "\n".join(names.get(line, line) for line in page.split("\n"))


def field_of(document: Document, operation: Operation, name: str) -> Schema:
    """What the document says of a field of the body, references followed; empty when there is no such field."""
    node = document.schema(document.body_schema(operation))["properties"].get(name, {})
    return whole(document, node)


def whole(document: Document, node: Any) -> Schema:
    """A schema with its references followed at every depth."""
    schema = document.schema(node)
    inner = {name: whole(document, one) for name, one in schema.get("properties", {}).items()}
    items = {"items": whole(document, schema["items"])} if "items" in schema else {}
    return {**schema, **({"properties": inner} if inner else {}), **items}


def _fields(document: Document, schema: Schema) -> tuple[Drawn, ...]:
    required = schema.get("required", [])
    named = whole(document, schema).get("properties", {}).items()
    return tuple(_drawn(name, one, name in required) for name, one in named)


def _drawn(name: str, schema: Schema, required: bool) -> Drawn:
    inside = schema.get("items", schema)
    named = inside.get("properties", {}).items()
    children = tuple(_drawn(inner, one, inner in inside.get("required", [])) for inner, one in named)
    return Drawn(name, _shown(schema), required, children)


def _shown(schema: Schema) -> Schema:
    """What a page shows of a schema, but for its children."""
    shown = {key: value for key, value in schema.items() if key not in _NOT_SHOWN}
    if "x-prose" in schema:
        shown = {key: value for key, value in shown.items() if key not in schema["x-prose"]} | {"description": HTTPS}
    if shown.get("const") is not None:
        shown["enum"] = [shown.pop("const")]
    return shown | ({"items": _shown(schema["items"])} if "items" in schema else {})
