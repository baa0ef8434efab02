"""What the tests read from the OpenAPI document that the generated client carries."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from jsonschema_rs import Draft202012Validator

from modellix import _openapi
from modellix_client.operations import document
from modellix_client.submissions import SUBMISSIONS

Node = _openapi.Object
"""An object somewhere in the document."""


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

    @property
    def names(self) -> tuple[str, ...]:
        """What `--models` knows it by: operationId, the name above, provider/model, the model, the client's method."""
        path = _openapi.model_path(self.path)
        told = (f"{path.provider}/{path.model}", path.model) if path else ()
        submission = SUBMISSIONS.get(self.operation_id)
        method = (f"{submission.namespace}.{submission.method}",) if submission else ()
        return (self.operation_id, self.name, *told, *method)


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
        found = {self._operation(one): _openapi.is_submission(root, one) for one in _openapi.operations(root)}
        self.operations = tuple(found)
        self.submissions = tuple(one for one, is_submission in found.items() if is_submission)

    def operation(self, operation_id: str) -> Operation:
        """The operation of that id; StopIteration when there is none."""
        return next(one for one in self.operations if one.operation_id == operation_id)

    def resolve(self, node: Node) -> Node:
        """The node that `$ref` leads to, with the keywords beside it."""
        return _openapi.resolve(self.root, node)

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
        return _openapi.object_at(self.body(operation), "schema")

    def fields(self, operation: Operation) -> dict[str, Node]:
        """The schemas of the fields of the request body, by name, with what is folded in."""
        properties = self.schema(self.body_schema(operation)).get("properties", {})
        return {name: self.schema(schema) for name, schema in properties.items()}

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

    def validator(self, schema: Any) -> Draft202012Validator:
        """The judge of what a schema accepts, made by others."""
        has_references = any("$ref" in one.value for one in _openapi.objects_in([schema]))
        components = self.root.get("components", {}) if has_references else {}  # much to read, of a hundred models
        return Draft202012Validator({"allOf": [schema], "components": components}, offline=True)

    def _operation(self, found: _openapi.Operation) -> Operation:
        return Operation(found.name, found.method.upper(), found.path, self.server + found.path, found.node)

    def _json(self, node: Node) -> Node:
        return _openapi.json_content(_openapi.Found("", self.resolve(node)))

    def _without_null(self, flat: Node, union: str) -> Node:
        """The schema with the one alternative that is not null folded in; others stay as they are."""
        parts = [self.schema(part) for part in flat.get(union, [])]
        real = [part for part in parts if part.get("type") != "null"]
        if len(real) != 1 or len(parts) != 2:
            return flat
        rest = {key: value for key, value in flat.items() if key != union}
        return {**real[0], **rest, "type": [*_openapi.types_of(real[0]), "null"]}


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
