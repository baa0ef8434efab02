"""Replies: read by the generated models whatever they hold, and true to the life of a task on the API."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

import modellix_client.models
from contract_tests.document import GET_TASK, Document, Node, Operation, contract, types_of
from contract_tests.samples import base_body
from contract_tests.target import Target, assert_accepted, assert_refused
from modellix.testing import StandIn

Path = tuple[str | int, ...]
"""The steps from a reply to a place inside it."""

STATUSES = ("canceled", "completed", "", "PENDING", "réussi", "0")  # all but the documented ones
EXTRAS = {"trace_id": "a1", "cost": 0.04, "nested": {"list": [1, None, "x"]}}


def _documented_replies() -> Iterator[tuple[str, str, Any]]:
    """A name, the model's name and the value of every example whose schema has a name."""
    for operation in contract().operations:
        for status, content in contract().replies(operation).items():
            model = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
            for name, value in contract().examples(content).items() if model else ():
                yield f"{operation.name} {status} {name}", model, value


def _changed(value: Any, path: Path, new: Any) -> Any:
    changed = copy.deepcopy(value)
    inner = changed
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = new
    return changed


def _without(value: Any, path: Path) -> Any:
    changed = copy.deepcopy(value)
    inner = changed
    for step in path[:-1]:
        inner = inner[step]
    del inner[path[-1]]
    return changed


def _places(value: Any, schema: Any, path: Path = ()) -> Iterator[tuple[Path, Node, bool]]:
    """Every property present in a reply: where, its schema, and whether it has to be there."""
    flat = contract().schema(schema)
    if isinstance(value, dict):
        for name, inner in flat.get("properties", {}).items():
            if name in value:
                yield (*path, name), contract().schema(inner), name in flat.get("required", [])
                yield from _places(value[name], inner, (*path, name))
    if isinstance(value, list):
        for at, element in enumerate(value):
            yield from _places(element, flat.get("items", {}), (*path, at))


def _variations() -> Iterator[tuple[str, str, Any]]:
    """Documented replies with a null or nothing as an optional part, and with extra fields at every level."""
    for sentence, model, value in DOCUMENTED:
        for path, schema, is_required in _places(value, {"$ref": f"#/components/schemas/{model}"}):
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


def test_replies_of_every_shipped_operation_were_read() -> None:
    read = {sentence.split()[0] for sentence, _, _ in DOCUMENTED}
    assert {"gpt-image-2", "gpt-image-2-edit", "get-task"} <= read


every_submission = pytest.mark.parametrize("operation", contract().submissions, ids=lambda operation: operation.name)
every_operation = pytest.mark.parametrize("operation", contract().operations, ids=lambda operation: operation.name)
SHOWN = [
    (operation, next(iter(examples.values()))["data"])
    for operation in contract().submissions
    if (examples := contract().examples(contract().replies(operation)["200"]))
]


def submit(target: Target, operation: Operation) -> Node:
    """The `data` of an accepted submission."""
    return assert_accepted(target.send(operation, base_body(contract(), operation)), operation, contract())


@every_submission
def test_task_goes_from_pending_to_success(operation: Operation, target: Target) -> None:
    task = submit(target, operation)
    told = [data["status"] for data in target.read_to_end(task["task_id"])]
    assert task["status"] == "pending"
    assert told == ["pending", "processing", "success"]


@every_submission
def test_reads_satisfy_the_document(operation: Operation, target: Target, document: Document) -> None:
    task_id = submit(target, operation)["task_id"]
    for _ in range(4):
        data = assert_accepted(target.read(task_id), document.operation(GET_TASK), document)
        assert data["task_id"] == task_id


@every_submission
def test_task_that_has_ended_stays_as_it_is(operation: Operation, target: Target) -> None:
    task_id = submit(target, operation)["task_id"]
    end = target.read_to_end(task_id)[-1]
    assert [target.read(task_id).json()["data"] for _ in range(2)] == [end, end]


@every_submission
def test_task_ids_are_unlike_one_another(operation: Operation, target: Target) -> None:
    ids = [submit(target, operation)["task_id"] for _ in range(20)]
    assert len(set(ids)) == 20


@every_submission
def test_tasks_move_on_independently(operation: Operation, target: Target) -> None:
    first, second = (submit(target, operation)["task_id"] for _ in range(2))
    target.read_to_end(first)
    assert target.read(second).json()["data"]["status"] == "pending"


@pytest.mark.parametrize(("operation", "shown"), SHOWN, ids=[operation.name for operation, _ in SHOWN])
def test_reply_is_like_its_example(operation: Operation, shown: Node, target: Target, document: Document) -> None:
    """`get_result` is there exactly where the example has it and leads to the task; `model_id` names the same model."""
    task = submit(target, operation)
    assert task.keys() == shown.keys()
    assert task["model_id"] == shown["model_id"]
    read = document.operation(GET_TASK)
    address = {"method": read.method, "url": read.url.replace("{task_id}", task["task_id"])}
    assert task.get("get_result", address) == address


@pytest.mark.parametrize("task_id", ["unknown", "task-openai-abc123", "0", "ünknown", "a b", "a/b", "%2e"])
def test_unknown_task_is_not_found(task_id: str, target: Target, document: Document) -> None:
    assert_refused(target.read(task_id), 404, document)


CREDENTIALS = {
    "no key": {},
    "an empty header": {"Authorization": ""},
    "the scheme alone": {"Authorization": "Bearer"},
    "another key": {"Authorization": "Bearer another-key"},
    "a longer key": {"Authorization": "Bearer {key}x"},
    "a shorter key": {"Authorization": "Bearer {short}"},
    "no scheme": {"Authorization": "{key}"},
    "another scheme": {"Authorization": "Basic {key}"},
    "another header": {"X-Api-Key": "{key}"},
}


@every_operation
@pytest.mark.parametrize("credentials", CREDENTIALS)
def test_request_without_the_right_key_is_refused(
    credentials: str, operation: Operation, target: Target, stand_in: StandIn, document: Document
) -> None:
    keys = {"key": target.api_key, "short": target.api_key[:-1]}
    headers = {name: value.format(**keys) for name, value in CREDENTIALS[credentials].items()}
    if operation in document.submissions:
        reply = target.send(operation, base_body(document, operation), headers)
    else:
        task_id = submit(target, document.submissions[0])["task_id"]
        reply = target.send(operation, headers=headers, parameters={"task_id": task_id})
    assert_refused(reply, 401, document)
    assert [one for one in stand_in.submissions if one.accepted and operation in document.submissions] == []
