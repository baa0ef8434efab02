"""Journals that nobody needs: in memory, sync and async, written by hand from what `Journal` promises."""

from __future__ import annotations

import asyncio
import datetime
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from attrs import evolve

from modellix import BudgetExceeded
from modellix._entry import Entry, Intent
from modellix.journal.protocol import FRESH_LEASE

T = TypeVar("T")
NEVER = datetime.datetime(1, 1, 1, tzinfo=datetime.UTC)
SPENT = (None, "accepted", "unknown")


@dataclass
class Row:
    """An entry, and what only the journal knows of it."""

    entry: Entry
    owner: str | None = None
    leased_until: datetime.datetime = NEVER
    claims: int = 0
    history: set[str] = field(default_factory=set)


@dataclass
class Store:
    """What several journals share. Its clock is the real one, `ahead` of it."""

    rows: list[Row] = field(default_factory=list)
    under: dict[str, Row] = field(default_factory=dict)  # by reference
    lock: threading.RLock = field(default_factory=threading.RLock)
    ahead: datetime.timedelta = datetime.timedelta()
    gates: dict[str, threading.Barrier] = field(default_factory=dict)  # where callers of a faulty journal meet
    iterating: int = 0

    def now(self) -> datetime.datetime:
        return datetime.datetime.now(datetime.UTC) + self.ahead


class MemoryJournal:
    """Each method holds the store's lock, so that it is one step."""

    def __init__(self, store: Store, *, max_submissions: int | None = None) -> None:
        self.store = store
        self.most = max_submissions

    def begin(self, intent: Intent) -> Entry:
        with self.store.lock:
            row = self._under(intent.reference)
            if row is not None and row.entry.outcome in SPENT:
                return row.entry
            if self.most is not None and self.spent() >= self.most:
                raise BudgetExceeded(f"{self.most} submissions were bought")
            return self._grant(intent, row)

    def _grant(self, intent: Intent, row: Row | None) -> Entry:
        if row is None:
            row = self._add(self._entry(intent))
        else:
            row.entry = evolve(self._entry(intent), id=row.entry.id, attempt=row.entry.attempt + 1)
        return evolve(row.entry, granted=True)

    def _entry(self, intent: Intent) -> Entry:
        return Entry(0, intent.operation, intent.fingerprint, intent.reference, intent.sent_at, intent.until)

    def _add(self, entry: Entry) -> Row:
        row = Row(evolve(entry, id=len(self.store.rows) + 1))
        self.store.rows.append(row)
        if entry.reference is not None:
            self.store.under.setdefault(entry.reference, row)
        return row

    def _under(self, reference: str | None) -> Row | None:
        if reference is None:
            return None
        return self.store.under.get(reference)

    def end(self, entry: Entry, outcome: str, task_id: str | None) -> None:
        with self.store.lock:
            row = self._under(entry.reference)
            if row is None or row.entry.id != entry.id:
                row = next((row for row in self.store.rows if row.entry.id == entry.id), None)
            row = row or self._add(evolve(entry, granted=False))
            if row.entry.attempt == entry.attempt:
                self._record(row, outcome, task_id)
                row.leased_until = self.store.now() + datetime.timedelta(seconds=FRESH_LEASE)
            elif task_id is not None:
                self._add(evolve(entry, granted=False, reference=None, outcome="unknown", task_id=task_id))

    def _record(self, row: Row, outcome: str, task_id: str | None) -> None:
        row.entry = evolve(row.entry, outcome=outcome, task_id=task_id)

    def ended(self, task_id: str, status: str) -> None:
        with self.store.lock:
            for row in self._of(task_id):
                row.entry = evolve(row.entry, status=status)

    def delivered(self, task_id: str) -> None:
        with self.store.lock:
            for row in self._of(task_id):
                row.entry = evolve(row.entry, delivered_at=row.entry.delivered_at or self.store.now())

    def _of(self, task_id: str) -> list[Row]:
        return [row for row in self.store.rows if row.entry.task_id == task_id]

    def find(self, reference: str) -> Entry | None:
        with self.store.lock:
            row = self._under(reference)
            return row.entry if row else None

    def entries(
        self, *, reference: str | None = None, outcome: str | None = None, since: datetime.datetime | None = None
    ) -> Iterator[Entry]:
        for entry in self._all():
            is_asked = reference in (None, entry.reference) and outcome in (None, entry.outcome)
            if is_asked and (since is None or entry.sent_at >= since):
                yield entry

    def _all(self) -> list[Entry]:
        with self.store.lock:
            return [row.entry for row in self.store.rows]

    def unresolved(self) -> list[Entry]:
        return [entry for entry in self._all() if entry.outcome in (None, "unknown")]

    def undelivered(self) -> list[Entry]:
        return [entry for entry in self._all() if entry.outcome == "accepted" and entry.delivered_at is None]

    def settle(self, entry: Entry, *, task_id: str | None = None, bought: bool = True) -> None:
        if (task_id is None) == bought:
            raise ValueError("settle takes either task_id=… or bought=False")
        with self.store.lock:
            row = next((row for row in self.store.rows if row.entry.id == entry.id), None)
            if row is None or row.entry.outcome not in (None, "unknown") or self.store.now() < row.entry.until:
                raise ValueError(f"entry {entry.id} cannot be settled")
            self._record(row, "accepted" if bought else "refused", task_id)

    def claim(self, owner: str, seconds: float, limit: int | None) -> list[Entry]:
        with self.store.lock:
            rows = sorted(self._free(owner), key=lambda row: row.claims)[:limit]
            for row in rows:
                row.owner, row.leased_until, row.claims = owner, self._after(seconds), row.claims + 1
            return [row.entry for row in rows]

    def _free(self, owner: str) -> list[Row]:
        known = {entry.id for entry in self.undelivered()}
        return [row for row in self.store.rows if row.entry.id in known and (self._is_over(row) or row.owner == owner)]

    def _is_over(self, row: Row) -> bool:
        return row.leased_until <= self.store.now()

    def _after(self, seconds: float) -> datetime.datetime:
        return self.store.now() + datetime.timedelta(seconds=seconds)

    def renew(self, owner: str, seconds: float) -> int:
        with self.store.lock:
            rows = [row for row in self.store.rows if row.owner == owner and not self._is_over(row)]
            for row in rows:
                row.leased_until = self._after(seconds)
            return len(rows)

    def release(self, owner: str) -> None:
        with self.store.lock:
            for row in self.store.rows:
                if row.owner == owner:
                    row.owner, row.leased_until = None, self.store.now()

    def spent(self, since: datetime.datetime | None = None) -> int:
        return sum(one.outcome in SPENT and (since is None or one.sent_at >= since) for one in self._all())

    def close(self) -> None:
        """There is nothing to let go of."""


class AsyncMemoryJournal:
    """The same with coroutines. Each lets others run before its one step, and after it."""

    def __init__(self, journal: MemoryJournal) -> None:
        self.journal = journal

    async def begin(self, intent: Intent) -> Entry:
        return await self._step(self.journal.begin, intent)

    async def end(self, entry: Entry, outcome: str, task_id: str | None) -> None:
        await self._step(self.journal.end, entry, outcome, task_id)

    async def ended(self, task_id: str, status: str) -> None:
        await self._step(self.journal.ended, task_id, status)

    async def delivered(self, task_id: str) -> None:
        await self._step(self.journal.delivered, task_id)

    async def find(self, reference: str) -> Entry | None:
        return await self._step(self.journal.find, reference)

    async def entries(
        self, *, reference: str | None = None, outcome: str | None = None, since: datetime.datetime | None = None
    ) -> AsyncIterator[Entry]:
        await asyncio.sleep(0)
        for entry in self.journal.entries(reference=reference, outcome=outcome, since=since):
            yield entry

    async def unresolved(self) -> list[Entry]:
        return await self._step(self.journal.unresolved)

    async def undelivered(self) -> list[Entry]:
        return await self._step(self.journal.undelivered)

    async def settle(self, entry: Entry, *, task_id: str | None = None, bought: bool = True) -> None:
        await self._step(lambda: self.journal.settle(entry, task_id=task_id, bought=bought))

    async def claim(self, owner: str, seconds: float, limit: int | None) -> list[Entry]:
        return await self._step(self.journal.claim, owner, seconds, limit)

    async def renew(self, owner: str, seconds: float) -> int:
        return await self._step(self.journal.renew, owner, seconds)

    async def release(self, owner: str) -> None:
        await self._step(self.journal.release, owner)

    async def spent(self, since: datetime.datetime | None = None) -> int:
        return await self._step(self.journal.spent, since)

    async def close(self) -> None:
        await self._step(self.journal.close)

    async def _step(self, call: Callable[..., T], *arguments: Any) -> T:
        await asyncio.sleep(0)
        result = call(*arguments)
        await asyncio.sleep(0)
        return result
