"""What a signal handler raises in the synchronous client where nothing waits, at lines chosen one by one.

It goes on unchanged, and loses neither what was bought nor a slot.
"""

from __future__ import annotations

import socket
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpcore
import httpx
import pytest
from httpcore._sync.http11 import HTTP11Connection
from httpcore._synchronization import ThreadLock

import modellix._io.deadline
import modellix._io.transports
from contract_tests.model import good
from modellix import JournalError, Modellix, NeverSentError, RetryPolicy, SqliteJournal, SubmissionOutcomeUnknown, Task
from modellix._core.submission import SubmissionAttempts
from modellix._io import transports
from modellix._io.driver import Driver
from modellix._io.sync_driver import SyncDriver, drive
from tests.modellix.conftest import Serve
from tests.support.clients import KEY
from tests.support.held import HeldJournal
from tests.support.hostile_server import HostileServer
from tests.support.journals import undelivered
from tests.support.marks import ON_SOCKETS
from tests.support.strikes import Strike, striking

pytestmark = [*ON_SOCKETS, pytest.mark.slow]

KINDS: list[type[BaseException]] = [KeyboardInterrupt, TimeoutError, OSError, ValueError]
BEFORE: dict[str, Strike] = {
    "in the queue": (SyncDriver._wait_for_slot, "slots = self._means().slots", 1),
    "with a slot just taken": (SyncDriver._wait_for_slot, "return", 1),
    "with the slot known to the rules": (SubmissionAttempts._next_attempt, "return (yield from", 1),
    "as the effect is put together": (SubmissionAttempts._effect, "prepared = ", 1),
    "between the rules and the driver": (drive, "effect = rules.send", 2),
    "as the transport is taken": (SyncDriver._take, "with means.lock:", 1),
    "as the request is put together": (Driver._request, "request = httpx.Request", 1),
    "within httpcore": (httpcore.ConnectionPool.handle_request, "closing = self._assign", 1),
    "with httpcore's lock just taken": (ThreadLock.__enter__, "return self", 1),
    "as the socket is made": (modellix._io.deadline.DeadlineBackend._connect, "connection.setblocking(False)", 1),
    "as the wait for the connection begins": (
        modellix._io.deadline.DeadlineBackend._connect,
        "code = connection.connect",
        1,
    ),
}
AFTER: dict[str, Strike] = {
    "as the body ends": (SyncDriver._send_through, "return trace.collector.reply", 1),
    "as the response is closed": (SyncDriver._send_through, "response.close()", 1),
    "as the transport is given back": (SyncDriver._send, "self._give_back(transport)", 1),
    "between the driver and the rules": (drive, "effect = rules.send", 4),
    "in the rules": (SubmissionAttempts._send, "return self._attempt.answered", 1),
    "as the task is made": (Modellix._outcome, "return Task(", 1),
}


def call(client: Modellix, is_read: bool = False) -> Any:
    return client.task("task-1").refresh() if is_read else client.openai.gpt_image_2(**good.words())


def raised_by(client: Modellix, error: BaseException, strike: Strike, is_read: bool = False) -> None:
    """Call, and see to it that just this error comes out."""
    with striking(error, strike) as struck, pytest.raises(type(error)) as caught:
        call(client, is_read)
    assert len(struck) == strike[2]
    assert caught.value is error


def nothing_is_lost(client: Modellix, journal: HeldJournal, server: HostileServer) -> None:
    """Neither the only slot nor, with what was sent, the account."""
    sent = len(server.submissions)
    assert client._parts.guard._limits[0].used == sent
    assert call(client).id == f"task-{sent + 1}"
    assert len(server.submissions) == sent + 1
    assert None not in journal.outcomes


@pytest.fixture
def buy(serve: Serve) -> Callable[..., tuple[Modellix, HostileServer, HeldJournal]]:
    def open_client(**options: Any) -> tuple[Modellix, HostileServer, HeldJournal]:
        server, journal = serve(), HeldJournal()
        retry = RetryPolicy(first_pause=0.0)
        options = {"base_url": server.url, "journal": journal, "retry": retry, **options}
        return Modellix(KEY, max_submissions=9, max_in_flight=1, **options), server, journal

    return open_client


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("strike", BEFORE.values(), ids=list(BEFORE))
def test_before_the_first_byte_it_goes_on_and_nothing_is_sent(
    strike: Strike, kind: type[BaseException], buy: Any
) -> None:
    client, server, journal = buy()
    with client:
        error = kind("from a handler")
        raised_by(client, error, strike)
        assert type(getattr(error, "modellix_submission", None)) is NeverSentError
        assert server.submissions == []
        nothing_is_lost(client, journal, server)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("strike", AFTER.values(), ids=list(AFTER))
def test_after_the_reply_it_goes_on_with_the_task(strike: Strike, kind: type[BaseException], buy: Any) -> None:
    client, server, journal = buy()
    with client:
        error = kind("from a handler")
        raised_by(client, error, strike)
        assert isinstance(getattr(error, "modellix_submission", None), Task)
        assert journal.outcomes == ["accepted"]
        assert journal.ids == ["task-1"]
        nothing_is_lost(client, journal, server)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("is_read", [False, True], ids=["submission", "read"])
@pytest.mark.parametrize("call_of_ours", ["getaddrinfo", "create_ssl_context", "_shake_hands"])
def test_what_comes_out_of_a_call_for_the_connection_is_not_the_networks(
    call_of_ours: str, is_read: bool, kind: type[BaseException], buy: Any, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = {"getaddrinfo": socket, "create_ssl_context": httpx, "_shake_hands": modellix._io.deadline}[call_of_ours]
    error, server = kind("from a handler"), serve(tls=call_of_ours != "getaddrinfo")
    client, _, journal = buy(base_url=server.url)
    calls: list[int] = []

    def strike(*_: Any, **__: Any) -> Any:
        calls.append(1)
        raise error

    transports._tls_context.cache_clear()
    with client, monkeypatch.context() as patch:
        patch.setattr(owner, call_of_ours, strike)
        with pytest.raises(kind) as caught:
            call(client, is_read)
    assert caught.value is error
    assert len(calls) == 1
    assert server.submissions == []
    assert journal.outcomes == ([] if is_read else ["never sent"])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "strike",
    [
        (HTTP11Connection._receive_response_headers, "if isinstance(event, h11.Response)", 1),
        (HTTP11Connection.handle_request, "trace.return_value = (", 1),
        (httpx.HTTPTransport.handle_request, "return Response(", 1),
        (SyncDriver._read, "for chunk in response.stream", 1),
    ],
    ids=["as the head is parsed", "in httpcore", "in httpx", "before the body is read"],
)
def test_the_id_in_a_reply_that_was_not_taken_in_yet_is_known(
    strike: Strike, kind: type[BaseException], buy: Any
) -> None:
    client, server, journal = buy()
    with client:
        error = kind("from a handler")
        raised_by(client, error, strike)
        known = getattr(error, "modellix_submission", None)
        assert isinstance(known, SubmissionOutcomeUnknown)
        assert known.task_id == "task-1"
        assert (journal.outcomes, journal.ids) == (["unknown"], ["task-1"])
        nothing_is_lost(client, journal, server)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("strike", list(BEFORE.values())[5:], ids=list(BEFORE)[5:])
def test_a_read_goes_on_unchanged_and_is_not_repeated(strike: Strike, kind: type[BaseException], buy: Any) -> None:
    client, server, _ = buy()
    with client:
        raised_by(client, kind("from a handler"), strike, is_read=True)
        assert server.reads == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("visit", [1, 2], ids=["in begin", "in end"])
def test_out_of_a_journal_of_sqlite_it_goes_on(
    visit: int, kind: type[BaseException], serve: Serve, tmp_path: Path
) -> None:
    server, error = serve(), kind("from a handler")
    with (
        SqliteJournal(tmp_path / "journal") as journal,
        Modellix(KEY, base_url=server.url, journal=journal, max_submissions=9, max_in_flight=1) as client,
    ):
        raised_by(client, error, (SqliteJournal._run, "database = self._open()", visit))
        known = getattr(error, "modellix_submission", None)
        assert type(known) is (NeverSentError if visit == 1 else Task)
        assert journal.unresolved() == []
        assert undelivered(journal) == (["task-1"] if visit == 2 else [])
        assert len(server.submissions) == visit - 1
        assert call(client).id == f"task-{visit}"


@pytest.mark.parametrize("kind", [JournalError, sqlite3.OperationalError, ConnectionError, RuntimeError])
def test_a_journal_that_fails_keeps_nobody_from_the_task(kind: type[Exception], buy: Any) -> None:
    client, _, journal = buy()

    def fail(*_: object) -> None:
        raise kind("the disk is full")

    journal.end = fail
    with client:
        assert call(client).id == "task-1"
