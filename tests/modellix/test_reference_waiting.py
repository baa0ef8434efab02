"""While somebody else's submission under the reference may be under way, a caller waits: how long, and what ends it."""

from __future__ import annotations

import asyncio
import datetime
import os
import signal
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from attrs import evolve

from modellix import AsyncModellix, JournalError, Modellix, NeverSentError, RetryPolicy, SubmissionOutcomeUnknown
from modellix._core.attempt import prepare_request
from modellix._core.effects import WaitForSlot
from modellix._core.reference import follow
from modellix._core.submission import SubmissionAttempts
from modellix._io.sync_driver import SyncDriver
from scripts.mutants.kills import kills, never, swap
from tests.modellix.conftest import Open, OpenSide, Serve
from tests.support.cancelling import WAYS, by_hand
from tests.support.clients import KEY, AsyncFace, Face, SyncFace, end_of
from tests.support.held import HeldAnswer
from tests.support.hostile_server import accepted, healthy, refused, reply
from tests.support.journals import Watched
from tests.support.marks import ON_SOCKETS
from tests.support.memory_journal import AsyncMemoryJournal, MemoryJournal, Store
from tests.support.references import REFERENCE, Shop, request
from tests.support.scripts import answers
from tests.support.strikes import Strike, striking
from tests.support.timing import LONG

pytestmark = ON_SOCKETS


@pytest.fixture
def open_shop(serve: Serve, open_client: Open) -> Callable[..., Shop]:
    """open_shop(**options) has a journal in memory; somebody else's submission is open under the reference."""

    def start(**options: Any) -> Shop:
        journal, server = Watched(MemoryJournal(Store())), serve()
        shop = Shop(open_client(server.url, journal=journal, **options), journal, server)
        shop.earlier()
        return shop

    return start


def at_look(shop: Shop, number: int, happens: Callable[[], object]) -> None:
    """What happens elsewhere just before the client looks into the journal for the n-th time."""
    looks: list[None] = []

    def look() -> None:
        looks.append(None)
        if len(looks) == number:
            happens()

    shop.journal.before["find"] = look


def aside(face: Face, call: Callable[[], Any]) -> Any:
    """What the call brings, in another thread or task of the client, while the calling thread waits for it."""
    if isinstance(face, AsyncFace):

        async def main() -> Any:
            return await call()

        return asyncio.run_coroutine_threadsafe(main(), face.runner.get_loop()).result(LONG)
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(call).result(LONG)


@kills(
    "A caller who waits for somebody else's submission keeps its place in flight.",
    "_core.submission:SubmissionAttempts._next_attempt",
    swap("give_back()", "None if type(self._end).__name__ == 'NeverSentError' else give_back()"),
)
def test_whoever_waits_holds_no_place_in_flight(open_shop: Any) -> None:
    shop = open_shop(max_in_flight=1)
    bought: list[Any] = []

    def buy_another() -> None:
        bought.append(aside(shop.face, lambda: shop.face.client.submit(request("another"))))
        shop.journal.end(shop.entry, "accepted", "task-9")

    at_look(shop, 2, buy_another)
    assert shop.submit().id == "task-9"
    assert [task.id for task in bought] == ["task-1"]
    assert shop.sent == 1


def test_the_callers_own_time_ends_it(open_shop: Any) -> None:
    shop = open_shop(timeout=2.0)
    begun = time.monotonic()
    error = shop.buy()
    assert time.monotonic() - begun >= 1.99
    assert type(error) is SubmissionOutcomeUnknown
    assert (error.entry, error.reference) == (shop.entry, REFERENCE)
    assert f"may still be under way until {shop.entry.until.isoformat(' ', 'seconds')}" in str(error)
    assert "nothing was sent now: submit again under the same reference later" in str(error)
    assert (shop.entry.outcome, shop.sent) == (None, 0)


@kills(
    "A wait for an entry goes on when nobody waits for it any more.",
    "_core.submission:SubmissionAttempts._seconds_left",
    never("self.is_stopped"),
)
def test_a_submission_that_is_stopped_looks_no_more(open_shop: Any) -> None:
    """As whoever leaves a batch stops its rows."""
    shop = open_shop(timeout=5.0)
    client = shop.face.client
    context = client._parts.context
    submission = SubmissionAttempts(prepare_request(request(), context), context, REFERENCE)
    at_look(shop, 2, submission.stop)
    error = end_of(lambda: shop.face.run(lambda: client._driver.run(submission.rules())))
    assert type(error) is SubmissionOutcomeUnknown
    assert shop.journal.calls.count("find") == 2
    assert (shop.entry.outcome, shop.sent) == (None, 0)


def test_one_that_becomes_free_too_late_is_not_sent(open_shop: Any) -> None:
    """Less than half of the timeout is left then."""
    shop = open_shop(timeout=4.0)

    def refuse_late() -> None:
        time.sleep(2.1)
        shop.journal.end(shop.entry, "refused", None)

    at_look(shop, 1, refuse_late)
    error = shop.buy()
    assert type(error) is NeverSentError
    assert "the journal used" in str(error)
    assert error.reference == REFERENCE
    assert shop.entry.outcome in ("refused", "never sent")  # whoever comes next may send
    assert shop.sent == 0


def never_grants(entry: Any) -> Any:
    return evolve(entry, granted=False, outcome="refused")


def grants_nothing_new(entry: Any) -> Any:
    return evolve(entry, granted=False)


class Broken(Watched):
    """A journal whose `begin` answers otherwise."""

    def __init__(self, answer: Callable[[Any], Any]) -> None:
        super().__init__(MemoryJournal(Store()))
        self.answer = answer

    def begin(self, intent: Any) -> Any:
        self.calls.append("begin")
        return self.answer(self.journal.begin(intent))


def test_a_journal_that_grants_nothing_under_a_free_reference_is_an_error(serve: Serve, open_client: Open) -> None:
    journal, server = Broken(never_grants), serve()
    error = Shop(open_client(server.url, journal=journal), journal, server).buy()
    assert type(error) is JournalError
    assert error.reference == REFERENCE
    assert "grants nothing under the reference order-4711, which is free" in str(error)
    assert (journal.calls, server.submissions) == (["begin"], [])


def test_a_journal_that_contradicts_itself_is_asked_until_the_deadline(serve: Serve, open_client: Open) -> None:
    """Its `begin` says that somebody is at work, its `find` that nobody is."""
    journal, server = Broken(grants_nothing_new), serve()
    journal.journal.find = lambda reference: None
    error = Shop(open_client(server.url, journal=journal, timeout=0.3), journal, server).buy()
    assert type(error) in (SubmissionOutcomeUnknown, NeverSentError)
    assert 1 < len(journal.calls) < 100
    assert server.submissions == []


def test_without_a_reference_an_entry_that_is_not_granted_is_not_sent(serve: Serve, open_client: Open) -> None:
    journal, server = Broken(grants_nothing_new), serve()
    error = end_of(open_client(server.url, journal=journal, timeout=0.3).submit)
    assert isinstance(error, JournalError | SubmissionOutcomeUnknown)
    assert server.submissions == []


# Interrupted


@pytest.mark.parametrize("way", WAYS)
def test_a_cancelled_wait_sends_nothing(way: Any, serve: Serve) -> None:
    server, store = serve(), Store()
    journal = Watched(MemoryJournal(store))

    async def ready() -> None:
        while journal.calls.count("find") < 2:  # noqa: ASYNC110 - a thread brings it about
            await asyncio.sleep(0.005)

    async def main() -> None:
        async with AsyncModellix(KEY, base_url=server.url, journal=journal, max_in_flight=1) as client:
            face = AsyncFace(client)
            shop = Shop(face, journal, server)
            shop.earlier()
            error = await way(client.submit(request(), reference=REFERENCE), ready)
            assert type(error.modellix_submission) is NeverSentError
            assert error.modellix_submission.reference == REFERENCE
            assert "waiting for the journal" in str(error.modellix_submission)
            assert (shop.entry.outcome, shop.entry.attempt, shop.sent) == (None, 1, 0)
            assert (await client.submit(request("another"))).id == "task-1"  # the place in flight is free
            face.runner.close()

    asyncio.run(main())
    assert len(server.submissions) == 1


INTERRUPTED: dict[str, Strike] = {
    "in the pause": (SyncDriver._pause, "self.clock.sleep(pause.seconds", 1),
    "before the pause": (follow, "yield Pause", 1),
    "before the look": (follow, "looked = yield", 1),
    "after the look": (follow, "found = looked", 1),
    "in the journal": (MemoryJournal.find, "with self.store.lock", 1),
}


@pytest.mark.parametrize("kind", [KeyboardInterrupt, ValueError])
@pytest.mark.parametrize("strike", INTERRUPTED.values(), ids=list(INTERRUPTED))
def test_an_interrupted_wait_sends_nothing(strike: Strike, kind: type[BaseException], serve: Serve) -> None:
    server = serve()
    journal = MemoryJournal(Store())
    with SyncFace.to(server.url, journal=journal, max_in_flight=1) as face:
        shop = Shop(face, journal, server)
        shop.earlier()
        with striking(kind("from a handler"), strike), pytest.raises(kind) as caught:
            shop.submit()
        known = caught.value.modellix_submission  # type: ignore[attr-defined]
        assert type(known) is NeverSentError
        assert known.reference == REFERENCE
        assert (shop.entry.outcome, shop.entry.attempt, shop.sent) == (None, 1, 0)
        assert face.submit().id == "task-1"
    assert len(server.submissions) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="because Windows has no such signals")
def test_ctrl_c_ends_the_wait(open_shop: Any) -> None:
    shop = open_shop()
    at_look(shop, 2, lambda: os.kill(os.getpid(), signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        shop.submit()
    assert (shop.entry.outcome, shop.entry.attempt, shop.sent) == (None, 1, 0)


def test_an_async_journal_is_waited_for_as_well(serve: Serve) -> None:
    server = serve()
    watched: Any = Watched(MemoryJournal(Store()))

    async def main() -> Any:
        async with AsyncModellix(KEY, base_url=server.url, journal=AsyncMemoryJournal(watched)) as client:
            return await client.submit(request(), reference=REFERENCE)

    shop = Shop(AsyncFace(), watched, server)
    entry = shop.earlier()
    at_look(shop, 2, lambda: watched.end(entry, "accepted", "task-9"))
    assert asyncio.run(main()).id == "task-9"
    shop.face.close()
    assert server.submissions == []


# The sender's deadline


@kills(
    "An entry may be settled before its sender, who has queued, is done.",
    "_core.submission:SubmissionAttempts._begin",
    swap("until = clock.utc() +", "until = sent_at +"),
)
def test_until_is_the_senders_deadline_however_long_it_queued(open_side: OpenSide) -> None:
    journal = MemoryJournal(Store())
    side = open_side(journal=journal, timeout=30.0)
    begun = side.clock.utc()
    rules = side.client._parts.submission(request(), REFERENCE).rules()
    assert isinstance(next(rules), WaitForSlot)
    side.clock.sleep(5.0)
    rules.send(None).call()
    rules.close()
    [entry] = journal.entries()
    assert entry.until == begun + datetime.timedelta(seconds=30)


# Another takes its place


def test_one_that_pauses_after_a_refusal_finds_what_another_bought_meanwhile(serve: Serve, open_client: Open) -> None:
    server, journal, others = serve(answers(429, refused(429)), healthy), MemoryJournal(Store()), list[str]()

    def buy_first(*_: object) -> None:
        with Modellix(KEY, base_url=server.url, journal=journal) as other:
            others.append(other.submit(request(), reference=REFERENCE).id)

    retry = RetryPolicy(rate_limited=1, first_pause=0.01, on_retry=buy_first)
    task = Shop(open_client(server.url, journal=journal, retry=retry), journal, server).submit()
    assert ([task.id], task.is_new) == (others, False)
    [entry] = journal.entries()
    assert (entry.attempt, entry.outcome, len(server.submissions)) == (2, "accepted", 2)


def test_one_that_could_not_connect_is_the_next_attempt_of_its_entry(serve: Serve, open_client: Open) -> None:
    server, journal = serve(is_listening=False), MemoryJournal(Store())
    retry = RetryPolicy(connects=1, first_pause=0.01, on_retry=lambda *_: server.listen())
    task = Shop(open_client(server.url, journal=journal, retry=retry), journal, server).submit()
    [entry] = journal.entries()
    assert (task.is_new, entry.attempt, entry.outcome) == (True, 2, "accepted")
    assert len(server.submissions) == 1


# Under way


def test_what_is_known_of_one_under_way_has_its_entry(serve: Serve) -> None:
    held, journal = HeldAnswer(), MemoryJournal(Store())
    server = serve(held(reply(200, accepted())))

    async def main() -> None:
        async with AsyncModellix(KEY, base_url=server.url, journal=journal) as client:
            call = client.submit(request(), reference=REFERENCE)
            error: Any = await by_hand(call, lambda: asyncio.to_thread(server.wait_for, 1))
            known = error.modellix_submission
            assert type(known) is SubmissionOutcomeUnknown
            assert (known.entry, known.reference) == (journal.find(REFERENCE), REFERENCE)
            assert [entry.outcome for entry in journal.entries()] == [None]
            held.opened.set()
        assert (error.modellix_submission.id, error.modellix_submission.reference) == ("task-1", REFERENCE)

    asyncio.run(main())
    assert len(server.submissions) == 1
