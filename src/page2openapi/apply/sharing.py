"""Which places of which operations a component schema serves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from modellix._openapi import Object, is_array, is_object, object_at
from page2openapi.apply.places import ITEMS, JSON, Steps, component_of

Owner = tuple[str, str]  # path and method of an operation; ("", "") for anything but a request
Spot = tuple[Owner, Steps]

_ELSEWHERE: Owner = ("", "")
_DEEPEST = 40


class Uses:
    """All spots where a document uses each component schema, directly or through others."""

    def __init__(self, document: Object) -> None:
        self._schemas = object_at(document, "components", "schemas")
        self._spots: dict[str, set[Spot]] = {}
        for path, item in object_at(document, "paths").items():
            for method, operation in item.items() if is_object(item) else ():
                self._walk(schema_of(operation), (path, method), ())
        for index, schema in enumerate(_other_references(document)):
            self._walk(schema, _ELSEWHERE, (str(index),))

    def spots(self, component: str) -> set[Spot]:
        """The operations and places that a component serves; places beyond requests stand for themselves."""
        return self._spots.get(component, set())

    def used(self) -> set[str]:
        """The components that anything uses."""
        return set(self._spots)

    def _walk(self, schema: Any, owner: Owner, steps: Steps, inside: tuple[str, ...] = ()) -> None:
        if not is_object(schema) or len(steps) + len(inside) > _DEEPEST:
            return
        component = component_of(schema.get("$ref"))
        if component and component not in inside:
            self._spots.setdefault(component, set()).add((owner, steps))
            self._walk(self._schemas.get(component), owner, steps, (*inside, component))
        for step, inner in _inner(schema):
            self._walk(inner, owner, (*steps, *step), inside)


def schema_of(operation: object) -> Any:
    """The schema of an operation's JSON request as it stands, None when there is none."""
    return object_at(operation, "requestBody", "content", JSON).get("schema")


def _inner(schema: Object) -> Iterator[tuple[Steps, Any]]:
    for name, inner in object_at(schema, "properties").items():
        yield (str(name),), inner
    for key, inner in schema.items():
        if key == "items":
            yield (ITEMS,), inner
        elif key != "properties" and is_object(inner):
            yield from (((f"{key}/{name}",), one) for name, one in inner.items() if is_object(one))
            yield (key,), inner
        elif is_array(inner):
            yield from (((f"{key}/{index}",), one) for index, one in enumerate(inner) if is_object(one))


def _other_references(document: Object) -> Iterator[Object]:
    """References outside JSON requests and outside component schemas: in replies, parameters and so on."""
    waiting: list[Any] = [{**document, "components": {**object_at(document, "components"), "schemas": None}}]
    requests = {id(schema_of(one)) for item in object_at(document, "paths").values() for one in _values(item)}
    while waiting:
        value = waiting.pop()
        if is_object(value) and id(value) not in requests:
            if "$ref" in value:
                yield {"$ref": value["$ref"]}
            waiting += value.values()
        elif is_array(value):
            waiting += value


def _values(item: object) -> list[Any]:
    return list(item.values()) if is_object(item) else []
