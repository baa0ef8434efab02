"""Habits of a faultless service that no text forbids: tasks found late, members that are null, further files."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from contract_tests.harness.late_tasks import PAUSE, SECONDS
from contract_tests.harness.response_checks import broken_parts
from contract_tests.harness.target import Target, sized
from contract_tests.model import good
from contract_tests.model.contents import MAY_BE_STOPPED
from modellix._openapi import GET_TASK

from .apis import CONTRACT, KEY, PLAIN, Api, Honest, Seen, changed, is_read_of_task, refusal
from .conftest import Clock, OpenTarget
from .runs import run

READ = CONTRACT.operation(GET_TASK)


# Found late


@pytest.fixture
def late(open_target: OpenTarget, clock: Clock) -> Callable[[float], tuple[Target, Api]]:
    """late(seconds) gives a target whose tasks are found so long after their submission, and the stand-in behind it."""

    def start(seconds: float) -> tuple[Target, Api]:
        submitted: dict[str, float] = {}

        def twist(seen: Seen, honest: Honest) -> Any:
            answer, task_id = honest(seen), seen.path.rpartition("/")[2]
            if seen.is_submission and answer.status == 200:
                submitted[answer.json()["data"]["task_id"]] = clock.now
            is_late = task_id in submitted and clock.now < submitted[task_id] + seconds
            return refusal(404, "Not found: no task") if is_late else answer

        api = Api(twist)
        target, _ = open_target(api.through, patience=600.0)
        return target, api

    return start


def submit(target: Target) -> str:
    return str(target.send(PLAIN, good.body()).json()["data"]["task_id"])


@pytest.mark.parametrize("seconds", [0, 0.3, 4.7])
def test_task_that_is_found_late_is_found(seconds: float, late: Any, clock: Clock) -> None:
    target, _ = late(seconds)
    task_id, began = submit(target), clock.now
    assert target.read(task_id).status_code == 200
    assert seconds <= clock.now - began <= seconds + PAUSE + 0.001


def test_task_that_is_never_found_is_waited_for_once_in_a_run(late: Any, clock: Clock) -> None:
    target, api = late(1e9)
    first, second = submit(target), submit(target)
    assert [target.read(task_id).status_code for task_id in (first, second, first)] == [404] * 3
    assert SECONDS <= sum(clock.pauses) <= SECONDS + PAUSE
    assert len(api.reads) <= SECONDS / PAUSE + 4


def test_nothing_else_is_waited_for(late: Any, clock: Clock) -> None:
    """No unknown id, no wrong key, and no task that was there before."""
    target, api = late(0)
    task_id = submit(target)
    assert target.read("nobody").status_code == 404
    target.read(task_id)
    api._twist = lambda seen, honest: refusal(404)
    assert target.read(task_id).status_code == 404
    other = str(submit_to(target, api))
    wrong = {"Authorization": f"Bearer {KEY}x"}
    assert target.send(READ, headers=wrong, parameters={"task_id": other}).status_code == 404
    assert clock.pauses == []


def submit_to(target: Target, api: Api) -> str:
    twist, api._twist = api._twist, None
    try:
        return submit(target)
    finally:
        api._twist = twist


# Null for nothing

NULLED: dict[str, tuple[Any, Any, bool]] = {
    "get_result": (PLAIN, {"get_result": None}, True),
    "status": (PLAIN, {"status": None}, False),
    "model_id": (PLAIN, {"model_id": None}, False),
    "an unknown field": (PLAIN, {"seed": None}, True),
    "a result that is not there yet": (READ, {"result": None, "result_expires_at": None, "error": None}, True),
    "the address of a result": (READ, {"result": {"resources": [{"url": None, "type": "image"}]}}, False),
    "the role of a result": (READ, {"result": {"resources": [{"url": "u", "type": "image", "role": None}]}}, True),
}


@pytest.mark.parametrize("case", NULLED)
def test_null_is_as_good_as_nothing_where_nothing_is_allowed(case: str) -> None:
    operation, members, is_good = NULLED[case]
    data = {"status": "pending", "task_id": "task-1", "model_id": "m", **members}
    reply = httpx.Response(200, json={"code": 0, "message": "success", "data": data})
    assert (broken_parts(CONTRACT, operation, reply) == []) == is_good


# Other files


def picture(size: str, **members: Any) -> dict[str, Any]:
    width, height = map(int, size.split("x"))
    return {"url": "https://example.com/a.png", "type": "image", "width": width, "height": height, **members}


ASKED, OTHER = good.options(good.SIZE)[:2]
FILES: dict[str, tuple[list[Any], bool]] = {
    "the picture": ([picture(ASKED)], True),
    "another picture": ([picture(OTHER)], False),
    "a thumbnail first": ([picture("128x128", role="thumbnail"), picture(ASKED, role="output")], True),
    "a thumbnail behind": ([picture(ASKED), picture("128x128", role="thumbnail")], True),
    "a thumbnail of another type": ([picture(ASKED), picture("128x128", type="thumbnail")], True),
    "two pictures": ([picture(ASKED), picture(ASKED)], True),
    "two, one of them wrong": ([picture(ASKED), picture(OTHER)], False),
    "two with roles, both wrong": ([picture(OTHER, role="output"), picture("128x128", role="thumbnail")], False),
    "a wrong one beside one of unknown size": (
        [picture(OTHER, role="output"), picture("1x1", role="thumbnail", width=None, type="file")], False
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", FILES)
def test_picture_is_told_from_other_files_by_its_role(case: str, open_target: OpenTarget) -> None:
    resources, is_good = FILES[case]
    target, _ = open_target(Api().through)
    assert (sized(ASKED) in target.pictures_in(resources)) == is_good


# All of it in one run


@pytest.mark.slow
def test_faultless_service_with_all_these_habits_breaks_nothing(tmp_path: Path) -> None:
    """Tasks found after 0.3 s, `get_result` null, ids in any letters, thumbnails, stopped texts that fail."""
    found: dict[str, float] = {}  # when, by the id

    def habits(seen: Seen, honest: Honest) -> Any:
        task_id = seen.path.rpartition("/")[2]
        known = {one.lower(): one for one in api.bought}
        if seen.method == "GET" and task_id.lower() in known and task_id != known[task_id.lower()]:
            seen = replace(seen, path=seen.path.replace(task_id, known[task_id.lower()]))
        answer = honest(seen)
        if seen.is_submission and answer.status == 200:
            found[answer.json()["data"]["task_id"].lower()] = time.monotonic() + 0.3
            return changed(answer, lambda reply: reply["data"].update(get_result=None))
        if not is_read_of_task(answer):
            return answer
        if time.monotonic() < found[task_id.lower()]:
            return refusal(404, "Not found: no such task")
        body = next(one.body for one in api.stand_in.submissions if one.task_id == known[task_id.lower()])
        is_over = answer.json()["data"]["status"] == "success"
        if is_over and any(text in MAY_BE_STOPPED for text in body.values() if isinstance(text, str)):
            return changed(answer, lambda reply: reply["data"].update(status="failed", result=None))
        return changed(answer, _with_thumbnail)

    api = Api(habits)
    done = run(api, tmp_path, 500)
    assert (done.status, done.broken, done.open_questions) == (0, set(), []), done.output[-3000:]


def _with_thumbnail(reply: Any) -> None:
    result = reply["data"].get("result")
    if result:
        result["resources"].insert(0, {**result["resources"][0], "role": "thumbnail", "width": 128, "height": 128})
