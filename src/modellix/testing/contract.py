"""What the stand-in reads from the OpenAPI document: where operations are, what they take and what they answer."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any
from urllib.parse import urlsplit

from modellix import _openapi
from modellix._openapi import Object, is_submission, json_content, operations, replies, request_body, resolve
from modellix.testing.pictures import pixels_of
from modellix.testing.replies import Examples
from modellix.testing.validation import BodyCheck
from modellix_client.operations import document


@dataclass(frozen=True)
class Operation:
    """One operation, with everything the stand-in needs to answer it."""

    operation_id: str
    path: str  # template, below the server's prefix: /api/v1/tasks/{task_id}
    needs_key: bool
    is_submission: bool
    body: BodyCheck | None
    examples: Examples
    first_status: str  # of a task just submitted
    size_fields: Mapping[str, Any]  # properties that say how large the picture will be, with their defaults or None


@dataclass(frozen=True)
class Match:
    """What stands at a path: operations by method, and the values of the path's parameters, percent-decoded."""

    operations: Mapping[str, Operation]
    parameters: Mapping[str, str]


class Contract:
    """The operations of a document, found by path.

    Schemas are compiled now, or with `lazily` each at its first body, for a document that is known to be sound.
    """

    def __init__(self, document: Object, *, lazily: bool = False) -> None:
        self._is_lazy = lazily
        self._document = document
        self._components: Object = document.get("components", {})
        servers: list[Object] = document.get("servers") or [{"url": "/"}]
        server = urlsplit(str(servers[0]["url"]))
        self.origin = f"{server.scheme or 'http'}://{server.netloc or 'localhost'}"
        self._paths = self._read_paths(server.path.rstrip("/"))
        # Paths without parameters win over those with, as OpenAPI has it.
        self._plain = {tuple(path.split("/")): path for path in self._paths if "{" not in path}
        rest = sorted((path for path in self._paths if "{" in path), key=lambda path: path.count("{"))
        self._templates = [(_Template(path), path) for path in rest]
        self.examples = self._all_examples()

    def find(self, segments: Sequence[str]) -> Match | None:
        """What stands at a path, given as its percent-decoded segments; None when nothing does."""
        plain = self._plain.get(tuple(segments))
        if plain is not None:
            return Match(self._paths[plain], {})
        for template, path in self._templates:
            parameters = template.match(segments)
            if parameters is not None:
                return Match(self._paths[path], parameters)
        return None

    def operation(self, operation_id: str) -> Operation | None:
        """The operation of that name."""
        every = (operation for methods in self._paths.values() for operation in methods.values())
        return next((operation for operation in every if operation.operation_id == operation_id), None)

    def _read_paths(self, prefix: str) -> dict[str, dict[str, Operation]]:
        found: dict[str, dict[str, Operation]] = {prefix + path: {} for path in self._document.get("paths", {})}
        for one in operations(self._document):
            found[prefix + one.path][one.method.upper()] = self._read(prefix + one.path, one)
        return found

    def _read(self, path: str, one: _openapi.Operation) -> Operation:
        answers = {status: json_content(reply) for status, reply in replies(self._document, one)}
        body = request_body(self._document, one)
        schema, is_required = json_content(body).get("schema"), body is not None and bool(body.value.get("required"))
        check = None if schema is None else BodyCheck(schema, self._components, is_required)
        if check is not None and not self._is_lazy:
            check.compile()
        examples = {int(status): [*self._examples(shown)] for status, shown in answers.items() if status.isdecimal()}
        return Operation(
            operation_id=one.node.get("operationId", path),
            path=path,
            needs_key=self._needs_key(one.node),
            is_submission=is_submission(self._document, one),
            body=check,
            examples={status: shown for status, shown in examples.items() if shown},
            first_status=self._first_status(answers.get("200", {})),
            size_fields=self._size_fields(schema or {}),
        )

    def _resolve(self, node: Object) -> Object:
        return resolve(self._document, node)

    def _examples(self, content: Object) -> Iterator[Any]:
        if "example" in content:
            yield content["example"]
        for example in map(self._resolve, content.get("examples", {}).values()):
            if "value" in example:
                yield example["value"]

    def _all_examples(self) -> Examples:
        """Examples of every operation by status, for requests that reach none."""
        merged: dict[int, list[Any]] = {}
        for methods in self._paths.values():
            for operation in methods.values():
                for status, shown in operation.examples.items():
                    merged.setdefault(status, []).extend(shown)
        return merged

    def _needs_key(self, node: Object) -> bool:
        """Whether the operation asks for a bearer key. ValueError for a scheme that nothing here could check."""
        requirements: list[Object] = node.get("security", self._document.get("security")) or []
        schemes = self._components.get("securitySchemes", {})
        for scheme in (self._resolve(schemes[name]) for requirement in requirements for name in requirement):
            if (scheme.get("type"), str(scheme.get("scheme")).lower()) != ("http", "bearer"):
                raise ValueError(f"the stand-in checks bearer keys only, not {scheme.get('type')}")
        return bool(requirements) and all(requirements)

    def _first_status(self, content: Object) -> str:
        data = self._property(content.get("schema", {}), "data")
        status = self._property(data, "status")
        return str([*status.get("enum", []), status.get("const", "pending")][0])

    def _property(self, schema: Object, name: str) -> Object:
        """The schema of a property; empty when there is none."""
        return next((found for found_name, found in self._properties(schema) if found_name == name), Object())

    def _properties(self, schema: Object) -> Iterator[tuple[str, Object]]:
        """Names and schemas of properties, with those in the parts of `allOf` behind."""
        schema = self._resolve(schema)
        yield from ((name, self._resolve(inner)) for name, inner in schema.get("properties", {}).items())
        for part in schema.get("allOf", []):
            yield from self._properties(part)

    def _size_fields(self, schema: Object) -> dict[str, Any]:
        """The properties with a size among what they state, whatever the service calls them."""
        found: dict[str, Any] = {}
        for name, inner in self._properties(schema):
            forms = [inner, *map(self._resolve, (*inner.get("anyOf", []), *inner.get("oneOf", [])))]
            defaults = [form["default"] for form in forms if "default" in form]
            options = [option for form in forms for option in form.get("enum", [])]
            if any(map(pixels_of, (*options, *defaults))):
                found[name] = next(iter(defaults), None)
        return found


@cache
def shipped_contract() -> Contract:
    """The contract of the document that the generated client was made from: one for all stand-ins of the process."""
    return Contract(document(), lazily=True)


def contract_of(given: Object) -> Contract:
    """The contract of another document, read and compiled once for all documents of the same content. ValueError for
    a schema that cannot be compiled.
    """
    return _compiled(json.dumps(given, default=str))  # text: the caller may change the document afterwards


@lru_cache(maxsize=8)
def _compiled(text: str) -> Contract:
    return Contract(json.loads(text))


class _Template:
    """A path template, matched segment by segment, so that an encoded slash inside a parameter separates nothing."""

    def __init__(self, path: str) -> None:
        self._names = _openapi.PATH_PARAMETER.findall(path)
        self._patterns = [self._compile(segment) for segment in path.split("/")]

    def match(self, segments: Sequence[str]) -> dict[str, str] | None:
        if len(segments) != len(self._patterns):
            return None
        values: list[str] = []
        for pattern, segment in zip(self._patterns, segments, strict=True):
            found = pattern.fullmatch(segment)
            if found is None:
                return None
            values.extend(found.groups())
        return dict(zip(self._names, values, strict=True))

    @staticmethod
    def _compile(segment: str) -> re.Pattern[str]:
        pieces = _openapi.PATH_PARAMETER.split(segment)[::2]  # without the names
        return re.compile("(.+)".join(map(re.escape, pieces)), re.DOTALL)
