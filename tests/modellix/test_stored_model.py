"""Whatever is done through two journals of one store, in whatever order: it is as in a model of a few lines."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from modellix import BudgetExceeded, Entry
from scripts.mutants.kills import kills, swap
from tests.support.clients import end_of
from tests.support.journal_model import Model, Row
from tests.support.journals import intent

LIMIT = 8
LONG = 3600.0  # seconds of a lease that outlives the test

references = st.sampled_from([None, "order-1", "order-2", "ORDER-1"])
owners = st.sampled_from(["one", "two"])
which = st.integers(0, 1)  # of the two journals
numbers = st.integers(0, 99)  # of an entry or a task, modulo how many there are
ENDS = st.sampled_from(
    [("accepted", True), ("unknown", True), ("unknown", False), ("refused", False), ("never sent", False)]
)


class Machine(RuleBasedStateMachine):
    """Each step is done in a journal and in the model, and what both hold is compared."""

    def __init__(self, open_stored: Any) -> None:
        super().__init__()
        self.journals = [open_stored(max_submissions=LIMIT) for _ in range(2)]
        forget(self.journals[0])
        self.model = Model(LIMIT)
        self.grants: list[tuple[Entry, Row, list[Any]]] = []  # with the end that was told, if any
        self.ids = ["task-0"]  # which nobody knows

    @initialize()
    def there_are_tasks(self) -> None:
        """Of which nobody has a lease, so that there is something to claim."""
        for number in range(3):
            self.begin(0, None)
            self.settle(0, number, bought=True)

    @rule(journal=which, reference=references)
    def begin(self, journal: int, reference: str | None) -> None:
        seen = end_of(self.journals[journal].begin, intent(reference))
        row, answer = self.model.begin(reference)
        if answer == "too much":
            assert type(seen) is BudgetExceeded
            return
        assert (seen.granted, seen.reference, seen.attempt) == (answer == "granted", reference, row.attempt)
        assert (seen.outcome, seen.task_id) == (row.outcome, row.task_id)
        if seen.granted:
            self.grants.append((seen, row, []))

    @precondition(lambda self: self.grants)
    @rule(journal=which, number=numbers, end=ENDS)
    def end(self, journal: int, number: int, end: tuple[str, bool]) -> None:
        """The first time; after that the same is told again, as a client does that is not sure."""
        entry, row, told = self.grants[number % len(self.grants)]
        if not told:
            outcome, has_id = end
            self.ids += [f"task-{len(self.ids)}"] if has_id else []
            told += [outcome, self.ids[-1] if has_id else None]
        self.journals[journal].end(entry, *told)
        self.model.end(row, entry.attempt, *told)

    @rule(journal=which, number=numbers, status=st.sampled_from(["success", "failed", "lost"]))
    def ended(self, journal: int, number: int, status: str) -> None:
        task_id = self.ids[number % len(self.ids)]
        self.journals[journal].ended(task_id, status)
        self.model.ended(task_id, status)

    @rule(journal=which, number=numbers)
    def delivered(self, journal: int, number: int) -> None:
        task_id = self.ids[number % len(self.ids)]
        self.journals[journal].delivered(task_id)
        self.model.delivered(task_id)

    @precondition(lambda self: self.model.rows)
    @rule(journal=which, number=numbers, bought=st.booleans())
    def settle(self, journal: int, number: int, bought: bool) -> None:
        number %= len(self.model.rows)
        entry, row = list(self.journals[journal].entries())[number], self.model.rows[number]
        task_id = row.task_id or f"task-{len(self.ids)}"
        named = {"task_id": task_id} if bought else {"bought": False}
        is_done = end_of(lambda: self.journals[journal].settle(entry, **named)) is None
        assert is_done == self.model.settle(row, task_id if bought else None)
        self.ids += [task_id] if is_done and bought and task_id not in self.ids else []

    @rule(journal=which, owner=owners, limit=st.sampled_from([None, 0, 1, 2]))
    def claim(self, journal: int, owner: str, limit: int | None) -> None:
        seen = self.journals[journal].claim(owner, LONG, limit)
        assert list(map(shown, seen)) == [row.shown for row in self.model.claim(owner, limit)]

    @rule(journal=which, owner=owners)
    def renew(self, journal: int, owner: str) -> None:
        assert self.journals[journal].renew(owner, LONG) == self.model.renew(owner)

    @rule(journal=which, owner=owners)
    def release(self, journal: int, owner: str) -> None:
        self.journals[journal].release(owner)
        self.model.release(owner)

    @invariant()
    def both_hold_the_same(self) -> None:
        rows = self.model.rows
        for journal in self.journals:
            assert list(map(shown, journal.entries())) == [row.shown for row in rows]
            assert list(map(shown, journal.unresolved())) == [row.shown for row in rows if row.is_unresolved]
            assert list(map(shown, journal.undelivered())) == [row.shown for row in rows if row.is_undelivered]
            assert journal.spent() == self.model.spent

    @invariant()
    def under_one_reference_one_attempt_at_most_is_granted_and_not_free(self) -> None:
        for _, row, _ in self.grants:
            standing = [told for entry, other, told in self.grants if other is row and entry.attempt == row.attempt]
            assert len(standing) == 1

    def teardown(self) -> None:
        for journal in self.journals:
            journal.close()


def shown(entry: Entry) -> tuple[Any, ...]:
    return entry.reference, entry.attempt, entry.outcome, entry.task_id, entry.status, entry.delivered_at is not None


def forget(journal: Any) -> None:
    """What earlier examples left."""
    table = journal._dialect.table
    journal._run("be emptied", lambda execute: execute(f"DELETE FROM {table} RETURNING 1"))


@kills(
    "A release gives back the leases of others.",
    "journal.stored:StoredJournal.release",
    swap("WHERE lease_owner = :owner", "WHERE :owner IS NOT NULL"),
    row="SqliteJournal",
)
@pytest.mark.slow
@pytest.mark.random
def test_two_journals_of_one_store_do_as_the_model_does(open_stored: Any) -> None:
    quietly = settings(max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck))
    start: Any = partial(Machine, open_stored)
    run_state_machine_as_test(start, settings=quietly)
