"""A cancelled submission whose first byte has left goes on: its caller at once, its exchange to the end."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import gc
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest

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
from tests.modellix.conftest import Serve
from tests.support.cancelling import WAYS, Ready, by_hand
from tests.support.clients import KEY, kind_of
from tests.support.held import HeldAnswer, HeldJournal
from tests.support.hostile_server import HostileServer, Wire, accepted, refused, reply
from tests.support.marks import ON_SOCKETS
from tests.support.scripts import nothing, stall_after

pytestmark = [*ON_SOCKETS, pytest.mark.slow]

GOOD = reply(200, accepted())


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
    asynchronous=("_io.background:Background.leave", always("goes_on")),
    row="by_hand",
)
@kills(
    "What is set on the exception stays unknown.",
    asynchronous=("_io.background:Background.leave", without("add_done_callback")),
    row="by_hand",
)
@pytest.mark.parametrize("way", WAYS)
def test_a_cancelled_submission_that_has_left_becomes_a_task(way: Any, serve: Serve) -> None:
    held, journal = HeldAnswer(), HeldJournal()
    server = serve(held(GOOD))

    async def main() -> None:
        async with AsyncModellix(KEY, base_url=server.url, journal=journal, max_submissions=1) as client:
            error = await way(client.openai.gpt_image_2(**good.words()), sent(server))
            first = error.modellix_submission
            assert type(first) is SubmissionOutcomeUnknown
            assert journal.outcomes == [None]
            held.opened.set()
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
    held = HeldAnswer()
    server = serve(held(GOOD))

    async def main() -> None:
        async with AsyncModellix(KEY, base_url=server.url) as client:
            with pytest.raises(TimeoutError) as caught:
                await asyncio.wait_for(client.openai.gpt_image_2(**good.words()), 0.3)
            held.opened.set()
            end = await replaced(caught.value.__cause__)
            assert kind_of(end) == ("Task" if server.submissions else "NeverSentError")

    asyncio.run(main())


def test_the_exception_goes_on_at_once_and_the_exchange_keeps_slot_and_reservation(serve: Serve) -> None:
    held = HeldAnswer()
    server = serve(held(reply(400, refused(400))), held(GOOD))

    async def main() -> None:
        async with AsyncModellix(KEY, base_url=server.url, max_in_flight=1, max_submissions=1) as client:
            error: Any = await by_hand(client.openai.gpt_image_2(**good.words("the first one")), sent(server))
            assert client._parts.guard._limits[0].used == 1
            second = asyncio.create_task(client.openai.gpt_image_2(**good.words("the second one")))
            await asyncio.sleep(0.1)
            assert len(server.submissions) == 1
            held.opened.set()
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
    held = HeldAnswer()
    server = serve(held(reply(429, refused(429))))
    retry = RetryPolicy(rate_limited=5, connects=5, first_pause=0.001)

    async def main() -> None:
        async with AsyncModellix(KEY, base_url=server.url, retry=retry) as client:
            error: Any = await by_hand(client.openai.gpt_image_2(**good.words()), sent(server))
            held.opened.set()
            assert kind_of(await replaced(error)) == "RateLimitError"

    asyncio.run(main())
    assert len(server.submissions) == 1


@kills(
    "A submission goes on although its caller was cancelled while nothing had left.",
    asynchronous=("_io.background:Background.leave", swap("~.stop()", "True")),
)
@pytest.mark.parametrize("way", WAYS)
def test_cancelled_while_the_intent_is_recorded_nothing_is_sent(way: Any, serve: Serve) -> None:
    server, journal = serve(), HeldJournal()
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
    server, journal = serve(stall_after(nothing), tls=True), HeldJournal()

    async def connected() -> None:
        await until(lambda: server.connections)

    async def main() -> None:
        async with AsyncModellix(KEY, base_url=server.url, journal=journal, max_submissions=1) as client:
            error = await way(client.openai.gpt_image_2(**good.words()), connected)
            assert type(error.modellix_submission) is NeverSentError
            await until(lambda: journal.outcomes == ["never sent"])  # and has given its place back before
            server.play()
            assert (await client.openai.gpt_image_2(**good.words("another lighthouse"))).id == "task-1"

    asyncio.run(main())
    assert journal.outcomes == ["never sent", "accepted"]
    assert [request.text for request in server.submissions] == ["another lighthouse"]


@pytest.mark.parametrize("way", WAYS)
def test_cancelled_in_the_queue_nothing_is_sent_nor_recorded(way: Any, serve: Serve) -> None:
    held, journal = HeldAnswer(), HeldJournal()
    server = serve(held(GOOD))

    async def main() -> None:
        async with AsyncModellix(KEY, base_url=server.url, journal=journal, max_in_flight=1) as client:
            first = asyncio.create_task(client.openai.gpt_image_2(**good.words("the first one")))
            await sent(server)()

            async def queued() -> None:
                await asyncio.sleep(0.05)

            error = await way(client.openai.gpt_image_2(**good.words("the second one")), queued)
            assert type(error.modellix_submission) is NeverSentError
            held.opened.set()
            await first

    asyncio.run(main())
    assert journal.outcomes == ["accepted"]
    assert len(server.submissions) == 1


@kills(
    "`aclose` leaves the exchanges of cancelled submissions to themselves.",
    asynchronous=("_io.async_driver:AsyncDriver.aclose", swap("await self._background.wait()", "pass")),
)
def test_aclose_waits_for_what_has_left(serve: Serve) -> None:
    held, journal = HeldAnswer(), HeldJournal()
    server = serve(held(GOOD))

    async def main() -> None:
        client = AsyncModellix(KEY, base_url=server.url, journal=journal)
        error: Any = await by_hand(client.openai.gpt_image_2(**good.words()), sent(server))
        closing = asyncio.create_task(client.aclose())
        await asyncio.sleep(0.05)
        assert not closing.done()
        held.opened.set()
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
    journal = HeldJournal()
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
    held = HeldAnswer()
    server = serve(held(GOOD))

    async def main() -> None:
        async with AsyncModellix(KEY, base_url=server.url) as client:
            await by_hand(client.openai.gpt_image_2(**good.words()), sent(server))
            held.opened.set()

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
