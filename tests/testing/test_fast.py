"""Time that is skipped: nobody sleeps, everybody's time-outs count what was skipped, and nobody else's do."""

from __future__ import annotations

import asyncio
import datetime
import threading
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from contract_tests.model import good
from modellix import (
    AsyncModellix,
    ConnectionLostError,
    Modellix,
    PollPolicy,
    RateLimitError,
    RetryPolicy,
    SqliteJournal,
    SubmissionOutcomeUnknown,
    TaskFailed,
    WaitTimeout,
)
from modellix._io.clock import DriverClock
from modellix.testing import StandIn
from scripts.mutants.kills import kills, swap
from tests.support.clients import AsyncFace, Face, SyncFace, end_of
from tests.support.references import REFERENCE, intent_of, request
from tests.support.timing import LONG

KEY = "test-key"
MINUTELY = PollPolicy(first=60.0, longest=60.0)
FACES: list[type[Face]] = [SyncFace, AsyncFace]
both = pytest.mark.parametrize("kind", FACES, ids=lambda kind: kind.kind)


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What clients have slept, in seconds."""
    seconds: list[float] = []
    asleep = asyncio.sleep

    async def sleep(delay: float, *arguments: Any) -> Any:
        seconds.append(delay)
        return await asleep(delay, *arguments)

    def block(delay: float) -> None:
        seconds.append(delay)
        time.sleep(delay)

    monkeypatch.setattr("modellix._io.clock.time", SimpleNamespace(sleep=block))
    monkeypatch.setattr(asyncio, "sleep", sleep)
    return seconds


@pytest.fixture
def client_of() -> Generator[Callable[..., Any], None, None]:
    """client_of(kind, **options): closed at the end."""
    with ExitStack() as stack:

        def make(kind: type[Face], url: str = "https://api.modellix.ai", **options: Any) -> Any:
            face = kind(kind.opens(KEY, base_url=url, **options))
            stack.callback(face.close)
            return face

        yield make


def mocked(stand_in: StandIn) -> AbstractContextManager[Any]:
    return stand_in.mock()


def served(stand_in: StandIn) -> AbstractContextManager[Any]:
    return stand_in.serve()


@both
@pytest.mark.parametrize("carried", [mocked, served])
def test_nobody_sleeps_before_a_result(
    kind: type[Face], carried: Callable[[StandIn], AbstractContextManager[Any]], client_of: Any, slept: list[float]
) -> None:
    stand_in = StandIn()
    with carried(stand_in) as where, stand_in.fast():
        face = client_of(kind, *([where] if isinstance(where, str) else []))
        assert face.wait(face.submit()).status == "success"
    assert not any(slept)
    assert len(stand_in.submissions) == 1


@both
def test_a_client_made_before_is_fast_too_and_slow_again_afterwards(
    kind: type[Face], client_of: Any, slept: list[float]
) -> None:
    stand_in = StandIn(reads=2)
    with stand_in.mock():
        face = client_of(kind, poll=PollPolicy(first=0.01, longest=0.01))
        first, second = face.submit(), face.submit()
        with stand_in.fast(), StandIn().fast():
            face.wait(first)
        assert not any(slept)
        face.wait(second)
    assert 0 < slept[-1] <= 0.01


def test_blocks_of_several_threads_may_overlap(slept: list[float]) -> None:
    first, second = StandIn().fast(), StandIn().fast()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    DriverClock().sleep(3600)
    second.__exit__(None, None, None)
    DriverClock().sleep(0.001)
    assert slept == [0.001]


@both
def test_many_tasks_are_waited_for_without_sleeping(kind: type[Face], client_of: Any, slept: list[float]) -> None:
    stand_in = StandIn(reads=7)
    with stand_in.mock(), stand_in.fast():
        face = client_of(kind)
        tasks = [face.submit() for _ in range(20)]
        stand_in.fail_next()
        tasks.append(face.submit())
        outcomes = face.wait_all(tasks)
        assert len(face.as_completed(tasks)) == 21
    assert [isinstance(outcome, TaskFailed) for outcome in outcomes] == [False] * 20 + [True]
    assert not any(slept)
    assert len(stand_in.submissions) == 21


@both
def test_a_batch_with_a_rate_limit_runs_without_sleeping(
    kind: type[Face], client_of: Any, slept: list[float], tmp_path: Path
) -> None:
    stand_in = StandIn()
    stand_in.answer_next(429, {"Retry-After": "40"}, to="submissions", count=2)
    with stand_in.mock(pass_through=False), stand_in.fast(), SqliteJournal(tmp_path / "purchases.db") as journal:
        face = client_of(kind, journal=journal)
        outcomes = face.run_all({f"row-{number}": request() for number in range(5)})
    assert [outcome.error for outcome in outcomes] == [None] * 5
    assert not any(slept)
    assert [one.accepted for one in stand_in.submissions].count(True) == 5


@both
def test_what_the_service_asks_for_passes_at_once(kind: type[Face], client_of: Any, slept: list[float]) -> None:
    stand_in = StandIn(reads=1)
    stand_in.answer_next(429, {"Retry-After": "4"}, to="submissions", count=2)
    stand_in.answer_next(503, {"Retry-After": "50"}, to="reads", count=3)
    with stand_in.mock(), stand_in.fast():
        face = client_of(kind, retry=RetryPolicy(rate_limited=2))
        task = face.submit()
        assert face.wait(task).status == "success"
    assert not any(slept)
    assert [one.accepted for one in stand_in.submissions] == [False, False, True]


@both
def test_a_pause_that_the_deadline_forbids_is_forbidden_still(kind: type[Face], client_of: Any) -> None:
    stand_in = StandIn()
    stand_in.answer_next(429, {"Retry-After": "40"}, to="submissions")
    with stand_in.mock(), stand_in.fast():
        error = client_of(kind, retry=RetryPolicy(rate_limited=2)).attempt()
    assert isinstance(error, RateLimitError)
    assert error.retry_after == 40
    assert len(stand_in.submissions) == 1


@both
def test_a_wait_ends_after_its_time_out(kind: type[Face], client_of: Any, slept: list[float]) -> None:
    stand_in = StandIn(reads=1_000_000)
    with stand_in.mock(), stand_in.fast():
        face = client_of(kind, poll=MINUTELY)
        task = face.submit()
        started = face.run(now)
        error = end_of(lambda: face.wait(task, timeout=3600.0))
        hour = face.run(now) - started
    assert isinstance(error, WaitTimeout)
    assert error.last_seen == {task.id: "pending"}
    assert not any(slept)
    assert 3599 < hour < 3600 + LONG


def now() -> Any:
    """The reading of a client's clock; in a coroutine, for a face of AsyncModellix."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return DriverClock().now()

    async def read() -> float:
        return DriverClock().now()

    return read()


def test_threads_that_wait_side_by_side_use_up_their_own_time_only() -> None:
    """Each needs 40 of its 60 minutes: any two of them together would have too few."""
    stand_in = StandIn(reads=40)
    with stand_in.mock(), stand_in.fast(), Modellix(KEY, poll=MINUTELY) as client, ThreadPoolExecutor(16) as pool:

        def buy(_: int) -> str:
            return client.openai.gpt_image_2(**good.words("A lighthouse")).wait(timeout=3600.0).status

        assert list(pool.map(buy, range(32))) == ["success"] * 32
    assert len(stand_in.submissions) == 32


def test_coroutines_that_wait_side_by_side_use_up_their_own_time_only() -> None:
    stand_in = StandIn(reads=40)

    async def main() -> list[str]:
        async with AsyncModellix(KEY, poll=MINUTELY) as client:

            async def buy() -> str:
                return (
                    await (await client.openai.gpt_image_2(**good.words("A lighthouse"))).wait(timeout=3600.0)
                ).status

            return await asyncio.gather(*(buy() for _ in range(32)))

    with stand_in.mock(), stand_in.fast():
        assert asyncio.run(main()) == ["success"] * 32
    assert len(stand_in.submissions) == 32


class Held:
    """A transport in which the requests about one task stay until they are let go."""

    def __init__(self, stand_in: StandIn) -> None:
        self.let_go = threading.Event()
        self.is_in = threading.Event()
        self.path = "…"
        self._stand_in = stand_in

    def handle(self, sent: httpx.Request) -> httpx.Response:
        if sent.url.path.endswith(self.path) or (self.path == "POST" and sent.method == "POST"):
            self.is_in.set()
            assert self.let_go.wait(LONG)
        answer = self._stand_in.handle(sent.method, str(sent.url), sent.headers, sent.content)
        return httpx.Response(answer.status, headers=dict(answer.headers), content=answer.body)


@contextmanager
def in_a_while(happens: Callable[[], object]) -> Generator[None, None, None]:
    """Long after everybody who skips is through."""
    timer = threading.Timer(0.3, happens)
    timer.start()
    try:
        yield
    finally:
        timer.join()


def test_a_read_that_takes_its_time_is_not_overtaken_by_the_others_of_the_wait() -> None:
    """The wait is long enough for all of them at once, and not for one after the others."""
    stand_in = StandIn(reads=55)
    held = Held(stand_in)
    http = httpx.Client(transport=httpx.MockTransport(held.handle), trust_env=False)
    with http, stand_in.fast(), Modellix(KEY, poll=MINUTELY, http_client=http) as client:
        tasks = [client.openai.gpt_image_2(**good.words("A lighthouse")) for _ in range(3)]
        held.path = tasks[0].id
        with in_a_while(held.let_go.set):
            outcomes = client.wait_all(tasks, timeout=3600.0)
    assert [outcome.status for outcome in outcomes] == ["success"] * 3


@kills(
    "Time that one thread skips is gone for another one's request.",
    sync=("_core.clock:Clock.now", swap("_skipped.get()", "_skipped_by_all")),
)
def test_a_request_on_its_way_has_all_of_its_time_while_others_skip_hours() -> None:
    stand_in = StandIn(reads=500)
    held = Held(stand_in)
    http = httpx.Client(transport=httpx.MockTransport(held.handle), trust_env=False)
    client = Modellix(KEY, poll=MINUTELY, http_client=http)
    with http, stand_in.fast(), ThreadPoolExecutor(1) as pool, client:
        other = client.openai.gpt_image_2(**good.words("A lighthouse"))
        held.path = "POST"
        slow = pool.submit(client.openai.gpt_image_2, **good.words("A harbour"))
        assert held.is_in.wait(LONG)
        assert other.wait(timeout=100_000.0).status == "success"
        held.let_go.set()
        assert slow.result(LONG).id
    assert [one.accepted for one in stand_in.submissions] == [True, True]


@kills(
    "A caller who waits for another submission of this process skips the time that it takes.",
    sync=("_core.reference:follow", swap("is_real=entry.reference in _at_work", "is_real=False")),
)
def test_an_earlier_submission_of_this_process_is_waited_for_in_real_time(tmp_path: Path) -> None:
    """Its 30 seconds would be skipped in no time otherwise, and the outcome called unknown."""
    stand_in = StandIn()
    held = Held(stand_in)
    held.path = "POST"
    http = httpx.Client(transport=httpx.MockTransport(held.handle), trust_env=False)
    journal = SqliteJournal(tmp_path / "purchases.db")
    client = Modellix(KEY, journal=journal, http_client=http, timeout=2 * LONG)
    with http, stand_in.fast(), ThreadPoolExecutor(1) as pool, journal, client:
        first = pool.submit(client.submit, request(), reference=REFERENCE)
        assert held.is_in.wait(LONG)
        with in_a_while(held.let_go.set):
            second = client.submit(request(), reference=REFERENCE)
        assert second.id == first.result(LONG).id
    assert not second.is_new
    assert len(stand_in.submissions) == 1


@both
def test_an_earlier_submission_that_nobody_ends_is_given_up_at_once(
    kind: type[Face], client_of: Any, slept: list[float], tmp_path: Path
) -> None:
    stand_in = StandIn()
    with stand_in.mock(), stand_in.fast(), SqliteJournal(tmp_path / "purchases.db") as journal:
        journal.begin(intent_of())
        face = client_of(kind, journal=journal)
        error = end_of(lambda: face.run(lambda: face.client.submit(request(), reference=REFERENCE)))
    assert isinstance(error, SubmissionOutcomeUnknown)
    assert error.entry is not None
    assert not any(slept)
    assert not stand_in.submissions


@both
def test_a_closed_port_is_tried_again_without_sleeping(
    kind: type[Face], client_of: Any, slept: list[float], closed_port: int
) -> None:
    with StandIn().fast():
        face = client_of(kind, f"http://127.0.0.1:{closed_port}")
        assert isinstance(end_of(face.read), ConnectionLostError)
    assert not any(slept)


def test_the_clock_does_not_go_back_when_the_block_ends() -> None:
    clock = DriverClock()
    with StandIn().fast():
        clock.sleep(3600)
        later = clock.now()
    assert clock.now() >= later


def test_the_date_stays_the_real_one() -> None:
    clock, before = DriverClock(), datetime.datetime.now(datetime.UTC)
    with StandIn().fast():
        clock.sleep(1e9)
        assert before <= clock.utc() <= datetime.datetime.now(datetime.UTC)


def test_others_run_while_a_coroutine_skips() -> None:
    ran: list[str] = []

    async def skip() -> None:
        await DriverClock().asleep(3600)
        ran.append("the one that skips")

    async def main() -> None:
        skipping = asyncio.ensure_future(skip())
        await asyncio.sleep(0)
        ran.append("another")
        await skipping

    with StandIn().fast():
        asyncio.run(main())
    assert ran == ["another", "the one that skips"]
