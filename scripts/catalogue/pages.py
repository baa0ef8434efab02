"""The page of a made-up model: as one copies it from a browser, or as the site exports it in Markdown."""

from __future__ import annotations

from typing import Any, Final

from modellix._openapi import is_array, is_object
from page2openapi.outputs import as_yaml
from scripts.catalogue.layout import REPLY, Drawn, Operation, Schema, render
from scripts.catalogue.models import SERVER, Model

_HEAD: Final = """\
> ## Documentation Index
> Fetch the complete documentation index at: {origin}/llms.txt
> Use this file to discover all available pages before exploring further.

# {title}

> {summary}


## OpenAPI

````yaml POST {path}
{document}````
"""
_ANSWER: Final = (
    Drawn("code", {"type": "integer", "description": "0 says that all went well", "examples": [0]}, True),
    Drawn("message", {"type": "string", "description": "For people", "examples": ["success"]}, True),
    Drawn("data", {"type": "object", "description": "What is known of the task."}, True),
)


def page_of(model: Model, origin: str) -> str:
    """The page's text, with its site's address in it."""
    return exported(model, origin) if model.exported else copied(model)


def copied(model: Model) -> str:
    """The page as copied: the provider is in the server's address, as the vendor has it."""
    *front, slug, last = model.path.strip("/").split("/")
    server = "/".join((SERVER, *front))
    return render(Operation("POST", server, f"/{slug}/{last}", (), model.fields, _ANSWER, model.style, model.sample))


def exported(model: Model, origin: str) -> str:
    """The site's Markdown: a document of OpenAPI 3.1 or, for some, 3.0."""
    document = _document(model, "3.0.3" if len(model.slug) % 3 == 0 else "3.1.0")
    return _HEAD.format(
        origin=origin, title=model.title, summary=model.summary, path=model.path, document=as_yaml(document)
    )


def _document(model: Model, version: str) -> Schema:
    schema = model.schema if version == "3.1.0" else _older(model.schema)
    name = f"{model.title.replace(' ', '').replace('.', '_')}Request"
    return {
        "openapi": version,
        "info": {"title": "Modellix API", "version": "1.0.0"},
        "servers": [{"url": SERVER}],
        "security": [{"bearerAuth": []}],
        "paths": {model.path: {"post": _operation(model, name)}},
        "components": {
            "schemas": {name: schema},
            "securitySchemes": {"bearerAuth": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(model: Model, name: str) -> Schema:
    json = "application/json"
    answer: Schema = {
        "type": "object",
        "required": [one.name for one in _ANSWER],
        "properties": {one.name: one.schema for one in _ANSWER},
    }
    return {
        "tags": [model.kind],
        "summary": model.title,
        "operationId": f"create{name.removesuffix('Request')}",
        "requestBody": {
            "required": True,
            "content": {json: {"schema": {"$ref": f"#/components/schemas/{name}"}, "example": model.sample}},
        },
        "responses": {"200": {"description": "Task accepted", "content": {json: {"schema": answer, "example": REPLY}}}},
    }


def _older(schema: Any) -> Any:
    """The schema in the words of OpenAPI 3.0."""
    if is_array(schema):
        return [_older(one) for one in schema]
    if not is_object(schema):
        return schema
    found = {key: _older(one) for key, one in schema.items()}
    if is_array(found.get("type")) and found["type"][-1:] == ["null"]:
        found |= {"type": found["type"][0], "nullable": True}
    for flag, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(found.get(flag), (int, float)):
            found |= {bound: found[flag], flag: True}
    return found
