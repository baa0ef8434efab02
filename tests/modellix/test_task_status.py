"""What a poll of a task means: an end, a failure, or waiting on."""

from __future__ import annotations

import logging
from typing import Any

import httpx
import pytest

from modellix import ModellixError, RetryPolicy, TaskFailed
from modellix._core.task_status import WORDS, is_end, meaning_of
from scripts.mutants.kills import control, kills, never, swap, without
from tests.modellix.conftest import OpenSide
from tests.support.clients import end_of, kind_of
from tests.support.marks import VIRTUAL
from tests.support.statuses import FINAL, REPEATED, kind_of_status
from tests.support.virtual_clients import KEY
from tests.support.virtual_service import Answer, Step, refuses, says

pytestmark = VIRTUAL

SUCCEEDED = ("success", "completed", "succeeded")
FAILED = ("failed", "error", "canceled", "cancelled")
RUNNING = ("pending", "processing")
CAPITALS = (str.upper, str.title, str.swapcase, lambda word: word[:-1] + word[-1].upper())
# Some are one of the known words to a careless comparison: other letters, white space, what cannot be seen.
UNKNOWN = (
    "queued", "dreaming", "", "\u2603", "x" * 1000, "successful", "fail", "unsuccessful",
    "\u017fuccess", "SUCCE\u1e9e", "FA\u0130LED", "fa\u0131led", "\uff53uccess", "\u0455uccess",
    "cancel\u200bled", "err\u00f8r", " success", "success ", "failed\n", "success\0", "suc cess",
)  # fmt: skip


def in_capitals(words: tuple[str, ...]) -> list[str]:
    return [change(word) for word in words for change in CAPITALS]


def test_every_known_word_is_in_these_tests_and_has_a_source() -> None:
    assert {*SUCCEEDED, *FAILED, *RUNNING} == set(WORDS)
    assert all(word == word.lower() and word.isascii() and source for word, (_, source) in WORDS.items())


@control("completed")
@kills("`SUCCESS` and `Failed` are no ends.", "_core.task_status:meaning_of", swap(".lower()", ""))
@pytest.mark.parametrize("state", [*SUCCEEDED, *in_capitals(SUCCEEDED)])
def test_a_task_that_ended_well_is_a_result(state: str, open_side: OpenSide) -> None:
    resources = {"resources": [{"url": "https://files.example/1.png", "type": "image", "width": 5}]}
    expiry = 1_767_225_600_000  # milliseconds, the beginning of 2026
    side = open_side().script("task-1", "pending", says(state, result=resources, result_expires_at=expiry))
    result = side.wait()
    assert (kind_of(result), result.task_id, result.status) == ("TaskResult", "task-1", state)
    assert [(resource.url, resource.width) for resource in result.resources] == [("https://files.example/1.png", 5)]
    assert result.expires_at.isoformat() == "2026-01-01T00:00:00+00:00"
    assert result.raw["data"]["status"] == state


@pytest.mark.parametrize("state", [*FAILED, *in_capitals(FAILED)])
@pytest.mark.parametrize("error", [None, "no", {"code": "E1", "why": ["a", "b"]}, 0])
def test_a_task_that_failed_keeps_whatever_came(state: str, error: Any, open_side: OpenSide) -> None:
    side = open_side().script("task-1", "processing", says(state, error=error))
    failed = end_of(side.wait)
    assert (kind_of(failed), failed.task_id, failed.status, failed.error) == ("TaskFailed", "task-1", state, error)
    assert failed.raw["data"] == {"status": state, "task_id": "task-1", "error": error}
    assert failed.__cause__ is None


def test_failures_are_returned_by_wait_all_and_as_completed_not_raised(open_side: OpenSide) -> None:
    side = open_side().script("bad", "failed").script("gone", 404)
    kinds = ["TaskFailed", "TaskResult", "TaskFailed"]
    assert [kind_of(each) for each in side.wait_all(["bad", "good", "gone"])] == kinds
    assert sorted(kind_of(each) for each in side.as_completed(["bad", "good", "gone"])) == sorted(kinds)


# Unknown states


@kills(
    "A task in a state that nobody knows has failed.",
    "_core.read_task:ending_of",
    swap("not Meaning.FAILED", "Meaning.RUNNING"),
)
@kills(
    "A word with a letter of another script counts as an end.",
    "_core.task_status:meaning_of",
    without("isascii"),
    swap("lower()", "casefold()"),
)
@kills(
    "A word with white space around counts as an end.",
    "_core.task_status:meaning_of",
    swap("lower()", "strip().lower()"),
)
@pytest.mark.parametrize("state", UNKNOWN)
def test_an_unknown_state_is_waited_on(state: str, open_side: OpenSide) -> None:
    side = open_side().script("task-1", state, state, "success")
    assert side.wait().status == "success"
    assert len(side.service.reads) == 3
    assert (meaning_of(state), is_end(state)) == (None, False)


@pytest.mark.parametrize("status", [None, 0, True, ["success"], {"status": "success"}])
def test_what_is_no_text_means_nothing(status: object) -> None:
    assert (meaning_of(status), is_end(status)) == (None, False)


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]


@kills("A state that nobody knows brings no warning.", "_core.waits:warn_if_unknown", never("meaning_of"))
@kills(
    "A state that nobody knows brings a warning each time that it is seen.",
    "_core.waits:warn_if_unknown",
    without("not in reader.warned"),
)
def test_an_unknown_state_is_warned_about_once_a_task(open_side: OpenSide, caplog: pytest.LogCaptureFixture) -> None:
    side = open_side().script("a", "queued", "queued", "queued", "success").script("b", "pending", "queued", "success")
    side.wait_all(["a", "b", "c"])
    assert len(warnings(caplog)) == 2
    assert all("queued" in text for text in warnings(caplog))
    assert [sum(f"task {name}:" in text for text in warnings(caplog)) for name in "abc"] == [1, 1, 0]


def test_a_state_that_comes_back_brings_no_warning(open_side: OpenSide, caplog: pytest.LogCaptureFixture) -> None:
    side = open_side().script("a", "queued", "held", "queued", "pending", "held", "queued", "success")
    side.wait_all(["a"])
    assert len(warnings(caplog)) == 2


def test_a_task_named_twice_is_warned_about_once(open_side: OpenSide, caplog: pytest.LogCaptureFixture) -> None:
    side = open_side().script("a", "queued", "success")
    side.wait_all(["a", "a"])
    assert len(warnings(caplog)) == 1


def test_a_state_that_quotes_the_key_is_told_without_it(open_side: OpenSide, caplog: pytest.LogCaptureFixture) -> None:
    side = open_side().script("a", f"held by {KEY}")
    timeout = end_of(side.wait_all, ["a"], timeout=20.0)
    assert len(warnings(caplog)) == 1
    assert KEY not in "".join([str(timeout), repr(timeout.last_seen), *warnings(caplog)])


@kills(
    "Each wait warns anew about a state that nobody knows.",
    "_core.waits:Wait.__init__",
    swap("self._warned = reader.warned", "self._warned = reader.warned; reader.warned.clear()"),
)
@pytest.mark.parametrize("given", ["ids", "handles"])
def test_a_later_wait_does_not_warn_again(given: str, open_side: OpenSide, caplog: pytest.LogCaptureFixture) -> None:
    side = open_side().script("a", "queued").script("b", "QUEUED")
    tasks = [side.task("a"), side.task("b")] if given == "handles" else ["a", "b"]
    for _ in range(3):
        end_of(side.wait_all, tasks, timeout=20.0)
    assert sorted(text.partition(":")[0] for text in warnings(caplog)) == ["task a", "task b"]


@kills(
    "The client remembers each task that it warned about, ended or not.", "_core.waits:Wait.take", without("_warned")
)
def test_what_was_warned_about_is_forgotten_when_the_task_has_ended(open_side: OpenSide) -> None:
    """A service that runs for months would remember every task otherwise."""
    side = open_side().script("a", "queued", "success").script("b", "queued")
    end_of(side.wait_all, ["a", "b"], timeout=20.0)
    assert side.client._parts.reader.warned == {"b": {"queued"}}


def test_known_states_are_not_warned_about(open_side: OpenSide, caplog: pytest.LogCaptureFixture) -> None:
    side, ends = open_side(), [*SUCCEEDED, *FAILED, *in_capitals((*SUCCEEDED, *FAILED))]
    for state in ends:
        side.script(state, *RUNNING, *in_capitals(RUNNING), state)
    side.wait_all(ends)
    assert warnings(caplog) == []


# Tasks that cannot be read

UNREADABLE: dict[str, tuple[Step, str]] = {
    **{
        str(status): (status, kind)
        for status in (*FINAL, 301, 304, 600, 999)
        if (kind := kind_of_status(status)) not in ("AuthenticationError", "PaymentRequiredError", "ServerError")
    },
    "no JSON": (Answer(body=b"<html>"), "UnexpectedReplyError"),
    "a list": (Answer(body=[]), "UnexpectedReplyError"),
    "no data": (Answer(body={"code": 0}), "UnexpectedReplyError"),
    "no state": (Answer(body={"code": 0, "data": {}}), "UnexpectedReplyError"),
    "a state that is no text": (Answer(body={"code": 0, "data": {"status": 1}}), "UnexpectedReplyError"),
    "another task": (says("success", task_id="other"), "UnexpectedReplyError"),
    "code 404 with 200": (Answer(body={"code": 404, "message": "Gone: away"}), "NotFoundError"),
}


@kills(
    "A read that answers with another task is believed.",
    "_core.read_task:_Reading._judge",
    swap(" or (isinstance(~, str) and ~ != self.task_id)", ""),
    row="another task",
)
@kills(
    "A `code` of 404 in a reply with status 200 is not taken for a refusal.",
    "_core.read_task:_Reading._judge",
    swap("and 400", "and 500"),
    row="code 404 with 200",
)
@pytest.mark.parametrize("name", UNREADABLE)
def test_a_task_that_cannot_be_read_has_failed_and_the_others_go_on(name: str, open_side: OpenSide) -> None:
    step, cause = UNREADABLE[name]
    side = open_side().script("odd", "pending", step).script("slow", *["pending"] * 5, "success")
    failed, result = side.wait_all(["odd", "slow"])
    assert (kind_of(failed), failed.task_id, failed.status, failed.error) == ("TaskFailed", "odd", None, None)
    assert (kind_of(failed.__cause__), failed.__cause__.task_id) == (cause, "odd")
    assert kind_of(result) == "TaskResult"
    assert len(side.service.times_of("odd")) == 2
    single = end_of(side.wait, "odd")
    assert (kind_of(single), single.status, kind_of(single.__cause__)) == ("TaskFailed", None, cause)


@pytest.mark.parametrize("step", [302, 400, 404, Answer(body=b"<html>")])
def test_a_task_that_could_not_be_read_once_may_still_succeed_and_says_so(step: Step, open_side: OpenSide) -> None:
    side = open_side().script("task-1", step, "pending", "success")
    failed = end_of(side.wait, "task-1")
    assert (kind_of(failed), failed.status) == ("TaskFailed", None)
    assert "cannot be read and may still succeed: read it again before you buy it again" in str(failed)
    assert side.wait("task-1").status == "success"


@kills(
    "A wait goes on when the key is refused.",
    "_core.polling:TaskPoller._poll",
    never("FailedRead.CLIENT"),
)
@pytest.mark.parametrize("status", [401, 402, 403])
@pytest.mark.parametrize("form", ["status", "code with 200"])
def test_a_refused_key_or_account_ends_the_whole_wait(status: int, form: str, open_side: OpenSide) -> None:
    step = status if form == "status" else Answer(body={"code": status, "message": "No: way"})
    side = open_side().script("bad", "pending", step)
    side.service.script_others("pending")
    kind = "PaymentRequiredError" if status == 402 else "AuthenticationError"
    for call in (side.wait_all, side.as_completed):
        end = end_of(call, ["a", "b", "bad", "c"])
        assert (kind_of(end), end.status, end.task_id) == (kind, status, "bad")
        assert side.clock.elapsed < 5
        assert side.left_behind() == []
    assert end_of(side.wait, "bad").status == status


# Polls that are missed

MISSED: dict[str, tuple[Step, str]] = {
    **{str(status): (status, kind_of_status(status)) for status in (*REPEATED, 501, 520, 599)},
    "no connection": (Answer(lost=httpx.ConnectError), "ConnectionLostError"),
    "lost before the head": (Answer(lost=httpx.ReadError), "ConnectionLostError"),
    "lost inside the body": (Answer(is_cut=True), "ConnectionLostError"),
    "too slow": (Answer(seconds=11.0), "ConnectionLostError"),
}


@kills(
    "A task that could not be read for a while has failed.",
    "_core.polling:look",
    never("FailedRead.TASK"),
)
@pytest.mark.parametrize("name", MISSED)
def test_a_fault_that_outlasts_its_repeats_is_a_missed_poll(name: str, open_side: OpenSide) -> None:
    step, _ = MISSED[name]
    side = open_side(retry=RetryPolicy(reads=1)).script("task-1", "pending", *[step] * 5, "success")
    assert side.wait().status == "success"
    assert len(side.service.reads) == 7


@pytest.mark.parametrize("name", MISSED)
def test_the_last_missed_poll_is_the_cause_of_the_timeout(name: str, open_side: OpenSide) -> None:
    step, kind = MISSED[name]
    side = open_side().script("task-1", 502, 502, 502, 502, step)
    timeout = end_of(side.wait, timeout=100.0)
    assert kind_of(timeout) == "WaitTimeout"
    assert (kind_of(timeout.__cause__), timeout.__cause__.task_id) == (kind, "task-1"), str(timeout.__cause__)
    assert isinstance(timeout.__cause__, ModellixError)


@pytest.mark.parametrize("short", [1e-12, 1e-9, 1e-6, 1e-5])
def test_a_poll_for_which_no_time_is_left_is_not_begun(short: float, open_side: OpenSide) -> None:
    """A pause that ends a hair before the deadline, as sums of seconds are rounded, is one that ends with it."""
    side = open_side().script("task-1", 503)
    sleep = side.clock.sleep

    def sleep_short(seconds: float, *, is_real: bool = False) -> None:
        sleep(max(seconds * (1 - short), 1e-9), is_real=is_real)

    side.clock.sleep = sleep_short  # type: ignore[method-assign]
    timeout = end_of(side.wait, timeout=100.0)
    assert kind_of(timeout.__cause__) == "ServerError"
    assert min(read.limit for read in side.service.reads) > 0.0005


@pytest.mark.parametrize("order", [["early", "late"], ["late", "early"]])
def test_the_last_missed_poll_is_the_last_in_time(order: list[str], open_side: OpenSide) -> None:
    side = open_side(retry=RetryPolicy(reads=0))
    side.script("early", 500, "pending").script("late", *["pending"] * 3, 503, "pending")
    timeout = end_of(side.wait_all, order, timeout=30.0)
    assert (timeout.__cause__.status, timeout.__cause__.task_id) == (503, "late")


def test_without_a_missed_poll_the_timeout_has_no_cause(open_side: OpenSide) -> None:
    side = open_side().script("task-1", "pending")
    assert end_of(side.wait, timeout=20.0).__cause__ is None


def test_a_missed_poll_of_a_task_that_ended_is_no_cause(open_side: OpenSide) -> None:
    side = open_side(retry=RetryPolicy(reads=0)).script("a", 503, "success").script("b", "pending")
    timeout = end_of(side.wait_all, ["a", "b"], timeout=20.0)
    assert timeout.__cause__ is None


# A pause that is asked for


@kills(
    "A pause asked for by one task does not hold the others back.",
    "_core.scheduler:Scheduler._advance",
    never("for_all"),
)
@pytest.mark.parametrize("status", [429, 503, 500, 408])
def test_a_pause_asked_for_by_one_task_holds_all_back(status: int, open_side: OpenSide) -> None:
    side = open_side().script("a", "pending", refuses(status, retry_after="20"), "pending")
    side.service.script_others("pending")
    end_of(side.wait_all, ["a", "b", "c"], timeout=60.0)
    [asked_at] = side.service.times_of("a")[1:2]
    quiet = [read.at for read in side.service.reads if asked_at < read.at < asked_at + 20.0 - 1e-6]
    assert quiet == []
    assert all(sum(at > asked_at for at in side.service.times_of(name)) >= 2 for name in "abc")


@pytest.mark.parametrize("reads", [0, 2])
@pytest.mark.parametrize("status", [429, 503, 500, 408])
def test_a_pause_asked_for_with_the_last_repeat_is_made_as_well(status: int, reads: int, open_side: OpenSide) -> None:
    side = open_side(retry=RetryPolicy(reads=reads)).script("a", refuses(status, retry_after="9"))
    end_of(side.wait_all, ["a"], timeout=100.0)
    assert min(side.service.pauses("a")) >= 9.0 - 1e-6


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("asked", [35.0, 90.0])
def test_a_pause_too_long_for_a_repeat_is_made_by_the_wait(status: int, asked: float, open_side: OpenSide) -> None:
    side = open_side().script("a", refuses(status, retry_after=str(asked)), "success")
    assert side.wait("a").status == "success"
    assert side.service.pauses("a")[0] >= asked - 1e-6


def test_a_pause_beyond_the_deadline_ends_the_wait_at_the_deadline_with_its_cause(open_side: OpenSide) -> None:
    side = open_side().script("a", refuses(429, retry_after="500"))
    side.service.script_others("pending")
    timeout = end_of(side.wait_all, ["a", "b"], timeout=100.0)
    assert (kind_of(timeout), kind_of(timeout.__cause__)) == ("WaitTimeout", "RateLimitError")
    assert timeout.pending == ["a", "b"]
    assert side.clock.elapsed == pytest.approx(100.0)


def test_a_failure_is_told_with_its_id_and_state(open_side: OpenSide) -> None:
    side = open_side().script("task-7", says("failed", error={"why": "x" * 5000}))
    failed = end_of(side.wait, "task-7")
    assert isinstance(failed, TaskFailed)
    assert "task-7" in str(failed)
    assert "failed" in str(failed)
    assert len(str(failed)) < 500
