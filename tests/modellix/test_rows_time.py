"""Time in a batch: pauses for all, and how long a row is waited for."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from modellix import BudgetExceeded, RateLimitError
from scripts.mutants.kills import kills, swap
from tests.support.clients import kind_of
from tests.support.simulated_batch import SLOTS, SimulatedBatch

EVER = 10**9  # reads, or attempts


def too_many(asked: float | None) -> RateLimitError:
    error = RateLimitError(
        "refused", status=429, code=429, category=None, detail=None, operation="any", task_id=None, body=b""
    )
    error.retry_after = asked
    return error


def errors(outcomes: Any) -> list[str]:
    return [kind_of(outcome.error) for _, outcome in outcomes if outcome.error is not None]


@kills(
    "After a 429 the other submissions of a batch go on.",
    "_core.rows:_Row._submit",
    swap("for_all=True", "for_all=False"),
)
def test_a_refusal_for_a_while_holds_up_all_submissions_and_no_reads() -> None:
    def ends(reference: str, attempt: int) -> RateLimitError | None:
        return too_many(20.0) if reference == "row-9" and attempt == 1 else None

    batch = SimulatedBatch(ends, reads=6)
    assert errors(batch.run(60)) == []
    refused, again = batch.times_of("row-9")
    assert again == pytest.approx(refused + 0.1 + 20.0)
    silent = [at for at, _ in batch.submitted if refused + 0.1 <= at < again]
    assert silent == []
    assert [name for at, name in batch.submitted if at < refused + 0.1 and at > refused] == []
    assert len([at for at, _ in batch.read if refused + 0.1 < at < again]) > 10
    assert len(batch.submitted) == 61


def test_without_a_word_from_the_service_the_pauses_grow() -> None:
    batch = SimulatedBatch(lambda reference, attempt: too_many(None) if attempt < 6 else None)
    assert errors(batch.run(1)) == []
    pauses = [later - earlier for earlier, later in pairwise(batch.times_of("row-0"))]
    assert all(later > earlier for earlier, later in pairwise(pauses))
    assert pauses[0] < 2.0
    assert pauses[-1] > 10.0


@kills(
    "A row of a batch is given up at its first 429.",
    "_core.rows:_Row._submit",
    swap("clock.now() - ~ >= self.rows.timeout", "True"),
)
@kills(
    "A row of a batch that is always refused is never given up.",
    "_core.rows:_Row._submit",
    swap("clock.now() - ~ >= self.rows.timeout", "False"),
)
def test_a_row_gives_up_after_its_whole_time() -> None:
    batch = SimulatedBatch(lambda reference, attempt: too_many(7.0) if reference == "row-0" and attempt < 100 else None)
    found = {outcome.reference: (at, outcome.error) for at, outcome in batch.run(3, timeout=60.0)}
    at, error = found["row-0"]
    assert kind_of(error) == "RateLimitError"
    assert 60.0 <= at < 60.0 + 7.2
    assert [each for _, each in found.values()].count(None) == 2


@kills(
    "A row that was refused for a while loses its part of the budget to others.",
    "_core.rows:Rows.check_open",
    swap("attempt > 1", "attempt > 9"),
)
def test_a_row_that_was_refused_for_a_while_may_use_its_part_of_the_budget() -> None:
    def ends(reference: str, attempt: int) -> Any:
        if reference != "row-0":
            return BudgetExceeded("spent")
        return too_many(5.0) if attempt == 1 else None

    batch = SimulatedBatch(ends)
    found = {outcome.reference: outcome.error for _, outcome in batch.run(20)}
    assert found.pop("row-0") is None
    assert {kind_of(error) for error in found.values()} == {"BudgetExceeded"}
    assert len(batch.times_of("row-0")) == 2
    assert len(batch.submitted) <= 1 + SLOTS


@kills(
    "A row of a batch is waited for without end.",
    "_core.rows:_Row._wait",
    swap("+ rows.timeout - rows.idle", "+ 1e9"),
    is_about_ending=True,
)
def test_each_row_is_waited_for_from_when_it_was_bought() -> None:
    def ends(reference: str, attempt: int) -> Any:
        return too_many(50.0) if reference == "row-1" and attempt == 1 else None

    batch = SimulatedBatch(ends, reads=EVER)
    found = {outcome.reference: (at, outcome) for at, outcome in batch.run(2, timeout=30.0)}
    for reference, (at, outcome) in found.items():
        bought = batch.times_of(reference)[-1] + 0.1
        assert at == pytest.approx(bought + 30.0, abs=0.2)
        assert kind_of(outcome.error) == "WaitTimeout"
        assert outcome.task is not None
        assert outcome.task.id == f"task-{reference}"


@kills(
    "While an outcome is looked at, the time of the other rows runs out.",
    "_core.rows:Rows.idling",
    swap("+= self.context.clock.now() - ~", "+= 0.0"),
)
def test_looking_at_an_outcome_costs_the_others_no_time() -> None:
    batch = SimulatedBatch(reads=3)
    assert errors(batch.run(50, timeout=60.0, look_seconds=20.0)) == []


def test_neither_reads_nor_submissions_starve() -> None:
    batch = SimulatedBatch(reads=4)
    assert errors(batch.run(3000, timeout=1000.0)) == []
    submitting = [at for at, _ in batch.submitted]
    reading = [at for at, _ in batch.read]
    assert len(reading) == 4 * len(submitting)
    for later, earlier in pairwise(reversed(submitting)):
        assert later - earlier < 0.3  # with SLOTS of them at a time, each 0.1 s
    busy = [at for at in reading if at < submitting[-1]]
    assert len(busy) > len(submitting) // 2
