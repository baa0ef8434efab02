"""Faults of begin, and values."""

from __future__ import annotations

import fnmatch
import json
import unicodedata
from collections.abc import Iterator
from typing import Any

from attrs import evolve

from modellix import BudgetExceeded, JournalError
from modellix._entry import Entry, Intent
from tests.support.faulty_journals.registry import breaks, meet
from tests.support.memory_journal import SPENT, MemoryJournal, Row, Store

# begin


@breaks("begin: without a reference")
class OneEntryForAllWithoutReference(MemoryJournal):
    def _under(self, reference: str | None) -> Row | None:
        return next((row for row in self.store.rows if row.entry.reference == reference), None)


@breaks("begin: a reference that nobody used")
class RecordsTheWrongDeadline(MemoryJournal):
    def _entry(self, intent: Intent) -> Entry:
        return evolve(super()._entry(intent), until=intent.sent_at)


@breaks("begin: a reference that nobody used")
class FindsGranted(MemoryJournal):
    def find(self, reference: str) -> Entry | None:
        found = super().find(reference)
        return found and evolve(found, granted=found.outcome is None)


class _Grants(MemoryJournal):
    """Grants also what it should not."""

    def is_free(self, entry: Entry) -> bool:
        raise NotImplementedError

    def begin(self, intent: Intent) -> Entry:
        with self.store.lock:
            row = self._under(intent.reference)
            return self._grant(intent, row) if row and self.is_free(row.entry) else super().begin(intent)


STANDS = "begin: under a reference that is open, accepted or unknown"


@breaks(STANDS)
class GrantsWhatIsUnknown(_Grants):
    def is_free(self, entry: Entry) -> bool:
        return entry.outcome == "unknown"


@breaks(STANDS)
class GrantsWhatIsOpenForLong(_Grants):
    def is_free(self, entry: Entry) -> bool:
        return entry.outcome is None and entry.until < self.store.now()


@breaks(STANDS)
class GrantsWhatIsDelivered(_Grants):
    def is_free(self, entry: Entry) -> bool:
        return entry.delivered_at is not None


@breaks(STANDS)
class TakesTheSameRequestForARepeat(MemoryJournal):
    def begin(self, intent: Intent) -> Entry:
        with self.store.lock:
            row = self._under(intent.reference)
            if row and row.entry.outcome == "accepted" and row.entry.fingerprint == intent.fingerprint:
                return self._grant(intent, row)
            return super().begin(intent)


@breaks(STANDS)
class TakesTheNewFingerprint(MemoryJournal):
    def begin(self, intent: Intent) -> Entry:
        entry = super().begin(intent)
        row = self._under(intent.reference)
        if row and not entry.granted:
            row.entry = evolve(row.entry, fingerprint=intent.fingerprint)
        return entry


@breaks(STANDS)
class CountsThoseWhoAsk(MemoryJournal):
    def begin(self, intent: Intent) -> Entry:
        entry = super().begin(intent)
        if not entry.granted:
            self._add(evolve(entry, reference=None))
        return entry


NEXT = "begin: after refused and never sent ones"


@breaks(NEXT)
class RefusesForEver(MemoryJournal):
    def begin(self, intent: Intent) -> Entry:
        return self.find(intent.reference or "") or super().begin(intent)


@breaks(NEXT)
class CountsNoAttempts(MemoryJournal):
    def _grant(self, intent: Intent, row: Row | None) -> Entry:
        granted = super()._grant(intent, row)
        if row:
            row.entry = evolve(row.entry, attempt=1)
        return evolve(granted, attempt=1)


@breaks(NEXT)
class KeepsTheFirstRequest(MemoryJournal):
    def _grant(self, intent: Intent, row: Row | None) -> Entry:
        return super()._grant(evolve(intent, fingerprint=row.entry.fingerprint) if row else intent, row)


@breaks(NEXT)
class MakesAnEntryForEachAttempt(MemoryJournal):
    def _grant(self, intent: Intent, row: Row | None) -> Entry:
        if row:
            row.entry = evolve(row.entry, reference=None)
        return super()._grant(intent, None)


@breaks("begin: of many callers of one reference at once")
class FindsThenBegins(MemoryJournal):
    def begin(self, intent: Intent) -> Entry:
        if intent.reference is None or self.find(intent.reference):
            return super().begin(intent)
        meet(self.store, "begin")
        return self._grant(intent, None)


@breaks("begin: of many callers at once after a refusal")
class FindsThenBeginsAgain(FindsThenBegins):
    def begin(self, intent: Intent) -> Entry:
        row = self._under(intent.reference)
        if row is None or row.entry.outcome in SPENT:
            return MemoryJournal.begin(self, intent)
        meet(self.store, "begin")
        return self._grant(intent, row)


@breaks("begin: many callers at once, of their own references")
class IsBusy(MemoryJournal):
    def begin(self, intent: Intent) -> Entry:
        if not self.store.lock.acquire(blocking=False):
            raise JournalError("the store is busy")
        try:
            meet(self.store, "busy")
            return super().begin(intent)
        finally:
            self.store.lock.release()


@breaks("begin: with a limit")
class CountsThenGrants(MemoryJournal):
    def begin(self, intent: Intent) -> Entry:
        if self.most is None:
            return super().begin(intent)
        if self.spent() >= self.most:
            raise BudgetExceeded("too many")
        meet(self.store, "limit")
        return self._grant(intent, None)


@breaks("begin: with a limit")
class CountsOneLess(MemoryJournal):
    def __init__(self, store: Store, *, max_submissions: int | None = None) -> None:
        super().__init__(store, max_submissions=max_submissions and max_submissions + 1)


@breaks("begin: BudgetExceeded comes only where")
class AsksForTheBudgetFirst(MemoryJournal):
    def begin(self, intent: Intent) -> Entry:
        if self.most is not None and self.spent() >= self.most:
            raise BudgetExceeded("too many")
        return super().begin(intent)


# values


@breaks("Times are aware UTC datetimes")
class ForgetsTheZone(MemoryJournal):
    def find(self, reference: str) -> Entry | None:
        found = super().find(reference)
        return found and evolve(found, sent_at=found.sent_at.replace(tzinfo=None))


@breaks("Times are aware UTC datetimes")
class KeepsMilliseconds(MemoryJournal):
    def _entry(self, intent: Intent) -> Entry:
        thousands = intent.sent_at.microsecond // 1000 * 1000
        return evolve(super()._entry(intent), sent_at=intent.sent_at.replace(microsecond=thousands))


class _Folds(MemoryJournal):
    """Takes references for one another."""

    def fold(self, reference: str) -> str:
        raise NotImplementedError

    def _under(self, reference: str | None) -> Row | None:
        if reference is None:
            return None
        folded = self.fold(reference)
        return next((row for row in self.store.rows if self.fold(row.entry.reference or "") == folded), None)


CODE_POINTS = "References are compared code point by code point"


@breaks(CODE_POINTS)
class FoldsCase(_Folds):
    def fold(self, reference: str) -> str:
        return reference.lower()


@breaks(CODE_POINTS)
class Normalises(_Folds):
    def fold(self, reference: str) -> str:
        return unicodedata.normalize("NFC", reference)


@breaks(CODE_POINTS)
class LeavesFormatsOut(_Folds):
    def fold(self, reference: str) -> str:
        return "".join(one for one in reference if unicodedata.category(one) != "Cf")


@breaks(CODE_POINTS)
class TakesNumbersForNumbers(_Folds):
    def fold(self, reference: str) -> str:
        return reference.lstrip("0+")


@breaks(CODE_POINTS)
class FiltersByPattern(MemoryJournal):
    def entries(self, *, reference: str | None = None, **filters: Any) -> Iterator[Entry]:
        for entry in super().entries(**filters):
            if reference is None or fnmatch.fnmatchcase(entry.reference or "", reference):
                yield entry


@breaks("References of the full length")
class CutsReferences(_Folds):
    def fold(self, reference: str) -> str:
        return reference[:199]


@breaks("References of the full length")
class CountsBytes(_Folds):
    def fold(self, reference: str) -> str:
        return reference.encode()[:700].decode(errors="ignore")


TASK_IDS = "Operations and task ids of any characters"


@breaks(TASK_IDS)
class FoldsTaskIds(MemoryJournal):
    def _of(self, task_id: str) -> list[Row]:
        return [row for row in self.store.rows if (row.entry.task_id or "").casefold() == task_id.casefold()]


@breaks(TASK_IDS)
class CutsOperations(MemoryJournal):
    def _entry(self, intent: Intent) -> Entry:
        return evolve(super()._entry(intent), operation=intent.operation[:255])


@breaks("Options may be any mapping")
class WantsOptionsAsDict(MemoryJournal):
    def _entry(self, intent: Intent) -> Entry:
        json.dumps(intent.options)
        return super()._entry(intent)
