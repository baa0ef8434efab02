"""A child forked at any moment, as prefork servers do, has locks, counts and connections of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from modellix import BudgetExceeded, Entry, JournalError, Modellix, SqliteJournal
from modellix._fork import PerProcess
from modellix.journal import sqlite
from modellix.testing import StandIn
from scripts.mutants.kills import kills, swap
from tests.support.clients import KEY
from tests.support.forked import QUICK, Service, buy
from tests.support.marks import NEEDS_FORK
from tests.support.processes import in_child

pytestmark = NEEDS_FORK


def is_spent(client: Modellix) -> bool:
    try:
        buy(client)
    except BudgetExceeded:
        return True
    return False


@contextmanager
def taken(lock: AbstractContextManager[object]) -> Generator[None, None, None]:
    """Another thread has the lock."""
    is_taken, may_end = threading.Event(), threading.Event()

    def take() -> None:
        with lock:
            is_taken.set()
            may_end.wait()

    thread = threading.Thread(target=take)
    thread.start()
    is_taken.wait()
    try:
        yield
    finally:
        may_end.set()
        thread.join()


# The means


@kills("A child has what its parent has.", "_fork:PerProcess.__call__", swap("os.getpid()", "0"))
def test_each_process_makes_one_of_its_own() -> None:
    own = PerProcess[list[str]](list)
    own().append("the parent's")
    assert in_child(lambda: (own(), own() is own())) == "([], True)"
    assert own() == ["the parent's"]


@kills(
    "Two threads of a child have different ones.",
    "_fork:PerProcess.__call__",
    swap("self._made.setdefault(", "self._made.__setitem__("),
)
def test_threads_that_ask_at_once_get_the_same() -> None:
    at_once = threading.Barrier(2)

    def make() -> object:
        at_once.wait(60)
        return object()

    def ask() -> object:
        given = own()
        at_once.wait(60)
        return given is own()

    own = PerProcess(make)
    with ThreadPoolExecutor(2) as pool:
        assert [each.result() for each in [pool.submit(ask), pool.submit(ask)]] == [True, True]


# Locks, counts, slots and connections of a client

LOCKS: dict[str, Callable[[Modellix, Any], threading.Lock]] = {
    "of the budget": lambda client, journal: client._parts.guard._lock(),
    "of the connections": lambda client, journal: client._driver._means().lock,
    "of the journal": lambda client, journal: journal._lock(),
    "of new files": lambda client, journal: sqlite._making(),
}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_child_buys_while_a_thread_of_its_parent_has_a_lock(
    lock: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SqliteJournal, "before_fork", lambda self: False)  # as when a record takes too long
    service, journal = Service(), SqliteJournal(tmp_path / "journal.db")
    with service.serve() as url, journal, Modellix(KEY, base_url=url, journal=journal, poll=QUICK) as client:

        def work() -> object:
            task = buy(client, "of-the-child")
            [path] = task.wait(timeout=30.0).download(tmp_path)
            task.delivered()
            entry = journal.find("of-the-child")
            assert entry is not None
            return path.is_file(), entry.task_id == task.id, entry.delivered_at is not None

        buy(client, "before")
        with taken(LOCKS[lock](client, journal)):
            assert in_child(work) == "(True, True, True)"
        buy(client, "after")
        assert journal.spent() == 3
    assert len(service.submissions) == 3


def test_a_stand_in_answers_in_a_child() -> None:
    stand_in = StandIn(KEY)
    with stand_in.mock(), Modellix(KEY) as client:
        with taken(stand_in._lock()), taken(stand_in._scripts._lock()):
            assert in_child(lambda: buy(client).is_new) == "True"
        buy(client)
    assert len(stand_in.submissions) == 1  # a child's are in a copy of its own


@kills(
    "A reservation of a thread of its parent is never given back in a child.",
    "_core.budget:_Limit.used",
    swap("self.under_way().number", "sum(each.number for each in self.under_way._made.values())"),
)
def test_a_child_forked_in_the_middle_of_a_purchase_goes_on_with_what_was_bought(tmp_path: Path) -> None:
    """The purchase under way is the parent's: it has the only slot, a reservation and an open entry."""
    service, journal = Service(), SqliteJournal(tmp_path / "journal.db")
    options: dict[str, Any] = {"journal": journal, "max_in_flight": 1, "max_submissions": 3}
    with service.serve() as url, journal, Modellix(KEY, base_url=url, **options) as client:
        buy(client)
        with service.holding("POST", lambda: buy(client, "under-way")) as go_on:
            assert in_child(lambda: (len({buy(client).id, buy(client).id}), is_spent(client))) == "(2, True)"
            entry = journal.find("under-way")
            assert entry is not None
            assert entry.outcome is None
            assert go_on().is_new
        buy(client)
        assert is_spent(client)
        assert len(journal.undelivered()) == 5
    assert len({bought.task_id for bought in service.submissions}) == len(service.submissions) == 5


def test_a_child_leaves_the_block_of_a_budget() -> None:
    service = Service()
    with service.serve() as url, Modellix(KEY, base_url=url) as client:
        block = client.budget(1)

        def work() -> object:
            was_spent = buy(client).is_new and is_spent(client)
            block.__exit__()
            return was_spent, is_spent(client)

        with block, service.holding("POST", lambda: buy(client)) as go_on:
            assert in_child(work) == "(True, False)"
            go_on()
            assert is_spent(client)
    assert len(service.submissions) == 3


class Forgetful:
    """A journal that cannot record an end while it is told not to."""

    def __init__(self, journal: SqliteJournal) -> None:
        self._journal = journal
        self.is_failing = True
        self.ends = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._journal, name)

    def end(self, entry: Entry, outcome: str, task_id: str | None) -> None:
        if self.is_failing:
            raise JournalError("full")
        self.ends += 1
        self._journal.end(entry, outcome, task_id)


def test_an_end_that_could_not_be_recorded_is_left_to_the_parent(tmp_path: Path) -> None:
    service, journal = Service(), SqliteJournal(tmp_path / "journal.db")
    forgetful: Any = Forgetful(journal)
    with service.serve() as url, journal, Modellix(KEY, base_url=url, journal=forgetful) as client:
        buy(client, "of-the-parent")
        forgetful.is_failing = False

        def work() -> object:
            buy(client, "of-the-child")
            return forgetful.ends

        assert in_child(work) == "1"
        buy(client)
        assert forgetful.ends == 2
        assert not journal.unresolved()
    assert len(service.submissions) == 3
