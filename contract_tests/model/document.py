"""What the tests read from the OpenAPI document that the generated client carries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from jsonschema_rs import Draft202012Validator

from modellix_client.operations import document

Node = dict[str, Any]
"""An object somewhere in the document."""

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
GET_TASK = "get_task"  # the operation that submissions link to


@dataclass(frozen=True, eq=False)
class Operation:
    """One operation; `url` is the server and the path template as one address."""

    operation_id: str
    method: str
    path: str
    url: str
    node: Node = field(repr=False)

    @property
    def name(self) -> str:
        """The name that stands in the ids of tests: gpt-image-2-edit."""
        return self.operation_id.replace("_", "-")


class Document:
    """A parsed OpenAPI document, its references followed where that is asked for.

    `server` is the address of its server, in two parts: `origin` and `prefix`, without a slash at the end.
    """

    def __init__(self, root: Node) -> None:
        self.root = root
        self.server: str = root["servers"][0]["url"]
        address = urlsplit(self.server)
        self.origin = f"{address.scheme}://{address.netloc}"
        self.prefix = address.path.rstrip("/")
        self.operations = tuple(self._read_operations())
        self.submissions = tuple(filter(self.is_submission, self.operations))

    def operation(self, operation_id: str) -> Operation:
        """The operation of that id; StopIteration when there is none."""
        return next(one for one in self.operations if one.operation_id == operation_id)

    def resolve(self, node: Node) -> Node:
        """The node that `$ref` leads to, with the keywords beside it."""
        while "$ref" in node:
            beside = {key: value for key, value in node.items() if key != "$ref"}
            node = {**self.at(node["$ref"]), **beside}
        return node

    def at(self, pointer: str) -> Any:
        """What a pointer such as `#/components/schemas/Message` leads to."""
        found: Any = self.root
        for step in pointer.removeprefix("#/").split("/"):
            found = found[step.replace("~1", "/").replace("~0", "~")]
        return found

    def schema(self, node: Any) -> Node:
        """A schema with `$ref`, `allOf` and `anyOf` with null folded in; an empty one for `true`."""
        flat = self.resolve(node) if isinstance(node, dict) else {}
        for part in flat.get("allOf", []):
            flat = _joined(self.schema(part), flat)
        for union in ("anyOf", "oneOf"):
            flat = self._without_null(flat, union)
        return flat

    def body(self, operation: Operation) -> Node:
        """The media type object of the JSON request body; empty when there is none."""
        return self._json(operation.node.get("requestBody", {}))

    def body_schema(self, operation: Operation) -> Node:
        """The schema of the JSON request body, as it stands in the document."""
        schema: Node = self.body(operation).get("schema", {})
        return schema

    def replies(self, operation: Operation) -> dict[str, Node]:
        """The media type objects of the JSON replies, by status."""
        return {status: self._json(reply) for status, reply in operation.node["responses"].items()}

    def examples(self, content: Node) -> dict[str, Any]:
        """The values of the named examples of a media type object."""
        return {name: self.resolve(one)["value"] for name, one in content.get("examples", {}).items()}

    def categories(self, operation: Operation) -> dict[int, list[str]]:
        """The categories that error messages of a status begin with, where the document closes their list."""
        replies = ((status, self.resolve(reply)) for status, reply in operation.node["responses"].items())
        return {int(status): reply["x-categories"] for status, reply in replies if "x-categories" in reply}

    def links(self, operation: Operation) -> list[Node]:
        """The links of the reply 200."""
        reply = self.resolve(operation.node["responses"].get("200", {}))
        return [self.resolve(link) for link in reply.get("links", {}).values()]

    def is_submission(self, operation: Operation) -> bool:
        """Whether the reply leads to a task."""
        return any(link.get("operationId") == GET_TASK for link in self.links(operation))

    def validator(self, schema: Any) -> Draft202012Validator:
        """The judge of what a schema accepts, made by others."""
        root = {"allOf": [schema], "components": self.root.get("components", {})}
        return Draft202012Validator(root, offline=True)

    def _read_operations(self) -> Iterator[Operation]:
        for path, item in self.root["paths"].items():
            for method in METHODS:
                if method in item:
                    node = item[method]
                    yield Operation(node["operationId"], method.upper(), path, self.server + path, node)

    def _json(self, node: Node) -> Node:
        content: Node = self.resolve(node).get("content", {}).get("application/json", {})
        return content

    def _without_null(self, flat: Node, union: str) -> Node:
        """The schema with the one alternative that is not null folded in; others stay as they are."""
        parts = [self.schema(part) for part in flat.get(union, [])]
        real = [part for part in parts if part.get("type") != "null"]
        if len(real) != 1 or len(parts) != 2:
            return flat
        rest = {key: value for key, value in flat.items() if key != union}
        return {**real[0], **rest, "type": [*types_of(real[0]), "null"]}


def types_of(schema: Node) -> list[str]:
    """The JSON types a schema names; none when it leaves them open."""
    named = schema.get("type", [])
    return [named] if isinstance(named, str) else list(named)


def walk(node: Any, place: str = "#") -> Iterator[tuple[str, Node]]:
    """Every object in a part of the document, with its place; references are not followed."""
    if isinstance(node, dict):
        yield place, node
    steps = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for step, inner in steps:
        yield from walk(inner, f"{place}/{str(step).replace('~', '~0').replace('/', '~1')}")


def _joined(first: Node, second: Node) -> Node:
    joined = {**first, **second}
    joined.pop("allOf", None)
    if "properties" in first or "properties" in second:
        joined["properties"] = {**first.get("properties", {}), **second.get("properties", {})}
    if "required" in first or "required" in second:
        joined["required"] = [*first.get("required", []), *second.get("required", [])]
    return joined


@lru_cache(maxsize=1)
def contract() -> Document:
    """The document carried by the generated client, read once."""
    return Document(document())
