"""The site's Markdown export: a fence around an OpenAPI document of one operation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from modellix._openapi import METHODS, Object, array_at, is_array, is_object, object_at, object_behind
from page2openapi.export.normal import normal_document
from page2openapi.json_text import parse_json
from page2openapi.page import Page, Problem, empty_document, in_order, path_parameters, quoted
from scripts.regenerate.yaml_lines import NotYaml, Parsed, parse_yaml

_HEADING = re.compile(r"#{1,6} +OpenAPI")
_FENCE = re.compile(r"(?P<fence>`{3,}|~{3,})[ ]*(?P<language>ya?ml|json)\b(?P<info>.{0,3000})")
_OPERATION = re.compile(rf"(?:^|\s)(?P<method>{'|'.join(METHODS)})\s+(?P<path>/\S*)", re.IGNORECASE)
_MOST_PLACES = 5_000  # whose lines are kept
_DEEPEST = 15  # schemas inside one another
MOST_LINES = 50_000  # of a page that are looked at
_MOST_DROPPED = 60  # lines at the cut that are given up, one by one, until the rest can be read


@dataclass
class Fence:
    """The lines between the marks. `start` is the number of the line above the first; `closed` is false for a cut."""

    text: str
    start: int
    language: str
    method: str | None
    path: str | None
    closed: bool


def find_fence(text: str) -> Fence | None:
    """The fence below the heading `OpenAPI`, or None when the page has none."""
    lines = text.split("\n", MOST_LINES)[:MOST_LINES]
    heading = next((index for index, line in enumerate(lines) if _HEADING.fullmatch(line.rstrip())), None)
    for index in range(0 if heading is None else heading + 1, len(lines)):
        match = _FENCE.fullmatch(lines[index].rstrip()) if lines[index][:3] in ("```", "~~~") else None
        operation = _OPERATION.search(match["info"]) if match else None
        if match and (operation or heading is not None):
            return _fence(lines, index, match, operation)
    return None


def _fence(lines: Sequence[str], index: int, match: re.Match[str], operation: re.Match[str] | None) -> Fence:
    mark = re.compile(rf"{re.escape(match['fence'])}{re.escape(match['fence'][0])}*\s*")
    end = next((at for at in range(index + 1, len(lines)) if mark.fullmatch(lines[at])), None)
    inside = "\n".join(lines[index + 1 : end])
    method, path = (operation["method"].lower(), operation["path"]) if operation else (None, None)
    return Fence(inside, index + 1, match["language"], method, path, end is not None)


def read_export(fence: Fence, source: str) -> Page:
    """The document inside the fence, as OpenAPI 3.1 with its one operation."""
    page = Page(source, empty_document())
    parsed = _parse(fence, page)
    if parsed is not None and _is_document(parsed.value, fence, page):
        page.lines = find_lines(parsed, fence.path, fence.method, fence.start)
        page.document, losses = normal_document(parsed.value, fence.method, fence.path)
        page.problems += [Problem(_line_with(fence, loss.words), loss.text) for loss in losses]
    else:
        page.document = _minimal(fence, parsed.value if parsed else None)
    page.problems = in_order(page.problems)
    return page


def _line_with(fence: Fence, words: str) -> int:
    at = fence.text.find(words) if words else -1
    return fence.start if at < 0 else fence.start + 1 + fence.text.count("\n", 0, at)


def _parse(fence: Fence, page: Page) -> Parsed | None:
    if not fence.closed:
        page.doubt(fence.start + fence.text.count("\n"), "the document is cut off here")
        return _parse_cut(fence)
    try:
        return _parse_text(fence, fence.text)
    except NotYaml as error:
        page.doubt(fence.start + error.line, error.reason)
        return None


def _parse_text(fence: Fence, text: str) -> Parsed:
    return parse_json(text) if fence.language == "json" else parse_yaml(text)


def _parse_cut(fence: Fence) -> Parsed | None:
    """Reads what is whole: the line at the cut goes, then everything that is still open there."""
    lines = fence.text.split("\n")
    tries = min(_MOST_DROPPED, len(lines), 1 + 1_000_000 // (len(fence.text) + 1))
    for dropped in range(1, tries):
        try:
            parsed = _parse_text(fence, "\n".join(lines[:-dropped]) + "\n")
        except NotYaml:
            continue
        if is_object(parsed.value):
            _drop_open(parsed.value)
            return parsed
    return None


def _drop_open(document: Object) -> None:
    """Takes away the last part of the operation or of the components: more of it may have followed."""
    last = list(document)[-1]
    if last == "components":
        kind = list(object_at(document, "components"))[-1:]
        named = object_at(document, "components", *kind)
        if kind and named:
            del named[list(named)[-1]]
    elif last == "paths":
        for item in object_at(document, "paths").values():
            operation = item.get(list(item)[-1]) if is_object(item) and item else None
            if is_object(operation) and operation:
                del operation[list(operation)[-1]]
    else:
        del document[last]


def _is_document(value: object, fence: Fence, page: Page) -> bool:
    version = str(value.get("openapi", "")) if is_object(value) else ""
    if version.startswith(("3.0", "3.1")):
        return True
    reason = "an older form of export" if object_at(value, "paths").get("method") else "no OpenAPI document"
    page.doubt(fence.start, f"the block below is {reason} ({quoted(version or 'no version')})")
    return False


def _minimal(fence: Fence, value: object) -> Object:
    """Method and path from the fence, and the server when even that can be read."""
    document = empty_document(f"{(fence.method or '').upper()} {fence.path or ''}".strip())
    servers = object_at(value, "paths").get("servers") or (value.get("servers") if is_object(value) else None)
    first = servers[0] if is_array(servers) and servers else None
    if is_object(first) and isinstance(first.get("url"), str):
        document["servers"] = [{"url": first["url"]}]
    if fence.method and fence.path:
        parameters = list(path_parameters(fence.path).values())
        document["paths"] = {fence.path: {fence.method: {"parameters": parameters} if parameters else {}}}
    return document


# Where each fact stands.


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
        if id(schema) in self._open or depth > _DEEPEST or len(self.lines) > _MOST_PLACES:
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
