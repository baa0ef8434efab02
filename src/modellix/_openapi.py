"""The OpenAPI document: operations, references, JSON pointers, and the schemas inside one another.

Whoever reads a document reads it through this module: stand-in, generator, contract tests, docs reader, report. It
fetches nothing, and needs the standard library and the table in `_keywords.py` alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeGuard

from modellix._keywords import KEYWORDS

Object = dict[str, Any]

METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
SCHEMAS: Final = "#/components/schemas/"
GET_TASK: Final = "get_task"  # the operation that reads a task, which submissions link to
PATH_PARAMETER: Final = re.compile(r"\{([^{}]*)\}")  # in the template of a path, its name in the group

_INDEX = re.compile(r"0|[1-9][0-9]{0,6}")
_SEGMENT = "[A-Za-z0-9][A-Za-z0-9._~-]{0,99}"
_MODEL_PATH = re.compile(rf"(?P<before>.*)/(?P<provider>{_SEGMENT})/(?P<model>{_SEGMENT})/async/?")


# JSON data, looked at with types that checkers understand.


def is_object(value: object) -> TypeGuard[Object]:
    """Whether a value is a JSON object."""
    return isinstance(value, dict)


def is_array(value: object) -> TypeGuard[list[Any]]:
    """Whether a value is a JSON array."""
    return isinstance(value, list)


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether a value is a JSON number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def object_at(value: object, *keys: str) -> Object:
    """The object that is reached by these keys, or an empty one."""
    for key in keys:
        value = value.get(key) if is_object(value) else None
    return value if is_object(value) else {}


def array_at(value: object, key: str) -> list[Any]:
    """The array under a key, or an empty one."""
    found = value.get(key) if is_object(value) else None
    return found if is_array(found) else []


# Pointers and references.


class Found(NamedTuple):
    """A part of the document and the JSON pointer to it."""

    place: str
    value: Any


class BadReference(LookupError):
    """A pointer or `$ref` that leads nowhere, or back to itself. `place` is where the `$ref` stands."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place or '#'}: {reason}")
        self.place = place
        self.reason = reason


def pointer(place: str, *steps: object) -> str:
    """The JSON pointer to what lies further inside: `pointer("#/paths", "/a")` is `#/paths/~1a`."""
    return place + "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def steps_of(place: str) -> list[str]:
    """The keys and indexes that a JSON pointer goes through, unescaped."""
    steps = place.removeprefix("#").split("/")[1:]
    return [step.replace("~1", "/").replace("~0", "~") for step in steps]


def at(document: object, place: str, *, asked_at: str = "") -> Any:
    """What a JSON pointer into the document leads to. BadReference, at the place that asked, when it is nothing."""
    value: Any = document
    if place != "#" and not place.startswith("#/"):
        raise BadReference(asked_at, f"$ref {place} leaves the document; nothing is fetched")
    for step in steps_of(place):
        if is_object(value) and step in value:
            value = value[step]
        elif is_array(value) and _INDEX.fullmatch(step) and int(step) < len(value):
            value = value[int(step)]
        else:
            raise BadReference(asked_at, f"$ref {place} leads nowhere")
    return value


def reference(value: object) -> str | None:
    """The `$ref` of a value that is one."""
    ref = value.get("$ref") if is_object(value) else None
    return ref if isinstance(ref, str) else None


def component_of(ref: object) -> str:
    """The name of the component schema that a `$ref` leads to; empty when it leads to none."""
    return ref.removeprefix(SCHEMAS) if isinstance(ref, str) and ref.startswith(SCHEMAS) else ""


def chain(document: object, found: Found) -> Iterator[Found]:
    """A value and all that its `$ref` leads to, one behind the other."""
    seen = set[str]()
    yield found
    while (ref := reference(found.value)) is not None:
        if ref in seen:
            raise BadReference(found.place, f"$ref {ref} leads back to itself")
        seen.add(ref)
        found = Found(ref, at(document, ref, asked_at=found.place))
        yield found


def follow(document: object, found: Found) -> Found:
    """The end of a chain of `$ref`; what stands beside a `$ref` is left out."""
    *_, end = chain(document, found)
    return end


def resolve(document: object, node: Object) -> Object:
    """The object that a chain of `$ref` leads to, with the keywords that stand beside a `$ref`, which win."""
    if "$ref" not in node:
        return node
    resolved: Object = {}
    for _, value in chain(document, Found("", node)):
        resolved = {**object_at(value), **resolved}
    resolved.pop("$ref", None)
    return resolved


def object_behind(document: object, value: object) -> Object:
    """What `follow` leads to, for documents that may be broken: an empty object where there is none."""
    try:
        return object_at(follow(document, Found("", value)).value)
    except BadReference:
        return {}


def objects_in(node: object, place: str = "#", *, without: Iterable[str] = ()) -> Iterator[Found]:
    """Every object in a part of the document, in order; references are not followed, nor the keys `without` entered."""
    waiting = [Found(place, node)]
    without = frozenset(without)
    while waiting:
        found = waiting.pop()
        inside: Iterable[tuple[object, Any]] = ()
        if is_object(found.value):
            yield found
            inside = ((key, inner) for key, inner in found.value.items() if key not in without)
        elif is_array(found.value):
            inside = enumerate(found.value)
        waiting += reversed([Found(pointer(found.place, step), inner) for step, inner in inside])


# Operations.


@dataclass(frozen=True)
class Operation:
    """One operation and where it stands. `method` is in small letters, `path` a template below the server's address."""

    place: str
    path: str
    method: str
    node: Object
    path_item: Object

    @property
    def name(self) -> str:
        """The operationId, or method and path where there is none."""
        return str(self.node.get("operationId") or f"{self.method.upper()} {self.path}")

    @property
    def tag(self) -> str:
        """The first tag, which names the folder and the namespace."""
        return str((self.node.get("tags") or ["default"])[0])


def operations(document: object) -> Iterator[Operation]:
    """All operations under `paths`: by path, then by method as OpenAPI lists them."""
    for path, item in object_at(document, "paths").items():
        item = resolve(document, object_at(item))
        for method in METHODS:
            if is_object(item.get(method)):
                yield Operation(pointer("#/paths", path, method), path, method, item[method], item)


class ModelPath(NamedTuple):
    """The parts of a path like `/text-to-video/kling/kling-v1-t2v/async`; `before` is what precedes the provider."""

    before: str
    provider: str
    model: str


def model_path(path: str) -> ModelPath | None:
    """What a path says of its model: the two segments before `async`. None for a path of another form."""
    found = _MODEL_PATH.fullmatch(path)
    return ModelPath(**found.groupdict()) if found else None


def provider_and_model(operation: Operation) -> tuple[str, str]:
    """Provider and model by the path of a POST; the tag and the operationId where the path does not name them."""
    found = model_path(operation.path) if operation.method == "post" else None
    return (found.provider, found.model) if found else (operation.tag, operation.name)


def parameters(document: object, operation: Operation) -> Iterator[Found]:
    """The parameters of an operation, then those shared by its path, with `$ref` followed."""
    shared = operation.place.rpartition("/")[0]
    for owner, place in ((operation.node, operation.place), (operation.path_item, shared)):
        for index, value in enumerate(array_at(owner, "parameters")):
            yield follow(document, Found(pointer(place, "parameters", index), value))


def request_body(document: object, operation: Operation) -> Found | None:
    """The request body, with `$ref` followed."""
    if "requestBody" not in operation.node:
        return None
    return follow(document, Found(pointer(operation.place, "requestBody"), operation.node["requestBody"]))


def replies(document: object, operation: Operation) -> Iterator[tuple[str, Found]]:
    """Status and response, with `$ref` followed."""
    for status, value in object_at(operation.node, "responses").items():
        yield status, follow(document, Found(pointer(operation.place, "responses", status), value))


def contents(body: Found | None) -> Iterator[tuple[str, Found]]:
    """Content type and media type object of a request body or response."""
    for content_type, media in object_at(body.value, "content").items() if body else ():
        if is_object(media):
            assert body is not None
            yield content_type, Found(pointer(body.place, "content", content_type), media)


def json_content(body: Found | None) -> Object:
    """The media type object that says what a request body or response is as JSON; empty when it says nothing."""
    return object_at(next((media.value for content_type, media in contents(body) if is_json(content_type)), None))


def is_json(content_type: str) -> bool:
    """Whether a content type is sent and read as JSON."""
    plain = content_type.partition(";")[0].strip().lower()
    return plain == "application/json" or plain.endswith("+json")


def is_submission(document: object, operation: Operation) -> bool:
    """Whether an operation is a paid one: its reply 200 has a link to the task, by operationId or by its place."""
    for status, response in replies(document, operation):
        for link in object_at(response.value, "links").values() if status == "200" else ():
            if _leads_to_task(document, resolve(document, object_at(link))):
                return True
    return False


def _leads_to_task(document: object, link: Object) -> bool:
    if link.get("operationId") == GET_TASK:
        return True
    if "operationRef" not in link:
        return False  # without a look at all operations, since this is asked of each of them
    tasks = (one.place for one in operations(document) if one.node.get("operationId") == GET_TASK)
    return link["operationRef"] in tasks


# Schemas.


def request_schemas(document: object, operation: Operation) -> Iterator[tuple[str, Found]]:
    """Content type and schema of each form of the request body."""
    yield from _schemas_of(contents(request_body(document, operation)))


def reply_schemas(document: object, operation: Operation) -> Iterator[tuple[str, str, Found]]:
    """Status, content type and schema of each form of each response."""
    for status, response in replies(document, operation):
        for content_type, schema in _schemas_of(contents(response)):
            yield status, content_type, schema


def parameter_schemas(document: object, operation: Operation) -> Iterator[Found]:
    """The schemas of the parameters that have one."""
    for _, schema in _schemas_of(("", parameter) for parameter in parameters(document, operation)):
        yield schema


def _schemas_of(owners: Iterable[tuple[str, Found]]) -> Iterator[tuple[str, Found]]:
    for name, owner in owners:
        if "schema" in object_at(owner.value):
            yield name, Found(pointer(owner.place, "schema"), owner.value["schema"])


def component_schemas(document: object) -> Object:
    """The schemas under `components`, by name."""
    return object_at(document, "components", "schemas")


def inner_schemas(schema: Found, *, in_place: bool = False) -> Iterator[Found]:
    """The schemas directly inside one; with `in_place` only those that judge the same value."""
    for name, value in schema.value.items() if is_object(schema.value) else ():
        keyword = KEYWORDS.get(name)
        if keyword is None or (in_place and not keyword.is_in_place):
            continue
        place = pointer(schema.place, name)
        if keyword.takes == "schema":
            yield Found(place, value)
        elif keyword.takes == "list of schemas" and is_array(value):
            yield from (Found(pointer(place, index), inner) for index, inner in enumerate(value))
        elif keyword.takes == "map of schemas" and is_object(value):
            yield from (Found(pointer(place, key), inner) for key, inner in value.items())


def all_inside(schema: Found) -> Iterator[Found]:
    """The schema and every schema inside it, references not followed."""
    waiting = [schema]
    while waiting:
        found = waiting.pop()
        yield found
        waiting += inner_schemas(found)


def reachable(document: object, schemas: Iterable[Found]) -> dict[str, Found]:
    """The component schemas that these lead to, directly or through others, by `$ref`."""
    found: dict[str, Found] = {}
    waiting = list(schemas)
    while waiting:
        for inner in all_inside(waiting.pop()):
            ref = reference(inner.value)
            if ref is not None and ref not in found:
                found[ref] = Found(ref, at(document, ref, asked_at=inner.place))
                waiting.append(found[ref])
    return found


def every_schema(document: object) -> Iterator[Found]:
    """All schemas of components, parameters, request bodies and responses, with those inside them."""
    roots = [Found(pointer("#/components/schemas", name), value) for name, value in component_schemas(document).items()]
    for operation in operations(document):
        roots += [schema for _, schema in request_schemas(document, operation)]
        roots += [schema for _, _, schema in reply_schemas(document, operation)]
        roots += parameter_schemas(document, operation)
    for root in {root.place: root for root in roots}.values():
        yield from all_inside(root)


def types_of(schema: Object) -> list[str]:
    """The JSON types that a schema names; none when it leaves them open."""
    named: Any = schema.get("type", [])
    return [str(one) for one in named] if is_array(named) else [str(named)]
