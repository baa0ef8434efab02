"""What `on_event` is told of tasks that are read, and what it may be."""

from __future__ import annotations

import functools
import logging
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from modellix import ConfigurationError, Event, Modellix, RetryPolicy
from modellix._core.observer import Observer, require_on_event
from scripts.mutants.kills import kills, without
from tests.modellix.conftest import OpenSide
from tests.support.clients import KEY, end_of
from tests.support.marks import VIRTUAL
from tests.support.virtual_clients import Side
from tests.support.virtual_service import Answer, refuses

pytestmark = VIRTUAL


@pytest.fixture
def told() -> list[Event]:
    return []


@pytest.fixture
def side(open_side: OpenSide, told: list[Event]) -> Side:
    return open_side(retry=RetryPolicy(reads=1, first_pause=4.0), on_event=told.append)


def rows(told: list[Event]) -> list[tuple[Any, ...]]:
    return [(one.kind, one.status, one.outcome, one.attempt) for one in told]


def test_a_read_that_is_repeated_is_told_with_the_pause(side: Side, told: list[Event]) -> None:
    side.script("task-1", refuses(503, retry_after="2.5"), "pending").read()
    assert rows(told) == [("retried", 503, "refused", 1), ("polled", "pending", "running", 2)]
    assert [event.seconds for event in told] == pytest.approx([2.5, 2.5])
    assert {(event.operation, event.task_id) for event in told} == {("get_task", "task-1")}


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (404, ("polled", 404, "refused", 1)),
        (302, ("polled", 302, "unexpected", 1)),
        (Answer(body={"code": 401, "message": "No"}), ("polled", 401, "refused", 1)),
    ],
)
def test_a_read_that_fails_is_told(step: Any, expected: Any, side: Side, told: list[Event]) -> None:
    side.script("task-1", step).attempt_read("task-1")
    assert rows(told) == [expected]


def test_a_read_that_gets_no_answer_is_told(open_side: OpenSide, told: list[Event]) -> None:
    import httpx

    side = open_side(retry=RetryPolicy(reads=0), on_event=told.append)
    side.script("task-1", Answer(lost=httpx.ReadError)).attempt_read("task-1")
    assert rows(told) == [("polled", None, "no answer", 1)]


@pytest.mark.parametrize(
    ("status", "outcome"), [("success", "succeeded"), ("failed", "failed"), ("CANCELED", "failed")]
)
def test_the_end_of_a_task_is_told_once_for_each_handle(
    status: str, outcome: str, side: Side, told: list[Event]
) -> None:
    task = side.script("task-1", "pending", status).task("task-1")
    for look in (side.read, side.poll, side.poll, side.read):
        look(task)
    side.wait_all([task])
    assert [row for row in rows(told) if row[0] == "ended"] == [("ended", status, outcome, None)]


def test_a_task_that_cannot_be_read_has_ended_for_us(side: Side, told: list[Event]) -> None:
    side.script("task-1", 404)
    side.wait_all(["task-1", "task-1"])
    assert rows(told) == [("polled", 404, "refused", 1), ("ended", None, "unreadable", None)]


def test_a_key_that_is_refused_ends_no_task(side: Side, told: list[Event]) -> None:
    side.script("task-1", 401)
    end_of(side.wait_all, ["task-1"])
    assert rows(told) == [("polled", 401, "refused", 1)]


def test_of_a_plain_id_the_seconds_count_from_the_wait(side: Side, told: list[Event]) -> None:
    side.script("task-1", "pending", "pending", "success")
    side.wait("task-1")
    [ended] = [event for event in told if event.kind == "ended"]
    assert ended.seconds == pytest.approx(side.service.reads[-1].at - side.service.reads[0].at, abs=0.01)
    assert ended.operation is None


# What it may be


async def awaited(event: Event) -> None:
    """Would never be awaited."""


class Awaited:
    async def __call__(self, event: Event) -> None:
        """Neither."""


@pytest.mark.parametrize("wrong", [1, "print", [], awaited, Awaited(), functools.partial(awaited)])
def test_what_cannot_be_called_is_refused(wrong: Any) -> None:
    with pytest.raises(ConfigurationError, match="on_event"):
        Modellix(KEY, on_event=wrong)


@pytest.mark.parametrize("fine", [None, print, [].append, lambda event: None, functools.partial(print, "event")])
def test_what_can_be_called_is_taken(fine: Any) -> None:
    assert require_on_event(fine) is fine


# What it raises


def refuse(_: Event) -> None:
    try:
        raise LookupError("mine")
    except LookupError:
        raise ValueError("mine too")  # noqa: B904


def refuse_because(_: Event) -> None:
    """A cause that was caught before has a context of its own."""
    try:
        raise LookupError("mine")
    except LookupError as error:
        cause = error
    raise ValueError("mine too") from cause


def refuse_in_a_circle(_: Event) -> None:
    one, other = LookupError("mine"), ValueError("mine too")
    one.__cause__, other.__cause__ = other, one
    raise one


@pytest.mark.parametrize("refuse", [refuse, refuse_because, refuse_in_a_circle])
@kills("What on_event raises is logged with what was handled.", "_core.observer:Observer.tell", without("_forget"))
def test_what_it_raises_is_told_without_what_was_handled_before(
    refuse: Callable[[Event], None], caplog: pytest.LogCaptureFixture
) -> None:
    try:
        raise RuntimeError(f"quotes {KEY}")
    except RuntimeError:
        Observer(refuse).tell("polled", task_id="task-1")
    [record] = caplog.records
    assert record.exc_info is not None
    shown = "".join(traceback.format_exception(record.exc_info[1]))
    assert ("LookupError: mine" in shown, "ValueError: mine too" in shown, KEY in shown) == (True, True, False)
    assert (record.levelno, vars(record)["task_id"]) == (logging.ERROR, "task-1")


def test_what_is_no_exception_of_a_program_goes_on() -> None:
    def interrupt(_: Event) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Observer(interrupt).tell("polled")
