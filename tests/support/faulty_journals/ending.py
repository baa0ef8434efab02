"""Faults of end, ended, delivered, close, and what is read."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

from attrs import evolve

from modellix import JournalError
from modellix._entry import Entry, Intent
from tests.support.faulty_journals.registry import breaks
from tests.support.memory_journal import SPENT, MemoryJournal, Row

# end, ended, delivered, close


@breaks("end: the outcome of the granted attempt")
class DropsTheIdOfAnUnknownOne(MemoryJournal):
    def _record(self, row: Row, outcome: str, task_id: str | None) -> None:
        super()._record(row, outcome, task_id if outcome == "accepted" else None)


@breaks("end: of an entry without a reference")
class EndsByReference(MemoryJournal):
    def end(self, entry: Entry, outcome: str, task_id: str | None) -> None:
        if entry.reference is not None:
            super().end(entry, outcome, task_id)


@breaks("end: told a second time")
class TakesTheSecondEndForALateOne(MemoryJournal):
    def end(self, entry: Entry, outcome: str, task_id: str | None) -> None:
        found = self.find(entry.reference or "")
        if found and found.attempt == entry.attempt and found.outcome == outcome == "accepted":
            self._add(evolve(entry, reference=None, outcome="unknown", task_id=task_id, granted=False))
        else:
            super().end(entry, outcome, task_id)


@breaks("end: a late end of an older attempt")
class OverwritesWithALateEnd(MemoryJournal):
    def end(self, entry: Entry, outcome: str, task_id: str | None) -> None:
        found = self.find(entry.reference or "")
        super().end(evolve(entry, attempt=found.attempt) if found else entry, outcome, task_id)


@breaks("end: the task id of a late end")
class LosesALateTask(MemoryJournal):
    def end(self, entry: Entry, outcome: str, task_id: str | None) -> None:
        found = self.find(entry.reference or "")
        if not found or found.attempt == entry.attempt:
            super().end(entry, outcome, task_id)


@breaks("end: a late end without a task id")
class KeepsEveryLateEnd(MemoryJournal):
    def end(self, entry: Entry, outcome: str, task_id: str | None) -> None:
        found = self.find(entry.reference or "")
        super().end(entry, outcome, task_id)
        if found and found.attempt != entry.attempt and task_id is None:
            self._add(evolve(entry, reference=None, outcome="unknown", granted=False))


@breaks("end: an entry that is gone")
class PassesOverWhatIsGone(MemoryJournal):
    def end(self, entry: Entry, outcome: str, task_id: str | None) -> None:
        if entry.id <= len(self.store.rows):
            super().end(entry, outcome, task_id)


@breaks("ended: the status is recorded")
class TakesEndedForDelivered(MemoryJournal):
    def ended(self, task_id: str, status: str) -> None:
        super().ended(task_id, status)
        self.delivered(task_id)


@breaks("ended: the status is recorded")
class ForgetsTheStatus(MemoryJournal):
    def ended(self, task_id: str, status: str) -> None:
        """Not recorded."""


@breaks("delivered: the first time")
class DeliversAgain(MemoryJournal):
    def delivered(self, task_id: str) -> None:
        for row in self._of(task_id):
            row.entry = evolve(row.entry, delivered_at=self.store.now())


@breaks("ended, delivered: an id that is not known")
class WantsToKnowTheTask(MemoryJournal):
    def _of(self, task_id: str) -> list[Row]:
        rows = super()._of(task_id)
        if not rows:
            raise JournalError("no such task")
        return rows


@breaks("close: a journal that is used again")
class StaysClosed(MemoryJournal):
    is_closed = False

    def close(self) -> None:
        self.is_closed = True

    def find(self, reference: str) -> Entry | None:
        if self.is_closed:
            raise JournalError("closed")
        return super().find(reference)


@breaks("close: a journal that is used again")
class ForgetsWhenClosed(MemoryJournal):
    def close(self) -> None:
        self.store.rows.clear()
        self.store.under.clear()


# find, entries, unresolved, undelivered, spent


@breaks("find: the entry under a reference")
class RaisesForWhatItDoesNotFind(MemoryJournal):
    def find(self, reference: str) -> Entry | None:
        found = super().find(reference)
        if found is None:
            raise KeyError(reference)
        return found


@breaks("entries: all of them")
class ListsTheNewestFirst(MemoryJournal):
    def entries(self, **filters: Any) -> Iterator[Entry]:
        return reversed(list(super().entries(**filters)))


class _Ignores(MemoryJournal):
    filter = ""

    def entries(self, **filters: Any) -> Iterator[Entry]:
        return super().entries(**{**filters, self.filter: None})


@breaks("entries: reference, outcome and since")
class IgnoresSince(_Ignores):
    filter = "since"


@breaks("entries: reference, outcome and since")
class IgnoresTheOutcome(_Ignores):
    filter = "outcome"


@breaks("entries: an iteration that goes on")
class LocksWhileItIterates(MemoryJournal):
    def entries(self, **filters: Any) -> Iterator[Entry]:
        self.store.iterating += 1
        yield from super().entries(**filters)
        self.store.iterating -= 1

    def begin(self, intent: Intent) -> Entry:
        if self.store.iterating:
            raise JournalError("the store is locked")
        return super().begin(intent)


@breaks("unresolved: what is open or unknown")
class WaitsForTheDeadline(MemoryJournal):
    def unresolved(self) -> list[Entry]:
        return [one for one in super().unresolved() if one.outcome or one.until < self.store.now()]


@breaks("undelivered: what is accepted")
class HidesWhatIsLeased(MemoryJournal):
    def undelivered(self) -> list[Entry]:
        leased = {row.entry.id for row in self.store.rows if row.owner and not self._is_over(row)}
        return [one for one in super().undelivered() if one.id not in leased]


class _Counts(MemoryJournal):
    outcomes: tuple[str | None, ...] = ()

    def spent(self, since: datetime.datetime | None = None) -> int:
        return sum(one.outcome in self.outcomes for one in self.entries(since=since))


@breaks("spent: counts what is open")
class CountsRefusedOnes(_Counts):
    outcomes = (*SPENT, "refused")


@breaks("spent: counts what is open")
class CountsNoUnknownOnes(_Counts):
    outcomes = (None, "accepted")


@breaks("spent: what is sent again")
class CountsAttempts(MemoryJournal):
    def spent(self, since: datetime.datetime | None = None) -> int:
        return sum(one.attempt for one in self.entries(since=since) if one.outcome in SPENT)


@breaks("spent: since leaves out")
class CountsAllTimes(MemoryJournal):
    def spent(self, since: datetime.datetime | None = None) -> int:
        return super().spent()
