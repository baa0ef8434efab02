"""What is compared: one operation of a page, or those of an OpenAPI document, with the lines of their facts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from modellix._openapi import METHODS, ModelPath, Object, array_at, is_object, model_path, object_at, object_behind
from page2openapi.drift.flatten import Flattener
from page2openapi.export import find_lines
from page2openapi.export.normal import upgrade
from page2openapi.json_text import parse_json
from page2openapi.page import Page, Problem, quoted
from scripts.regenerate.yaml_lines import NotYaml, Parsed, parse_yaml

Voice = Literal["document", "export", "copied"]  # who speaks, and so what its silence means

CONTRACT = Path(__file__).parents[3] / "openapi" / "modellix.yaml"

_NOT_PARAMETERS = ("accept", "authorization", "content-type")  # OpenAPI says that such headers are none
_HEAD = ("url", "method", "auth", "param")  # what stands above the body, without headings of their own in `lines`
_SECTIONS = (*_HEAD, "body", "response")
_TEMPLATE = re.compile(r"\{[^{}/]*\}")


class Doubts:
    """The sections and the fields that the problems of a page touch. An export counts as one section.

    Sections that are not on a page with problems may have been lost.
    """

    def __init__(self, page: Page, *, whole: bool = False) -> None:
        self._sections = set[str]()
        self._fields = set[str]()
        self._page = page
        if page.problems:
            self._sections.update(set(_SECTIONS) - {_section(place.split(":")[0]) for place in page.lines})
        for problem in page.problems:
            if problem.line == 0 or whole:
                self._sections.update(_SECTIONS)
            else:
                self._take(problem)

    def touch(self, place: str) -> bool:
        """Whether a field or a parameter may stand here although it was not read."""
        return _section(place) in self._sections

    def touch_facts(self, place: str) -> bool:
        """Whether this field may say more than was read."""
        return self.touch(place) or place.removesuffix("[]") in self._fields

    def _take(self, problem: Problem) -> None:
        place = self._nearest(problem.line)
        if self._is_about(problem.text, place):
            self._fields.add(place.removesuffix("[]"))
        elif _section(place) in _HEAD:
            self._sections.update(_HEAD)
        else:
            self._sections.add(_section(place))

    def _nearest(self, line: int) -> str:
        """The place that begins last above a line."""
        places = [(number, len(place), place) for place, number in self._page.lines.items() if ":" not in place]
        return max((one for one in places if one[0] <= line), default=(0, 0, "url"))[2]

    def _is_about(self, text: str, place: str) -> bool:
        """Whether a message begins with the name of the field at a place: then it is about that field alone."""
        names = {place.split(".", 1)[-1], re.split(r"[.\]]", place.removesuffix("[]"))[-1]}
        return any(text.startswith(f"{quoted(name)}: ") for name in names)


def _section(place: str) -> str:
    return re.split(r"[.\[]", place, maxsplit=1)[0]


@dataclass(frozen=True)
class StatedOperation:
    """An operation as a page or a document states it, and what its silence means.

    `path` is relative to the server. `node` is the operation object, `item` the path item around it.
    """

    document: Object
    method: str | None
    path: str | None
    node: Object
    item: Object
    page: Page = field(repr=False)
    voice: Voice = "document"

    @property
    def is_page(self) -> bool:
        """Whether a page states it."""
        return self.voice != "document"

    @property
    def is_copy(self) -> bool:
        """Whether a page that was copied from the browser states it."""
        return self.voice == "copied"

    @cached_property
    def flattener(self) -> Flattener:
        """What makes its schemas flat."""
        return Flattener(self.document)

    @cached_property
    def doubts(self) -> Doubts:
        """Where it may say more than was read."""
        return Doubts(self.page, whole=self.voice == "export")

    @property
    def name(self) -> str:
        """Method and path, such as `POST /thing`."""
        return f"{(self.method or '').upper()} {self.path or ''}".strip()

    @cached_property
    def urls(self) -> list[str]:
        """The addresses, one for each server; the path alone where no server is known."""
        if self.path is None:
            return []
        servers = next((found for one in (self.node, self.item, self.document) if (found := _servers(one))), [""])
        return list(dict.fromkeys(server.rstrip("/") + self.path for server in servers))

    @property
    def body(self) -> Object:
        """The request body, empty where there is none."""
        return self.follow(self.node.get("requestBody"))

    @property
    def parameters(self) -> list[Object]:
        """The operation's own, then those of its path, without the headers that OpenAPI does not count."""
        stated = [*array_at(self.node, "parameters"), *array_at(self.item, "parameters")]
        return [one for one in map(self.follow, stated) if not _is_no_parameter(one)]

    def follow(self, value: Any) -> Object:
        """The object itself, or the one that its `$ref` leads to within the document; empty when there is none."""
        return object_behind(self.document, value)

    def line_of(self, place: str, keyword: str = "") -> int | None:
        """The line of a fact, or of the nearest place around it."""
        return self.page.line_of(place, keyword)


def _is_no_parameter(stated: Object) -> bool:
    return stated.get("in") == "header" and str(stated.get("name")).lower() in _NOT_PARAMETERS


def operations_in(parsed: Parsed, source: str) -> list[StatedOperation]:
    """All operations of a document."""
    document: Object = parsed.value if is_object(parsed.value) else {}
    return list(_operations(document, parsed, source))


def operation_on(page: Page) -> StatedOperation:
    """What a page says of its operation, also when method and path could not be read."""
    voice: Voice = "export" if object_at(page.document, "info").get("version") != "unknown" else "copied"
    for found in _operations(page.document, None, page.source):
        return replace(found, page=page, voice=voice)
    components = object_at(page.document, "components")
    node: Object = {"parameters": list(object_at(components, "parameters").values())}
    node["requestBody"] = object_at(components, "requestBodies", "Body")
    node["responses"] = object_at(components, "responses")
    return StatedOperation(page.document, None, None, {key: one for key, one in node.items() if one}, {}, page, voice)


def _operations(document: Object, parsed: Parsed | None, source: str) -> Iterator[StatedOperation]:
    for path, item in object_at(document, "paths").items():
        for method in object_at(item):
            if method.lower() in METHODS and is_object(item[method]):
                lines = find_lines(parsed, path, method) if parsed and parsed.lines else {}
                yield StatedOperation(document, method, path, item[method], item, Page(source, document, lines=lines))


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


# Documents.


@dataclass(frozen=True)
class Contract:
    """A document with the operations that it has, as OpenAPI 3.1."""

    source: str
    document: Object = field(repr=False)
    operations: list[StatedOperation] = field(repr=False)

    @classmethod
    def load(cls, path: Path = CONTRACT) -> Contract:
        """Reads a document from disk. Raises OSError, or NotYaml when it is no OpenAPI document of version 3."""
        return cls.parse(path.read_bytes().decode("utf-8-sig", errors="replace"), str(path))

    @classmethod
    def parse(cls, text: str, source: str) -> Contract:
        """The document that a text holds, YAML or JSON. Raises NotYaml."""
        return cls._made(parse_json(text) if text.lstrip().startswith("{") else parse_yaml(text), source)

    @classmethod
    def of(cls, document: Object, source: str = "document") -> Contract:
        """A document that is data already; without lines. Raises NotYaml."""
        return cls._made(Parsed(json.loads(json.dumps(document, default=str))), source)

    @classmethod
    def _made(cls, parsed: Parsed, source: str) -> Contract:
        version = str(object_at(parsed.value).get("openapi", ""))
        if not is_object(parsed.value) or not version.startswith("3."):
            raise NotYaml(1, "no OpenAPI document of version 3")
        upgrade(parsed.value, is_30=version.startswith("3.0"))
        return cls(source, parsed.value, operations_in(parsed, source))

    def operation_of(self, page: Page) -> StatedOperation | None:
        """The operation that a page is about, or None when the document does not have it.

        That is the one whose `externalDocs` was fetched, the one with the page's address, or the one with its provider
        and model, the last segments of the path without `async`.
        """
        return operation_like(operation_on(page), self.operations)


def operation_like(wanted: StatedOperation, among: list[StatedOperation]) -> StatedOperation | None:
    """The operation that is the same one as far as anybody can tell, though perhaps moved."""
    fetched = [one for one in among if _address(one) and _address(one) == wanted.page.source.removesuffix(".md")]
    if len(fetched) == 1:
        return fetched[0]
    same = [one for one in among if {*map(without_names, one.urls)} & {*map(without_names, wanted.urls)}]
    found = same or [one for one in among if _same_model(one, wanted)]
    by_method = [one for one in found if one.method == wanted.method]
    if len(by_method) == 1:
        return by_method[0]
    return found[0] if len(found) == 1 else None


def _address(operation: StatedOperation) -> str:
    return str(object_at(operation.node, "externalDocs").get("url", ""))


def model_at(path: str) -> ModelPath | None:
    """What a path says of its model, also one that leaves out `async`."""
    return model_path(f"{path.rstrip('/').removesuffix('/async')}/async")


def _same_model(one: StatedOperation, other: StatedOperation) -> bool:
    """Whether kind of task, provider and model agree, as far as both say them from the end of their paths."""
    mine, theirs = _model(one), _model(other)
    length = min(len(mine), len(theirs))
    return length > 0 and mine[-length:] == theirs[-length:]


def _model(operation: StatedOperation) -> list[str]:
    url = operation.urls[0] if operation.urls else ""
    path = url.split("://", 1)[-1].partition("/")[2] if "://" in url else url
    segments = [segment for segment in without_names(path).split("/") if segment]
    last = [segment for segment in segments if segment != "async"][-3:]
    return last[-2:] if re.fullmatch(r"api|v\d+", last[0] if last else "") else last
