"""A read is free, so it repeats: on which faults, how often, with which pauses, and within which time."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from modellix import APIError, ConnectionLostError, RetryPolicy
from scripts.mutants.kills import always, kills, never, swap, without
from tests.modellix.conftest import OpenSide
from tests.support import statuses
from tests.support.clients import end_of, kind_of
from tests.support.marks import VIRTUAL
from tests.support.virtual_service import Answer, Step, refuses

pytestmark = VIRTUAL

REPEATED: dict[str, Step] = {
    **{str(status): status for status in statuses.REPEATED},
    "code 503 with 200": Answer(body={"code": 503, "message": "Busy: later"}),
    "no connection": Answer(lost=httpx.ConnectError),
    "no connection in time": Answer(lost=httpx.ConnectTimeout),
    "lost while sending": Answer(lost=httpx.WriteError),
    "lost before the head": Answer(lost=httpx.ReadError),
    "lost inside the head": Answer(lost=httpx.RemoteProtocolError),
    "too slow": Answer(lost=httpx.ReadTimeout),
    "lost inside the body": Answer(is_cut=True),
}
FINAL = (*statuses.FINAL, 301, 304, 999)
# Seconds, least and most; the last one would be 64 without jitter and is cut to the longest pause.
DOUBLING = ((0.75, 1.0), (1.5, 2.0), (3.0, 4.0), (6.0, 8.0), (12.0, 16.0), (24.0, 32.0), (48.0, 60.0))

every_repeated = pytest.mark.parametrize("step", REPEATED.values(), ids=REPEATED)


@kills(
    "A read whose connection is lost is not repeated.",
    "errors:judge_failed_read",
    without("ConnectionLostError"),
    row="1-no connection",
)
@every_repeated
@pytest.mark.parametrize("times", [1, 3])
def test_a_passing_fault_is_read_again(step: Step, times: int, open_side: OpenSide) -> None:
    side = open_side().script("task-1", *[step] * times, "processing")
    assert side.read().status == "processing"
    assert len(side.service.reads) == times + 1


@kills(
    "A read that fails is repeated once too often.",
    "_core.read_task:_Reading._pause",
    swap("reads", "reads + 1"),
    row="0-408",
)
@kills(
    "A read that fails is repeated once less.",
    "_core.read_task:_Reading._pause",
    swap("attempt >", "attempt >="),
    row="3-too slow",
)
@every_repeated
@pytest.mark.parametrize("reads", [0, 1, 3, 6])
def test_a_lasting_fault_is_read_as_often_as_the_policy_says(step: Step, reads: int, open_side: OpenSide) -> None:
    side = open_side(timeout=1000.0, retry=RetryPolicy(reads=reads)).script("task-1", step)
    end = end_of(side.read)
    assert isinstance(end, APIError | ConnectionLostError)
    assert (end.operation, end.task_id) == ("get_task", "task-1")
    assert len(side.service.reads) == reads + 1


@kills(
    "A read is repeated whatever the status.",
    "errors:judge_failed_read",
    swap("status in error.repeats", "status"),
)
@pytest.mark.parametrize("status", FINAL)
def test_any_other_status_is_read_once(status: int, open_side: OpenSide) -> None:
    side = open_side().script("task-1", refuses(status, retry_after="1"), "success")
    assert end_of(side.read).status == status
    assert len(side.service.reads) == 1
    assert side.clock.elapsed == 0


def test_the_error_is_that_of_the_last_try(open_side: OpenSide) -> None:
    side = open_side().script("task-1", 503, Answer(lost=httpx.ReadError), Answer(is_cut=True), 429)
    assert kind_of(end_of(side.read)) == "RateLimitError"
    side.script("task-2", 503, 429, Answer(lost=httpx.ReadError))
    lost = end_of(side.read, "task-2")
    assert (kind_of(lost), lost.attempts) == ("ConnectionLostError", 4)
    assert isinstance(lost.__cause__, httpx.ReadError)


@kills(
    "Every pause between two tries is as long as the first.",
    "policies:RetryPolicy._engine",
    swap("min(~, 60)", "1"),
)
@every_repeated
def test_pauses_double_with_jitter_up_to_the_longest(step: Step, open_side: OpenSide) -> None:
    side = open_side(timeout=1000.0, retry=RetryPolicy(reads=7)).script("task-1", step)
    end_of(side.read)
    for pause, (least, most) in zip(side.service.pauses(), DOUBLING, strict=True):
        assert least <= pause <= most


@kills(
    "All clients pause for the same time.",
    "policies:RetryPolicy._engine",
    swap("backoff_jitter=0.25", "backoff_jitter=0.0"),
)
def test_jitter_differs_from_pause_to_pause(open_side: OpenSide) -> None:
    side = open_side(timeout=1000.0, retry=RetryPolicy(reads=1))
    for number in range(20):
        end_of(side.script(f"task-{number}", 503).read, f"task-{number}")
    pauses = [side.service.pauses(f"task-{number}")[0] for number in range(20)]
    assert len({round(pause, 6) for pause in pauses}) > 10


def test_pauses_follow_the_policy(open_side: OpenSide) -> None:
    retry = RetryPolicy(reads=4, first_pause=0.1, longest_pause=0.3)
    side = open_side(timeout=1000.0, retry=retry).script("task-1", 503)
    end_of(side.read)
    bounds = ((0.075, 0.1), (0.15, 0.2), (0.3, 0.3), (0.3, 0.3))
    for pause, (least, most) in zip(side.service.pauses(), bounds, strict=True):
        assert least - 1e-9 <= pause <= most + 1e-9


def test_on_retry_tells_each_pause_before_it_is_made(open_side: OpenSide) -> None:
    told: list[tuple[Any, ...]] = []
    retry = RetryPolicy(on_retry=lambda *call: told.append((*call, len(side.service.reads))))
    side = open_side(retry=retry)
    side.script("task-1", 503, Answer(lost=httpx.ReadError), refuses(429, retry_after="7.5"), "success")
    side.read()
    rows = [(operation, attempt, reason, count) for operation, attempt, reason, _, count in told]
    assert rows == [
        ("get_task", 1, "status 503", 1), ("get_task", 2, "ConnectionLostError", 2), ("get_task", 3, "status 429", 3),
    ]  # fmt: skip
    assert [call[3] for call in told] == pytest.approx(side.service.pauses())
    assert told[2][3] == 7.5


def test_an_error_of_on_retry_is_the_callers(open_side: OpenSide) -> None:
    def refuse(*_: object) -> None:
        raise LookupError("mine")

    side = open_side(retry=RetryPolicy(on_retry=refuse)).script("task-1", 503)
    assert kind_of(end_of(side.read)) == "LookupError"
    assert len(side.service.reads) == 1


def test_on_retry_is_not_told_of_the_last_failure(open_side: OpenSide) -> None:
    told: list[Any] = []
    side = open_side(retry=RetryPolicy(reads=2, on_retry=lambda *call: told.append(call))).script("task-1", 503)
    end_of(side.read)
    assert len(told) == 2


# Time


@kills(
    "One try of a read may use up the whole time-out.", "_core.read_task:_Reading._ask", swap("timeout / 3", "timeout")
)
def test_one_try_gets_a_third_of_the_timeout(open_side: OpenSide) -> None:
    side = open_side(timeout=30.0).script("task-1", "pending")
    side.read()
    assert side.service.reads[0].limit == pytest.approx(10.0)


def test_a_later_try_gets_no_more_than_what_is_left(open_side: OpenSide) -> None:
    side = open_side(timeout=30.0)
    side.script("task-1", refuses(503, retry_after="15"), refuses(503, retry_after="10"), "pending")
    side.read()
    assert [read.limit for read in side.service.reads] == pytest.approx([10.0, 10.0, 5.0])


def test_a_slow_try_is_given_up_and_repeated(open_side: OpenSide) -> None:
    side = open_side(timeout=30.0).script("task-1", Answer(seconds=11.0), "success")
    assert side.read().status == "success"
    assert len(side.service.reads) == 2


def test_a_reply_that_drips_is_given_up_and_the_read_repeated(open_side: OpenSide) -> None:
    side = open_side(timeout=30.0).script("task-1", Answer(seconds=11.0, is_dripped=True), "success")
    assert side.read().status == "success"
    assert len(side.service.reads) == 2


@kills(
    "A read is repeated beyond its deadline.",
    "_core.read_task:_Reading._ask",
    swap("min(self.deadline, ~ + self.timeout / 3)", "~ + self.timeout / 3"),
    "_core.read_task:_Reading._pause",
    always("deadline"),
    "_core.read_task:_Reading.run",
    never("deadline"),
)
@pytest.mark.parametrize("timeout", [0.5, 3.0, 10.0, 30.0])
def test_slow_tries_and_pauses_together_end_by_the_timeout(timeout: float, open_side: OpenSide) -> None:
    latency = timeout / 3 * 1.001
    side = open_side(latency, timeout=timeout, retry=RetryPolicy(reads=50, first_pause=timeout / 1000))
    assert kind_of(end_of(side.read)) == "ConnectionLostError"
    assert 2 <= len(side.service.reads) <= 3
    assert side.clock.elapsed <= timeout + 0.01


def test_a_pause_that_would_pass_the_deadline_ends_the_call_at_once(open_side: OpenSide) -> None:
    side = open_side(timeout=2.2).script("task-1", 503)
    end = end_of(side.read)
    assert (kind_of(end), end.status) == ("ServerError", 503)
    assert len(side.service.reads) == 2  # there is time for the first pause, and not for the second
    assert side.clock.elapsed <= 1.0


@pytest.mark.parametrize("timeout", [0.0, 1e-6])
def test_hardly_any_time_is_hardly_any_try(timeout: float, open_side: OpenSide) -> None:
    side = open_side(1.0, timeout=timeout).script("task-1", "success")
    assert kind_of(end_of(side.read)) == "ConnectionLostError"
    assert side.clock.elapsed <= 1.0
