"""The account book: a limit counts all that the journal ever held, over all runs and all processes."""

from __future__ import annotations

import datetime
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from modellix import BudgetExceeded, NeverSentError, RetryPolicy
from scripts.mutants.kills import kills, swap
from tests.modellix.conftest import Open, Serve
from tests.support.clients import end_of
from tests.support.hostile_server import refused
from tests.support.journals import SENT_AT, intent
from tests.support.marks import ON_SOCKETS
from tests.support.processes import FORK, run_all
from tests.support.references import Shop
from tests.support.scripts import answers, close_after, whole
from tests.support.stores import Opening
from tests.support.timing import LONG

pytestmark = ON_SOCKETS

PROCESSES = 50
LIMIT = 10


def begin_once(open_stored: Any, gate: Any, folder: Path, number: int) -> None:
    """What a child does: it tries once, at the same time as all others, and writes down what came of it."""
    gate.wait(LONG)
    reference = f"order-{number}" if number % 2 else None
    try:
        told = "granted" if open_stored(max_submissions=LIMIT).begin(intent(reference)).granted else "not granted"
    except BudgetExceeded:
        told = "BudgetExceeded"
    (folder / str(number)).write_text(told)
    os._exit(0)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # Python 3.12 on: threads and fork
def test_of_fifty_processes_exactly_as_many_as_the_limit_are_granted(open_stored: Any, tmp_path: Path) -> None:
    gate, folder = FORK.Barrier(PROCESSES), tmp_path / "told"
    folder.mkdir()
    children = [
        FORK.Process(target=begin_once, args=(open_stored, gate, folder, number)) for number in range(PROCESSES)
    ]
    run_all(children)
    told = Counter(file.read_text() for file in folder.iterdir())
    assert told == {"granted": LIMIT, "BudgetExceeded": PROCESSES - LIMIT}
    journal = open_stored()
    assert (journal.spent(), len(list(journal.entries()))) == (LIMIT, LIMIT)


def test_restarted_three_times_a_program_buys_its_maximum_once(
    serve: Serve, open_client: Open, open_journal: Opening
) -> None:
    server = serve()
    for run in range(3):
        journal = open_journal(max_submissions=3)
        shop = Shop(open_client(server.url, journal=journal), journal, server)
        ends = [shop.buy(reference=f"run-{run}-{number}") for number in range(3)]
        ends.append(end_of(shop.face.submit))
        assert sum(type(end) is BudgetExceeded for end in ends) == (1 if run == 0 else 4)
    assert len(server.submissions) == 3


@pytest.mark.parametrize(
    ("script", "counts"),
    [
        (None, False),
        (answers(400, refused(400)), False),
        (answers(429, refused(429)), False),
        (close_after(whole), True),
    ],
    ids=["never sent", "refused", "rate limited", "unknown"],
)
def test_what_counts_is_what_may_have_been_bought(
    script: Any, counts: bool, serve: Serve, open_client: Open, open_journal: Opening
) -> None:
    journal = open_journal(max_submissions=1)
    server = serve(script) if script else serve(is_listening=False)
    face = open_client(server.url, journal=journal, retry=RetryPolicy(connects=0))
    first = end_of(face.submit)
    assert not isinstance(first, BudgetExceeded)
    assert journal.spent() == counts
    second = serve()
    other = open_client(second.url, journal=journal)
    end = end_of(other.submit)
    assert (type(end) is BudgetExceeded) == counts
    assert len(second.submissions) == 1 - counts
    assert isinstance(first, NeverSentError) == (script is None)


def test_open_entries_count_and_settled_ones_do_not(open_stored: Opening) -> None:
    journal = open_stored(max_submissions=2)
    first, second = journal.begin(intent("order-1")), journal.begin(intent())
    with pytest.raises(BudgetExceeded, match="allows 2 submissions, over all runs and processes"):
        journal.begin(intent())
    journal.settle(first, bought=False)
    assert journal.begin(intent()).granted
    journal.settle(second, task_id="task-1")
    with pytest.raises(BudgetExceeded):
        journal.begin(intent("order-1"))  # free, and would be granted
    assert (journal.find("order-1").attempt, journal.spent()) == (1, 2)


def test_what_stands_under_a_reference_is_told_with_nothing_left(open_stored: Opening) -> None:
    journal = open_stored(max_submissions=1)
    entry = journal.begin(intent("order-1"))
    journal.end(entry, "accepted", "task-1")
    for limit in (1, 0):
        found = open_stored(max_submissions=limit).begin(intent("order-1"))
        assert (found.granted, found.task_id) == (False, "task-1")


@pytest.mark.parametrize("limit", [0, 1, 5])
def test_each_journal_has_its_own_limit_over_the_same_book(limit: int, open_stored: Opening) -> None:
    free = open_stored()
    for number in range(3):
        free.begin(intent(f"order-{number}"))
    journal = open_stored(max_submissions=limit)
    granted = 0
    while not isinstance(end_of(journal.begin, intent()), BudgetExceeded):
        granted += 1
    assert granted == max(0, limit - 3)
    assert free.begin(intent()).granted


@kills(
    "A late end, whose task was bought, is not counted.",
    "journal.stored:StoredJournal._end",
    swap('"unknown", task_id', '"refused", task_id'),
)
def test_the_task_of_a_late_end_counts(open_stored: Opening) -> None:
    journal = open_stored(max_submissions=2)
    first = journal.begin(intent("order-1"))
    journal.settle(first, bought=False)
    second = journal.begin(intent("order-1"))
    journal.end(first, "accepted", "task-1")
    journal.end(second, "accepted", "task-2")
    assert journal.spent() == 2
    with pytest.raises(BudgetExceeded):
        journal.begin(intent())


def test_spent_since_a_time(open_stored: Opening) -> None:
    journal = open_stored()
    for hours in range(4):
        journal.begin(intent(sent_at=SENT_AT + datetime.timedelta(hours=hours)))
    assert [journal.spent(SENT_AT + datetime.timedelta(hours=hours)) for hours in range(5)] == [4, 3, 2, 1, 0]
    assert journal.spent(SENT_AT + datetime.timedelta(microseconds=1)) == 3


@pytest.mark.parametrize("limit", [-1, 1.5, "1", True])
def test_a_limit_that_is_none_is_refused(limit: Any, open_stored: Opening) -> None:
    with pytest.raises(ValueError, match="max_submissions"):
        open_stored(max_submissions=limit)
