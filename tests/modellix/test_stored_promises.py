"""A journal in a database keeps every promise of a journal."""

from __future__ import annotations

import pytest

from modellix.testing import check_journal
from scripts.mutants.kills import kills, never, swap
from tests.support.stores import STORED, Opening, by_url

ROWS = [row for row in STORED if row.id != "SqlJournal"]
ROWS.append(pytest.param(by_url, id="SqlJournal", marks=pytest.mark.slow))  # it opens the file for each call


@kills(
    "A reference is bought again whose submission ended unknown.",
    "journal.stored:StoredJournal._begin",
    never("not in _FREE"),
    row="SqliteJournal",
)
@kills(
    "The journal's limit is not asked.",
    "journal.stored:StoredJournal._begin",
    never("self._spent("),
    row="SqliteJournal",
)
@kills(
    "The task of a late end is lost.",
    "journal.stored:StoredJournal._end",
    never("task_id is not None"),
    row="SqliteJournal",
)
@kills(
    "A worker takes a task from its submitter.",
    "journal.stored:StoredJournal._set_outcome",
    swap("FRESH_LEASE", "0"),
    row="SqliteJournal",
)
@kills(
    "A task is delivered a second time.",
    "journal.stored:StoredJournal.delivered",
    swap(" AND delivered_at IS NULL", ""),
    row="SqliteJournal",
)
@kills(
    "An entry is settled while its sender is at work.",
    "journal.stored:StoredJournal.settle",
    swap("AND {_BUSY_UNTIL} <= {self._dialect.now} ", ""),
    row="SqliteJournal",
)
@kills(
    "Two workers claim one task.",
    "journal.stored:StoredJournal.claim",
    swap("OR lease_owner = :owner", "OR lease_owner IS NOT NULL"),
    row="SqliteJournal",
)
@kills(
    "An unknown end is not counted as spent.",
    "journal.stored:StoredJournal._spent",
    swap("'accepted', 'unknown'", "'accepted'"),
    row="SqliteJournal",
)
@pytest.mark.parametrize("open_stored", ROWS, indirect=True)
def test_it_keeps_every_promise_of_a_journal(open_stored: Opening) -> None:
    check_journal(open_stored, limited=lambda most: open_stored(max_submissions=most))
