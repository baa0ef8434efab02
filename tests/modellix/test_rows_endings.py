"""A batch that is left before its end: nothing new begins, and what was paid for is waited for."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from modellix import AsyncModellix, Modellix, SqliteJournal
from modellix.testing import Answer
from scripts.mutants.kills import kills, never, swap, without
from tests.support.batches import QUICK, Shop, refusal, request, requests, texts, threads_left
from tests.support.clients import KEY, tasks_left
from tests.support.timing import LONG, SOON, wait_until

SLOTS = 3
HELD = 0.3  # seconds that a service takes for what is under way when somebody leaves
Leave = Callable[[], object]


# anyio loses a connection that is cancelled in the moment when it is made; the garbage collector closes it.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def interrupt() -> None:
    raise KeyboardInterrupt


def nothing() -> None:
    pass


def sent(journal: SqliteJournal) -> list[str | None]:
    """How those ended that were sent."""
    return [entry.outcome for entry in journal.entries() if entry.outcome != "never sent"]


class Leaver:
    """Somebody who runs batches and leaves them after an outcome: by `break`, or by an exception of the loop's body.

    While `is_busy`, somebody else's reads have all places of the client.
    """

    def __init__(self, kind: str, shop: Shop, journal: SqliteJournal) -> None:
        self.options: dict[str, Any] = {"base_url": shop.url, "journal": journal, "poll": QUICK, "max_in_flight": SLOTS}
        self.is_busy = False
        self._kind = kind
        self._shop = shop
        self._ends = threading.Event()

    def run(self, rows: dict[str, Any], most: int, leave: Leave, **options: Any) -> list[Any]:
        """The outcomes that were seen. No thread and no task of ours is left."""
        found: list[Any] = []
        with contextlib.suppress(KeyboardInterrupt):
            if self._kind == "Modellix":
                self._run(rows, most, leave, found, **options)
            else:
                asyncio.run(self._run_async(rows, most, leave, found, **options))
        assert threads_left() == []
        return found

    def _run(self, rows: dict[str, Any], most: int, leave: Leave, found: list[Any], **options: Any) -> None:
        with Modellix(KEY, **self.options) as client, ThreadPoolExecutor(SLOTS, "others") as others:
            if self.is_busy:
                self._hold_reads()
                _ = [others.submit(client.task("busy").refresh) for _ in range(SLOTS)]
                wait_until(self._has_all_places)
            try:
                for outcome in client.run_all(rows, **options):
                    found.append(outcome)
                    if len(found) == most:
                        leave()
                        break
            finally:
                self._ends.set()

    async def _run_async(self, rows: dict[str, Any], most: int, leave: Leave, found: list[Any], **options: Any) -> None:
        async with AsyncModellix(KEY, **self.options) as client:
            others: list[asyncio.Task[Any]] = []
            if self.is_busy:
                self._hold_reads()
                others = [asyncio.create_task(client.task("busy").refresh()) for _ in range(SLOTS)]
                await asyncio.to_thread(wait_until, self._has_all_places)
            try:
                async with contextlib.aclosing(aiter(client.run_all(rows, **options))) as outcomes:  # type: ignore[type-var]
                    async for outcome in outcomes:
                        found.append(outcome)
                        if len(found) == most:
                            leave()
                            break
                assert [task for task in tasks_left() if task not in others] == []
            finally:
                self._ends.set()
                await asyncio.gather(*others, return_exceptions=True)

    def _hold_reads(self) -> None:
        self._ends.clear()

        def hold(task_id: str) -> Answer:
            self._ends.wait(LONG)
            return refusal(404)

        self._shop.on_read = hold

    def _has_all_places(self) -> bool:
        return self._shop.reads["busy"] == SLOTS


@pytest.fixture
def leaver(kind: str, shop: Shop, journal: SqliteJournal) -> Leaver:
    return Leaver(kind, shop, journal)


@pytest.fixture(params=["Modellix", "AsyncModellix"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


each_way = pytest.mark.parametrize("leave", [nothing, interrupt], ids=["break", "Ctrl-C"])


@kills(
    "A paid request is cut when a batch is left.",
    sync=("_io.sync_driver:SyncDriver.perform", swap("Call() if effect.is_traced else new_call()", "new_call()")),
    asynchronous=("_io.async_driver:AsyncDriver._leave", never("isinstance(work, Submit)")),
    row="break",
)
@each_way
def test_whoever_leaves_waits_for_the_paid_requests_under_way(
    leave: Leave, leaver: Leaver, shop: Shop, journal: SqliteJournal
) -> None:
    held, left = threading.Event(), threading.Event()
    seen: list[int] = []

    def hold_one(text: str) -> None:
        if text == texts(2)[1]:
            held.set()
            left.wait(LONG)
            time.sleep(HELD)

    def leave_now() -> None:
        seen.append(len(shop.posts))
        left.set()
        leave()

    shop.on_post = hold_one
    shop.on_read = lambda task_id: None if held.wait(LONG) else refusal(500)
    leaver.run(requests(30), 1, leave_now)
    assert sent(journal) == ["accepted"] * len(shop.posts)
    assert texts(2)[1] in shop.bought
    assert len(shop.posts) <= seen[0] + SLOTS  # what was on its way already


@kills(
    "Whoever leaves a batch waits for its reads.",
    sync=("_io.sync_driver:_Workers.close", without("calls.abort")),
    asynchronous=("_io.async_driver:AsyncDriver._leave", without("task.cancel")),
    row="break",
)
@each_way
def test_whoever_leaves_cuts_reads(leave: Leave, leaver: Leaver, shop: Shop) -> None:
    came, ends = threading.Event(), threading.Event()
    leaver.run(requests(1), 1, nothing)
    first = shop.stand_in.submissions[0].task_id

    def hold(task_id: str) -> None:
        if task_id == first:
            came.wait(SOON)
        else:
            came.set()
            ends.wait(SOON)

    shop.on_read = hold
    began = time.monotonic()
    leaver.run(requests(3), 1, leave)
    assert time.monotonic() - began < SOON
    ends.set()


@each_way
def test_whoever_leaves_cuts_downloads(leave: Leave, leaver: Leaver, shop: Shop, folder: Path) -> None:
    came, ends = threading.Event(), threading.Event()
    first: list[str] = []

    def hold(path: str) -> None:
        first.append(path)
        if path != first[0]:
            came.set()
            ends.wait(SOON)
        else:
            came.wait(SOON)

    shop.on_picture = hold
    began = time.monotonic()
    leaver.run(requests(3), 1, leave, folder=folder)
    assert time.monotonic() - began < SOON
    assert len(list(folder.iterdir())) == 1  # not even a part of another one
    ends.set()


@kills(
    "What waits for a place is sent after a batch was left.",
    sync=("_io.sync_driver:_Workers.close", without("calls.abort")),
    asynchronous=("_io.async_driver:AsyncDriver._leave", without("self._background.leave")),
    row="break",
)
@each_way
def test_a_row_in_the_queue_is_not_sent(
    leave: Leave, leaver: Leaver, shop: Shop, journal: SqliteJournal, folder: Path
) -> None:
    """Reads of somebody else have all places, so that no submission gets one; what is there needs none."""
    leaver.run(requests(6), 6, nothing, folder=folder)
    rows = requests(6)
    rows = {"row-0": rows.pop("row-0"), "new": request("new"), **rows}
    leaver.is_busy = True
    assert len(leaver.run(rows, 5, leave, folder=folder)) == 5
    assert len(shop.posts) == 6
    assert journal.find("new") is None


def test_a_pause_after_too_many_requests_ends_at_once(leaver: Leaver, shop: Shop) -> None:
    first = texts(1)[0]
    shop.on_post = lambda text: None if text == first else refusal(429, retry_after="30")
    began = time.monotonic()
    leaver.run(requests(3), 1, interrupt)
    assert time.monotonic() - began < SOON


def test_a_cancelled_batch_waits_for_the_paid_requests_under_way(shop: Shop, journal: SqliteJournal) -> None:
    arrived = threading.Event()

    def hold(text: str) -> None:
        arrived.set()
        time.sleep(HELD)

    shop.on_post = hold

    async def buy(client: AsyncModellix) -> None:
        async for _ in client.run_all(requests(20)):
            pass

    async def main() -> None:
        async with AsyncModellix(KEY, base_url=shop.url, journal=journal) as client:
            task = asyncio.create_task(buy(client))
            await asyncio.to_thread(arrived.wait, LONG)
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            assert tasks_left() == []  # before the client is closed, which waits as well

    asyncio.run(main())
    assert sent(journal) == ["accepted"] * len(shop.posts)
    assert 1 <= len(shop.bought) == len(shop.posts) <= 8


# Five interruptions


def test_a_batch_that_is_interrupted_again_and_again_buys_each_picture_once(
    leaver: Leaver, shop: Shop, folder: Path
) -> None:
    for most in (7, 31, 12, 1, 40):
        leaver.run(requests(120), most, interrupt, folder=folder)
    outcomes = leaver.run(requests(120), 0, nothing, folder=folder)
    assert len(outcomes) == 120
    assert [outcome.error for outcome in outcomes if outcome.error] == []
    assert len(list(folder.iterdir())) == 120
    assert sorted(shop.posts) == sorted(texts(120))
