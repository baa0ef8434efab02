"""wait, wait_all and as_completed: arguments, order, time-outs, callbacks, and waiting again."""

from __future__ import annotations

import copy
import math
import pickle
from itertools import pairwise
from typing import Any

import httpx
import pytest

from modellix import PollPolicy, RetryPolicy
from scripts.mutants.kills import always, kills, returns, swap
from tests.modellix.conftest import OpenSide
from tests.support.clients import end_of, kind_of
from tests.support.marks import VIRTUAL
from tests.support.virtual_clients import Side
from tests.support.virtual_service import Answer

pytestmark = VIRTUAL

NOT_SECONDS = (None, math.nan, math.inf, -math.inf, -1, -0.001, True, False, "5", [5], 10**400)


def calls(side: Side) -> dict[str, Any]:
    """The three ways to wait, each for the tasks given."""

    def single(tasks: Any, **options: Any) -> Any:
        return side.wait(tasks[0], **options)

    return {"wait": single, "wait_all": side.wait_all, "as_completed": side.as_completed}


every_way = pytest.mark.parametrize("way", ["wait", "wait_all", "as_completed"])


# Arguments


@kills(
    "A time-out may be no number at all.",
    "_values:require_seconds",
    swap("not 0 <= ~ <= LONGEST_SECONDS", "~ < 0"),
)
@every_way
@pytest.mark.parametrize("timeout", NOT_SECONDS)
def test_a_timeout_that_is_no_number_of_seconds_is_refused(way: str, timeout: Any, open_side: OpenSide) -> None:
    side = open_side()
    end = end_of(calls(side)[way], ["task-1"], timeout=timeout)
    assert kind_of(end) == "ConfigurationError"
    assert "timeout" in str(end)
    assert side.service.reads == []


@every_way
@pytest.mark.parametrize("timeout", [1, 0.5, 1e7])
def test_any_other_number_is_a_timeout(way: str, timeout: Any, open_side: OpenSide) -> None:
    end_of(calls(open_side())[way], ["task-1"], timeout=timeout)


@pytest.mark.parametrize("way", ["wait_all", "as_completed"])
@pytest.mark.parametrize("tasks", ["task-1", b"task-1", [None], [5], ["task-1", b"task-2"], [""], [".."], ["a\nb"]])
def test_what_is_no_list_of_tasks_or_ids_is_refused(way: str, tasks: Any, open_side: OpenSide) -> None:
    side = open_side()
    assert kind_of(end_of(calls(side)[way], tasks)) == "ConfigurationError"
    assert side.service.reads == []


def test_as_completed_checks_its_arguments_before_the_first_result_is_asked_for(open_side: OpenSide) -> None:
    side = open_side()
    assert kind_of(end_of(side.client.as_completed, "task-1")) == "ConfigurationError"
    assert kind_of(end_of(side.client.as_completed, ["task-1"], timeout=None)) == "ConfigurationError"


def test_an_empty_list_is_done(open_side: OpenSide) -> None:
    side = open_side()
    assert side.wait_all([]) == []
    assert side.as_completed([]) == []
    assert side.wait_all(iter(())) == []
    assert side.clock.elapsed == 0


# Order and repetition


@kills(
    "`wait_all` returns what ended first first.", "_core.waits:Wait.results", returns("list(self._outcomes.values())")
)
def test_results_are_in_the_order_given_whatever_ends_first(open_side: OpenSide) -> None:
    names = [f"task-{number}" for number in range(20)]
    side = open_side()
    for number, name in enumerate(names):
        side.script(name, *["pending"] * (20 - number), "success" if number % 3 else "failed")
    assert [outcome.task_id for outcome in side.wait_all(names)] == names


def test_as_completed_brings_what_ends_first_first(open_side: OpenSide) -> None:
    side = open_side().script("slow", *["pending"] * 8, "success").script("slower", *["pending"] * 12, "failed")
    assert [outcome.task_id for outcome in side.as_completed(["slower", "slow", "quick"])] == [
        "quick",
        "slow",
        "slower",
    ]


def test_any_iterable_of_tasks_and_ids_will_do(open_side: OpenSide) -> None:
    side = open_side()
    results = side.wait_all(item for item in (side.task("a"), "b", side.task("c")))
    assert [result.task_id for result in results] == ["a", "b", "c"]


@kills(
    "What a task that was named twice has ended with is told once.",
    "_core.waits:Wait.take",
    swap("] * self._times_named[~]", "]"),
)
def test_a_task_named_twice_is_read_once_and_returned_twice(open_side: OpenSide) -> None:
    side = open_side().script("a", "pending", "success")
    first, second, third = side.wait_all(["a", side.task("a"), "a"])
    assert first is second is third
    assert len(side.service.reads) == 2
    assert len(side.as_completed(["a", "b", "a"])) == 3


def test_every_handle_of_a_task_sees_its_state(open_side: OpenSide) -> None:
    side = open_side()
    handles = [side.task("a"), side.task("a")]
    side.wait_all(handles)
    assert [handle.status for handle in handles] == ["success", "success"]


# Deadlines


@kills(
    "A wait goes on beyond its deadline.",
    "_core.polling:TaskPoller.run",
    always("_left"),
    row="wait_all",
    is_about_ending=True,
)
@kills("A wait ends five seconds before its time.", "_core.polling:TaskPoller._left", swap(".now()", ".now() - 5.0"))
@every_way
def test_a_wait_ends_at_its_deadline(way: str, open_side: OpenSide) -> None:
    side = open_side()
    side.service.script_others("pending")
    timeout = end_of(calls(side)[way], ["a"], timeout=40.0)
    assert (kind_of(timeout), timeout.finished, timeout.pending) == ("WaitTimeout", [], ["a"])
    assert isinstance(timeout, TimeoutError)
    assert side.clock.elapsed == pytest.approx(40.0)


@every_way
def test_no_time_is_a_timeout_at_once(way: str, open_side: OpenSide) -> None:
    side = open_side()
    timeout = end_of(calls(side)[way], ["a"], timeout=0)
    assert (kind_of(timeout), timeout.pending) == ("WaitTimeout", ["a"])
    assert side.clock.elapsed == 0


@kills(
    "A WaitTimeout does not hold what has finished.",
    "_core.waits:Wait.check_complete",
    swap("finished=~", "finished=[]"),
)
@kills(
    "A WaitTimeout lists tasks that have finished as pending.",
    "_core.waits:Wait.check_complete",
    swap("pending=~", "pending=list(self._handles)"),
)
@pytest.mark.parametrize("way", ["wait_all", "as_completed"])
def test_a_timeout_tells_what_has_finished_and_what_has_not(way: str, open_side: OpenSide) -> None:
    side = open_side().script("stuck", "pending").script("stuck too", "queued")
    side.script("bad", "failed").script("gone", 404)
    names = ["stuck", "good", "bad", "stuck too", "gone", "good", "stuck"]
    timeout = end_of(calls(side)[way], names, timeout=30.0)
    assert timeout.pending == ["stuck", "stuck too"]
    assert [(kind_of(each), each.task_id) for each in timeout.finished] == [
        ("TaskResult", "good"), ("TaskFailed", "bad"), ("TaskFailed", "gone"),
    ]  # fmt: skip
    assert "2 of 5" in str(timeout)


@kills(
    "A WaitTimeout knows no status of what is pending.",
    "_core.waits:Wait.check_complete",
    swap("last_seen=~", "last_seen=None"),
)
@every_way
def test_a_timeout_tells_the_last_status_of_each_pending_task(way: str, open_side: OpenSide) -> None:
    side = open_side().script("a", "pending", "Processing").script("b", "pending", "held", 503).script("c", 404)
    side.script("d", 503)
    names = ["a"] if way == "wait" else ["c", "b", "a", "good", "d", "a"]
    timeout = end_of(calls(side)[way], names, timeout=60.0)
    expected = {"b": "held", "a": "Processing", "d": None}
    assert timeout.last_seen == {name: expected[name] for name in timeout.pending}
    assert list(timeout.last_seen) == timeout.pending
    assert all(f"{name}: {expected[name] or 'not seen'}" in str(timeout) for name in timeout.pending)
    for copied in (pickle.loads(pickle.dumps(timeout)), copy.deepcopy(timeout)):
        assert (copied.last_seen, copied.pending) == (timeout.last_seen, timeout.pending)


@kills(
    "A status that another handle of the task has seen is not told.",
    "_core.waits:Wait._first",
    swap("_handles[~])", "_handles[~][:1])"),
)
def test_a_status_seen_before_the_wait_is_the_last_seen(open_side: OpenSide) -> None:
    side = open_side(retry=RetryPolicy(reads=0)).script("a", "held", 503)
    task = side.task("a")
    side.read(task)
    for tasks in ([task], ["a", task], [side.task("a"), task]):
        assert end_of(side.wait_all, tasks, timeout=10.0).last_seen == {"a": "held"}


def test_the_message_of_a_timeout_stays_short(open_side: OpenSide) -> None:
    side = open_side()
    side.service.script_others("x" * 5000)
    names = [f"{number}-{'t' * 500}" for number in range(300)]
    timeout = end_of(side.wait_all, names, timeout=20.0)
    assert timeout.last_seen == dict.fromkeys(names, "x" * 5000)
    assert "300 of 300" in str(timeout)
    assert len(str(timeout)) < 700


def test_waiting_again_with_the_pending_ids_goes_on(open_side: OpenSide) -> None:
    side = open_side().script("slow", *["pending"] * 9, "success").script("slower", *["processing"] * 15, "failed")
    pending, finished = ["quick", "slow", "slower"], []
    for _ in range(20):
        end = end_of(side.wait_all, pending, timeout=15.0)
        finished += end.finished if kind_of(end) == "WaitTimeout" else end
        pending = end.pending if kind_of(end) == "WaitTimeout" else []
    assert [(kind_of(each), each.task_id) for each in finished] == [
        ("TaskResult", "quick"), ("TaskResult", "slow"), ("TaskFailed", "slower"),
    ]  # fmt: skip


def test_ids_alone_will_do_in_another_client(open_side: OpenSide) -> None:
    first, second = open_side(), open_side()
    first.service.script_others("pending")
    timeout = end_of(first.wait_all, ["a", "b"], timeout=5.0)
    assert [result.task_id for result in second.wait_all(timeout.pending)] == ["a", "b"]


def test_a_slow_poll_does_not_carry_the_wait_beyond_its_deadline(open_side: OpenSide) -> None:
    side = open_side(2.0).script("a", "pending", Answer(seconds=500.0))
    timeout = end_of(side.wait_all, ["a", "b"], timeout=20.0)
    assert timeout.pending == ["a"]
    assert side.clock.elapsed == pytest.approx(20.0)


def test_a_repeat_that_comes_to_its_turn_after_the_deadline_is_not_made(open_side: OpenSide) -> None:
    side = open_side(max_in_flight=1).script("a", 503, "success").script("b", Answer(seconds=45.0, is_dripped=True))
    end_of(side.wait_all, ["a", "b"], timeout=20.0)
    beginning = side.service.reads[0].at
    assert [read for read in side.service.reads if read.at >= beginning + 20.0] == []


def test_a_wait_that_is_over_in_time_is_not_held_up_by_its_timeout(open_side: OpenSide) -> None:
    side = open_side()
    side.wait_all(["a", "b"], timeout=1e7)
    assert side.clock.elapsed == 0


# First polls and intervals


def test_an_id_is_polled_at_once_and_a_fresh_task_after_a_pause(open_side: OpenSide) -> None:
    side = open_side()
    fresh = side.task("fresh")
    fresh.status = "pending"  # as a submission leaves it
    side.wait_all(["old", fresh])
    beginning = side.service.reads[0].at
    assert side.service.times_of("old") == [beginning]
    assert 0.8 <= side.service.times_of("fresh")[0] - beginning <= 1.0


@kills(
    "A handle on a task that has ended is polled after a pause.",
    "_core.waits:Wait.rules",
    swap("_is_to_be_read(handle.status)", "handle.status is None"),
)
def test_a_task_that_has_ended_already_is_not_waited_for(open_side: OpenSide) -> None:
    side = open_side()
    task = side.task("a")
    side.read(task)
    assert side.wait(task).status == "success"
    assert side.clock.elapsed == 0


@kills(
    "Tasks are polled as often in the end as at the start.",
    "_core.polling:TaskPoller._interval",
    swap("first + ~ * GROWTH", "first"),
)
@kills(
    "The time between two polls exceeds the longest.",
    "_core.polling:TaskPoller._interval",
    swap("min(self._policy.first + ~ * GROWTH, self._policy.longest)", "(self._policy.first + ~ * GROWTH)"),
)
@pytest.mark.parametrize(("first", "longest"), [(1.0, 10.0), (0.2, 0.2), (5.0, 60.0), (0.01, 3.0)])
def test_intervals_grow_from_first_to_longest(first: float, longest: float, open_side: OpenSide) -> None:
    side = open_side(poll=PollPolicy(first=first, longest=longest))
    side.service.script_others("pending")
    end_of(side.wait_all, ["a", "b"], timeout=longest * 12)
    for name in "ab":
        *pauses, _ = side.service.pauses(name)
        assert 0.8 * first - 1e-6 <= pauses[0] <= first + 1e-6
        assert all(0.8 * first - 1e-6 <= pause <= longest + 1e-6 for pause in pauses)
        assert all(pause >= 0.8 * longest - 1e-6 for pause in pauses[-5:])
        assert all(later >= 0.8 * earlier - 1e-6 for earlier, later in pairwise(pauses))


def test_tasks_that_start_together_do_not_stay_in_step(open_side: OpenSide) -> None:
    side = open_side()
    side.service.script_others("pending")
    end_of(side.wait_all, [f"task-{number}" for number in range(50)], timeout=3.0)
    second_polls = {round(side.service.times_of(f"task-{number}")[1], 6) for number in range(50)}
    assert len(second_polls) > 40


def test_a_missed_poll_does_not_slow_the_others_down(open_side: OpenSide) -> None:
    side = open_side(retry=RetryPolicy(reads=3)).script("bad", 503).script("good", *["pending"] * 6, "success")
    timeout = end_of(side.wait_all, ["bad", "good"], timeout=100.0)
    assert [result.task_id for result in timeout.finished] == ["good"]
    assert max(side.service.pauses("good")) <= 10.0 + 1e-6


# on_update


@kills(
    "`on_update` is called whether the state has changed or not.",
    "tasks:_Handle.see",
    swap(", self.status", ", self.status = True, snapshot.status\n        _, self.status"),
)
def test_on_update_is_told_each_change_of_state(open_side: OpenSide) -> None:
    told: list[tuple[str, Any]] = []
    side = open_side().script("b", "failed")
    side.script("a", "pending", "pending", "processing", "queued", "queued", "success")
    side.wait_all(["a", "b"], on_update=lambda task: told.append((task.id, task.status)))
    assert [status for name, status in told if name == "a"] == ["pending", "processing", "queued", "success"]
    assert [status for name, status in told if name == "b"] == ["failed"]


def test_on_update_is_told_once_of_a_task_named_twice(open_side: OpenSide) -> None:
    told: list[Any] = []
    side = open_side().script("a", "pending", "success")
    side.wait_all(["a", "a"], on_update=lambda task: told.append(task.status))
    assert told == ["pending", "success"]


def test_on_update_gets_the_handle_that_was_given(open_side: OpenSide) -> None:
    told: list[Any] = []
    side = open_side()
    task = side.task("a")
    side.wait(task, on_update=told.append)
    assert told == [task]
    assert told[0] is task
    assert task.raw["data"]["status"] == "success"


@pytest.mark.parametrize("error", [LookupError("mine"), KeyboardInterrupt()], ids=["LookupError", "KeyboardInterrupt"])
def test_an_error_of_on_update_is_raised_and_nothing_is_lost(error: BaseException, open_side: OpenSide) -> None:
    def refuse(task: Any) -> None:
        if task.status == "success":
            raise error

    side = open_side().script("a", "pending", "success").script("b", *["pending"] * 4, "success")
    tasks = [side.task("a"), side.task("b")]
    with pytest.raises(type(error)) as caught:
        side.wait_all(tasks, on_update=refuse)
    assert caught.value is error
    assert side.left_behind() == []
    assert [result.task_id for result in side.wait_all(tasks)] == ["a", "b"]


def test_an_error_of_on_update_ends_a_single_wait(open_side: OpenSide) -> None:
    def refuse(_: Any) -> None:
        raise LookupError("mine")

    side = open_side()
    task = side.task("a")
    assert kind_of(end_of(side.wait, task, on_update=refuse)) == "LookupError"
    assert task.status == "success"
    assert side.wait(task).task_id == "a"


def test_an_error_of_on_update_is_never_taken_for_one_of_a_poll(open_side: OpenSide) -> None:
    side = open_side(retry=RetryPolicy(reads=0)).script("lost", Answer(lost=httpx.ReadError)).script("gone", 404)
    for name in ("lost", "gone"):
        error = end_of(side.read, name)  # of the very kind that a poll ends with

        def refuse(_: Any, error: Exception = error) -> None:
            raise error

        assert end_of(side.wait_all, ["a"], on_update=refuse) is error
