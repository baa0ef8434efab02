"""One operation of a page or a document, with the lines of its facts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from modellix._openapi import METHODS, Object, array_at, is_array, is_object, object_at
from page2openapi.export.fence import Fence
from page2openapi.export.lines import find_lines
from page2openapi.page import Page
from page2openapi.yaml_lines import Parsed

Voice = Literal["document", "export", "copied"]  # who speaks, and so what its silence means

_TEMPLATE = re.compile(r"\{[^{}/]*\}")
_MOST_REFERENCES = 20  # that lead from one to the next


@dataclass(frozen=True)
class Operation:
    """`path` is relative to the server. `node` is the operation object, `item` the path item around it."""

    document: Object
    method: str | None
    path: str | None
    node: Object
    item: Object
    page: Page = field(repr=False)
    voice: Voice = "document"

    @property
    def name(self) -> str:
        """Method and path, such as `POST /thing`."""
        return f"{(self.method or '').upper()} {self.path or ''}".strip()

    @property
    def urls(self) -> list[str]:
        """The addresses, one for each server; the path alone where no server is known."""
        if self.path is None:
            return []
        servers = next((found for one in (self.node, self.item, self.document) if (found := _servers(one))), [""])
        return list(dict.fromkeys(server.rstrip("/") + self.path for server in servers))

    def follow(self, value: Any) -> Object:
        """The object itself, or the one that its `$ref` leads to within the document; empty when there is none."""
        for _ in range(_MOST_REFERENCES):
            ref = value.get("$ref") if is_object(value) else None
            if not isinstance(ref, str):
                break
            value = target_of(self.document, ref)
        return value if is_object(value) else {}

    def line_of(self, place: str, keyword: str = "") -> int | None:
        """The line of a fact, or of the nearest place around it."""
        return self.page.line_of(place, keyword)


def target_of(document: Object, ref: str) -> Any:
    """What a reference within the document leads to, or None."""
    if ref != "#" and not ref.startswith("#/"):
        return None
    value: Any = document
    for step in ref[2:].split("/") if ref != "#" else []:
        key = step.replace("~1", "/").replace("~0", "~")
        if is_array(value) and key.isdecimal() and len(key) < 8 and int(key) < len(value):
            value = value[int(key)]
        else:
            value = value.get(key) if is_object(value) else None
    return value


def operations_in(parsed: Parsed, source: str) -> list[Operation]:
    """All operations of a document."""
    document: Object = parsed.value if is_object(parsed.value) else {}
    return list(_operations(document, parsed, source))


def operation_on(page: Page) -> Operation:
    """What a page says of its operation, also when method and path could not be read."""
    voice: Voice = "export" if object_at(page.document, "info").get("version") != "unknown" else "copied"
    for found in _operations(page.document, None, page.source):
        return replace(found, page=page, voice=voice)
    components = object_at(page.document, "components")
    node: Object = {"parameters": list(object_at(components, "parameters").values())}
    node["requestBody"] = object_at(components, "requestBodies", "Body")
    node["responses"] = object_at(components, "responses")
    return Operation(page.document, None, None, {key: one for key, one in node.items() if one}, {}, page, voice)


def _operations(document: Object, parsed: Parsed | None, source: str) -> Iterator[Operation]:
    for path, item in object_at(document, "paths").items():
        for method in object_at(item):
            if method.lower() in METHODS and is_object(item[method]):
                fence = Fence("", 0, "yaml", method, path, closed=True)
                lines = find_lines(parsed, fence) if parsed and parsed.lines else {}
                yield Operation(document, method, path, item[method], item, Page(source, document, lines))


def _servers(owner: Object) -> list[str]:
    return [_filled(one) for one in array_at(owner, "servers") if is_object(one) and isinstance(one.get("url"), str)]


def _filled(server: Object) -> str:
    """The address of a server with its variables at their defaults."""
    url = str(server["url"])
    for name, variable in object_at(server, "variables").items():
        url = url.replace(f"{{{name}}}", str(object_at(variable).get("default", "")))
    return url


def without_names(url: str) -> str:
    """The address with nothing between its braces."""
    return _TEMPLATE.sub("{}", url).rstrip("/")
