"""Where things are in an OpenAPI document: operations, bodies, schemas, and what a `$ref` leads to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from scripts.regenerate.data import Object, array_at, is_array, is_object, object_at, reference
from scripts.regenerate.refusal import Refusal, pointer

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
SCHEMAS = "#/components/schemas/"

_ONE_SCHEMA = (
    *("items", "additionalProperties", "not", "if", "then", "else", "contains"),
    *("propertyNames", "unevaluatedItems", "unevaluatedProperties", "contentSchema"),
)
_LIST_OF_SCHEMAS = ("allOf", "anyOf", "oneOf", "prefixItems")
_MAP_OF_SCHEMAS = ("properties", "patternProperties", "dependentSchemas", "$defs", "definitions")
IN_PLACE = ("allOf", "anyOf", "oneOf", "not")  # keywords whose schemas judge the same value


class Found(NamedTuple):
    """A part of the document and the JSON pointer to it."""

    place: str
    value: Any


@dataclass(frozen=True)
class Site:
    """One operation and where it stands."""

    place: str
    path: str
    method: str
    operation: Object
    path_item: Object

    @property
    def name(self) -> str:
        """The operationId, or method and path where there is none."""
        return str(self.operation.get("operationId") or f"{self.method.upper()} {self.path}")

    @property
    def tag(self) -> str:
        """The tag that names the folder and the namespace: the first one."""
        return str((self.operation.get("tags") or ["default"])[0])


def operations(document: Object) -> Iterator[Site]:
    """All operations under `paths`, in the order of the generator: by path, then by method."""
    for path, item in object_at(document, "paths").items():
        for method in METHODS:
            if is_object(item) and is_object(item.get(method)):
                yield Site(pointer("#/paths", path, method), path, method, item[method], item)


def lookup(document: Object, ref: str, place: str) -> Any:
    """What a local `$ref`, or a place, leads to. Raises Refusal when it leads nowhere."""
    value: Any = document
    for step in ref.removeprefix("#/").split("/"):
        key = step.replace("~1", "/").replace("~0", "~")
        if is_object(value) and key in value:
            value = value[key]
        elif is_array(value) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        else:
            raise Refusal(place, f"$ref {ref} leads nowhere")
    return value


def follow(document: Object, found: Found) -> Found:
    """The end of a chain of `$ref`. Raises Refusal when it has none."""
    seen = set[str]()
    while (ref := reference(found.value)) is not None:
        if ref in seen:
            raise Refusal(found.place, f"$ref {ref} leads back to itself")
        seen.add(ref)
        found = Found(ref, lookup(document, ref, found.place))
    return found


def request_bodies(document: Object, site: Site) -> Iterator[tuple[str, Found]]:
    """Content type and schema of each form of the request body."""
    if "requestBody" in site.operation:
        body = follow(document, Found(pointer(site.place, "requestBody"), site.operation["requestBody"]))
        yield from _contents(body)


def replies(document: Object, site: Site) -> Iterator[tuple[str, Found]]:
    """Status and response, with `$ref` followed."""
    for status, value in object_at(site.operation, "responses").items():
        yield status, follow(document, Found(pointer(site.place, "responses", status), value))


def reply_schemas(document: Object, site: Site) -> Iterator[tuple[str, str, Found]]:
    """Status, content type and schema of each form of each response."""
    for status, response in replies(document, site):
        for content_type, schema in _contents(response):
            yield status, content_type, schema


def parameters(document: Object, site: Site) -> Iterator[Found]:
    """The parameters of an operation and of its path."""
    for owner, place in ((site.operation, site.place), (site.path_item, site.place.rpartition("/")[0])):
        for index, value in enumerate(array_at(owner, "parameters")):
            yield follow(document, Found(pointer(place, "parameters", index), value))


def _contents(body: Found) -> Iterator[tuple[str, Found]]:
    for content_type, media in object_at(body.value, "content").items():
        if is_object(media) and "schema" in media:
            yield content_type, Found(pointer(body.place, "content", content_type, "schema"), media["schema"])


def is_json(content_type: str) -> bool:
    """Whether the generated client sends and reads this content type as JSON."""
    plain = content_type.partition(";")[0].strip().lower()
    return plain == "application/json" or plain.endswith("+json")


def inner_schemas(schema: Found, *, in_place: bool = False) -> Iterator[Found]:
    """The schemas directly inside one; with `in_place` only those that judge the same value."""
    for keyword, value in schema.value.items() if is_object(schema.value) else ():
        if in_place and keyword not in IN_PLACE:
            continue
        place = pointer(schema.place, keyword)
        if keyword in _ONE_SCHEMA:
            yield Found(place, value)
        elif keyword in _LIST_OF_SCHEMAS and is_array(value):
            yield from (Found(pointer(place, index), inner) for index, inner in enumerate(value))
        elif keyword in _MAP_OF_SCHEMAS and is_object(value):
            yield from (Found(pointer(place, name), inner) for name, inner in value.items())


def all_inside(schema: Found) -> Iterator[Found]:
    """The schema and every schema inside it, references not followed."""
    waiting = [schema]
    while waiting:
        found = waiting.pop()
        yield found
        waiting += inner_schemas(found)


def reachable(document: Object, schemas: Iterable[Found]) -> dict[str, Found]:
    """The component schemas that these lead to, directly or through others, by `$ref`."""
    found: dict[str, Found] = {}
    waiting = list(schemas)
    while waiting:
        for inner in all_inside(waiting.pop()):
            ref = reference(inner.value)
            if ref is not None and ref not in found:
                found[ref] = Found(ref, lookup(document, ref, inner.place))
                waiting.append(found[ref])
    return found


def every_schema(document: Object) -> Iterator[Found]:
    """All schemas of components, parameters, request bodies and responses, with those inside them."""
    roots = [Found(SCHEMAS + name, value) for name, value in component_schemas(document).items()]
    for site in operations(document):
        roots += [schema for _, schema in request_bodies(document, site)]
        roots += [schema for _, _, schema in reply_schemas(document, site)]
        roots += parameter_schemas(document, site)
    for root in {root.place: root for root in roots}.values():
        yield from all_inside(root)


def parameter_schemas(document: Object, site: Site) -> list[Found]:
    """The schemas of the parameters that have one."""
    found = parameters(document, site)
    return [Found(pointer(one.place, "schema"), one.value["schema"]) for one in found if "schema" in one.value]


def component_schemas(document: Object) -> Object:
    """The schemas under `components`, by name."""
    return object_at(document, "components", "schemas")
