"""The kit for journals finds each fault, and names the promise that it breaks. Each promise can break."""

from __future__ import annotations

import asyncio
import datetime
import fnmatch
import json
import re
import sys
import threading
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from attrs import evolve

from modellix import BudgetExceeded, JournalError
from modellix._entry import Entry, Intent
from modellix.testing import check_journal, journal_kit
from modellix.testing.journal_kit import calls, leasing
from modellix.testing.journal_kit.corner import PROMISES
from tests.support.memory_journal import SPENT, AsyncMemoryJournal, MemoryJournal, Row, Store

FAULTS: list[tuple[type[MemoryJournal], str]] = []


def breaks(promise: str) -> Callable[[type[MemoryJournal]], type[MemoryJournal]]:
    """The journal below breaks the promise that begins so."""

    def register(journal: type[MemoryJournal]) -> type[MemoryJournal]:
        FAULTS.append((journal, promise))
        return journal

    return register


@pytest.fixture(autouse=True)
def _no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """With leases that do not end; those of this store end at once."""
    monkeypatch.setattr(leasing, "PATIENCE", 0.3)


def check(journal: Callable[..., Any]) -> None:
    """Of a store of its own."""
    store = Store()
    check_journal(lambda: journal(store), limited=lambda most: journal(store, max_submissions=most))


def meet(store: Store, point: str) -> None:
    """While the kit calls at once, lets two callers come to the same point before either goes on."""
    if sys.getswitchinterval() > 1e-5:
        return
    gate = store.gates.setdefault(point, threading.Barrier(2))
    try:
        gate.wait(0.2)
    except threading.BrokenBarrierError:
        gate.reset()


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


# settle


@breaks("settle: with a task id")
class SettlesWithoutTheId(MemoryJournal):
    def settle(self, entry: Entry, *, task_id: str | None = None, bought: bool = True) -> None:
        super().settle(entry, task_id=task_id, bought=bought)
        self.end(entry, "accepted" if bought else "refused", None)


@breaks("settle: with bought=False")
class KeepsTheReference(MemoryJournal):
    def settle(self, entry: Entry, *, task_id: str | None = None, bought: bool = True) -> None:
        super().settle(entry, task_id=task_id, bought=bought)
        if not bought:
            self.end(entry, "unknown", None)


@breaks("settle: the entry that keeps the task id")
class SettlesByReference(MemoryJournal):
    def settle(self, entry: Entry, *, task_id: str | None = None, bought: bool = True) -> None:
        if entry.reference is None:
            raise ValueError("not found")
        super().settle(entry, task_id=task_id, bought=bought)


@breaks("settle: before the entry's until")
class SettlesBeforeTheDeadline(MemoryJournal):
    def settle(self, entry: Entry, *, task_id: str | None = None, bought: bool = True) -> None:
        if entry.outcome in (None, "unknown"):
            self.end(entry, "accepted" if bought else "refused", task_id)
        super().settle(entry, task_id=task_id, bought=bought)


@breaks("settle: an entry that is not unresolved")
class SettlesWhatIsAccepted(MemoryJournal):
    def settle(self, entry: Entry, *, task_id: str | None = None, bought: bool = True) -> None:
        if entry.outcome == "accepted":
            self.end(entry, "accepted" if bought else "refused", task_id)
        else:
            super().settle(entry, task_id=task_id, bought=bought)


@breaks("settle: what ended since")
class SettlesWhatItWasGiven(MemoryJournal):
    def settle(self, entry: Entry, *, task_id: str | None = None, bought: bool = True) -> None:
        if entry.outcome is None:
            self.end(entry, "accepted" if bought else "refused", task_id)
        else:
            super().settle(entry, task_id=task_id, bought=bought)


# claim, renew, release


@breaks("claim: a task that was accepted just now")
class LeasesNoFreshOnes(MemoryJournal):
    def end(self, entry: Entry, outcome: str, task_id: str | None) -> None:
        super().end(entry, outcome, task_id)
        for row in self._of(task_id or ""):
            row.leased_until = self.store.now()


@breaks("claim: gives what is accepted")
class ClaimsNothing(MemoryJournal):
    def _free(self, owner: str) -> list[Row]:
        return []


@breaks("claim: gives what is accepted")
class GrantsWhatItClaims(MemoryJournal):
    def claim(self, owner: str, seconds: float, limit: int | None) -> list[Entry]:
        return [evolve(one, granted=True) for one in super().claim(owner, seconds, limit)]


@breaks("claim: what another owner has a lease of")
class ClaimsWhatIsLeased(MemoryJournal):
    def _is_over(self, row: Row) -> bool:
        return row.owner is not None or super()._is_over(row)


@breaks("claim: what another owner has a lease of")
class KeepsItFromItsOwner(MemoryJournal):
    def _free(self, owner: str) -> list[Row]:
        return [row for row in super()._free(owner) if row.owner != owner]


@breaks("claim: owners are told apart")
class FoldsOwners(MemoryJournal):
    def claim(self, owner: str, seconds: float, limit: int | None) -> list[Entry]:
        return super().claim(owner.lower(), seconds, limit)


@breaks("claim: what is open, unknown")
class ClaimsWhatIsUnknown(MemoryJournal):
    def _free(self, owner: str) -> list[Row]:
        return [row for row in self.store.rows if row.entry.outcome == "unknown"] + super()._free(owner)


@breaks("claim: a task that ended")
class ClaimsNoEndedOnes(MemoryJournal):
    def _free(self, owner: str) -> list[Row]:
        return [row for row in super()._free(owner) if row.entry.status is None]


@breaks("claim: at most `limit`")
class ClaimsTheOldestFirst(MemoryJournal):
    def claim(self, owner: str, seconds: float, limit: int | None) -> list[Entry]:
        claimed = super().claim(owner, seconds, limit)
        for row in self.store.rows:
            row.claims = 0
        return claimed


@breaks("claim: at most `limit`")
class ClaimsOneMore(MemoryJournal):
    def claim(self, owner: str, seconds: float, limit: int | None) -> list[Entry]:
        return super().claim(owner, seconds, limit and limit + 1)


@breaks("claim: of several owners at once")
class FindsThenClaims(MemoryJournal):
    def claim(self, owner: str, seconds: float, limit: int | None) -> list[Entry]:
        rows = sorted(self._free(owner), key=lambda row: row.claims)[:limit]
        if limit == 3:
            meet(self.store, "claim")
        for row in rows:
            row.owner, row.leased_until, row.claims = owner, self._after(seconds), row.claims + 1
        return [row.entry for row in rows]


@breaks("claim: a lease that is over")
class RenewsWhatIsOver(MemoryJournal):
    def release(self, owner: str) -> None:
        super().release(owner)
        for row in self.store.rows:
            row.history.discard(owner)

    def claim(self, owner: str, seconds: float, limit: int | None) -> list[Entry]:
        claimed = super().claim(owner, seconds, limit)
        for row in self.store.rows:
            if row.owner == owner:
                row.history.add(owner)
        return claimed

    def renew(self, owner: str, seconds: float) -> int:
        super().renew(owner, seconds)
        return sum(owner in row.history for row in self.store.rows)


@breaks("renew: returns how many")
class RenewsOnlyLonger(MemoryJournal):
    def renew(self, owner: str, seconds: float) -> int:
        return super().renew(owner, max(seconds, 3600.0))


@breaks("renew: returns how many")
class RenewsAll(MemoryJournal):
    def renew(self, owner: str, seconds: float) -> int:
        return super().renew(owner, seconds) or 1


@breaks("release: gives back")
class ReleasesAll(MemoryJournal):
    def release(self, owner: str) -> None:
        for row in self.store.rows:
            super().release(row.owner or "")


@breaks("release: gives back")
class ReleasesNothing(MemoryJournal):
    def release(self, owner: str) -> None:
        """Kept."""


@pytest.mark.parametrize(("journal", "promise"), FAULTS, ids=[journal.__name__ for journal, _ in FAULTS])
def test_the_promise_that_is_broken_is_named(
    journal: type[MemoryJournal], promise: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its own check, which is all that runs here."""
    own = [(sentence, check) for sentence, check in PROMISES if sentence.startswith(promise)]
    monkeypatch.setattr(journal_kit, "PROMISES", own)
    with pytest.raises(AssertionError, match=re.escape(f"1 of 1 promises of a journal are broken:\n- {promise}")):
        check(journal)


def test_every_broken_promise_is_named() -> None:
    class Forgets(CountsRefusedOnes, DeliversAgain, FoldsCase):
        """Three faults in one."""

    with pytest.raises(AssertionError) as caught:
        check(Forgets)
    named = ("spent: counts what is open", "delivered: the first time", CODE_POINTS)
    assert [promise for promise in named if f"\n- {promise}" not in str(caught.value)] == []


def test_each_promise_can_break() -> None:
    known = [promise for _, promise in FAULTS]
    assert [sentence for sentence, _ in PROMISES if not any(map(sentence.startswith, known))] == []


class AwaitsBeforeItBegins(AsyncMemoryJournal):
    async def begin(self, intent: Intent) -> Entry:
        if intent.reference is None or await self.find(intent.reference):
            return await super().begin(intent)
        return self.journal._grant(intent, None)


def test_a_race_of_coroutines_is_found() -> None:
    with pytest.raises(AssertionError, match="begin: of many callers of one reference at once"):
        check(lambda store, **options: AwaitsBeforeItBegins(MemoryJournal(store, **options)))


def test_a_journal_that_hangs_is_told_and_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "LONGEST", 0.3)
    end = threading.Event()

    class Hangs(MemoryJournal):
        def find(self, reference: str) -> Entry | None:
            end.wait()
            return None

    try:
        with pytest.raises(AssertionError, match=r"no answer within 0\.3 seconds; nothing after it was checked"):
            check(Hangs)
    finally:
        end.set()


def test_a_coroutine_that_hangs_is_told_and_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "LONGEST", 0.3)

    class Hangs(AsyncMemoryJournal):
        async def find(self, reference: str) -> Entry | None:
            await asyncio.get_running_loop().create_future()
            return None

    with pytest.raises(AssertionError, match=r"no answer within 0\.3 seconds; nothing after it was checked"):
        check(lambda store, **options: Hangs(MemoryJournal(store, **options)))


@pytest.mark.parametrize("journal", [object(), MemoryJournal], ids=["an object", "a class"])
def test_what_is_no_journal_is_told(journal: object) -> None:
    with pytest.raises(AssertionError, match="has no method begin"):
        check_journal(lambda: journal)


def test_a_factory_that_fails_fails_as_it_does() -> None:
    with pytest.raises(ZeroDivisionError):
        check_journal(lambda: 1 / 0)
