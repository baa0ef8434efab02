"""A page of a model that the document does not have becomes an operation, made like those that are there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

from modellix._openapi import (
    GET_TASK,
    SCHEMAS,
    Object,
    array_at,
    component_of,
    is_object,
    is_submission,
    object_at,
    operations,
)
from modellix._values import is_loopback
from page2openapi.apply.new_names import Names, names_of
from page2openapi.apply.places import JSON, REASONS, Body, NeedsManualEdit
from page2openapi.apply.yaml_edit import fresh, insert_after, plain
from page2openapi.drift.document import StatedOperation
from page2openapi.drift.written import in_words
from page2openapi.site import read_url

_ANSWER = "Each answers with the id of a task."
_LONGEST_SUMMARY = 100  # characters


class Added(NamedTuple):
    """Path and method of a new operation, and what is to be said of its names."""

    path: str
    method: str
    notes: list[str]


def add_operation(root: Any, page: StatedOperation, date: str) -> Added:
    """Adds an operation for the page. `date` is the day it was read, YYYY-MM-DD.

    Raises NeedsManualEdit for a page that is not a submission like the others, with the document as it was.
    """
    path = path_of(root, page)
    names = names_of(root, path)
    if path in object_at(root, "paths"):
        raise NeedsManualEdit("the document has its path already")
    others = {one.path: one.node for one in operations(root) if is_submission(root, one)}
    if not others:
        raise NeedsManualEdit("the document has no submission that could be its pattern")
    _check(page, next(iter(others.values())), root)
    schema = _request_schema(page, names.model)
    operation = _operation(page, next(iter(others.values())), names, date)
    _add_tag(root, names.provider)
    schemas = root["components"]["schemas"]
    above = [_request_name(one) for one in others.values()]
    insert_after(schemas, [one for one in above if one in schemas], names.schema, fresh(schema, 6))
    insert_after(root["paths"], others, path, fresh({"post": operation}, 4))
    return Added(path, "post", names.notes)


def path_of(root: Any, page: StatedOperation) -> str:
    """The path behind the document's server. Raises NeedsManualEdit for another server."""
    server = str(root["servers"][0]["url"]).rstrip("/")
    url = next((one for one in page.urls if one.startswith(f"{server}/")), None)
    if url is None:
        raise NeedsManualEdit(f"its address does not begin with {server}; {REASONS['url']}")
    return url[len(server) :].rstrip("/")


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


def _request_schema(page: StatedOperation, model: str) -> Object:
    body = Body(page)
    stated, schema = body.at(), body.schema()
    if stated is None or schema is None or not set(stated.types) <= {"object"} or not stated.properties:
        raise NeedsManualEdit("the fields of its body are not known")
    words = schema.get("description") or f"A request to the model {model}."
    return {"description": words, "type": "object"} | {key: one for key, one in schema.items() if key != "description"}


def _request_name(operation: Any) -> str:
    schema = object_at(operation, "requestBody", "content", JSON, "schema")
    return component_of(schema.get("$ref"))


def _operation(page: StatedOperation, pattern: Any, names: Names, date: str) -> Object:
    address = _address(page)
    operation: Object = {
        "tags": [names.provider],
        "operationId": names.operation,
        "summary": _summary(page, names.model),
    }
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
    url = read_url(stated)
    if url is None or len(str(stated)) > 500 or not url.host or url.userinfo:
        return None
    return str(url) if url.scheme == "https" or (url.scheme == "http" and is_loopback(url.host)) else None


def _page_name(page: StatedOperation, address: str | None) -> str:
    if url := read_url(address):
        return in_words(url.path.strip("/")) or url.host
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
    of_task = _tags_of_task(root)
    reading = [index for index, name in enumerate(names) if name in of_task]
    new = fresh({"name": tag, "description": f"Paid submissions to the models of the provider {tag}. {_ANSWER}"}, 4)
    tags.insert(reading[0] if reading else len(tags), new)


def _tags_of_task(root: Any) -> list[str]:
    return [one.tag for one in operations(root) if one.node.get("operationId") == GET_TASK]
