"""The kit for journals: those that keep every promise pass it, sync and async."""

from __future__ import annotations

import asyncio
import datetime
import os
import random
import subprocess
import sys
from typing import Any

import pytest
from attrs import evolve

from contract_tests.model import good
from contract_tests.model.document import contract
from modellix import AsyncModellix, GptImage2Request, JournalError
from modellix._entry import Entry, Intent
from modellix.testing import StandIn, check_journal
from tests.support.memory_journal import AsyncMemoryJournal, MemoryJournal, Row, Store
from tests.support.timing import LONG

OPERATION = contract().operation("gpt_image_2")


def test_a_journal_in_memory_passes() -> None:
    store = Store()
    check_journal(lambda: MemoryJournal(store), limited=lambda most: MemoryJournal(store, max_submissions=most))


def test_one_with_async_methods_passes() -> None:
    store = Store()
    check_journal(
        lambda: AsyncMemoryJournal(MemoryJournal(store)),
        limited=lambda most: AsyncMemoryJournal(MemoryJournal(store, max_submissions=most)),
    )


class ListsInGenerators(AsyncMemoryJournal):
    async def unresolved(self) -> Any:
        for entry in await super().unresolved():
            yield entry

    async def undelivered(self) -> Any:
        for entry in await super().undelivered():
            yield entry


class ListsInCoroutines(AsyncMemoryJournal):
    async def entries(self, **filters: Any) -> Any:  # type: ignore[override]  # another way, on purpose
        return [entry async for entry in super().entries(**filters)]


@pytest.mark.parametrize("kind", [ListsInGenerators, ListsInCoroutines])
def test_an_async_journal_may_list_in_either_way(kind: type[AsyncMemoryJournal]) -> None:
    store = Store()
    check_journal(lambda: kind(MemoryJournal(store)))


def test_a_client_resumes_from_what_lists_in_a_generator() -> None:
    async def resumed() -> None:
        journal = ListsInGenerators(MemoryJournal(Store()))
        async with AsyncModellix("test-key", journal=journal) as client:
            bought = await client.submit(GptImage2Request(**good.arguments(good.body(OPERATION, "a lighthouse"))))
            assert [task.id for task in await client.resume(journal)] == [bought.id]

    with StandIn().mock():
        asyncio.run(resumed())


def test_a_coroutine_function_may_open_it() -> None:
    store = Store()

    async def open_journal() -> AsyncMemoryJournal:
        return AsyncMemoryJournal(MemoryJournal(store))

    check_journal(open_journal)


class OrdersByTime(MemoryJournal):
    def _all(self) -> list[Entry]:
        return sorted(super()._all(), key=lambda entry: entry.sent_at)


class KeepsLateTasksOpen(MemoryJournal):
    def _add(self, entry: Entry) -> Row:
        return super()._add(evolve(entry, outcome=None))


class KeepsTheOldNumber(MemoryJournal):
    def _add(self, entry: Entry) -> Row:
        row = super()._add(entry)
        old = entry.id if entry.reference else 0  # a late task gets a number of its own
        row.entry = evolve(row.entry, id=old or max(one.entry.id for one in self.store.rows) + 1)
        return row


class ClaimsAnyOfTheLeastClaimed(MemoryJournal):
    def claim(self, owner: str, seconds: float, limit: int | None) -> list[Entry]:
        with self.store.lock:
            random.shuffle(self.store.rows)
            claimed = super().claim(owner, seconds, limit)
            self.store.rows.sort(key=lambda row: row.entry.id)
            return claimed


class RefusesByItsOwnError(MemoryJournal):
    def settle(self, entry: Entry, **how: Any) -> None:
        try:
            super().settle(entry, **how)
        except ValueError as error:
            raise JournalError(str(error)) from error


class NumbersInWords(MemoryJournal):
    def _add(self, entry: Entry) -> Row:
        row = super()._add(entry)
        number: Any = f"entry-{len(self.store.rows)}"
        row.entry = evolve(row.entry, id=number)
        return row


@pytest.mark.parametrize(
    "kind",
    [
        OrdersByTime,
        KeepsLateTasksOpen,
        KeepsTheOldNumber,
        ClaimsAnyOfTheLeastClaimed,
        RefusesByItsOwnError,
        NumbersInWords,
    ],
)
def test_what_the_protocol_leaves_open_is_left_open(kind: type[MemoryJournal]) -> None:
    store = Store()
    check_journal(lambda: kind(store))


def test_the_same_store_can_be_checked_again() -> None:
    store = Store()
    for _ in range(2):
        check_journal(lambda: MemoryJournal(store))
        store.ahead += datetime.timedelta(minutes=11)  # every lease of a fresh task is over
    assert MemoryJournal(store).undelivered() == []


def test_a_fresh_task_is_its_submitters_for_ten_minutes() -> None:
    """The kit does not wait for that, so it is tested here of the journal that shows how it is done."""
    store = Store()
    journal = MemoryJournal(store)
    now = store.now()
    journal.end(journal.begin(Intent("kit", "2:0", "order-1", now, now)), "accepted", "task-1")
    assert journal.claim("worker", 60.0, None) == []
    store.ahead += datetime.timedelta(seconds=601)
    assert [one.task_id for one in journal.claim("worker", 60.0, None)] == ["task-1"]


def test_the_kit_needs_nothing_of_what_the_stand_in_needs() -> None:
    code = """
import sys
import modellix.testing
before = sys.modules.copy()
from modellix.testing import check_journal
assert not {"respx", "jsonschema_rs", "modellix.testing.core"} & sys.modules.keys()
assert "modellix.testing.journal_kit" not in before
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True, timeout=LONG)
