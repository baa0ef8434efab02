"""A page of a model that the document does not have becomes an operation, made like those that are there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from modellix._openapi import (
    GET_TASK,
    SCHEMAS,
    Object,
    array_at,
    component_of,
    component_schemas,
    is_object,
    is_submission,
    object_at,
    operations,
)
from modellix._values import is_loopback
from page2openapi.apply.places import JSON, REASONS, Body, NeedsManualEdit
from page2openapi.apply.yaml_edit import fresh, insert_after, plain
from page2openapi.drift.document import StatedOperation
from page2openapi.drift.written import in_words

_ANSWER = "Each answers with the id of a task."
_LONGEST_SUMMARY = 100  # characters


class _Names(NamedTuple):
    tag: str
    model: str
    operation: str
    schema: str


def add_operation(root: Any, page: StatedOperation, date: str) -> tuple[str, str]:
    """Adds an operation for the page and returns its path and method. `date` is the day it was read, YYYY-MM-DD.

    Raises NeedsManualEdit for a page that is not a submission like the others, with the document as it was.
    """
    path, segments = _path(root, page)
    others = {one.path: one.node for one in operations(root) if is_submission(root, one)}
    if not others:
        raise NeedsManualEdit("the document has no submission that could be its pattern")
    _check(page, next(iter(others.values())), root)
    tag, name = segments[0], _operation_id(root, segments)
    schema_name = "".join(part[:1].upper() + part[1:] for part in name.split("_")) + "Request"
    if schema_name in component_schemas(root):
        raise NeedsManualEdit(f"the name {schema_name} is taken")
    schema = _request_schema(page, segments)
    names = _Names(tag, segments[-1], name, schema_name)
    operation = _operation(page, next(iter(others.values())), names, date)
    _add_tag(root, tag)
    schemas = root["components"]["schemas"]
    above = [_request_name(one) for one in others.values()]
    insert_after(schemas, [one for one in above if one in schemas], schema_name, fresh(schema, 6))
    insert_after(root["paths"], others, path, fresh({"post": operation}, 4))
    return path, "post"


def _path(root: Any, page: StatedOperation) -> tuple[str, list[str]]:
    """The path behind the server, and its segments: the provider, then the model."""
    server = str(root["servers"][0]["url"]).rstrip("/")
    url = next((one for one in page.urls if one.startswith(f"{server}/")), None)
    if url is None:
        raise NeedsManualEdit(f"its address does not begin with {server}; {REASONS['url']}")
    path = url[len(server) :].rstrip("/")
    segments = [segment for segment in path.split("/") if segment]
    segments = segments[:-1] if segments[-1:] == ["async"] else segments
    if len(segments) < 2 or not all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,99}", one) for one in segments):
        raise NeedsManualEdit("its path does not name a provider and a model")
    if path in object_at(root, "paths"):
        raise NeedsManualEdit("the document has its path already")
    return path, segments


def _check(page: StatedOperation, pattern: Any, root: Any) -> None:
    if (page.method or "").lower() != "post":
        raise NeedsManualEdit(REASONS["method"])
    if _schemes(page.node, page.document) != _schemes(pattern, root):
        raise NeedsManualEdit(f"it asks for another key; {REASONS['auth']}")
    if names := [str(one.get("name")) for one in page.parameters]:
        raise NeedsManualEdit(f"it has parameters ({', '.join(names)}); {REASONS['param']}")
    kinds = list(object_at(page.body, "content"))
    if kinds != [JSON]:
        raise NeedsManualEdit(f"its body is not {JSON} alone")


def _schemes(operation: object, document: object) -> list[list[tuple[str, str]]]:
    """The kinds of keys that an operation asks for, whatever they are called."""
    stated = object_at(document, "components", "securitySchemes")
    asked = [
        [object_at(stated, name) for name in one] for one in array_at(operation, "security") if is_object(one) and one
    ]
    return [[(str(one.get("type")), str(one.get("scheme")).lower()) for one in together] for together in asked]


def _operation_id(root: Any, segments: list[str]) -> str:
    """The model in snake case, with the provider in front if the name is taken or begins with a digit."""
    taken = {one.node.get("operationId") for one in operations(root)}
    found = [_snake(segments[1:]), _snake(segments)]
    for name in found:
        if name not in taken and re.match("[a-z]", name):
            return name
    raise NeedsManualEdit(f"the name {found[0]} is taken")


def _snake(segments: list[str]) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "_", "_".join(segments)).strip("_").lower()


def _request_schema(page: StatedOperation, segments: list[str]) -> Object:
    body = Body(page)
    stated, schema = body.at(), body.schema()
    if stated is None or schema is None or not set(stated.types) <= {"object"} or not stated.properties:
        raise NeedsManualEdit("the fields of its body are not known")
    words = schema.get("description") or f"A request to the model {segments[-1]}."
    return {"description": words, "type": "object"} | {key: one for key, one in schema.items() if key != "description"}


def _request_name(operation: Any) -> str:
    schema = object_at(operation, "requestBody", "content", JSON, "schema")
    return component_of(schema.get("$ref"))


def _operation(page: StatedOperation, pattern: Any, names: _Names, date: str) -> Object:
    address = _address(page)
    operation: Object = {"tags": [names.tag], "operationId": names.operation, "summary": _summary(page, names.model)}
    operation["description"] = f"Pays for one task of the model {names.model}."
    if address:
        operation["externalDocs"] = {"description": "The page of the model", "url": address}
    operation["x-source"] = f"vendor's page {_page_name(page, address)}, read {date}"
    operation["security"] = plain(pattern["security"])
    schema: Object = {"$ref": SCHEMAS + names.schema}
    operation["requestBody"] = {"required": True, "content": {JSON: {"schema": schema}}}
    operation["responses"] = _without_examples(plain(pattern["responses"]))
    return operation


def _summary(page: StatedOperation, model: str) -> str:
    words = in_words(str(page.node.get("summary") or ""), _LONGEST_SUMMARY)
    return words if re.match(r"\w+ \w", words) else f"Submit a task to {model}"


def _address(page: StatedOperation) -> str | None:
    """The address of the page, where it states one that can be fetched."""
    stated = object_at(page.node, "externalDocs").get("url")
    try:
        url = httpx.URL(stated) if isinstance(stated, str) and len(stated) <= 500 else None
    except httpx.InvalidURL:
        return None
    if url is None or not url.host or url.userinfo:
        return None
    return str(url) if url.scheme == "https" or (url.scheme == "http" and is_loopback(url.host)) else None


def _page_name(page: StatedOperation, address: str | None) -> str:
    if address:
        return in_words(httpx.URL(address).path.strip("/")) or httpx.URL(address).host
    return in_words(Path(page.page.source).name, 80) if page.page.source != "-" else "on standard input"


def _without_examples(value: Any) -> Any:
    """Replies as the others have them; their examples are of other models."""
    if is_object(value):
        return {key: _without_examples(inner) for key, inner in value.items() if key not in ("examples", "example")}
    return value


def _add_tag(root: Any, tag: str) -> None:
    tags = root["tags"]
    names = [str(one.get("name")) for one in tags]
    if tag in names:
        return
    reading = [index for index, name in enumerate(names) if name in _tags_of_task(root)]
    new = fresh({"name": tag, "description": f"Paid submissions to the models of the provider {tag}. {_ANSWER}"}, 4)
    tags.insert(reading[0] if reading else len(tags), new)


def _tags_of_task(root: Any) -> list[str]:
    return [one.tag for one in operations(root) if one.node.get("operationId") == GET_TASK]
