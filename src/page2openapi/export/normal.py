"""One normal form for exported documents: OpenAPI 3.1, one operation that carries its own security and parameters."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from modellix._openapi import (
    METHODS,
    BadReference,
    Found,
    Object,
    all_inside,
    array_at,
    at,
    component_schemas,
    is_array,
    is_object,
    object_at,
    object_behind,
    objects_in,
)
from page2openapi.page import is_pattern, path_parameters, quoted, shortened, visible

_SECTIONS = (
    *("schemas", "responses", "parameters", "examples", "requestBodies", "headers", "securitySchemes", "links"),
    *("callbacks", "pathItems"),
)
_SAMPLES = ("example", "examples", "enum", "const")
_DATA = (*_SAMPLES, "default", "value")  # what holds data of the API itself
_NULL: Object = {"type": "null"}
_COMPONENT_NAME = re.compile(r"[A-Za-z0-9._-]+")
_STATUS = re.compile(r"[1-5](?:\d\d|XX)|default")


class Loss(NamedTuple):
    """What could not be kept, and words of the page that tell where."""

    text: str
    words: str


def normal_document(raw: Object, method: str | None, path: str | None) -> tuple[Object, list[Loss]]:
    """The document and what could not be kept. `method` and `path` are those that the fence names."""
    return _Normal(copy.deepcopy(raw)).make(method, path)


class _Normal:
    def __init__(self, raw: Object) -> None:
        self._raw = raw
        self._problems = list[Loss]()

    def make(self, method: str | None, path: str | None) -> tuple[Object, list[Loss]]:
        document: Object = {"openapi": "3.1.0", "info": self._info()}
        found = self._find(method, path)
        paths: Object = {}
        if found:
            path, item, method = found
            document["servers"] = self._servers(item[method], item)
            paths = {path: {method: self._operation(item, item[method], path)}}
        document["paths"] = paths
        components = self._components()
        if components:
            document["components"] = components
        if not document.get("servers"):
            document.pop("servers", None)
        self._settle_references(document)
        self._drop_patterns(document)
        upgrade(document, is_30=str(self._raw.get("openapi")).startswith("3.0"))
        _bound_texts(document)
        order = ("openapi", "info", "servers", "paths", "components")
        return {key: document[key] for key in order if key in document}, self._problems

    def _lose(self, text: str, words: str = "") -> None:
        self._problems.append(Loss(text, words))

    def _info(self) -> Object:
        info = object_at(self._raw, "info")
        kept = {key: info[key] for key in ("title", "summary", "description") if isinstance(info.get(key), str)}
        return {"title": "An operation", **kept, "version": str(info.get("version", "unknown"))}

    def _find(self, method: str | None, path: str | None) -> tuple[str, Object, str] | None:
        """The operation that the fence names, or the only one there is."""
        there = [
            (where, item, verb)
            for where, item in object_at(self._raw, "paths").items()
            if is_object(item) and where.startswith("/")
            for verb in item
            if verb.lower() in METHODS and is_object(item[verb])
        ]
        named = [one for one in there if one[0] == path and one[2] == method]
        if named or len(there) == 1:
            if not named and (method or path):
                self._lose(f"the fence names {quoted(f'{method} {path}')}, the document another operation")
            return (named or there)[0]
        self._lose("the operation is not in the document")
        return None

    def _operation(self, item: Object, raw: Object, path: str) -> Object:
        operation = {key: value for key, value in raw.items() if key != "servers"}
        security = operation.pop("security", self._raw.get("security"))
        if is_array(security):
            operation["security"] = [one for one in security if is_object(one)]
        parameters = self._parameters([*array_at(operation, "parameters"), *array_at(item, "parameters")], path)
        operation.pop("parameters", None)
        if parameters:
            operation["parameters"] = parameters
        responses = self._responses(object_at(operation, "responses"))
        operation.pop("responses", None)
        return {**operation, **({"responses": responses} if responses else {})}

    def _parameters(self, stated: list[Any], path: str) -> list[Any]:
        """Those of the operation, then those of its path that it does not replace."""
        found: dict[tuple[str, str], Any] = {}
        for one in stated:
            target = object_behind(self._raw, one)
            name, where = target.get("name"), target.get("in")
            if not (isinstance(name, str) and where in ("path", "query", "header", "cookie")):
                self._lose("a parameter without its name or its place")
                continue
            if where == "path":
                target["required"] = True
            if "schema" not in target and "content" not in target:
                target["schema"] = {}
            found.setdefault((name, where), one)
        for name, parameter in path_parameters(path).items():
            if (name, "path") not in found:
                self._lose(f"{quoted(name)} is in the path, but not among the parameters")
                found[name, "path"] = parameter
        return list(found.values())

    def _responses(self, stated: Object) -> Object:
        found: Object = {}
        for status, response in stated.items():
            if not is_object(response) or not (_STATUS.fullmatch(status) or status.startswith("x-")):
                self._lose(f"a reply that is none: {quoted(status)}", status)
                continue
            if "$ref" not in response and not isinstance(response.get("description"), str):
                response["description"] = ""
            found[status] = response
        if not found:
            self._lose("the document has no reply")
        return found

    def _servers(self, operation: Object, item: Object) -> list[Any]:
        """The nearest ones count: those of the operation, of its path, of the document."""
        owners = (operation, item, self._raw)
        stated = [array_at(owner, "servers") for owner in owners if array_at(owner, "servers")]
        return [one for one in (stated[0] if stated else ()) if is_object(one) and isinstance(one.get("url"), str)]

    def _components(self) -> Object:
        raw = object_at(self._raw, "components")
        kept: Object = {}
        for section in _SECTIONS:
            named = object_at(raw, section)
            bad = [name for name in named if not _COMPONENT_NAME.fullmatch(name)]
            for name in bad:
                self._lose(f"a component with a name that none can have: {quoted(name)}", name)
            if named:
                kept[section] = {name: value for name, value in named.items() if name not in bad}
        for response in object_at(kept, "responses").values():
            if is_object(response) and "$ref" not in response and not isinstance(response.get("description"), str):
                response["description"] = ""
        return kept

    def _drop_patterns(self, document: Object) -> None:
        for _, owner in objects_in(document, without=_DATA):
            pattern = owner.get("pattern")
            if isinstance(pattern, str) and not is_pattern(pattern):
                self._lose(f"a pattern that cannot be checked: {quoted(pattern)}", pattern)
                del owner["pattern"]

    # References.

    def _settle_references(self, document: Object) -> None:
        """A reference that leads nowhere, or out of the document, leaves its place open."""
        for _, owner in objects_in(document, without=_DATA):
            ref = owner.get("$ref")
            if isinstance(ref, str) and not _leads_somewhere(document, ref):
                self._lose(f"a reference that leads nowhere: {quoted(ref)}", ref)
                del owner["$ref"]


def _leads_somewhere(document: Object, ref: str) -> bool:
    try:
        at(document, ref)
    except BadReference:
        return False
    return True


def _bound_texts(document: Object) -> None:
    for _, owner in objects_in(document, without=_DATA):
        for key in ("description", "summary"):
            if isinstance(owner.get(key), str):
                owner[key] = shortened(visible(owner[key]).strip())


# From OpenAPI 3.0 to 3.1.


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
