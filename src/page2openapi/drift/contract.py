"""An OpenAPI document on disk, and which of its operations a page is about."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from modellix._openapi import Object, is_object, object_at
from page2openapi.drift.operation import Operation, operation_on, operations_in, without_names
from page2openapi.export.upgrade import upgrade
from page2openapi.page import Page
from page2openapi.yaml_lines import NotYaml, Parsed, parse_json, parse_yaml

CONTRACT = Path(__file__).parents[3] / "openapi" / "modellix.yaml"


@dataclass(frozen=True)
class Contract:
    """A document with the operations that it has, as OpenAPI 3.1."""

    source: str
    document: Object = field(repr=False)
    operations: list[Operation] = field(repr=False)

    @classmethod
    def load(cls, path: Path = CONTRACT) -> Contract:
        """Reads a document from disk. Raises OSError, or NotYaml when it is no OpenAPI document of version 3."""
        return cls.parse(path.read_bytes().decode("utf-8-sig", errors="replace"), str(path))

    @classmethod
    def parse(cls, text: str, source: str) -> Contract:
        """The document that a text holds, YAML or JSON. Raises NotYaml."""
        return cls._made(_parse(text), source)

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

    def operation_of(self, page: Page) -> Operation | None:
        """The operation that a page is about, or None when the document does not have it.

        That is the one whose `externalDocs` was fetched, the one with the page's address, or the one with its provider
        and model, the last segments of the path without `async`.
        """
        return operation_like(operation_on(page), self.operations)


def operation_like(wanted: Operation, among: list[Operation]) -> Operation | None:
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


def _address(operation: Operation) -> str:
    return str(object_at(operation.node, "externalDocs").get("url", ""))


def _same_model(one: Operation, other: Operation) -> bool:
    """Whether provider and model agree, or the model alone where the provider is not said."""
    mine, theirs = _model(one), _model(other)
    length = min(len(mine), len(theirs))
    return length > 0 and mine[-length:] == theirs[-length:]


def _model(operation: Operation) -> list[str]:
    url = operation.urls[0] if operation.urls else ""
    path = url.split("://", 1)[-1].partition("/")[2] if "://" in url else url
    segments = [segment for segment in without_names(path).split("/") if segment]
    return [segment for segment in segments if segment != "async"][-2:]


def _parse(text: str) -> Parsed:
    return parse_json(text) if text.lstrip().startswith("{") else parse_yaml(text)
