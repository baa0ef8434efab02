"""Small documents to compare, and drift as rows that can be written by hand."""

from __future__ import annotations

import copy
from typing import Any

from page2openapi import Page, read_page
from page2openapi.drift import Contract, Difference, compare_any, compare_documents

from .test_pages import page_text

Row = tuple[str, str, Any, Any, str]  # where, kind, old, new, class
Schema = dict[str, Any]

B, N, H = "breaking", "non-breaking", "behavioural"


def rows(differences: list[Difference]) -> list[Row]:
    return [(one.where, one.kind, one.old, one.new, one.severity) for one in differences]


def operation(body: Any = None, reply: Any = None, **others: Any) -> dict[str, Any]:
    """An operation with these schemas."""
    found: dict[str, Any] = {"security": [{"bearerAuth": []}], **others}
    if body is not None:
        found["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    content = {} if reply is None else {"content": {"application/json": {"schema": reply}}}
    return {**found, "responses": others.get("responses", {"200": {"description": "Fine", **content}})}


def document(
    node: dict[str, Any],
    *,
    path: str = "/acme/sketch",
    method: str = "post",
    server: str = "https://api.example.com/v1",
    version: str = "3.1.0",
    **components: Any,
) -> dict[str, Any]:
    """A document with one operation."""
    schemes = {
        "bearerAuth": {"type": "http", "scheme": "bearer"},
        "key": {"type": "apiKey", "in": "query", "name": "k"},
    }
    return {
        "openapi": version,
        "info": {"title": "Sketches", "version": "1"},
        "servers": [{"url": server}],
        "paths": {path: {method: node}},
        "components": {"securitySchemes": schemes, **components},
    }


def drift(old: dict[str, Any], new: dict[str, Any]) -> list[Row]:
    """What changed from one document to another."""
    return rows(compare_documents(Contract.of(old), Contract.of(new)))


def fields(**properties: Schema) -> Schema:
    """An object; a field whose schema has `needed` is required."""
    plain = copy.deepcopy(properties)
    required = [name for name, schema in plain.items() if schema.pop("needed", False)]
    return {"type": "object", "properties": plain, **({"required": required} if required else {})}


def request_drift(old: Schema, new: Schema) -> list[Row]:
    """What changed of a field `x` of the body."""
    return drift(document(operation(fields(x=old))), document(operation(fields(x=new))))


def reply_drift(old: Schema, new: Schema) -> list[Row]:
    """What changed of a field `x` of the reply."""
    return drift(document(operation(None, fields(x=old))), document(operation(None, fields(x=new))))


def page(name: str, *changes: tuple[str, str]) -> Page:
    """One of our pages, with words replaced; each must be there."""
    text = page_text(name)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return read_page(text, name)


def page_drift(name: str, *changes: tuple[str, str]) -> list[Row]:
    """What changed of a page when words are replaced."""
    new = page(name, *changes)
    assert new.problems == []
    return rows(compare_any(page(name), new))
