"""Faults of settle, claim, renew and release."""

from __future__ import annotations

from attrs import evolve

from modellix._entry import Entry
from tests.support.faulty_journals.registry import breaks, meet
from tests.support.memory_journal import MemoryJournal, Row

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
