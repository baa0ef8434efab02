"""Handles on tasks and what they end with: what they show, what a copy keeps, what they make of odd rows."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from modellix import AsyncTask, ConfigurationError, ConnectionLostError, Task
from modellix._core.read_task import TaskSnapshot
from modellix.tasks import AsyncTaskResult, TaskResult, files_of, success_of
from tests.support.clients import AsyncFace, SyncFace, end_of, raw_result

URL = "https://files.example/1.png?signature=secret"


@pytest.mark.parametrize("kind", [Task, AsyncTask])
def test_a_copy_keeps_the_data_and_says_how_to_reach_the_api(kind: Any) -> None:
    copied = pickle.loads(pickle.dumps(kind("task-1", "pending", {"code": 0}, client=object())))
    assert (type(copied), copied.id, copied.status, copied.raw) == (kind, "task-1", "pending", {"code": 0})
    with (SyncFace if kind is Task else AsyncFace)() as face:
        end = end_of(face.run, copied.refresh)
    assert isinstance(end, ConfigurationError)
    assert "use client.task('task-1')" in str(end)


def test_a_handle_tells_whether_the_status_is_another() -> None:
    task = Task("task-1")
    raw: dict[str, Any] = {"code": 0, "data": {"status": "pending"}}
    snapshot = TaskSnapshot("task-1", "pending", raw["data"], raw)
    assert [task.see(snapshot), task.see(snapshot)] == [True, False]
    assert (task.status, task.raw) == ("pending", raw)


@pytest.mark.parametrize("kind", [TaskResult, AsyncTaskResult])
def test_a_result_shows_no_url(kind: Any) -> None:
    shown = repr(kind("task-1", raw_result(URL)))
    assert shown == f"{kind.__name__}(task_id='task-1', status='success', 1 resources)"


@pytest.mark.parametrize("row", [None, "text", 5, [], {}, {"url": None}, {"type": "image"}])
def test_a_row_without_a_url_is_no_resource(row: Any) -> None:
    raw = raw_result(URL)
    raw["data"]["result"]["resources"].insert(0, row)
    assert [resource.url for resource in TaskResult("task-1", raw).resources] == [URL]


def test_a_resource_may_lack_its_type() -> None:
    raw = raw_result(URL)
    del raw["data"]["result"]["resources"][0]["type"]
    [resource] = TaskResult("task-1", raw).resources
    assert (resource.url, resource.type_) == (URL, "unknown")


@pytest.mark.parametrize("result", [None, [], "text", {}, {"resources": None}, {"resources": {}}])
def test_a_task_that_has_made_nothing_has_no_urls(result: Any) -> None:
    raw = {"code": 0, "data": {"status": "success", "task_id": "task-1", "result": result}}
    assert files_of(Task("task-1", "success", raw)).urls == []
    assert TaskResult("task-1", raw).resources == []


def test_a_task_that_nobody_has_read_has_no_urls() -> None:
    assert files_of(Task("task-1")).urls == []


def test_a_task_has_the_urls_that_were_last_read() -> None:
    assert files_of(Task("task-1", "success", raw_result(URL))).urls == [URL]


@pytest.mark.parametrize("kind", [TaskResult, AsyncTaskResult])
def test_a_copied_result_keeps_its_reference_and_loses_its_client(kind: Any) -> None:
    result = kind("task-1", raw_result(URL), "https://api.example", True, "order-4711", client=object())
    copied = pickle.loads(pickle.dumps(result))
    assert copied.reference == "order-4711"
    assert vars(copied) == {**vars(result), "_client": None}


def test_an_outcome_is_returned_or_raised() -> None:
    task, error = Task("task-1"), ConnectionLostError("lost", operation="get_task", task_id="task-1", attempts=1)
    assert success_of(task) is task
    assert end_of(success_of, error) is error
