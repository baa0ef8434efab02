"""How a journal is called: from both clients, with methods of both kinds, in the caller's context, and cancelled."""

from __future__ import annotations

import asyncio
import contextvars
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx
import pytest

from modellix import AsyncModellix, AsyncTask, ConfigurationError, JournalError, Modellix, NeverSentError
from modellix._core.recorder import Recorder
from scripts.mutants.kills import always, kills, swap
from tests.modellix.conftest import Serve
from tests.support.clients import KEY
from tests.support.hostile_server import accepted, succeeded
from tests.support.journals import Watched, intent, undelivered
from tests.support.marks import ON_SOCKETS
from tests.support.memory_journal import AsyncMemoryJournal, MemoryJournal, Store
from tests.support.references import REFERENCE, request

pytestmark = ON_SOCKETS

ORIGIN = "https://api.example"
WHO: contextvars.ContextVar[str] = contextvars.ContextVar("WHO", default="nobody")


class Shy(Watched):
    """Remembers in whose context it was called."""

    def __init__(self) -> None:
        super().__init__(MemoryJournal(Store()))
        self.seen: set[tuple[str, str]] = set()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        call = super().__getattr__(name)

        def noting(*values: Any, **named: Any) -> Any:
            self.seen.add((name, WHO.get()))
            return call(*values, **named)

        return noting


CALLED = {("begin", "me"), ("end", "me"), ("ended", "me"), ("delivered", "me"), ("undelivered", "me"), ("find", "me")}


def test_the_sync_client_calls_in_the_context_of_its_caller(serve: Serve) -> None:
    server, journal = serve(), Shy()
    token = WHO.set("me")
    with Modellix(KEY, base_url=server.url, journal=journal) as client:
        task = client.submit(request(), reference=REFERENCE)
        other = journal.journal.begin(intent("order-2"))
        client.wait_all([task])
        journal.before["find"] = lambda: journal.journal.end(other, "refused", None)
        client._parts.resume(journal, None, 600.0, None).call()
        task.delivered()
        journal.find("order-2")
    WHO.reset(token)
    assert journal.seen == CALLED


@pytest.mark.parametrize("is_async_journal", [False, True])
def test_the_async_client_calls_in_the_context_of_its_caller(is_async_journal: bool, serve: Serve) -> None:
    server, journal = serve(), Shy()
    asked: Any = AsyncMemoryJournal(journal) if is_async_journal else journal  # type: ignore[arg-type]

    async def main() -> None:
        WHO.set("me")
        async with AsyncModellix(KEY, base_url=server.url, journal=asked) as client:
            task = await client.submit(request(), reference=REFERENCE)
            await client.wait_all([task])
            await client.resume(asked)
            await task.delivered()
            await task.wait()

    asyncio.run(main())
    assert journal.seen == CALLED - {("find", "me")}


def test_a_journal_with_async_methods_serves_the_async_client_all_the_way(serve: Serve) -> None:
    server = serve()
    journal = AsyncMemoryJournal(MemoryJournal(Store()))

    async def main() -> None:
        async with AsyncModellix(KEY, base_url=server.url, journal=journal) as client:
            first = await client.submit(request(), reference=REFERENCE)
            again = await client.submit(request(), reference=REFERENCE)
            assert (first.id, first.is_new, again.id, again.is_new) == ("task-1", True, "task-1", False)
            assert (await again.wait()).reference == REFERENCE
            assert [task.reference for task in await client.resume(journal)] == [REFERENCE]
            assert await client.resume(journal, owner="worker", limit=1) == []  # for ten minutes it is its submitter's
            await again.delivered()
            assert await client.resume(journal) == []
        entry = await journal.find(REFERENCE)
        assert entry is not None
        assert (entry.outcome, entry.status, entry.delivered_at is None) == ("accepted", "success", False)

    asyncio.run(main())
    assert len(server.submissions) == 1


def test_a_journal_with_async_methods_is_refused_by_the_sync_client() -> None:
    journal: Any = AsyncMemoryJournal(MemoryJournal(Store()))
    with pytest.raises(ConfigurationError, match="async methods: use it with AsyncModellix"):
        Modellix(KEY, base_url=ORIGIN, journal=journal)
    with Modellix(KEY, base_url=ORIGIN) as client, pytest.raises(ConfigurationError, match="use it with AsyncModellix"):
        client.resume(journal)


# Cancelled at every step


class Service:
    """Answers within the loop, in a few steps, so that each step can be cancelled."""

    def __init__(self) -> None:
        self.submissions = 0

    async def answer(self, asked: httpx.Request) -> httpx.Response:
        for _ in range(3):
            await asyncio.sleep(0)
        is_paid = asked.method == "POST"
        self.submissions += is_paid
        await asyncio.sleep(0)
        return httpx.Response(200, content=json.dumps(accepted() if is_paid else succeeded()))

    @asynccontextmanager
    async def client(self, journal: Any) -> AsyncIterator[AsyncModellix]:
        transport = httpx.MockTransport(self.answer)
        async with (
            httpx.AsyncClient(transport=transport, trust_env=False) as http,
            AsyncModellix(KEY, base_url=ORIGIN, journal=journal, http_client=http) as client,
        ):
            yield client


async def cancelled_after(steps: int, call: Any) -> BaseException | None:
    """The CancelledError that came out, None when it ended before."""
    work = asyncio.create_task(call)
    for _ in range(steps):
        await asyncio.sleep(0)
    is_over = work.done()
    work.cancel()
    try:
        await work
    except asyncio.CancelledError as error:
        return error
    assert is_over
    return None


def at_every_step(run: Callable[[int], Any]) -> int:
    """Runs it with one step more until it is not cancelled any more; how many steps that are."""
    for steps in range(1000):
        if asyncio.run(run(steps)) is None:
            return steps
    raise AssertionError("it never ends")


@kills(
    "An entry whose caller is cancelled as the journal grants it stays open.",
    "_core.recorder:Recorder.begin",
    swap('yield self._kept(self.ask("begin", intent), keep)', 'keep((yield self.ask("begin", intent)))'),
)
def test_cancelled_at_any_step_a_submission_leaves_no_entry_open() -> None:
    ends: set[tuple[str | None, int, str]] = set()

    async def run(steps: int) -> BaseException | None:
        store, service = Store(), Service()
        async with service.client(AsyncMemoryJournal(MemoryJournal(store))) as client:
            error = await cancelled_after(steps, client.submit(request(), reference=REFERENCE))
        found = [row.entry for row in store.rows]
        outcome = found[0].outcome if found else "no entry"
        assert len(found) <= 1
        assert outcome is not None
        assert (outcome == "accepted") == (service.submissions == 1)
        known = getattr(error, "modellix_submission", None)
        assert known is None or isinstance(known, AsyncTask | NeverSentError)
        assert isinstance(known, AsyncTask) == (error is not None and service.submissions == 1)
        ends.add((outcome, service.submissions, type(known).__name__))
        return error

    assert at_every_step(run) > 10
    assert {outcome for outcome, _, _ in ends} == {"no entry", "never sent", "accepted"}


def test_cancelled_at_any_step_an_unwritten_end_is_written_later() -> None:
    """The journal fails once; the next call is cancelled while it catches up."""

    async def run(steps: int) -> BaseException | None:
        store, service = Store(), Service()
        journal = AsyncMemoryJournal(FailingOnce(store))
        async with service.client(journal) as client:
            await client.submit(request(), reference=REFERENCE)
            error = await cancelled_after(steps, client.submit(request("another"), reference="order-2"))
        first, *others = [row.entry for row in store.rows]
        assert (first.outcome, first.task_id) == ("accepted", "task-1")
        assert [entry.outcome for entry in others if entry.outcome is None] == []
        assert service.submissions == 1 + sum(entry.outcome == "accepted" for entry in others)
        return error

    assert at_every_step(run) > 10


class FailingOnce(MemoryJournal):
    """The first end cannot be written."""

    failures = 1

    def end(self, entry: Any, outcome: str, task_id: str | None) -> None:
        if self.failures:
            self.failures -= 1
            raise JournalError("the disk is full")
        super().end(entry, outcome, task_id)


def test_cancelled_at_any_step_a_wait_loses_nothing() -> None:
    async def run(steps: int) -> BaseException | None:
        store, service = Store(), Service()
        journal = MemoryJournal(store)
        journal.end(journal.begin(intent(REFERENCE)), "accepted", "task-1")
        async with service.client(AsyncMemoryJournal(journal)) as client:
            [task] = await client.resume(AsyncMemoryJournal(journal))
            error = await cancelled_after(steps, task.wait())
            assert (await task.wait()).reference == REFERENCE
        [row] = store.rows
        assert (row.entry.status, undelivered(journal)) == ("success", ["task-1"])
        return error

    assert at_every_step(run) > 5


# The rules alone


def test_what_is_recorded_is_forgotten_before_the_interruption_goes_on() -> None:
    """The end is recorded, and the call interrupted as it returns: it is not told twice."""
    journal = MemoryJournal(Store())
    recorder, told = Recorder(journal), list[str]()
    entry = journal.begin(intent(REFERENCE))
    rules = recorder.end(entry, "accepted", "task-1", lambda _: told.append("kept"))
    next(rules).call()  # type: ignore[union-attr]
    with pytest.raises(KeyboardInterrupt):
        rules.throw(KeyboardInterrupt())
    assert told == ["kept"]
    assert list(recorder.catch_up()) == []


@kills(
    "Two who catch up at the same time fail, and what was bought is lost.",
    "_core.recorder:Recorder.catch_up",
    swap("except IndexError:", "except ZeroDivisionError:"),
)
def test_two_may_catch_up_at_the_same_time() -> None:
    recorder, journal = unwritten(3)
    first, second = recorder.catch_up(), recorder.catch_up()
    turns: list[Any] = [first, second]
    while turns:
        for rules in list(turns):
            try:
                next(rules).call()
            except StopIteration:
                turns.remove(rules)
    assert [row.entry.outcome for row in journal.store.rows] == ["accepted"] * 3
    assert journal.told == 3


@kills(
    "An end whose caller is interrupted as it is recorded is told again.",
    "_core.recorder:Recorder.catch_up",
    always("not written"),
)
def test_what_was_caught_up_before_an_interruption_is_not_told_again() -> None:
    recorder, journal = unwritten(2)
    rules = recorder.catch_up()
    next(rules).call()  # type: ignore[union-attr]
    with pytest.raises(KeyboardInterrupt):
        rules.throw(KeyboardInterrupt())
    for effect in recorder.catch_up():
        effect.call()  # type: ignore[union-attr]
    assert journal.told == 2


def test_what_was_not_yet_written_at_an_interruption_is_kept() -> None:
    recorder, journal = unwritten(2)
    rules = recorder.catch_up()
    next(rules)
    with pytest.raises(KeyboardInterrupt):
        rules.throw(KeyboardInterrupt())
    for effect in recorder.catch_up():
        effect.call()  # type: ignore[union-attr]
    assert [row.entry.outcome for row in journal.store.rows] == ["accepted"] * 2


class Counting(MemoryJournal):
    """Counts the ends that it was told."""

    told = 0

    def end(self, entry: Any, outcome: str, task_id: str | None) -> None:
        self.told += 1
        super().end(entry, outcome, task_id)


def unwritten(count: int) -> tuple[Recorder, Counting]:
    """A recorder with that many ends that could not be recorded."""
    journal = Counting(Store())
    recorder = Recorder(journal)
    for number in range(count):
        rules = recorder.end(journal.begin(intent(f"order-{number}")), "accepted", f"task-{number}", lambda _: None)
        next(rules)
        with suppress(StopIteration):
            while True:
                rules.throw(JournalError("the disk is full"))
    return recorder, journal
