"""What a journal in a database makes of intents and of ends, late ones and lost ones too."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from attrs import evolve

from modellix import Entry
from modellix.journal import stored
from scripts.mutants.kills import kills, swap
from tests.support.journals import SENT_AT, intent, undelivered
from tests.support.stores import Opening

ENDS = ("accepted", "refused", "never sent", "unknown")


@pytest.fixture
def journal(open_stored: Opening) -> Any:
    return open_stored()


def all_of(journal: Any) -> list[tuple[Any, ...]]:
    """Reference, attempt, outcome and task id of each entry."""
    return [(entry.reference, entry.attempt, entry.outcome, entry.task_id) for entry in journal.entries()]


def begun_twice(journal: Any, outcome: str = "never sent") -> tuple[Entry, Entry]:
    """Two attempts of one entry, the second one open."""
    first = journal.begin(intent("order-1"))
    journal.end(first, outcome, None)
    return first, journal.begin(intent("order-1"))


# begin


def test_without_a_reference_each_intent_is_an_entry_of_its_own(journal: Any) -> None:
    entries = [journal.begin(intent()) for _ in range(3)]
    assert all(entry.granted for entry in entries)
    assert len({entry.id for entry in entries}) == 3
    assert all_of(journal) == [(None, 1, None, None)] * 3


@pytest.mark.parametrize("outcome", [None, "accepted", "unknown"])
def test_what_stands_under_a_reference_is_not_granted_and_not_changed(outcome: str | None, journal: Any) -> None:
    first = journal.begin(intent("order-1"))
    if outcome:
        journal.end(first, outcome, "task-1")
    standing = journal.find("order-1")
    for _ in range(2):
        assert journal.begin(intent("order-1", operation="another", fingerprint="2:another")) == standing
    assert not standing.granted
    assert list(journal.entries()) == [standing]


@pytest.mark.parametrize("outcome", ["refused", "never sent"])
def test_a_free_reference_is_granted_as_the_next_attempt(outcome: str, journal: Any) -> None:
    first, second = begun_twice(journal, outcome)
    assert (second.id, second.attempt, second.granted) == (first.id, 2, True)
    later = SENT_AT + datetime.timedelta(days=1)
    journal.end(second, outcome, None)
    third = journal.begin(intent("order-1", operation="another", fingerprint="2:another", sent_at=later, until=later))
    assert (third.operation, third.fingerprint, third.sent_at, third.until) == ("another", "2:another", later, later)
    assert journal.find("order-1") == evolve(third, granted=False)
    assert all_of(journal) == [("order-1", 3, None, None)]


@kills(
    "A commit whose answer was lost is taken for somebody else's.",
    "journal.stored:StoredJournal._begin",
    swap("entry.token != token", "entry.attempt > 0"),
)
def test_work_that_is_run_again_finds_what_it_has_recorded(journal: Any) -> None:
    """The connection may be lost just when it is committed; nobody can tell then whether it was."""
    real = journal._run

    def run_again(purpose: str, work: Any, **options: Any) -> Any:
        real(purpose, work, **options)
        return real(purpose, work, **options)

    journal._run = run_again
    first = journal.begin(intent("order-1"))
    plain = journal.begin(intent())
    assert (first.granted, first.attempt, plain.granted) == (True, 1, True)
    journal.end(first, "refused", None)
    second = journal.begin(intent("order-1"))
    assert (second.granted, second.attempt, second.id) == (True, 2, first.id)
    journal.end(second, "accepted", "task-1")
    journal.end(plain, "accepted", "task-2")
    assert all_of(journal) == [("order-1", 2, "accepted", "task-1"), (None, 1, "accepted", "task-2")]


@kills(
    "A settled task that is bought again keeps its old delivery.",
    "journal.stored:StoredJournal._grant_again",
    swap("status = NULL, delivered_at = NULL", "status = NULL"),
)
def test_the_next_attempt_keeps_nothing_of_the_one_before(journal: Any) -> None:
    entry = journal.begin(intent("order-1"))
    journal.end(entry, "unknown", "task-1")
    journal.ended("task-1", "failed")
    journal.delivered("task-1")
    journal.settle(entry, bought=False)
    second = journal.begin(intent("order-1"))
    assert journal.find("order-1") == evolve(second, granted=False)
    assert (second.attempt, second.task_id, second.status, second.delivered_at) == (2, None, None, None)
    journal.settle(second, task_id="task-2")
    assert undelivered(journal) == ["task-2"]


# end


@pytest.mark.parametrize("outcome", ENDS)
def test_each_end_is_recorded_once(outcome: str, journal: Any) -> None:
    task_id = "task-1" if outcome in ("accepted", "unknown") else None
    for reference in ("order-1", None):
        entry = journal.begin(intent(reference))
        for _ in range(2):
            journal.end(entry, outcome, task_id)
    assert all_of(journal) == [("order-1", 1, outcome, task_id), (None, 1, outcome, task_id)]


@kills(
    "A late end overwrites what a newer attempt has recorded.",
    "journal.stored:StoredJournal._set_outcome",
    swap("token = :token AND attempt = :attempt", "reference = (SELECT 'order-1' WHERE :token <> :attempt)"),
)
@pytest.mark.parametrize("newest", [None, *ENDS])
@pytest.mark.parametrize("late", ENDS)
def test_a_late_end_of_an_older_attempt_overwrites_nothing(late: str, newest: str | None, journal: Any) -> None:
    first, second = begun_twice(journal)
    if newest:
        journal.end(second, newest, None)
    standing = journal.find("order-1")
    journal.end(first, late, None)
    assert list(journal.entries()) == [standing]


@pytest.mark.parametrize("late", ["accepted", "unknown"])
def test_the_task_id_of_a_late_end_is_kept_as_an_unresolved_entry(late: str, journal: Any) -> None:
    first, second = begun_twice(journal)
    journal.end(second, "accepted", "task-2")
    for _ in range(2):
        journal.end(first, late, "task-1")
    assert all_of(journal) == [("order-1", 2, "accepted", "task-2"), (None, 1, "unknown", "task-1")]
    [stray] = journal.unresolved()
    assert (stray.operation, stray.sent_at, stray.task_id) == (first.operation, first.sent_at, "task-1")
    journal.settle(stray, task_id="task-1")
    assert undelivered(journal) == ["task-2", "task-1"]


def test_a_late_id_that_is_known_needs_no_entry(journal: Any) -> None:
    first, second = begun_twice(journal)
    journal.end(second, "accepted", "task-1")
    journal.end(first, "accepted", "task-1")
    assert all_of(journal) == [("order-1", 2, "accepted", "task-1")]


@kills(
    "An entry is settled while its sender, whose clock is slow, is at work.",
    "journal.stored:StoredJournal._values",
    swap("_utc()", "datetime.datetime.now(datetime.UTC)"),
)
def test_a_sender_whose_clock_is_slow_is_still_at_work(journal: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its `until` is past by the database's clock, and its time is not over."""
    slow = datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=1)
    with monkeypatch.context() as patch:
        patch.setattr(stored, "_utc", lambda: slow)
        entry = journal.begin(intent("order-1", sent_at=slow, until=slow + datetime.timedelta(minutes=10)))
    with pytest.raises(ValueError, match="may be under way"):
        journal.settle(entry, bought=False)
    assert all_of(journal) == [("order-1", 1, None, None)]


def test_what_was_settled_by_hand_is_corrected_by_a_late_acceptance(journal: Any) -> None:
    entry = journal.begin(intent("order-1"))
    journal.settle(entry, bought=False)
    journal.end(entry, "accepted", "task-1")
    assert all_of(journal) == [("order-1", 1, "accepted", "task-1")]


def test_what_was_settled_with_another_task_is_kept_beside_the_late_one(journal: Any) -> None:
    entry = journal.begin(intent("order-1"))
    journal.settle(entry, task_id="task-2")
    journal.end(entry, "accepted", "task-1")
    assert all_of(journal) == [("order-1", 1, "accepted", "task-2"), (None, 1, "unknown", "task-1")]


@pytest.mark.parametrize("outcome", ENDS)
@pytest.mark.parametrize("reference", ["order-1", None])
def test_an_end_that_finds_no_row_makes_one(reference: str | None, outcome: str, open_stored: Opening) -> None:
    journal = open_stored()
    entry = journal.begin(intent(reference))
    forget(journal)
    for _ in range(2):
        journal.end(entry, outcome, None)
    assert all_of(journal) == [(reference, 1, outcome, None)]


def test_an_end_that_finds_its_reference_taken_keeps_its_task(journal: Any) -> None:
    """The database lost the entry, and somebody else has begun under the reference since."""
    lost = journal.begin(intent("order-1"))
    forget(journal)
    taken = journal.begin(intent("order-1"))
    journal.end(taken, "accepted", "task-2")
    journal.end(lost, "accepted", "task-1")
    assert sorted(all_of(journal), key=str) == [("order-1", 1, "accepted", "task-2"), (None, 1, "unknown", "task-1")]


def forget(journal: Any) -> None:
    """All entries, as a database that is restored from a copy does."""
    table = journal._dialect.table
    journal._run("be emptied", lambda execute: execute(f"DELETE FROM {table} RETURNING 1"))


def test_entries_are_read_page_by_page(journal: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modellix.journal.stored._PAGE", 3)
    ids = [journal.begin(intent(f"order-{number}")).id for number in range(8)]
    assert [entry.id for entry in journal.entries()] == ids
    iterator = journal.entries()
    assert next(iterator).id == ids[0]
    journal.end(journal.begin(intent("order-9")), "refused", None)  # nothing is locked meanwhile
    assert [entry.reference for entry in iterator][-1] == "order-9"


def test_entries_are_found_by_what_is_asked(journal: Any) -> None:
    for number, outcome in enumerate(ENDS):
        when = SENT_AT + datetime.timedelta(hours=number)
        journal.end(journal.begin(intent(f"order-{number}", sent_at=when)), outcome, None)

    def found(**asked: Any) -> list[str | None]:
        return [entry.reference for entry in journal.entries(**asked)]

    since = (SENT_AT + datetime.timedelta(hours=2)).astimezone(datetime.timezone(datetime.timedelta(hours=9)))
    assert found(reference="order-1") == ["order-1"]
    assert found(outcome="unknown") == ["order-3"]
    assert found(since=since) == ["order-2", "order-3"]
    assert found(since=since, outcome="unknown", reference="order-3") == ["order-3"]
    assert found(since=since, reference="order-1") == []


def test_a_token_is_never_shown(journal: Any) -> None:
    entry = journal.begin(intent("order-1"))
    assert entry.token
    assert entry.token not in repr(entry)
