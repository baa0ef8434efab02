"""A page's facts, flat, so that an expectation can list them all and nothing else can hide."""

from __future__ import annotations

from typing import Any

from page2openapi import Page

_WORDS = ("description", "properties", "items", "required", "anyOf")  # said elsewhere, or not a fact


def facts_of(page: Page) -> dict[str, Any]:
    """Every fact of the page's document by its place; descriptions are left out."""
    found: dict[str, Any] = {}
    document = page.document
    for path, item in document["paths"].items():
        for method, operation in item.items():
            server = document.get("servers", [{"url": ""}])[0]["url"]
            found |= {"url": server + path, "method": method}
            found |= _operation(operation)
    for name, scheme in document.get("components", {}).get("securitySchemes", {}).items():
        found[f"scheme.{name}"] = {key: value for key, value in scheme.items() if key != "description"}
    for name, schema in document.get("components", {}).get("schemas", {}).items():
        _schema(schema, f"schema.{name}", found)
    return found


def _operation(operation: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "security" in operation:
        found["auth"] = operation["security"]
    for parameter in operation.get("parameters", []):
        place = f"param.{parameter['in']}.{parameter['name']}"
        _schema(parameter["schema"], place, found, required=parameter.get("required", False))
        if "deprecated" in parameter:
            found[place]["deprecated"] = parameter["deprecated"]
    if "requestBody" in operation:
        body = operation["requestBody"]
        found["body.required"] = body.get("required", False)
        _content(body, "body", found)
    for status, response in operation.get("responses", {}).items():
        found[f"response {status}"] = sorted(response.get("content", {}))
        _content(response, f"response {status}", found)
    return found


def _content(payload: dict[str, Any], place: str, found: dict[str, Any]) -> None:
    for kind, media in payload.get("content", {}).items():
        if "schema" in media:
            _schema(media["schema"], place, found)
            found[place] = {"content": kind, **found[place]}


def _schema(schema: dict[str, Any], place: str, found: dict[str, Any], *, required: bool | None = None) -> None:
    own = {key: value for key, value in schema.items() if key not in _WORDS}
    found[place] = {**own, **({} if required is None else {"required": required})}
    for name, inner in schema.get("properties", {}).items():
        _schema(inner, f"{place}.{name}", found, required=name in schema.get("required", []))
    if "items" in schema:
        _schema(schema["items"], f"{place}[]", found)
    for index, inner in enumerate(schema.get("anyOf", [])):
        _schema(inner, f"{place}<{index}>", found)
