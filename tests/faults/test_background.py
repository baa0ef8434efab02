"""A cancelled submission whose first byte has left goes on: its caller at once, its exchange to the end."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import gc
import logging
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any

import anyio
import pytest
from starlette.responses import StreamingResponse

from contract_tests.model import good
from modellix import (
    AsyncModellix,
    AsyncTask,
    BadRequestError,
    BudgetExceeded,
    NeverSentError,
    RetryPolicy,
    SqliteJournal,
    SubmissionOutcomeUnknown,
)
from scripts.mutants.kills import always, kills, swap, without
from tests.support.clients import KEY, kind_of
from tests.support.hostile_server import HostileServer, Script, Wire, accepted, refused, reply
from tests.support.scripts import nothing, stall_after

from .conftest import Serve

GOOD = reply(200, accepted())
Call = Coroutine[Any, Any, Any]
Ready = Callable[[], Awaitable[object]]


class Gate:
    """Answers wait for it."""

    def __init__(self) -> None:
        self.opened = threading.Event()

    def __call__(self, data: bytes) -> Script:
        def script(wire: Wire) -> bool:
            wire.read_request()
            while not self.opened.wait(0.01):
                if wire.server.stopping.is_set():
                    return False
            wire.send(data)
            return True

        return script


class Journal:
    """In memory; each intent can be held up."""

    def __init__(self) -> None:
        self.outcomes: list[str | None] = []
        self.ids: list[str | None] = []
        self.goes_on = threading.Event()
        self.goes_on.set()
        self.began = threading.Event()

    def begin(self, operation: str, fingerprint: str, sent_at: object) -> int:
        self.began.set()
        assert self.goes_on.wait(20)
        self.outcomes.append(None)
        self.ids.append(None)
        return len(self.outcomes) - 1

    def end(self, entry: int, outcome: str, task_id: str | None) -> None:
        self.outcomes[entry], self.ids[entry] = outcome, task_id

    def finished(self, task_id: str) -> None:
        raise AssertionError

    def unfinished_ids(self) -> list[str]:
        raise AssertionError


# The ways in which people cancel: each returns the exception that came out of the submission.


async def by_timeout(call: Call, ready: Ready) -> BaseException:
    timer = asyncio.timeout(None)

    async def expire() -> None:
        await ready()
        timer.reschedule(asyncio.get_running_loop().time())

    expiring = asyncio.create_task(expire())
    with pytest.raises(TimeoutError) as caught:
        async with timer:
            await call
    await expiring
    assert isinstance(caught.value.__cause__, asyncio.CancelledError)
    return caught.value.__cause__


async def by_hand(call: Call, ready: Ready) -> BaseException:
    task = asyncio.create_task(call)
    await ready()
    task.cancel("enough")
    with pytest.raises(asyncio.CancelledError) as caught:
        await task
    assert caught.value.args == ("enough",)
    return caught.value


async def by_hand_twice(call: Call, ready: Ready) -> BaseException:
    task = asyncio.create_task(call)
    await ready()
    task.cancel()
    task.cancel()
    with pytest.raises(asyncio.CancelledError) as caught:
        await task
    task.cancel()
    return caught.value


async def _keep(call: Call, kept: list[BaseException]) -> None:
    try:
        await call
    except BaseException as error:
        kept.append(error)
        raise


async def by_a_sibling(call: Call, ready: Ready) -> BaseException:
    kept: list[BaseException] = []

    async def fail() -> None:
        await ready()
        raise ZeroDivisionError

    with pytest.raises(ExceptionGroup):  # noqa: PT012 - the block is what a user writes
        async with asyncio.TaskGroup() as group:
            group.create_task(_keep(call, kept))
            group.create_task(fail())
    return kept[0]


async def by_gather(call: Call, ready: Ready) -> BaseException:
    kept: list[BaseException] = []
    both = asyncio.gather(_keep(call, kept), asyncio.sleep(30))
    await ready()
    both.cancel()
    with pytest.raises(asyncio.CancelledError):
        await both
    return kept[0]


async def by_a_cancel_scope(call: Call, ready: Ready) -> BaseException:
    """anyio cancels again at every await, so none of ours may come after the first."""
    kept: list[BaseException] = []
    with anyio.CancelScope() as scope:

        async def cancel() -> None:
            await ready()
            scope.cancel()

        cancelling = asyncio.create_task(cancel())
        await _keep(call, kept)
    await cancelling
    assert scope.cancelled_caught
    return kept[0]


async def by_a_client_that_disconnects(call: Call, ready: Ready) -> BaseException:
    """Starlette then cancels the scope in which it awaits what the endpoint streams."""
    kept: list[BaseException] = []

    async def stream() -> AsyncIterator[bytes]:
        await _keep(call, kept)
        yield b""

    async def receive() -> dict[str, str]:
        await ready()
        return {"type": "http.disconnect"}

    async def send(message: object) -> None:
        """To a client that takes anything."""

    await StreamingResponse(stream())({"type": "http", "asgi": {"spec_version": "2.3"}}, receive, send)
    return kept[0]


WAYS = [by_timeout, by_hand, by_hand_twice, by_a_sibling, by_gather, by_a_cancel_scope, by_a_client_that_disconnects]


def sent(server: HostileServer, count: int = 1) -> Ready:
    return lambda: asyncio.to_thread(server.wait_for, count, 20.0)


async def until(condition: Callable[[], object]) -> None:
    """Look again and again; a thread brings it about."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - threads set no asyncio.Event
            await asyncio.sleep(0.005)


async def replaced(error: Any) -> Any:
    """What is known of the submission, when the background has found out."""
    await until(lambda: not isinstance(error.modellix_submission, SubmissionOutcomeUnknown))
    return error.modellix_submission


@pytest.fixture(autouse=True)
def nothing_is_left_behind(caplog: pytest.LogCaptureFixture) -> Any:
    """Neither a task destroyed while pending, nor an exception that nobody has looked at."""
    yield
    gc.collect()
    assert [record.message for record in caplog.get_records("call") if record.name == "asyncio"] == []


@kills(
    "A submission that has left is cut when its caller is cancelled, and its reply is lost.",
    asynchronous=("_io.background:Background._leave", always("goes_on")),
    row="by_hand",
)
@kills(
    "What is set on the exception stays unknown.",
    asynchronous=("_io.background:Background._leave", without("add_done_callback")),
    row="by_hand",
)
@pytest.mark.parametrize("way", WAYS)
def test_a_cancelled_submission_that_has_left_becomes_a_task(way: Any, serve: Serve) -> None:
    gate, journal = Gate(), Journal()
    server = serve(gate(GOOD))

    async def main() -> None:
        async with AsyncModellix(KEY, base_url=server.url, journal=journal, max_submissions=1) as client:
            error = await way(client.openai.gpt_image_2(**good.words()), sent(server))
            first = error.modellix_submission
            assert type(first) is SubmissionOutcomeUnknown
            assert journal.outcomes == [None]
            gate.opened.set()
            task = await replaced(error)
            assert isinstance(task, AsyncTask)
            assert task.id == "task-1"
            with pytest.raises(BudgetExceeded):
                await client.openai.gpt_image_2(**good.words("another lighthouse"))

    asyncio.run(main())
    assert (journal.outcomes[:1], journal.ids[:1]) == (["accepted"], ["task-1"])
    assert len(server.submissions) == 1


def test_wait_for(serve: Serve) -> None:
    """It has a time of its own, which is over before or after the request has left."""
    gate = Gate()
    server = serve(gate(GOOD))

    async def main() -> None:
        async with AsyncModellix(KEY, base_url=server.url) as client:
            with pytest.raises(TimeoutError) as caught:
                await asyncio.wait_for(client.openai.gpt_image_2(**good.words()), 0.3)
            gate.opened.set()
            end = await replaced(caught.value.__cause__)
            assert kind_of(end) == ("Task" if server.submissions else "NeverSentError")

    asyncio.run(main())


def test_the_exception_goes_on_at_once_and_the_exchange_keeps_slot_and_reservation(serve: Serve) -> None:
    gate = Gate()
    server = serve(gate(reply(400, refused(400))), gate(GOOD))

    async def main() -> None:
        async with AsyncModellix(KEY, base_url=server.url, max_in_flight=1, max_submissions=1) as client:
            error: Any = await by_hand(client.openai.gpt_image_2(**good.words("the first one")), sent(server))
            assert client._parts.guard._limits[0].used == 1
            second = asyncio.create_task(client.openai.gpt_image_2(**good.words("the second one")))
            await asyncio.sleep(0.1)
            assert len(server.submissions) == 1
            gate.opened.set()
            assert isinstance(await replaced(error), BadRequestError)
            assert (await second).id == "task-1"

    asyncio.run(main())
    assert [request.text for request in server.submissions] == ["the first one", "the second one"]


@kills(
    "A submission whose caller was cancelled is repeated after 429.",
    asynchronous=("_core.submission:SubmissionAttempts._pause", without("is_stopped")),
)
def test_a_cancelled_submission_is_not_sent_again(serve: Serve) -> None:
    """Neither after a refusal with 429, nor when no connection could be made."""
    gate = Gate()
    server = serve(gate(reply(429, refused(429))))
    retry = RetryPolicy(rate_limited=5, connects=5, first_pause=0.001)

    async def main() -> None:
        async with AsyncModellix(KEY, base_url=server.url, retry=retry) as client:
            error: Any = await by_hand(client.openai.gpt_image_2(**good.words()), sent(server))
            gate.opened.set()
            assert kind_of(await replaced(error)) == "RateLimitError"

    asyncio.run(main())
    assert len(server.submissions) == 1


@kills(
    "A submission goes on although its caller was cancelled while nothing had left.",
    asynchronous=("_io.background:Background._leave", swap("~.stop()", "True")),
)
@pytest.mark.parametrize("way", WAYS)
def test_cancelled_while_the_intent_is_recorded_nothing_is_sent(way: Any, serve: Serve) -> None:
    server, journal = serve(), Journal()
    journal.goes_on.clear()

    async def main() -> None:
        async with AsyncModellix(KEY, base_url=server.url, journal=journal, max_submissions=1) as client:
            error = await way(
                client.openai.gpt_image_2(**good.words()), lambda: asyncio.to_thread(journal.began.wait, 20)
            )
            assert type(error.modellix_submission) is NeverSentError
            journal.goes_on.set()
            assert (await client.openai.gpt_image_2(**good.words("another lighthouse"))).id == "task-1"

    asyncio.run(main())
    assert sorted(map(str, journal.outcomes)) == ["accepted", "never sent"]
    assert [request.text for request in server.submissions] == ["another lighthouse"]


@pytest.mark.parametrize("way", WAYS)
def test_cancelled_while_connecting_nothing_is_sent(way: Any, serve: Serve) -> None:
    server, journal = serve(stall_after(nothing), tls=True), Journal()

    async def connected() -> None:
        await until(lambda: server.connections)

    async def main() -> None:
        async with AsyncModellix(KEY, base_url=server.url, journal=journal, max_submissions=1) as client:
            error = await way(client.openai.gpt_image_2(**good.words()), connected)
            assert type(error.modellix_submission) is NeverSentError
            server.play()
            assert (await client.openai.gpt_image_2(**good.words("another lighthouse"))).id == "task-1"

    asyncio.run(main())
    assert journal.outcomes == ["never sent", "accepted"]
    assert [request.text for request in server.submissions] == ["another lighthouse"]


@pytest.mark.parametrize("way", WAYS)
def test_cancelled_in_the_queue_nothing_is_sent_nor_recorded(way: Any, serve: Serve) -> None:
    gate, journal = Gate(), Journal()
    server = serve(gate(GOOD))

    async def main() -> None:
        async with AsyncModellix(KEY, base_url=server.url, journal=journal, max_in_flight=1) as client:
            first = asyncio.create_task(client.openai.gpt_image_2(**good.words("the first one")))
            await sent(server)()

            async def queued() -> None:
                await asyncio.sleep(0.05)

            error = await way(client.openai.gpt_image_2(**good.words("the second one")), queued)
            assert type(error.modellix_submission) is NeverSentError
            gate.opened.set()
            await first

    asyncio.run(main())
    assert journal.outcomes == ["accepted"]
    assert len(server.submissions) == 1


@kills(
    "`aclose` leaves the exchanges of cancelled submissions to themselves.",
    asynchronous=("_io.async_driver:AsyncDriver.aclose", swap("await self._background.wait()", "pass")),
)
def test_aclose_waits_for_what_has_left(serve: Serve) -> None:
    gate, journal = Gate(), Journal()
    server = serve(gate(GOOD))

    async def main() -> None:
        client = AsyncModellix(KEY, base_url=server.url, journal=journal)
        error: Any = await by_hand(client.openai.gpt_image_2(**good.words()), sent(server))
        closing = asyncio.create_task(client.aclose())
        await asyncio.sleep(0.05)
        assert not closing.done()
        gate.opened.set()
        await closing
        assert error.modellix_submission.id == "task-1"

    asyncio.run(main())
    assert journal.outcomes == ["accepted"]


@kills(
    "The exchanges of cancelled submissions go on after `aclose` was cancelled.",
    asynchronous=("_io.background:Background.cut", without("cancel")),
    row="False",
)
@pytest.mark.parametrize("is_anyio", [False, True])
def test_a_cancelled_aclose_cuts_what_has_left(is_anyio: bool, serve: Serve) -> None:
    journal = Journal()
    server = serve(stall_after(Wire.read_request))

    async def main() -> None:
        client = AsyncModellix(KEY, base_url=server.url, journal=journal)
        error: Any = await by_hand(client.openai.gpt_image_2(**good.words()), sent(server))
        if is_anyio:
            with anyio.move_on_after(0.02) as scope:
                await client.aclose()
            assert scope.cancelled_caught
        else:
            closing = asyncio.create_task(client.aclose())
            await asyncio.sleep(0.02)
            closing.cancel()
            with pytest.raises(asyncio.CancelledError):
                await closing
        await until(lambda: journal.outcomes == ["unknown"])
        assert type(error.modellix_submission) is SubmissionOutcomeUnknown

    started = time.monotonic()
    asyncio.run(main())
    assert time.monotonic() - started < 15  # not to the deadline


@pytest.mark.parametrize("is_cancelled", [False, True], ids=["still waited for", "cancelled before"])
def test_when_the_loop_ends_the_journal_says_unknown(is_cancelled: bool, serve: Serve, tmp_path: Path) -> None:
    server = serve(stall_after(Wire.read_request))
    journal = SqliteJournal(tmp_path / "journal.db")

    async def main() -> None:
        client = AsyncModellix(KEY, base_url=server.url, journal=journal)
        task = asyncio.create_task(client.openai.gpt_image_2(**good.words()))
        await sent(server)()
        if is_cancelled:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    started = time.monotonic()
    asyncio.run(main())
    assert time.monotonic() - started < 15
    assert [entry.outcome for entry in journal.unresolved()] == ["unknown"]
    journal.close()


def test_the_end_of_a_cancelled_submission_is_logged(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    gate = Gate()
    server = serve(gate(GOOD))

    async def main() -> None:
        async with AsyncModellix(KEY, base_url=server.url) as client:
            await by_hand(client.openai.gpt_image_2(**good.words()), sent(server))
            gate.opened.set()

    with caplog.at_level(logging.INFO, "modellix"):
        asyncio.run(main())
    assert "Accepted, task task-1" in caplog.text


def test_the_callers_context_is_seen(serve: Serve) -> None:
    span: contextvars.ContextVar[str] = contextvars.ContextVar("span")
    seen: list[str] = []
    server = serve(is_listening=False)
    retry = RetryPolicy(connects=1, first_pause=0.001, on_retry=lambda *_: seen.append(span.get()))

    async def main() -> None:
        span.set("the caller's")
        async with AsyncModellix(KEY, base_url=server.url, retry=retry) as client:
            with pytest.raises(NeverSentError):
                await client.openai.gpt_image_2(**good.words())

    asyncio.run(main())
    assert seen == ["the caller's"]
