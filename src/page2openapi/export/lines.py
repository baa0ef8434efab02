"""Where in an exported page each fact stands."""

from __future__ import annotations

from typing import Any

from modellix._openapi import Object, array_at, object_at, object_behind
from scripts.regenerate.yaml_lines import Parsed

_MOST = 5_000
_DEEPEST = 15


def find_lines(parsed: Parsed, path: str | None, method: str | None, start: int = 0) -> dict[str, int]:
    """Places and the numbers of their lines, as `Page.lines` has them. Without path and method: the first operation.

    `start` is the number of the line above the document.
    """
    return _Walk(parsed, path, method, start).lines


class _Walk:
    def __init__(self, parsed: Parsed, path: str | None, method: str | None, start: int) -> None:
        self.lines: dict[str, int] = {}
        self._parsed = parsed
        self._start = start
        self._open = set[int]()
        path = path or next(iter(object_at(parsed.value, "paths")), "")
        item = object_at(parsed.value, "paths", path)
        method = method or next(iter(item), "")
        self._note("url", object_at(parsed.value, "paths"), path)
        self._note("method", item, method)
        self._operation(object_at(item, method), item)

    def _operation(self, operation: Object, item: Object) -> None:
        self._note("auth", self._parsed.value, "security")
        self._note("auth", operation, "security")
        for parameter in [*array_at(item, "parameters"), *array_at(operation, "parameters")]:
            self._parameter(self._follow(parameter))
        self._note("body", operation, "requestBody")
        self._content(self._follow(operation.get("requestBody")), "body")
        for index, (status, response) in enumerate(object_at(operation, "responses").items()):
            place = "response" if index == 0 else f"response[{status}]"
            self._note(place, object_at(operation, "responses"), status)
            self._content(self._follow(response), place)

    def _parameter(self, parameter: Object) -> None:
        place = f"param.{parameter.get('in')}.{parameter.get('name')}"
        self._note(place, parameter, "name")
        self._schema(parameter.get("schema"), place, 0)

    def _content(self, payload: Object, place: str) -> None:
        for media in list(object_at(payload, "content").values())[:1]:
            self._schema(object_at(media).get("schema"), place, 0)

    def _schema(self, schema: Any, place: str, depth: int) -> None:
        schema = self._follow(schema)
        if id(schema) in self._open or depth > _DEEPEST or len(self.lines) > _MOST:
            return
        self._open.add(id(schema))
        for keyword in schema:
            self._note(f"{place}:{keyword}", schema, keyword)
        properties = object_at(schema, "properties")
        for name, inner in properties.items():
            self._note(f"{place}.{name}", properties, name)
            self._schema(inner, f"{place}.{name}", depth + 1)
        if "items" in schema:
            self._note(f"{place}[]", schema, "items")
            self._schema(schema["items"], f"{place}[]", depth + 1)
        for keyword in ("allOf", "anyOf", "oneOf"):
            for inner in array_at(schema, keyword):
                self._schema(inner, place, depth + 1)
        self._open.discard(id(schema))

    def _follow(self, value: Any) -> Object:
        return object_behind(self._parsed.value, value)

    def _note(self, place: str, owner: Object, key: str) -> None:
        line = self._parsed.lines.get(id(owner), {}).get(key)
        if line is not None and (place not in self.lines or ":" not in place):
            self.lines[place] = self._start + line
