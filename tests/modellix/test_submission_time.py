"""A submission leaves while half of its time is left, or not at all: all that comes before shares the first half."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from contract_tests.model import good
from modellix import AsyncModellix, BudgetExceeded, Modellix, RetryPolicy, SqliteJournal
from scripts.mutants.kills import kills, swap, without
from tests.modellix.conftest import Open, Serve
from tests.support.clients import KEY, kind_of
from tests.support.held import JournalInMemory
from tests.support.hostile_server import Script, Wire, accepted, healthy, refused, reply
from tests.support.marks import BOTH, ON_SOCKETS
from tests.support.processes import FORK
from tests.support.scripts import answers, stall_after

pytestmark = [*ON_SOCKETS, pytest.mark.slow]


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

CROWD, SLOTS = 40, 3


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

    with Modellix(KEY, base_url=url, max_in_flight=SLOTS, **options) as client, ThreadPoolExecutor(CROWD) as pool:
        return list(pool.map(submit, range(CROWD)))


async def _crowd(url: str, on_end: Any, **options: Any) -> list[Any]:
    async with AsyncModellix(KEY, base_url=url, max_in_flight=SLOTS, **options) as client:

        async def submit(number: int) -> Any:
            try:
                return await client.openai.gpt_image_2(**good.words(f"lighthouse {number}"))
            except Exception as error:
                on_end(error)
                return error

        return await asyncio.gather(*map(submit, range(CROWD)))


@kills(
    "A submission queues until its deadline.",
    "_core.submission:SubmissionAttempts._next_attempt",
    swap("_latest", "_deadline"),
)
@BOTH
def test_what_has_queued_for_half_of_its_time_is_not_sent(is_async: bool, serve: Serve) -> None:
    """The first ones are answered only when all others have given up: none of these is bought, none of those lost."""
    gate, journal, ends = threading.Event(), JournalInMemory(), list[Exception]()

    def ended(error: Exception) -> None:
        ends.append(error)
        if len(ends) == CROWD - SLOTS:
            gate.set()

    server = serve(held(gate))
    found = crowd(server.url, is_async, ended, timeout=6.0, journal=journal, max_submissions=CROWD)
    assert Counter(map(kind_of, found)) == Counter({"Task": SLOTS, "NeverSentError": CROWD - SLOTS})
    assert all("the queue" in str(error) for error in ends)
    assert len(server.submissions) == SLOTS
    assert (journal.outcomes, journal.most_open) == (["accepted"] * SLOTS, SLOTS)


@BOTH
def test_no_more_entries_are_open_than_there_are_slots(is_async: bool, serve: Serve) -> None:
    server, journal = serve(), JournalInMemory(slow=0.001)
    found = crowd(server.url, is_async, print, journal=journal)
    assert Counter(map(kind_of, found)) == Counter({"Task": CROWD})
    assert journal.outcomes == ["accepted"] * CROWD
    assert journal.most_open <= SLOTS


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
    assert server.wait_for(SLOTS, 20.0) == SLOTS
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    child.join()
    child.close()
    journal = SqliteJournal(path)
    assert [entry.outcome for entry in journal.unresolved()] == [None] * SLOTS
    journal.close()


# The order: slot, journal, budget


@kills(
    "A submission that the budget cannot allow any more queues and is recorded first.",
    "_core.client_parts:ClientParts.submission",
    without("guard"),
)
def test_an_entry_whose_submission_the_budget_refuses_ends_as_never_sent(serve: Serve, open_client: Open) -> None:
    server, journal = serve(), JournalInMemory()
    buyer = open_client(server.url, journal=journal, max_submissions=1)
    reserved = buyer.client._parts.guard.take()  # as another submission does that is under way
    assert isinstance(buyer.attempt(), BudgetExceeded)
    assert journal.outcomes == ["never sent"]
    buyer.client._parts.guard.give_back(reserved)
    assert kind_of(buyer.attempt()) == "Task"
    assert isinstance(buyer.attempt(), BudgetExceeded)
    assert journal.outcomes == ["never sent", "accepted"]  # what is spent for good needs neither slot nor entry
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
    server, journal = serve(), JournalInMemory(slow=0.3)
    end = open_client(server.url, journal=journal, timeout=0.5, retry=RetryPolicy(connects=9, first_pause=0)).attempt()
    assert (kind_of(end), end.attempts) == ("NeverSentError", 1)
    assert "the journal" in str(end)
    assert journal.outcomes == ["never sent"]
    assert server.connections == 0


def test_a_repeat_that_gets_no_place_in_time_ends_with_the_refusal(serve: Serve) -> None:
    """Refused with 429, paused, and then the queue takes the rest of the first half."""
    gate = threading.Event()
    server = serve(answers(429, refused(429), "Retry-After: 0.2"), held(gate))
    paused = threading.Event()
    retry = RetryPolicy(rate_limited=1, on_retry=lambda *_: paused.set())
    hurried = Modellix(KEY, base_url=server.url, timeout=2.0, max_in_flight=1, retry=retry)
    patient = Modellix(KEY, base_url=server.url, timeout=60.0)
    patient._driver._means = hurried._driver._means  # which holds the only slot for longer
    with hurried, patient, ThreadPoolExecutor() as pool:
        first = pool.submit(hurried.openai.gpt_image_2, **good.words("the first one"))
        assert paused.wait(20)
        second = pool.submit(patient.openai.gpt_image_2, **good.words("the second one"))
        end = first.exception(20)
        gate.set()
        assert second.result().id
    assert kind_of(end) == "RateLimitError"
    assert len(server.submissions) == 2
