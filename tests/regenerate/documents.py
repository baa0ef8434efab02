"""Small documents to build flaws and oddities from."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "openapi" / "modellix.yaml"

REPLY: dict[str, Any] = {"description": "Fine"}
ACCEPTED: dict[str, Any] = {"description": "Accepted", "links": {"task": {"operationId": "get_task"}}}


def document(
    paths: dict[str, Any] | None = None, schemas: dict[str, Any] | None = None, *, openapi: str = "3.1.0", **parts: Any
) -> dict[str, Any]:
    """A whole document of these paths and component schemas."""
    found: dict[str, Any] = {
        "openapi": openapi,
        "info": {"title": "Tiny", "version": "1"},
        "servers": [{"url": "https://example.com/v1"}],
        "paths": paths or {},
        **parts,
    }
    if schemas is not None:
        found["components"] = {**parts.get("components", {}), "schemas": schemas}
    return copy.deepcopy(found)


def json_body(schema: Any, *, required: bool = True) -> dict[str, Any]:
    """A request body of one JSON schema."""
    return {"required": required, "content": {"application/json": {"schema": schema}}}


def json_reply(schema: Any) -> dict[str, Any]:
    """Responses that are one JSON schema with status 200."""
    return {"200": {"description": "Fine", "content": {"application/json": {"schema": schema}}}}


def post(schema: Any, *, name: str = "send", **parts: Any) -> dict[str, Any]:
    """A path item with one POST of a JSON body."""
    operation = {"operationId": name, "requestBody": json_body(schema), "responses": {"200": REPLY}, **parts}
    return {"post": operation}


def get(*, name: str = "read", **parts: Any) -> dict[str, Any]:
    """A path item with one GET."""
    return {"get": {"operationId": name, "responses": {"200": REPLY}, **parts}}


def submission(schema: str, *, name: str = "draw", tag: str = "art") -> dict[str, Any]:
    """A path item with one submission whose request is a component schema."""
    ref = {"$ref": f"#/components/schemas/{schema}"}
    return post(ref, name=name, tags=[tag], responses={"200": ACCEPTED})


TASK: dict[str, Any] = {
    "get": {
        "operationId": "get_task",
        "tags": ["tasks"],
        "parameters": [{"name": "task_id", "in": "path", "required": True, "schema": {"type": "string"}}],
        "responses": {"200": REPLY},
    }
}


def write(folder: Path, contents: dict[str, Any] | str | bytes, name: str = "tiny.yaml") -> Path:
    """The document as a file; JSON is YAML too."""
    path = folder / name
    text = json.dumps(contents, indent=1) if isinstance(contents, dict) else contents
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path
