"""A submission leaves while half of its time is left, or not at all: all that comes before shares the first half."""

from __future__ import annotations

import asyncio
import datetime
import multiprocessing
import os
import signal
import socket
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from contract_tests.model import good
from modellix import AsyncModellix, BudgetExceeded, Modellix, NeverSentError, RetryPolicy, SqliteJournal
from scripts.mutants.kills import kills, never, swap, without
from tests.support.clients import KEY, kind_of
from tests.support.hostile_server import Script, Wire, accepted, healthy, refused, reply
from tests.support.scripts import answers, head, nothing, stall_after

from .conftest import Open, Serve

FORK = multiprocessing.get_context("fork")


class Ledger:
    """A journal in memory. `slow` seconds for each intent; how many entries were open at most."""

    def __init__(self, slow: float = 0.0) -> None:
        self.slow = slow
        self.outcomes: list[str | None] = []
        self.most_open = 0
        self._lock = threading.Lock()

    def begin(self, operation: str, fingerprint: str, sent_at: datetime.datetime) -> int:
        time.sleep(self.slow)
        with self._lock:
            self.outcomes.append(None)
            self.most_open = max(self.most_open, self.outcomes.count(None))
            return len(self.outcomes) - 1

    def end(self, entry: int, outcome: str, task_id: str | None) -> None:
        with self._lock:
            self.outcomes[entry] = outcome

    def finished(self, task_id: str) -> None:
        raise AssertionError

    def unfinished_ids(self) -> list[str]:
        raise AssertionError


def held(gate: threading.Event) -> Script:
    """Answers when the gate opens."""

    def script(wire: Wire) -> bool:
        request = wire.read_request()
        while not gate.wait(0.01):
            if wire.server.stopping.is_set():
                return False
        wire.send(reply(200, accepted(wire.server.next_id(request))))
        return True

    return script


# The queue

CROWD, PLACES = 40, 3


def crowd(url: str, is_async: bool, on_end: Any, **options: Any) -> list[Any]:
    """The ends of many submissions at once; `on_end` is called with each that is not a task."""
    if is_async:
        return asyncio.run(_crowd(url, on_end, **options))

    def submit(number: int) -> Any:
        try:
            return client.openai.gpt_image_2(**good.words(f"lighthouse {number}"))
        except Exception as error:
            on_end(error)
            return error

    with Modellix(KEY, base_url=url, max_in_flight=PLACES, **options) as client, ThreadPoolExecutor(CROWD) as pool:
        return list(pool.map(submit, range(CROWD)))


async def _crowd(url: str, on_end: Any, **options: Any) -> list[Any]:
    async with AsyncModellix(KEY, base_url=url, max_in_flight=PLACES, **options) as client:

        async def submit(number: int) -> Any:
            try:
                return await client.openai.gpt_image_2(**good.words(f"lighthouse {number}"))
            except Exception as error:
                on_end(error)
                return error

        return await asyncio.gather(*map(submit, range(CROWD)))


BOTH = pytest.mark.parametrize("is_async", [False, True], ids=["Modellix", "AsyncModellix"])


@kills(
    "A submission queues until its deadline.",
    "_core.submission:SubmissionAttempts._next_attempt",
    swap("_latest", "_deadline"),
)
@BOTH
def test_what_has_queued_for_half_of_its_time_is_not_sent(is_async: bool, serve: Serve) -> None:
    """The first ones are answered only when all others have given up: none of these is bought, none of those lost."""
    gate, ledger, ends = threading.Event(), Ledger(), list[Exception]()

    def ended(error: Exception) -> None:
        ends.append(error)
        if len(ends) == CROWD - PLACES:
            gate.set()

    server = serve(held(gate))
    found = crowd(server.url, is_async, ended, timeout=6.0, journal=ledger, max_submissions=CROWD)
    assert Counter(map(kind_of, found)) == Counter({"Task": PLACES, "NeverSentError": CROWD - PLACES})
    assert all("the queue" in str(error) for error in ends)
    assert len(server.submissions) == PLACES
    assert (ledger.outcomes, ledger.most_open) == (["accepted"] * PLACES, PLACES)


@BOTH
def test_no_more_entries_are_open_than_there_are_slots(is_async: bool, serve: Serve) -> None:
    server, ledger = serve(), Ledger(slow=0.001)
    found = crowd(server.url, is_async, print, journal=ledger)
    assert Counter(map(kind_of, found)) == Counter({"Task": CROWD})
    assert ledger.outcomes == ["accepted"] * CROWD
    assert ledger.most_open <= PLACES


def queue_for_ever(url: str, path: str, is_async: bool) -> None:
    crowd(url, is_async, print, journal=SqliteJournal(path), timeout=60.0)


@kills(
    "What queues is recorded already, so that a kill leaves an entry for each.",
    "_core.submission:SubmissionAttempts._next_attempt",
    without("WaitForSlot"),
    "_core.submission:SubmissionAttempts._effect",
    swap("has_slot=True", "has_slot=False"),
)
@BOTH
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # Python 3.12 on: threads and fork
def test_killed_with_many_in_the_queue_the_journal_lists_those_that_were_sent(
    is_async: bool, serve: Serve, tmp_path: Path
) -> None:
    server = serve(stall_after(Wire.read_request))
    path = tmp_path / "journal.db"
    child = FORK.Process(target=queue_for_ever, args=(server.url, str(path), is_async))
    child.start()
    assert server.wait_for(PLACES, 20.0) == PLACES
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    child.join()
    child.close()
    journal = SqliteJournal(path)
    assert [entry.outcome for entry in journal.unresolved()] == [None] * PLACES
    journal.close()


# The order: slot, journal, budget


@kills(
    "A submission that the budget cannot allow any more queues and is recorded first.",
    "_core.submission:SubmissionAttempts.rules",
    without("guard"),
)
def test_an_entry_whose_submission_the_budget_refuses_ends_as_never_sent(serve: Serve, open_client: Open) -> None:
    server, ledger = serve(), Ledger()
    buyer = open_client(server.url, journal=ledger, max_submissions=1)
    reserved = buyer.client._parts.guard.take()  # as another submission does that is under way
    assert isinstance(buyer.attempt(), BudgetExceeded)
    assert ledger.outcomes == ["never sent"]
    buyer.client._parts.guard.give_back(reserved)
    assert kind_of(buyer.attempt()) == "Task"
    assert isinstance(buyer.attempt(), BudgetExceeded)
    assert ledger.outcomes == ["never sent", "accepted"]  # what is spent for good needs neither slot nor entry
    assert len(server.submissions) == 1


@kills(
    "A submission is refused although one before it in the queue may make room.",
    "_core.budget:SpendGuard.check",
    swap(".kept", ".used"),
)
def test_what_queues_behind_a_refused_submission_gets_its_part_of_the_budget(serve: Serve) -> None:
    gate = threading.Event()

    def refuses_late(wire: Wire) -> bool:
        wire.read_request()
        gate.wait(20)
        wire.send(reply(400, refused(400)))
        return True

    server = serve(refuses_late, healthy)
    options: dict[str, Any] = {"max_submissions": 1, "max_in_flight": 1}
    with Modellix(KEY, base_url=server.url, **options) as client, ThreadPoolExecutor() as pool:
        first = pool.submit(client.openai.gpt_image_2, **good.words("the first one"))
        server.wait_for(1, 20.0)
        second = pool.submit(client.openai.gpt_image_2, **good.words("the second one"))
        time.sleep(0.05)  # so that it has most probably begun to queue
        gate.set()
        assert kind_of(first.exception()) == "BadRequestError"
        assert second.result().id == "task-1"
    assert len(server.submissions) == 2


@kills(
    "A submission that is to be sent again keeps others from being sent meanwhile.",
    "_core.submission:SubmissionAttempts._next_attempt",
    without("give_back"),
)
def test_no_slot_is_held_during_a_pause(serve: Serve) -> None:
    server = serve(answers(429, refused(429), "Retry-After: 0.5"), healthy)
    paused = threading.Event()
    retry = RetryPolicy(rate_limited=1, on_retry=lambda *_: paused.set())
    with Modellix(KEY, base_url=server.url, max_in_flight=1, retry=retry) as client, ThreadPoolExecutor() as pool:
        first = pool.submit(client.openai.gpt_image_2, **good.words("the first one"))
        assert paused.wait(20)
        client.openai.gpt_image_2(**good.words("the second one"))
        first.result()
    assert [request.text for request in server.submissions] == ["the first one", "the second one", "the first one"]


# The journal


def test_what_has_waited_for_the_journal_for_half_of_its_time_is_not_sent(serve: Serve, open_client: Open) -> None:
    server, ledger = serve(), Ledger(slow=0.3)
    end = open_client(server.url, journal=ledger, timeout=0.5, retry=RetryPolicy(connects=9, first_pause=0)).attempt()
    assert (kind_of(end), end.attempts) == ("NeverSentError", 1)
    assert "the journal" in str(end)
    assert ledger.outcomes == ["never sent"]
    assert server.connections == 0


# Connecting


@kills(
    "A dead address uses up the time of the others.",
    "_core.submission:SubmissionAttempts._effect",
    swap("timeout / CONNECT_SHARE", "timeout"),
)
def test_one_step_of_connecting_gets_a_sixth_of_the_time(serve: Serve, open_client: Open) -> None:
    server = serve(stall_after(nothing), tls=True)
    started = time.monotonic()
    end = open_client(server.url, timeout=6.0, retry=RetryPolicy(connects=0)).attempt()
    assert kind_of(end) == "NeverSentError"
    assert 0.9 < time.monotonic() - started < 2.9


@kills(
    "Connecting goes on until the deadline.",
    sync=(
        "_io.call:Call.left",
        never("is_connecting"),
        "_core.submission:SubmissionAttempts._pause",
        swap("_latest", "_deadline"),
    ),
    asynchronous=(
        "_io.async_driver:AsyncDriver._step",
        swap("leaves_by", "deadline"),
        "_core.submission:SubmissionAttempts._pause",
        swap("_latest", "_deadline"),
    ),
)
@pytest.mark.parametrize("is_tunnel", [False, True], ids=["the handshake", "the proxy's answer"])
def test_all_connecting_shares_the_first_half(
    is_tunnel: bool, serve: Serve, open_client: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(stall_after(head if is_tunnel else nothing), tls=not is_tunnel)
    if is_tunnel:
        monkeypatch.setenv("HTTPS_PROXY", server.url)
    url = "https://api.example" if is_tunnel else server.url
    started = time.monotonic()
    end = open_client(url, timeout=3.0, retry=RetryPolicy(connects=99, first_pause=0.001)).attempt()
    assert kind_of(end) == "NeverSentError"
    assert "connecting" in str(end)
    assert 2 <= end.attempts <= 4
    assert time.monotonic() - started < 2.9


def test_several_dead_addresses_share_the_first_half(open_client: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """Listening sockets whose queue is full: the system drops what knocks."""
    deaf = [socket.socket() for _ in range(2)]
    knocking = [socket.socket() for _ in range(4 * len(deaf))]
    try:
        port = 0
        for number, each in enumerate(deaf):
            each.bind((f"127.0.0.{number + 1}", port))
            port = each.getsockname()[1]
            each.listen(0)
        for number, each in enumerate(knocking):
            each.setblocking(False)
            each.connect_ex((f"127.0.0.{number % 2 + 1}", port))
        rows = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"127.0.0.{number % 2 + 1}", port)) for number in range(9)]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: rows)
        started = time.monotonic()
        end = open_client(
            f"http://localhost:{port}", timeout=3.0, retry=RetryPolicy(connects=9, first_pause=0)
        ).attempt()
        assert kind_of(end) == "NeverSentError"
        assert "connecting" in str(end)
        assert time.monotonic() - started < 2.9
    finally:
        for each in (*deaf, *knocking):
            each.close()


@kills(
    "A submission leaves however little of its time is left.",
    "_io.driver:Driver._may_leave",
    swap("self.clock.now() >= ~.leaves_by", "False"),
)
@pytest.mark.parametrize("is_injected", [False, True], ids=["our transport", "http_client"])
@BOTH
def test_the_time_is_looked_at_immediately_before_the_first_byte(
    is_async: bool, is_injected: bool, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock jumps while the name is looked up, which nothing bounds: the connection is made, and nothing leaves."""
    server, ledger = serve(), Ledger()
    options: dict[str, Any] = {"base_url": f"http://localhost:{server.port}", "journal": ledger, "max_submissions": 1}
    if is_injected:
        options["http_client"] = httpx.AsyncClient(trust_env=False) if is_async else httpx.Client(trust_env=False)
    client: Any = (AsyncModellix if is_async else Modellix)(KEY, **options)
    now = client._parts.clock.now
    jumps = [16.0]

    def slow_resolver(*_: Any, **__: Any) -> list[Any]:
        seconds = jumps.pop() if jumps else 0.0
        offset = client._parts.clock.now() - now() + seconds
        client._parts.clock.now = lambda: now() + offset
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", server.port))]

    monkeypatch.setattr(socket, "getaddrinfo", slow_resolver)

    async def submit_twice() -> None:
        for _ in range(2):
            ends.append((await asyncio.gather(client.openai.gpt_image_2(**good.words()), return_exceptions=True))[0])
        await client.aclose()
        if is_injected:
            await options["http_client"].aclose()

    ends: list[Any] = []
    if is_async:
        asyncio.run(submit_twice())
    else:
        with pytest.raises(NeverSentError) as caught:
            client.openai.gpt_image_2(**good.words())
        ends += [caught.value, client.openai.gpt_image_2(**good.words())]
        client.close()
        if is_injected:
            options["http_client"].close()
    assert [kind_of(end) for end in ends] == ["NeverSentError", "Task"]
    assert "connecting" in str(ends[0])
    assert ledger.outcomes == ["never sent", "accepted"]
    assert len(server.submissions) == 1


@kills(
    "A transport that does not report its steps gets a submission that comes too late.",
    "_io.driver:Driver._request",
    swap("to_connect <=", "left <="),
)
@BOTH
def test_a_mock_transport_is_not_handed_what_has_no_time_left(is_async: bool) -> None:
    """It does not report its steps, so that the time is looked at before it is called."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=accepted())

    mock = httpx.MockTransport(answer)
    ledger = Ledger(slow=0.3)
    options: dict[str, Any] = {"journal": ledger, "timeout": 0.5}
    if is_async:

        async def main() -> None:
            async with AsyncModellix(KEY, http_client=httpx.AsyncClient(transport=mock), **options) as client:
                with pytest.raises(NeverSentError, match="the journal"):
                    await client.openai.gpt_image_2(**good.words())

        asyncio.run(main())
    else:
        client = Modellix(KEY, http_client=httpx.Client(transport=mock), **options)
        with pytest.raises(NeverSentError, match="the journal"):
            client.openai.gpt_image_2(**good.words())
    assert (seen, ledger.outcomes) == ([], ["never sent"])


def test_a_repeat_that_gets_no_place_in_time_ends_with_the_refusal(serve: Serve) -> None:
    """Refused with 429, paused, and then the queue takes the rest of the first half."""
    gate = threading.Event()
    server = serve(answers(429, refused(429), "Retry-After: 0.2"), held(gate))
    paused = threading.Event()
    retry = RetryPolicy(rate_limited=1, on_retry=lambda *_: paused.set())
    hurried = Modellix(KEY, base_url=server.url, timeout=2.0, max_in_flight=1, retry=retry)
    patient = Modellix(KEY, base_url=server.url, timeout=60.0)
    patient._driver._slots = hurried._driver._slots  # which holds the only slot for longer
    with hurried, patient, ThreadPoolExecutor() as pool:
        first = pool.submit(hurried.openai.gpt_image_2, **good.words("the first one"))
        assert paused.wait(20)
        second = pool.submit(patient.openai.gpt_image_2, **good.words("the second one"))
        end = first.exception(20)
        gate.set()
        assert second.result().id
    assert kind_of(end) == "RateLimitError"
    assert len(server.submissions) == 2
