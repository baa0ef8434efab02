"""Following tasks to their end, within their patience."""

from __future__ import annotations

from collections import Counter
from typing import Any

import httpx
import pytest

from contract_tests.harness import target as target_module
from contract_tests.harness.response_checks import data_of
from contract_tests.harness.target import Polling, Target
from contract_tests.model import good

from .apis import PLAIN, Api, Honest, Seen, accepts, changed, is_read_of_task, says
from .conftest import Clock, OpenTarget

PATIENT = Polling(rounds=1, seconds=5.0, pause=0.5)


def submit(target: Target, count: int = 1) -> list[str]:
    return [data_of(target.send(PLAIN, good.body()))["task_id"] for _ in range(count)]


def states(reads: list[httpx.Response]) -> list[Any]:
    return [data_of(read).get("status") for read in reads]


def never_ending(seen: Seen, honest: Honest) -> Any:
    answer = honest(seen)
    return (
        changed(answer, lambda reply: reply["data"].update(status="processing")) if is_read_of_task(answer) else answer
    )


def test_task_is_read_until_it_ends_and_a_few_times_more(open_target: OpenTarget, clock: Clock) -> None:
    api = Api()
    target, _ = open_target(api.through, polling=PATIENT)
    [task_id] = submit(target)
    told = target.follow([task_id], reads_after_end=2)
    assert states(told[task_id]) == ["pending", "processing", "success", "success", "success"]
    assert clock.pauses == [0.5] * 5
    assert len(api.reads) == 5


def test_task_that_has_ended_before_is_not_waited_for(open_target: OpenTarget) -> None:
    """It may go on again, which is no reason to wait for its end once more."""
    api = Api()
    target, _ = open_target(api.through, polling=PATIENT)
    [task_id] = submit(target)
    target.read_before[task_id] = target.follow([task_id])[task_id]
    api._twist = never_ending
    assert len(target.follow([task_id], reads_after_end=2)[task_id]) == 2


def test_ended_tasks_are_not_asked_again_while_others_go_on(open_target: OpenTarget) -> None:
    api = Api()
    target, _ = open_target(api.through, polling=PATIENT)
    ids = submit(target, 3)
    api.stand_in.script_next(*["pending"] * 6, "success")
    ids += submit(target)
    told = target.follow(ids)
    assert [len(told[task_id]) for task_id in ids] == [3, 3, 3, 7]
    assert Counter(seen.path.rpartition("/")[2] for seen in api.reads) == dict(zip(ids, [3, 3, 3, 7], strict=True))


def test_tasks_are_asked_in_turns_with_one_pause_for_all(open_target: OpenTarget, clock: Clock) -> None:
    api = Api()
    target, _ = open_target(api.through, polling=PATIENT)
    ids = submit(target, 3)
    target.follow(ids)
    assert [seen.path.rpartition("/")[2] for seen in api.reads] == ids * 3
    assert clock.pauses == [0.5] * 3


def test_no_tasks_need_no_time(open_target: OpenTarget, clock: Clock) -> None:
    target, wire = open_target(accepts(), polling=PATIENT)
    assert target.follow([]) == {}
    assert (wire.arrived, clock.pauses) == ([], [])


def test_same_task_twice_is_followed_once(open_target: OpenTarget) -> None:
    api = Api()
    target, _ = open_target(api.through, polling=PATIENT)
    [task_id] = submit(target)
    assert len(target.follow([task_id, task_id])[task_id]) == 3


def test_task_that_never_ends_is_given_up_within_its_patience(open_target: OpenTarget, clock: Clock) -> None:
    api = Api(never_ending)
    target, _ = open_target(api.through, polling=PATIENT)
    ids = submit(target, 2)
    told = target.follow(ids, reads_after_end=3)
    assert PATIENT.seconds <= sum(clock.pauses) <= PATIENT.seconds + PATIENT.pause
    assert {len(reads) for reads in told.values()} == {10}, "and no reads after an end that never came"


def test_one_that_never_ends_takes_no_end_from_the_others(open_target: OpenTarget) -> None:
    api = Api()
    target, _ = open_target(api.through, polling=PATIENT)
    [good] = submit(target)
    api.stand_in.script_next("pending")
    [stuck] = submit(target)
    told = target.follow([stuck, good], reads_after_end=2)
    assert states(told[good])[-3:] == ["success"] * 3
    assert set(states(told[stuck])) == {"pending"}


def test_without_patience_nobody_pauses(open_target: OpenTarget, clock: Clock) -> None:
    """A stand-in in process moves with each look, and a mutant whose tasks never end takes no time."""
    target, _ = open_target(Api(never_ending).through)
    [task_id] = submit(target)
    assert len(target.follow([task_id])[task_id]) == Polling().rounds
    assert clock.pauses == []


def test_after_one_that_never_ended_the_next_gets_a_second(open_target: OpenTarget, clock: Clock) -> None:
    """The run has failed by then; it should end soon."""
    target, _ = open_target(Api(never_ending).through, polling=PATIENT)
    first, second, third = submit(target, 3)
    target.follow([first])
    for task_id in (second, third):
        before = clock.now
        target.follow([task_id])
        assert target_module.ONCE_STUCK <= clock.now - before <= target_module.ONCE_STUCK + PATIENT.pause


def test_slow_polling_still_sees_every_task(open_target: OpenTarget) -> None:
    """With an API so slow that a round takes longer than the patience each task is read once all the same."""
    api = Api()
    target, _ = open_target(api.through, polling=Polling(rounds=1, seconds=5.0, pause=60.0))
    ids = submit(target, 2)
    assert {len(reads) for reads in target.follow(ids).values()} == {1}


@pytest.mark.parametrize("status", [404, 500])
def test_reads_that_fail_do_not_hang(status: int, open_target: OpenTarget, clock: Clock) -> None:
    target, wire = open_target(says(status, {"code": status, "message": "Oh: no"}), polling=PATIENT)
    assert target.follow(["task-1"])["task-1"][-1].status_code == status
    assert sum(clock.pauses) <= 6
    assert len(wire.arrived) < 50


@pytest.mark.parametrize("body", [None, [], {}, {"data": None}, {"data": []}, {"data": {"status": ["success"]}}, b"<"])
def test_odd_reads_are_handed_on_as_they_came(body: Any, open_target: OpenTarget) -> None:
    target, _ = open_target(says(200, body), polling=PATIENT)
    assert target.follow(["task-1"])["task-1"][-1].status_code == 200


@pytest.mark.parametrize("task_id", ["a/b", "a b", "é", "a%2Fb", "?", "#", "..%2f", "a" * 512])
def test_id_stands_in_the_path_as_one_segment(task_id: str, open_target: OpenTarget) -> None:
    target, wire = open_target(accepts(task_id))
    target.read(task_id)
    path = wire.arrived[0].url.raw_path.decode()
    assert path.count("/") == 4
    assert "?" not in path
    assert httpx.URL(f"http://a{path}").path.endswith(f"/{task_id}")
