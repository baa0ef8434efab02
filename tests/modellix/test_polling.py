"""Laws of waiting, whatever the tasks do and however the service answers."""

from __future__ import annotations

import time
from itertools import pairwise
from typing import Any

import httpx
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from modellix import PollPolicy, RetryPolicy, TaskFailed
from scripts.mutants.kills import kills, swap
from tests.support.clients import end_of, kind_of
from tests.support.marks import VIRTUAL
from tests.support.simulated import SimulatedService
from tests.support.virtual_clients import SIDES, AsyncSide, Side, SyncSide
from tests.support.virtual_service import Answer, Step, refuses, says

pytestmark = [*VIRTUAL, pytest.mark.slow]

#: The usual run draws the same examples every time.
usual = settings(max_examples=25)

RUNNING = st.sampled_from(["pending", "processing", "queued", "dreaming"])
ENDS = ("success", "completed", "failed", "cancelled")
SECONDS = st.sampled_from([0.0, 0.01, 0.3, 1.0, 7.5, 12.0, 45.0])  # latencies, on both sides of every limit
ASKED = st.sampled_from(["0", "0.3", "2", "20", "59", "61", "400"])
STATUSES = st.sampled_from([408, 429, 500, 501, 502, 503, 504])
LOST = st.sampled_from([httpx.ConnectError, httpx.ReadError, httpx.RemoteProtocolError, httpx.ReadTimeout])
FATAL = st.sampled_from([401, 402, 403])
ODD = st.sampled_from([Answer(body=b"?"), Answer(body={"code": 0}), Answer(status=404), Answer(status=302)])

STEPS: st.SearchStrategy[Step] = st.one_of(
    st.builds(says, RUNNING),
    st.builds(lambda state, seconds: Answer(state=state, seconds=seconds), RUNNING, SECONDS),
    st.builds(lambda status, asked: refuses(status, retry_after=asked), STATUSES, ASKED),
    st.builds(lambda status, seconds: Answer(status=status, seconds=seconds), STATUSES, SECONDS),
    st.builds(lambda error, seconds: Answer(lost=error, seconds=seconds), LOST, SECONDS),
    st.builds(lambda seconds: Answer(is_cut=True, seconds=seconds), SECONDS),
)
SCRIPTS = st.tuples(st.lists(STEPS, max_size=8), st.one_of(STEPS, st.builds(says, st.sampled_from(ENDS)), ODD))
POLLS = st.tuples(st.sampled_from([0.01, 0.5, 1.0, 5.0]), st.sampled_from([1.0, 5.0, 10.0, 60.0])).filter(
    lambda pair: pair[0] <= pair[1]
)
WAITS = st.fixed_dictionaries(
    {
        "scripts": st.lists(SCRIPTS, min_size=1, max_size=6),
        "timeout": st.sampled_from([0.0, 0.5, 5.0, 31.0, 100.0, 300.0]),
        "slots": st.integers(1, 4),
        "latency": st.sampled_from([0.001, 0.2, 2.0]),
        "poll": POLLS,
        "reads": st.integers(0, 4),
    }
)
NO_TIME = 1e-6  # seconds, for what floating point adds

each_side = pytest.mark.parametrize("kind", list(SIDES))


def begin(kind: str, wait: dict[str, Any]) -> tuple[Side, list[str]]:
    """A client whose service plays the scripts, and the ids of the tasks."""
    first, longest = wait["poll"]
    side = SIDES[kind](
        wait["latency"],
        poll=PollPolicy(first, longest),
        retry=RetryPolicy(reads=wait["reads"]),
        max_in_flight=wait["slots"],
    )
    names = [f"task-{number}" for number in range(len(wait["scripts"]))]
    for name, (steps, last) in zip(names, wait["scripts"], strict=True):
        side.script(name, *steps, last)
    return side, names


@each_side
@given(wait=WAITS)
@usual
def test_any_wait_ends_by_its_deadline_with_every_task_accounted_for(kind: str, wait: dict[str, Any]) -> None:
    side, names = begin(kind, wait)
    with side:
        end = end_of(side.wait_all, names, timeout=wait["timeout"])
        assert side.clock.elapsed <= wait["timeout"] + 0.01  # no poll gets less than a millisecond
        assert side.service.peak <= wait["slots"]
        assert side.left_behind() == []
        if isinstance(end, list):
            assert [outcome.task_id for outcome in end] == names
        else:
            assert kind_of(end) == "WaitTimeout"
            assert sorted([*(outcome.task_id for outcome in end.finished), *end.pending]) == names


@each_side
@given(wait=WAITS)
@usual
def test_as_completed_brings_each_task_once(kind: str, wait: dict[str, Any]) -> None:
    side, names = begin(kind, wait)
    found: list[str] = []

    def collect() -> None:
        found.extend(outcome.task_id for outcome in side.as_completed(names, timeout=wait["timeout"]))

    with side:
        end = end_of(collect)
        pending = end.pending if end is not None else []
        finished = [outcome.task_id for outcome in end.finished] if end is not None else found
        assert sorted([*finished, *pending]) == names


@each_side
@given(wait=WAITS, fatal=FATAL, number=st.integers(0, 5), steps=st.integers(0, 3))
@usual
def test_a_refused_key_ends_any_wait(kind: str, wait: dict[str, Any], fatal: int, number: int, steps: int) -> None:
    side, names = begin(kind, wait)
    with side:
        side.script(names[number % len(names)], *["pending"] * steps, fatal)
        end = end_of(side.wait_all, names, timeout=wait["timeout"])
        assert kind_of(end) in ("AuthenticationError", "PaymentRequiredError", "WaitTimeout")
        assert side.left_behind() == []


@each_side
@given(wait=WAITS)
@usual
def test_nobody_polls_a_task_that_is_known_to_have_ended(kind: str, wait: dict[str, Any]) -> None:
    side, names = begin(kind, wait)
    reads_at_end: dict[str, int] = {}

    def note(task: Any) -> None:
        if task.status in ENDS:
            reads_at_end[task.id] = len(side.service.times_of(task.id))

    with side:
        end_of(side.wait_all, names, timeout=wait["timeout"], on_update=note)
        assert reads_at_end == {name: len(side.service.times_of(name)) for name in reads_at_end}


@each_side
@given(
    asked=st.floats(0.0, 100.0).map(lambda seconds: round(seconds, 2)),
    status=STATUSES,
    before=st.integers(0, 4),
    reads=st.integers(0, 4),
    tasks=st.integers(1, 3),
)
@usual
def test_nobody_polls_while_the_service_has_asked_for_a_pause(
    kind: str, asked: float, status: int, before: int, reads: int, tasks: int
) -> None:
    assume(status != 501)  # not among the statuses that ask to come again
    with SIDES[kind](retry=RetryPolicy(reads=reads)) as side:
        side.service.script_others("pending")
        side.script("asking", *["pending"] * before, refuses(status, retry_after=str(asked)), "success")
        end_of(side.wait_all, ["asking", *(f"task-{number}" for number in range(tasks))], timeout=130.0)
        at = side.service.times_of("asking")[before]
        assert [read for read in side.service.reads if at < read.at < at + asked - NO_TIME] == []


@each_side
@given(first=st.floats(0.2, 30.0), more=st.floats(0.0, 60.0), timeout=st.floats(1.0, 60.0))
@usual
def test_intervals_stay_within_the_policy(kind: str, first: float, more: float, timeout: float) -> None:
    longest = first + more
    with SIDES[kind](poll=PollPolicy(first, longest)) as side:
        side.service.script_others("pending")
        end_of(side.wait_all, ["task-1", "task-2"], timeout=timeout)
        for name in ("task-1", "task-2"):
            beginning, *_ = times = side.service.times_of(name)
            for earlier, later in pairwise(times):
                grown = min(first + 0.5 * (earlier - beginning), longest)
                assert 0.8 * grown - NO_TIME <= later - earlier <= grown + NO_TIME


@given(st.lists(st.sampled_from("abcdefgh"), max_size=12), st.lists(st.integers(0, 5), min_size=8, max_size=8))
@usual
def test_results_are_in_the_order_given(names: list[str], counts: list[int]) -> None:
    with AsyncSide(0.3, max_in_flight=2) as side:
        for name, count in zip("abcdefgh", counts, strict=True):
            side.script(name, *["pending"] * count, "success")
        assert [result.task_id for result in side.wait_all(names)] == names


@kills(
    "More reads are under way at a time than was asked for.",
    "_core.scheduler:_Queue.patience",
    swap(">= self._slots", "> self._slots"),
    sync=(
        "_io.sync_driver:_Means.__init__",
        swap("range(slots)", "range(slots + 1)"),
        "_io.sync_driver:SyncDriver.run_all",
        swap("sum(lanes.values())", "2 * sum(lanes.values())"),
    ),
    asynchronous=("_io.async_driver:AsyncDriver.bind", swap("_slot_count", "_slot_count + 1")),
)
@pytest.mark.parametrize("slots", [1, 3, 8])
@pytest.mark.parametrize("kind", list(SIDES))
def test_reads_in_flight_reach_the_bound_and_never_exceed_it(kind: str, slots: int) -> None:
    with SIDES[kind](1.0, max_in_flight=slots) as side:
        side.service.script_others("pending", "success")
        if isinstance(side, SyncSide):
            side.hold_first_reads()
        side.wait_all([f"task-{number}" for number in range(slots * 6)])
        assert side.service.peak == slots


# Many


NAMES = [f"task-{number}" for number in range(10_000)]


def test_no_task_of_ten_thousand_starves() -> None:
    service = SimulatedService(latency=0.02)  # 400 polls a second, so that a round takes 25 s
    service.carry_out(service.prepare(NAMES, timeout=52.0))
    assert service.peak == 8
    assert len(service.reads) == len(NAMES)
    assert min(service.reads.values()) >= 2
    assert max(service.reads.values()) - min(service.reads.values()) <= 1
    assert service.clock.elapsed <= 52.0 + 0.02


def test_every_task_of_thousands_ends() -> None:
    service = SimulatedService(latency=0.01, ends_at=2)
    wait = service.prepare(NAMES[:3000], timeout=1000.0)
    service.carry_out(wait)
    assert [result.task_id for result in wait.results()] == NAMES[:3000]
    assert service.reads == dict.fromkeys(NAMES[:3000], 2)


def test_an_end_costs_as_much_among_ten_thousand_as_among_ten() -> None:
    wait = SimulatedService(latency=0.0).prepare(NAMES, timeout=1.0)
    end = TaskFailed("made up", task_id="", status="failed", error=None, raw={})
    started = time.process_time()
    for name in NAMES:
        assert wait.take(name, end) == [end]
    assert time.process_time() - started < 0.5  # looking through all of them each time takes seconds
    assert wait.results() == [end] * len(NAMES)
