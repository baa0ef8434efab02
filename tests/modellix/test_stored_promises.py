"""A journal in a database keeps every promise of a journal."""

from __future__ import annotations

from pathlib import Path

from modellix import SqliteJournal
from modellix.testing import check_journal
from scripts.mutants.kills import kills, never, swap


@kills(
    "A reference is bought again whose submission ended unknown.",
    "journal.stored:StoredJournal._begin",
    never("not in _FREE"),
)
@kills("The journal's limit is not asked.", "journal.stored:StoredJournal._begin", never("self._spent("))
@kills("The task of a late end is lost.", "journal.stored:StoredJournal._end", never("task_id is not None"))
@kills(
    "A worker takes a task from its submitter.", "journal.stored:StoredJournal._set_outcome", swap("FRESH_LEASE", "0")
)
@kills(
    "A task is delivered a second time.",
    "journal.stored:StoredJournal.delivered",
    swap(" AND delivered_at IS NULL", ""),
)
@kills(
    "An entry is settled while its sender is at work.",
    "journal.stored:StoredJournal.settle",
    swap("AND {_UNTIL} <= {self._dialect.now} ", ""),
)
@kills(
    "Two workers claim one task.",
    "journal.stored:StoredJournal.claim",
    swap("OR lease_owner = :owner", "OR lease_owner IS NOT NULL"),
)
@kills(
    "An unknown end is not counted as spent.",
    "journal.stored:StoredJournal._spent",
    swap("'accepted', 'unknown'", "'accepted'"),
)
def test_sqlite_keeps_every_promise_of_a_journal(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    check_journal(lambda: SqliteJournal(path), limited=lambda most: SqliteJournal(path, max_submissions=most))
