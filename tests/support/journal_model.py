"""A journal as plain as it can be: a list, one caller at a time, and leases that last for ever."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

FREE = ("refused", "never sent")
SUBMITTER = "its submitter"  # who has the lease of a fresh acceptance; no owner is called so


@dataclass
class Row:
    reference: str | None
    attempt: int = 1
    outcome: str | None = None
    task_id: str | None = None
    status: str | None = None
    is_delivered: bool = False
    owner: str | None = None
    claims: int = 0

    @property
    def shown(self) -> tuple[Any, ...]:
        """What an entry says."""
        return self.reference, self.attempt, self.outcome, self.task_id, self.status, self.is_delivered

    @property
    def is_unresolved(self) -> bool:
        return self.outcome in (None, "unknown")

    @property
    def is_undelivered(self) -> bool:
        return self.outcome == "accepted" and not self.is_delivered


@dataclass
class Model:
    """`most` as `max_submissions`."""

    most: int
    rows: list[Row] = field(default_factory=list)

    @property
    def spent(self) -> int:
        return sum(row.outcome not in FREE for row in self.rows)

    def begin(self, reference: str | None) -> tuple[Row, str]:
        """The row, and `granted`, `stands` or `too much`."""
        found = next((row for row in self.rows if reference is not None and row.reference == reference), None)
        if found is not None and found.outcome not in FREE:
            return found, "stands"
        if self.spent >= self.most:
            return found or Row(reference), "too much"
        if found is None:
            self.rows.append(Row(reference))
            return self.rows[-1], "granted"
        found.attempt, found.outcome, found.task_id, found.status, found.is_delivered = (
            found.attempt + 1, None, None, None, False,
        )  # fmt: skip
        return found, "granted"

    def end(self, row: Row, attempt: int, outcome: str, task_id: str | None) -> None:
        is_news = row.outcome is None or (outcome == "accepted" and row.outcome != "accepted")
        if row.attempt == attempt and (is_news or row.outcome == "unknown"):
            row.outcome, row.task_id = outcome, task_id
            row.owner = SUBMITTER if outcome == "accepted" else row.owner
        elif task_id is not None and all(other.task_id != task_id for other in self.rows):
            self.rows.append(Row(None, attempt, "unknown", task_id))

    def ended(self, task_id: str, status: str) -> None:
        for row in self._of(task_id):
            if row.status is None or not row.is_delivered:
                row.status = status

    def delivered(self, task_id: str) -> None:
        for row in self._of(task_id):
            row.owner, row.is_delivered = row.owner if row.is_delivered else None, True

    def _of(self, task_id: str) -> list[Row]:
        return [row for row in self.rows if row.task_id == task_id]

    def settle(self, row: Row, task_id: str | None) -> bool:
        """Was it unresolved?"""
        if row.is_unresolved:
            row.outcome, row.task_id = "refused" if task_id is None else "accepted", task_id
            return True
        return False

    def claim(self, owner: str, limit: int | None) -> list[Row]:
        due = [row for row in self.rows if row.is_undelivered and row.owner in (None, owner)]
        taken = sorted(due, key=lambda row: row.claims)[:limit]
        for row in taken:
            row.owner, row.claims = owner, row.claims + 1
        return taken

    def renew(self, owner: str) -> int:
        return sum(row.owner == owner for row in self.rows)

    def release(self, owner: str) -> None:
        for row in self.rows:
            row.owner = None if row.owner == owner else row.owner
