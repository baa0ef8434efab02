"""Replies: read by the generated models, whatever they hold."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import attrs
import pytest

import modellix_client.models
from contract_tests.harness.groups import Each, Group, Member, each_of
from contract_tests.model.document import Node, Operation, contract
from modellix._openapi import SCHEMAS, component_of, reference, types_of

Path = tuple[str | int, ...]
"""The steps from a reply to a place inside it."""

STATUSES = ("canceled", "completed", "", "PENDING", "réussi", "0")  # all but the documented ones
EXTRAS = {"trace_id": "a1", "cost": 0.04, "nested": {"list": [1, None, "x"]}}


@dataclass(frozen=True, eq=False)
class Reply:
    """What an operation answers, and the name of the model that reads it."""

    sentence: str
    operation: Operation
    model: str
    value: Any = dataclasses.field(repr=False)

    def other(self, what: str, value: Any) -> Reply:
        """The same with another value."""
        return replace(self, sentence=f"{self.sentence} {what}", value=value)

    def read(self) -> Any:
        """The reply as its model reads it."""
        return getattr(modellix_client.models, self.model).from_dict(self.value)

    def places(self) -> Iterator[tuple[Path, Node, bool]]:
        """Every property and element in it: where, its schema, and whether it has to be there."""
        return _places(self.value, {"$ref": SCHEMAS + self.model})


def _documented_replies() -> Iterator[Reply]:
    """Every example whose schema has a name."""
    for operation in contract().operations:
        for status, content in contract().replies(operation).items():
            model = component_of(reference(content.get("schema")))
            for name, value in contract().examples(content).items() if model else ():
                yield Reply(f"{operation.name} {status} {name}", operation, model, value)


def _changed(value: Any, path: Path, new: Any) -> Any:
    changed = copy.deepcopy(value)
    _at(changed, path[:-1])[path[-1]] = new
    return changed


def _without(value: Any, path: Path) -> Any:
    changed = copy.deepcopy(value)
    del _at(changed, path[:-1])[path[-1]]
    return changed


def _places(value: Any, schema: Any, path: Path = ()) -> Iterator[tuple[Path, Node, bool]]:
    flat = contract().schema(schema)
    if isinstance(value, dict):
        for name, inner in flat.get("properties", {}).items():
            if name in value:
                yield (*path, name), contract().schema(inner), name in flat.get("required", [])
                yield from _places(value[name], inner, (*path, name))
    if isinstance(value, list):
        for at, element in enumerate(value):
            yield (*path, at), contract().schema(flat.get("items", {})), True
            yield from _places(element, flat.get("items", {}), (*path, at))


def _variations() -> Iterator[Reply]:
    """Documented replies with a null or nothing as an optional part, and with extra fields at every level."""
    for reply in DOCUMENTED:
        value = reply.value
        for path, schema, is_required in reply.places():
            where = ".".join(map(str, path))
            # What may be missing may be null as well: a service often writes it so.
            if "null" in types_of(schema) or not is_required:
                yield reply.other(f"with null as {where}", _changed(value, path, None))
            if not is_required:
                yield reply.other(f"without {where}", _without(value, path))
            if "object" in types_of(schema):
                yield reply.other(f"with more in {where}", _changed(value, path, {**_at(value, path), **EXTRAS}))
        yield reply.other("with more", {**value, **EXTRAS})


def _at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


DOCUMENTED = list(_documented_replies())
VARIATIONS = list(_variations())
STATES = [
    reply.other(f"as {status!a}", _changed(reply.value, ("data", "status"), status))
    for reply in DOCUMENTED
    if "status" in reply.value.get("data", {})
    for status in STATUSES
]


def _each(replies: Iterable[Reply]) -> pytest.MarkDecorator:
    return each_of(Member(reply, "replies") for reply in replies)


@_each([*DOCUMENTED, *VARIATIONS, *STATES])
def test_reply_is_read_and_nothing_of_it_lost(group: Group[Reply], each: Each) -> None:
    each(group, _is_read_whole)


def _is_read_whole(reply: Reply) -> None:
    before = copy.deepcopy(reply.value)
    assert reply.read().to_dict() == before
    assert reply.value == before, "reading changed what was read"


@_each(DOCUMENTED)
def test_documented_fields_are_attributes(group: Group[Reply], each: Each) -> None:
    """Every documented object is a model, and nothing of it is left among what the document does not know."""
    each(group, _is_read_into_attributes)


def _is_read_into_attributes(reply: Reply) -> None:
    read = list(_models(reply.read()))
    objects = [
        path
        for path, schema, _ in reply.places()
        if "properties" in schema and isinstance(_at(reply.value, path), dict)
    ]
    assert len(read) == 1 + len(objects)
    assert [name for one in read for name in one.additional_keys] == []


def _models(read: Any) -> Iterator[Any]:
    """A model, and every one within it."""
    if isinstance(read, list):
        yield from (inner for element in read for inner in _models(element))
    if attrs.has(type(read)):
        yield read
        yield from (inner for field in attrs.fields(type(read)) for inner in _models(getattr(read, field.name)))


def test_replies_of_every_shipped_operation_were_read() -> None:
    read = {reply.operation.name for reply in DOCUMENTED}
    assert {"gpt-image-2", "gpt-image-2-edit", "get-task"} <= read
