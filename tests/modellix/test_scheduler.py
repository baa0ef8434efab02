"""Which of many rules goes on next: lanes with places of their own, and newcomers let in as there is room."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from modellix._core.effects import Blocking, Enter, Lane, Pause, Rules
from modellix._core.scheduler import Scheduler
from tests.support.virtual_time import VirtualClock

LANES = {Lane.SUBMIT: 2, Lane.READ: 3, Lane.DOWNLOAD: 1}


def work(name: str) -> Blocking:
    return Blocking(lambda: name)


def started(scheduler: Scheduler[str, str]) -> list[str]:
    """The keys of all that is due."""
    found = []
    while (due := scheduler.next_due()) is not None:
        found.append(due[0])
    return found


def through(*lanes: Lane) -> Rules[str]:
    """One piece of work in each lane."""
    yield work("first")
    for lane in lanes:
        yield Enter(lane)
        yield work(lane.value)
    return "done"


def rows(count: int, *lanes: Lane) -> Iterator[tuple[str, Rules[str]]]:
    return ((f"row-{number}", through(*lanes)) for number in range(count))


def test_a_lane_has_places_of_its_own() -> None:
    scheduler: Scheduler[str, str] = Scheduler(rows(9, Lane.READ), LANES, VirtualClock())
    assert started(scheduler) == ["row-0", "row-1"]
    for key in ("row-0", "row-1"):
        assert scheduler.resume(key, None, None) is None
    assert started(scheduler) == ["row-2", "row-3", "row-0", "row-1"]
    for key in ("row-2", "row-3"):
        assert scheduler.resume(key, None, None) is None
    assert started(scheduler) == ["row-4", "row-5", "row-2"]
    assert scheduler.in_flight == 5
    assert scheduler.patience == float("inf")


def test_a_crowd_in_the_first_lane_keeps_newcomers_out() -> None:
    taken: list[str] = []

    def coming() -> Iterator[tuple[str, Rules[str]]]:
        for key, rules in rows(50, Lane.READ):
            taken.append(key)
            yield key, rules

    scheduler: Scheduler[str, str] = Scheduler(coming(), LANES, VirtualClock(), crowd=2)
    assert started(scheduler) == taken == ["row-0", "row-1"]
    scheduler.resume("row-0", None, None)
    assert started(scheduler) == ["row-2", "row-0"]
    assert taken == ["row-0", "row-1", "row-2"]


def test_nobody_is_let_in_before_those_who_ended_are_taken() -> None:
    def over() -> Rules[str]:
        return "over"
        yield

    scheduler: Scheduler[int, str] = Scheduler(((n, over()) for n in range(1000)), LANES, VirtualClock(), crowd=2)
    seen = 0
    while not scheduler.is_over:
        assert scheduler.next_due() is None
        assert len(scheduler.ended) <= 2
        seen += len(scheduler.ended)
        scheduler.ended.clear()
    assert seen == 1000


def test_a_pause_for_all_holds_its_own_lane_alone() -> None:
    clock = VirtualClock()

    def refused() -> Rules[str]:
        yield work("refused")
        yield Pause(10.0, for_all=True)
        yield work("again")
        return "done"

    coming: list[tuple[str, Rules[str]]] = [("row-r", through(Lane.READ)), ("row-s", refused()), *rows(3)]
    scheduler: Scheduler[str, str] = Scheduler(coming, LANES, clock, crowd=2)
    assert started(scheduler) == ["row-r", "row-s"]
    scheduler.resume("row-r", None, None)
    scheduler.resume("row-s", None, None)
    assert started(scheduler) == ["row-r"]  # reading goes on
    scheduler.resume("row-r", None, None)
    assert scheduler.patience == 10.0
    clock.sleep(10.0)
    scheduler.ended.clear()
    assert started(scheduler) == ["row-0", "row-s"]


def test_work_that_fails_is_thrown_into_its_rules() -> None:
    def careful() -> Rules[Any]:
        try:
            yield work("fails")
        except OSError as error:
            return error

    scheduler: Scheduler[str, Any] = Scheduler([("row", careful())], LANES, VirtualClock())
    assert started(scheduler) == ["row"]
    failure = OSError("as asked")
    scheduler.resume("row", None, failure)
    assert scheduler.ended == [("row", failure)]
