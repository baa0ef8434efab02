"""Cancellation and Ctrl-C: the exception goes on unchanged and says what is known of the submission."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from contract_tests.model import good
from modellix import (
    AsyncModellix,
    AsyncTask,
    BudgetExceeded,
    NeverSentError,
    RetryPolicy,
    SqliteJournal,
    SubmissionOutcomeUnknown,
)
from tests.modellix.conftest import Serve
from tests.support.cancelling import by_a_sibling, by_hand, by_timeout
from tests.support.clients import KEY
from tests.support.hostile_server import HostileServer, Script, refused
from tests.support.journals import undelivered
from tests.support.marks import ON_SOCKETS
from tests.support.rows import BODY, GOOD
from tests.support.scripts import answers, late, nothing, said, stall_after, whole

pytestmark = [*ON_SOCKETS, pytest.mark.slow]

MOMENTS: dict[str, tuple[Script, type, dict[str, Any]]] = {
    "after the request": (stall_after(whole), SubmissionOutcomeUnknown, {"status": None, "task_id": None}),
    "before the server reads": (stall_after(nothing), SubmissionOutcomeUnknown, {"status": None, "task_id": None}),
    "after the head of the reply": (
        stall_after(said(GOOD[: -len(BODY)])), SubmissionOutcomeUnknown, {"status": 200, "task_id": None},
    ),
    "after the id in the reply": (
        stall_after(said(GOOD[:-4])), SubmissionOutcomeUnknown, {"status": 200, "task_id": "task-1"},
    ),
    "while pausing after 429": (
        answers(429, refused(429), "Retry-After: 10"), NeverSentError, {"operation": "gpt_image_2", "attempts": 1},
    ),
}  # fmt: skip


@contextlib.asynccontextmanager
async def client_of(server: HostileServer, **options: Any) -> AsyncIterator[AsyncModellix]:
    retry = RetryPolicy(rate_limited=1, connects=5, first_pause=5.0)
    async with AsyncModellix(**{"api_key": KEY, "base_url": server.url, "retry": retry, **options}) as client:
        yield client


def known_by(interruption: BaseException) -> Any:
    """What is known of the submission that it broke off."""
    return interruption.modellix_submission  # type: ignore[attr-defined]


def check(known: Any, kind: type, fields: dict[str, Any]) -> None:
    assert type(known) is kind
    for name, value in fields.items():
        assert getattr(known, name) == value, name


WAYS = [by_timeout, by_hand, by_a_sibling]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_cancelled_submission_tells_what_is_known(moment: str, way: Any, serve: Serve) -> None:
    script, kind, fields = MOMENTS[moment]
    server = serve(script)

    async def ready() -> None:
        await asyncio.to_thread(server.wait_for, 0 if moment == "before the server reads" else 1)
        await asyncio.sleep(0.1)

    async def main() -> None:
        async with client_of(server, max_submissions=1) as client:
            check(known_by(await way(client.openai.gpt_image_2(**good.words()), ready)), kind, fields)
            server.hang_up()  # or the exchange would go on to its deadline
            server.play()
            if kind is NeverSentError:
                assert (await client.openai.gpt_image_2(**good.words("another lighthouse"))).id == "task-1"
            else:
                with pytest.raises(BudgetExceeded):
                    await client.openai.gpt_image_2(**good.words("another lighthouse"))

    seen = 0 if moment == "before the server reads" else 1
    asyncio.run(main())
    assert len(server.submissions) == seen + (kind is NeverSentError)


@pytest.mark.parametrize("way", WAYS)
def test_cancelled_while_queueing_for_a_place_in_flight_nothing_was_sent(way: Any, serve: Serve) -> None:
    server = serve(late(GOOD, 0.3))

    async def main() -> None:
        async with client_of(server, max_in_flight=1, max_submissions=2) as client:
            first = asyncio.create_task(client.openai.gpt_image_2(**good.words("the first one")))
            await asyncio.to_thread(server.wait_for, 1)

            async def ready() -> None:
                await asyncio.sleep(0.05)

            known = known_by(await way(client.openai.gpt_image_2(**good.words("the second one")), ready))
            check(known, NeverSentError, {"operation": "gpt_image_2"})
            assert (await first).id == "task-1"
            assert isinstance(await client.openai.gpt_image_2(**good.words("the third one")), AsyncTask)
            with pytest.raises(BudgetExceeded):
                await client.openai.gpt_image_2(**good.words("the fourth one"))

    asyncio.run(main())
    assert [request.text for request in server.submissions] == ["the first one", "the third one"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("tls", [False, True], ids=["while pausing after a refused port", "within the TLS handshake"])
def test_cancelled_before_a_connection_is_made_nothing_was_sent(tls: bool, way: Any, serve: Serve) -> None:
    server = serve(stall_after(nothing), tls=tls, is_listening=tls)

    async def ready() -> None:
        await asyncio.sleep(0.1)

    async def main() -> None:
        async with client_of(server, max_submissions=1) as client:
            known = known_by(await way(client.openai.gpt_image_2(**good.words()), ready))
            check(known, NeverSentError, {"operation": "gpt_image_2"})
            if not tls:
                server.listen()
            server.play()
            assert isinstance(await client.openai.gpt_image_2(**good.words("another lighthouse")), AsyncTask)

    asyncio.run(main())
    assert [request.text for request in server.submissions] == ["another lighthouse"]


def test_cancelled_while_the_name_is_looked_up_nothing_was_sent(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", slow_resolver)

    async def main() -> None:
        async with AsyncModellix(KEY, base_url="https://somewhere.invalid", max_submissions=1) as client:
            submission = client.openai.gpt_image_2(**good.words())
            known = known_by(await by_hand(submission, lambda: asyncio.sleep(0.05)))
            check(known, NeverSentError, {"attempts": 1})

    asyncio.run(main())


def slow_resolver(*_: Any, **__: Any) -> list[Any]:
    time.sleep(0.2)
    return []


@pytest.mark.parametrize("steps", range(1, 40))
def test_a_submission_cancelled_after_any_number_of_steps_is_told(steps: int, serve: Serve, tmp_path: Path) -> None:
    """Cancelled at every turn of the event loop in turn, the journal's included: told and counted agree."""
    server = serve()
    journal = SqliteJournal(tmp_path / "journal.db")

    async def main() -> Any:
        async with client_of(server, journal=journal, max_submissions=1) as client:
            task = asyncio.create_task(client.openai.gpt_image_2(**good.words()))
            for _ in range(steps):
                await asyncio.sleep(0)
            if steps % 3 == 0:
                await asyncio.sleep(0.0005 * steps)
            task.cancel()
            cancelled = BaseException()
            try:
                cancelled.modellix_submission = await task  # type: ignore[attr-defined]
            except asyncio.CancelledError as error:
                cancelled = error
        return getattr(cancelled, "modellix_submission", "not begun"), client._parts.guard._limits[0].used

    known, used = asyncio.run(main())
    seen = len(server.submissions)
    if isinstance(known, NeverSentError) or known == "not begun":
        assert (seen, used, journal.unresolved(), undelivered(journal)) == (0, 0, [], [])
    else:  # what had left went on to its end
        assert (seen, used, journal.unresolved(), undelivered(journal)) == (1, 1, [], [known.id])
    journal.close()


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_submission_left_behind_in_a_closed_event_loop_stays_unresolved(serve: Serve, tmp_path: Path) -> None:
    """Nobody can be told when a coroutine is thrown away; the journal still lists what may have been bought."""
    server = serve(stall_after(whole))
    journal = SqliteJournal(tmp_path / "journal.db")
    loop = asyncio.new_event_loop()
    client = AsyncModellix(KEY, base_url=server.url, journal=journal)
    task = loop.create_task(client.openai.gpt_image_2(**good.words()))
    while not server.submissions:
        loop.run_until_complete(asyncio.sleep(0.01))
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()
    del task, client
    gc.collect()
    assert [entry.outcome for entry in journal.unresolved()] in ([None], ["unknown"])
    assert len(server.submissions) == 1
    journal.close()


# Ctrl-C

PROGRAM = """
    import signal, sys
    from contract_tests.model import good
    from modellix import Modellix, RetryPolicy
    client = Modellix("test-key", base_url=sys.argv[1], retry=RetryPolicy(connects=1, first_pause=10.0, rate_limited=1))
    print("ready", flush=True)
    try:
        client.openai.gpt_image_2(**good.words())
    except KeyboardInterrupt as error:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        known = error.modellix_submission
        print(type(known).__name__, getattr(known, "status", None), getattr(known, "task_id", None), flush=True)
    client.close()
"""
INTERRUPTED = {
    "after the request": (stall_after(whole), True, 2, "SubmissionOutcomeUnknown None None"),
    "after the head of the reply": (
        stall_after(said(GOOD[: -len(BODY)])), True, 2, "SubmissionOutcomeUnknown 200 None",
    ),
    "after the id in the reply": (stall_after(said(GOOD[:-4])), True, 2, "SubmissionOutcomeUnknown 200 task-1"),
    "while pausing after 429": (answers(429, refused(429), "Retry-After: 10"), True, 1, "NeverSentError None None"),
    "while pausing after a refused port": (nothing, False, 1, "NeverSentError None None"),
}  # fmt: skip


@pytest.mark.parametrize("moment", INTERRUPTED)
def test_ctrl_c_tells_what_is_known(moment: str, serve: Serve) -> None:
    """At once: the first one while nothing is under way, the second one during a wait for a reply."""
    script, is_listening, times, told = INTERRUPTED[moment]
    server = serve(script, is_listening=is_listening)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-c", textwrap.dedent(PROGRAM), server.url]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        if is_listening:
            server.wait_for(1, 10.0)
        time.sleep(0.2 if is_listening else 0.8)
        sent = 0
        while child.poll() is None and sent < 20:
            child.send_signal(signal.SIGINT)
            sent += 1
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(0.4)
        assert sent >= times
        said_by_child, _ = child.communicate(timeout=10)
    assert (said_by_child.strip(), child.returncode) == (told, 0)
    assert len(server.submissions) == is_listening
