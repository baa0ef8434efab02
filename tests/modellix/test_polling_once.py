"""`task.poll()`: one look at a task, and what it ended with."""

from __future__ import annotations

from typing import Any

import pytest

from modellix import ConnectionLostError, RetryPolicy
from scripts.mutants.kills import always, kills, never, without
from tests.modellix.conftest import OpenSide
from tests.support.clients import end_of, kind_of
from tests.support.statuses import FINAL, REPEATED, kind_of_status
from tests.support.virtual_service import Answer, Step, says

ONCE = RetryPolicy(reads=0)
ODD = Answer(body={"code": 0})


@kills(
    "A poll says of a task that runs that it has ended.",
    "_core.client_parts:ClientParts.end_of",
    always("isinstance(end"),
)
def test_none_while_it_runs(open_side: OpenSide) -> None:
    side = open_side().script("task-1", "pending", "processing", "dreaming", "success")
    task = side.task()
    assert [(side.poll(task), task.status) for _ in range(3)] == [
        (None, "pending"),
        (None, "processing"),
        (None, "dreaming"),
    ]
    assert kind_of(side.poll(task)) == "TaskResult"
    assert len(side.service.reads) == 4
    assert side.clock.elapsed == 0


@kills("A poll does not update the task.", "_core.client_parts:ClientParts.end_of", without("handle.see"))
def test_the_task_is_updated_as_by_refresh(open_side: OpenSide) -> None:
    side = open_side().script("task-1", "success")
    polled, refreshed = side.task(), side.task()
    result = side.poll(polled)
    side.read(refreshed)
    assert (polled.status, polled.raw) == (refreshed.status, refreshed.raw) == ("success", result.raw)


def test_a_task_that_ended_well_is_its_result(open_side: OpenSide) -> None:
    side = open_side()
    result, waited = side.poll("a"), side.wait("a")
    assert type(result) is type(waited)
    assert vars(result) == vars(waited)


def test_a_failure_is_returned(open_side: OpenSide) -> None:
    side = open_side().script("task-1", says("failed", error={"code": 7}))
    task = side.task()
    failed = side.poll(task)
    assert (kind_of(failed), failed.task_id, failed.status) == ("TaskFailed", "task-1", "failed")
    assert failed.error == {"code": 7}
    assert task.status == "failed"
    assert "under another reference" in str(failed)  # the same one brings the same failure


@kills("A poll raises that a task is not there.", "_core.polling:look", always("FailedRead.TASK"))
@pytest.mark.parametrize(
    ("step", "cause"),
    [(404, "NotFoundError"), (409, "APIError"), (ODD, "UnexpectedReplyError"), (302, "UnexpectedReplyError")],
    ids=["404", "409", "odd", "302"],
)
def test_a_task_that_cannot_be_read_is_returned_as_failed(step: Step, cause: str, open_side: OpenSide) -> None:
    side = open_side().script("task-1", "pending", step)
    task = side.task()
    side.poll(task)
    failed = side.poll(task)
    [waited] = side.wait_all(["task-1"])
    assert (kind_of(failed), failed.task_id, failed.status, str(failed)) == ("TaskFailed", "task-1", None, str(waited))
    assert kind_of(failed.__cause__) == kind_of(waited.__cause__) == cause
    assert task.status == "pending"


@kills("A poll says of a task behind a refused key that it has failed.", "_core.polling:look", never("FailedRead.TASK"))
@pytest.mark.parametrize("status", [*REPEATED, 401, 402, 403, 501, 599])
def test_what_is_not_the_tasks_own_fault_is_raised(status: int, open_side: OpenSide) -> None:
    assert status in (*FINAL, *REPEATED)
    side = open_side(retry=ONCE).script("task-1", status)
    end = end_of(side.poll)
    assert (kind_of(end), end.status, end.task_id) == (kind_of_status(status), status, "task-1")


@pytest.mark.parametrize("step", [503, Answer(is_cut=True)], ids=["503", "cut"])
def test_it_repeats_as_a_refresh_does(step: Step, open_side: OpenSide) -> None:
    ends: list[Any] = []
    for look in ("poll", "read"):
        side = open_side(retry=RetryPolicy(reads=2)).script("task-1", *[step] * 3, "success")
        ends += [kind_of(end_of(getattr(side, look))), len(side.service.reads)]
    assert ends[:2] == ends[2:]
    assert ends[1] == 3
    assert kind_of(side.poll()) == "TaskResult"


def test_a_lost_connection_is_raised_after_its_repeats(open_side: OpenSide) -> None:
    side = open_side(retry=ONCE).script("task-1", Answer(is_cut=True))
    assert isinstance(end_of(side.poll), ConnectionLostError)


@kills(
    "Nobody is told of a state that a poll does not know.",
    "_core.client_parts:ClientParts.look",
    without("warn_if_unknown"),
)
def test_a_state_that_nobody_knows_is_warned_about_once(open_side: OpenSide, caplog: pytest.LogCaptureFixture) -> None:
    side = open_side().script("task-1", "queued", "queued", "queued", "success")
    assert [side.poll() for _ in range(3)] == [None] * 3
    assert [record.getMessage() for record in caplog.records if record.levelname == "WARNING"] == [
        "task task-1: unknown status queued, waiting on"
    ]
    side.poll()
    assert side.client._parts.reader.warned == {}
