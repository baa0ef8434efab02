"""Replies: read by the generated models, whatever they hold."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import attrs
import pytest

import modellix_client.models
from contract_tests.model.document import Node, contract
from modellix._openapi import SCHEMAS, component_of, reference, types_of

Path = tuple[str | int, ...]
"""The steps from a reply to a place inside it."""

STATUSES = ("canceled", "completed", "", "PENDING", "réussi", "0")  # all but the documented ones
EXTRAS = {"trace_id": "a1", "cost": 0.04, "nested": {"list": [1, None, "x"]}}


def _documented_replies() -> Iterator[tuple[str, str, Any]]:
    """A name, the model's name and the value of every example whose schema has a name."""
    for operation in contract().operations:
        for status, content in contract().replies(operation).items():
            model = component_of(reference(content.get("schema")))
            for name, value in contract().examples(content).items() if model else ():
                yield f"{operation.name} {status} {name}", model, value


def _changed(value: Any, path: Path, new: Any) -> Any:
    changed = copy.deepcopy(value)
    _at(changed, path[:-1])[path[-1]] = new
    return changed


def _without(value: Any, path: Path) -> Any:
    changed = copy.deepcopy(value)
    del _at(changed, path[:-1])[path[-1]]
    return changed


def _places(value: Any, schema: Any, path: Path = ()) -> Iterator[tuple[Path, Node, bool]]:
    """Every property and element present in a reply: where, its schema, and whether it has to be there."""
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


def _variations() -> Iterator[tuple[str, str, Any]]:
    """Documented replies with a null or nothing as an optional part, and with extra fields at every level."""
    for sentence, model, value in DOCUMENTED:
        for path, schema, is_required in _places(value, {"$ref": SCHEMAS + model}):
            where = ".".join(map(str, path))
            # What may be missing may be null as well: a service often writes it so.
            if "null" in types_of(schema) or not is_required:
                yield f"{sentence} with null as {where}", model, _changed(value, path, None)
            if not is_required:
                yield f"{sentence} without {where}", model, _without(value, path)
            if "object" in types_of(schema):
                yield f"{sentence} with more in {where}", model, _changed(value, path, {**_at(value, path), **EXTRAS})
        yield f"{sentence} with more", model, {**value, **EXTRAS}


def _at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


DOCUMENTED = list(_documented_replies())
VARIATIONS = list(_variations())
STATES = [
    (f"{sentence} as {status!a}", model, _changed(value, ("data", "status"), status))
    for sentence, model, value in DOCUMENTED
    if "status" in value.get("data", {})
    for status in STATUSES
]
READABLE = [*DOCUMENTED, *VARIATIONS, *STATES]


@pytest.mark.parametrize(("model", "value"), [row[1:] for row in READABLE], ids=[row[0] for row in READABLE])
def test_reply_is_read_and_nothing_of_it_lost(model: str, value: Any) -> None:
    before = copy.deepcopy(value)
    reply = getattr(modellix_client.models, model).from_dict(value)
    assert reply.to_dict() == before
    assert value == before, "reading changed what was read"


@pytest.mark.parametrize(("model", "value"), [row[1:] for row in DOCUMENTED], ids=[row[0] for row in DOCUMENTED])
def test_documented_fields_are_attributes(model: str, value: Any) -> None:
    """Every documented object is a model, and nothing of it is left among what the document does not know."""
    read = list(_models(getattr(modellix_client.models, model).from_dict(value)))
    places = _places(value, {"$ref": SCHEMAS + model})
    objects = [path for path, schema, _ in places if "properties" in schema and isinstance(_at(value, path), dict)]
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
    read = {sentence.split()[0] for sentence, _, _ in DOCUMENTED}
    assert {"gpt-image-2", "gpt-image-2-edit", "get-task"} <= read
