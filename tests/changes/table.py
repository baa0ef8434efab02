"""Edits the table typed by hand, contract_tests/model/page_facts.py, as somebody would who has read the page."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any

from scripts.catalogue.layout import Schema

NAMES = {
    "minLength": "min_length",
    "maxLength": "max_length",
    "minItems": "min_items",
    "maxItems": "max_items",
    "minimum": "minimum",
    "maximum": "maximum",
    "enum": "options",
    "default": "default",
}
"""The keywords that the changes touch, as the table calls them."""


def edited(text: str, model: str, field: str, before: Schema, after: Schema) -> tuple[str, int]:
    """The table with what a page now says of one field, and how many entries were edited; a new field was empty."""
    if not before:
        return _with_entries(text, model, dict(_entries(field, after)))
    said = {NAMES[key]: after.get(key) for key in NAMES if before.get(key) != after.get(key)}
    return _with_keywords(text, model, field, said), 1


def with_names(text: str, model: str, names: Mapping[str, str]) -> str:
    """The table with other names for the fields of a model."""
    for old, new in names.items():
        key = next(key for key in _body_of(text, model).keys if key is not None and ast.literal_eval(key) == old)
        text = _replaced(text, key, repr(new))
    return text


def _entries(place: str, schema: Schema, required: bool = False) -> Iterator[tuple[str, str]]:
    """The entries for a field and for the fields inside, as source."""
    said: dict[str, Any] = {"type": schema["type"], "required": required or None}
    said |= {NAMES[key]: schema[key] for key in NAMES if key in schema}
    said |= {"element_type": schema["items"]["type"]} if "items" in schema else {}
    stated = ", ".join(f"{name}={_value(value)}" for name, value in said.items() if value is not None)
    yield place, f"Field({stated})"
    for name, inner in schema.get("properties", {}).items():
        yield from _entries(f"{place}.{name}", inner, name in schema.get("required", []))


def _with_entries(text: str, model: str, entries: dict[str, str]) -> tuple[str, int]:
    last = _body_of(text, model).values[-1]
    new = "".join(f",\n            {name!r}: {entry}" for name, entry in entries.items())
    return _replaced(text, last, ast.unparse(last) + new), len(entries)


def _with_keywords(text: str, model: str, field: str, said: dict[str, Any]) -> str:
    body = _body_of(text, model)
    [call] = [
        value for key, value in zip(body.keys, body.values, strict=True) if ast.unparse(key or value) == repr(field)
    ]
    assert isinstance(call, ast.Call)
    kept = [f"{one.arg}={ast.unparse(one.value)}" for one in call.keywords if one.arg not in said]
    new = [f"{name}={_value(value)}" for name, value in said.items() if value is not None]
    return _replaced(text, call, f"Field({', '.join([*kept, *new])})")


def _body_of(text: str, model: str) -> ast.Dict:
    """The dictionary `body` of the page of a model."""
    [pages] = [
        node.value
        for node in ast.parse(text).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "PAGES"
    ]
    assert isinstance(pages, ast.Dict)
    page = next(
        value for key, value in zip(pages.keys, pages.values, strict=True) if ast.literal_eval(key or value) == model
    )
    assert isinstance(page, ast.Call)
    body = next(one.value for one in page.keywords if one.arg == "body")
    assert isinstance(body, ast.Dict)
    return body


def _replaced(text: str, node: ast.expr, new: str) -> str:
    """The text with the source of a node replaced; columns count bytes."""
    lines = text.encode().splitlines(keepends=True)
    assert node.end_lineno is not None
    before = b"".join(lines[: node.lineno - 1]) + lines[node.lineno - 1][: node.col_offset]
    after = lines[node.end_lineno - 1][node.end_col_offset :] + b"".join(lines[node.end_lineno :])
    return (before + new.encode() + after).decode()


def _value(value: Any) -> str:
    return repr(tuple(value)) if isinstance(value, list) else repr(value)
