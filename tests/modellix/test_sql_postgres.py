"""The journal on PostgreSQL: settings of others, others in the way, and crowds."""

from __future__ import annotations

import datetime
import itertools
import os
import signal
import threading
import time
from collections.abc import Iterator
from functools import partial

import psycopg
import pytest

from modellix import BudgetExceeded, JournalError
from modellix.journal import sql
from modellix.journal.sql import SqlJournal
from tests.support.journal_calls import FORKS, granted, in_processes, in_threads
from tests.support.journals import found, intent
from tests.support.postgres import Postgres
from tests.support.timing import LONG, wait_until

pytestmark = pytest.mark.servers


@pytest.fixture
def url(postgres: Postgres, database: str) -> str:
    return postgres.url(database)


@pytest.fixture
def journal(url: str) -> Iterator[SqlJournal]:
    with SqlJournal(url) as journal:
        yield journal


# Settings of others


@pytest.mark.parametrize("level", ["serializable", "repeatable read"])
def test_the_default_isolation_changes_nothing(postgres: Postgres, database: str, url: str, level: str) -> None:
    postgres.execute(f"ALTER DATABASE {database} SET default_transaction_isolation = '{level}'")
    with SqlJournal(f"{url}?options=-cdefault_transaction_isolation={level.replace(' ', '%5C%20')}") as journal:
        results = in_threads(12, lambda: journal.begin(intent("a")))
        assert len(granted(results)) == 1
        journal.end(granted(results)[0], "refused", None)
        assert len(granted(in_threads(12, lambda: journal.begin(intent("a"))))) == 1


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "ABC+11:37", "America/St_Johns"])
def test_times_are_right_whatever_the_zone_and_the_notation(
    postgres: Postgres, database: str, journal: SqlJournal, zone: str
) -> None:
    postgres.execute(f"ALTER DATABASE {database} SET timezone = '{zone}'")
    postgres.execute(f"ALTER DATABASE {database} SET datestyle = 'German, DMY'")
    told = intent("a")
    journal.end(journal.begin(told), "accepted", "task-1")
    assert (found(journal).sent_at, found(journal).until) == (told.sent_at, told.until)
    assert found(journal).sent_at.utcoffset() == datetime.timedelta(0)
    assert journal.spent(told.sent_at) == 1
    assert journal.spent(told.sent_at + datetime.timedelta(microseconds=1)) == 0
    [[before]] = postgres.execute("SELECT clock_timestamp()")
    journal.delivered("task-1")
    [[after]] = postgres.execute("SELECT clock_timestamp()")
    delivered = found(journal).delivered_at
    assert delivered is not None
    assert before <= delivered <= after
    is_it = "SELECT sent_at = %s FROM modellix_submissions"
    assert postgres.execute(is_it, told.sent_at, database=database) == [(True,)]


def test_a_role_that_may_only_read_and_write_the_tables_is_enough(
    postgres: Postgres, database: str, journal: SqlJournal
) -> None:
    journal.spent()
    postgres.execute("CREATE ROLE worker LOGIN")
    try:
        postgres.execute("GRANT SELECT, INSERT, UPDATE ON modellix_submissions TO worker", database=database)
        postgres.execute("GRANT SELECT ON modellix_submissions_format TO worker", database=database)
        with SqlJournal(postgres.url(database).replace("modellix@", "worker@"), max_submissions=5) as worker:
            worker.end(worker.begin(intent("a")), "accepted", "task-1")
            worker.claim("me", 60.0, None)
            worker.delivered("task-1")
    finally:
        postgres.execute("DROP OWNED BY worker", database=database)
        postgres.execute("DROP ROLE worker")
    assert found(journal).delivered_at is not None


def test_a_role_that_may_not_make_the_tables_is_told_so(postgres: Postgres, database: str) -> None:
    postgres.execute("CREATE ROLE stranger LOGIN")
    try:
        stranger = SqlJournal(postgres.url(database).replace("modellix@", "stranger@"))
        with pytest.raises(JournalError, match="permission denied for schema public"):
            stranger.begin(intent("a"))
    finally:
        postgres.execute("DROP ROLE stranger")


# Others in the way


def test_somebody_who_stands_still_in_the_middle_keeps_nobody_from_sending(url: str) -> None:
    """The database ends what holds the account book and does nothing."""
    with SqlJournal(url, max_submissions=5) as still, SqlJournal(url, max_submissions=5) as journal:
        is_held, is_over = threading.Event(), threading.Event()

        def stand_still(execute: sql.Execute) -> None:
            still._lock_book(execute)
            if not is_held.is_set():
                is_held.set()
                is_over.wait(LONG)

        thread = threading.Thread(target=still._run, args=("stand still", stand_still))
        thread.start()
        is_held.wait(LONG)
        try:
            assert journal.begin(intent("a")).granted
        finally:
            is_over.set()
            thread.join(LONG)


def test_a_lock_that_does_not_go_is_a_journal_error(postgres: Postgres, database: str, journal: SqlJournal) -> None:
    journal.spent()
    with psycopg.connect(postgres.url(database, driver="")) as another:
        another.execute("LOCK TABLE modellix_submissions")
        with pytest.raises(JournalError, match="canceling statement due to statement timeout"):
            journal.begin(intent("a"))
    assert journal.begin(intent("a")).granted


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="Windows has no timer of this kind")
def test_an_exception_of_a_signal_handler_goes_on_unchanged_and_leaves_nothing(
    postgres: Postgres, database: str, journal: SqlJournal
) -> None:
    class Struck(Exception):
        pass

    def strike(*_: object) -> None:
        raise Struck

    journal.spent()
    before = signal.signal(signal.SIGALRM, strike)
    try:
        with psycopg.connect(postgres.url(database, driver="")) as another:
            another.execute("LOCK TABLE modellix_submissions")
            signal.setitimer(signal.ITIMER_REAL, 0.2)
            with pytest.raises(Struck):
                journal.begin(intent("a"))
    finally:
        signal.signal(signal.SIGALRM, before)
    assert journal.begin(intent("a")).attempt == 1
    assert journal.spent() == 1


# Crowds


def test_threads_share_a_few_connections(postgres: Postgres, database: str, journal: SqlJournal) -> None:
    numbers = itertools.count()

    def several() -> None:
        for _ in range(10):
            journal.end(journal.begin(intent(f"order-{next(numbers)}")), "accepted", None)

    assert in_threads(20, several) == [None] * 20
    journal.close()
    sessions = "SELECT sessions FROM pg_stat_database WHERE datname = %s"
    wait_until(lambda: postgres.execute(sessions, database)[0][0] > 0)  # told when a session ends
    assert journal.spent() == 200
    assert postgres.execute(sessions, database)[0][0] <= sql.CONNECTIONS + 1


@pytest.mark.filterwarnings(FORKS)
def test_of_fifty_processes_one_is_granted_the_reference(journal: SqlJournal) -> None:
    journal.spent()  # the parent's connections are open, and the children leave them alone
    results = in_processes(50, lambda: journal.begin(intent("a")))
    [one] = granted(results)
    assert {entry.id for entry in results} == {one.id}
    journal.end(one, "accepted", "task-1")
    assert [entry.task_id for entry in journal.entries()] == ["task-1"]


@pytest.mark.filterwarnings(FORKS)
def test_of_fifty_processes_ten_are_granted_within_a_limit_of_ten(url: str) -> None:
    with SqlJournal(url, max_submissions=10) as journal:
        results = in_processes(50, lambda: journal.begin(intent(f"order-{os.getpid()}")))
        refused = [one for one in results if isinstance(one, BudgetExceeded)]
        assert len(refused) == 40
        assert len(granted([one for one in results if one not in refused])) == 10
        assert journal.spent() == 10
        assert len(list(journal.entries())) == 10


@pytest.mark.filterwarnings(FORKS)
def test_ten_processes_of_five_threads_claim_each_task_once(journal: SqlJournal) -> None:
    for number in range(100):
        journal.settle(journal.begin(intent()), task_id=f"task-{number}")

    def claim() -> list[str | None]:
        found = list[str | None]()
        while claimed := journal.claim(f"{os.getpid()}-{threading.get_ident()}-{time.monotonic_ns()}", 600.0, 3):
            found += [entry.task_id for entry in claimed]
        return found

    claimed = [
        one for process in in_processes(10, lambda: in_threads(5, claim)) for thread in process for one in thread
    ]
    assert sorted(claimed) == sorted(f"task-{number}" for number in range(100))


@pytest.mark.filterwarnings(FORKS)
def test_a_fork_while_other_threads_write_harms_neither(journal: SqlJournal) -> None:
    is_over, errors = threading.Event(), list[BaseException]()

    def write(name: str) -> None:
        try:
            for number in itertools.count():
                journal.end(journal.begin(intent(f"{name}-{number}")), "accepted", None)
                if is_over.is_set():
                    return
        except BaseException as error:
            errors.append(error)

    writers = [threading.Thread(target=write, args=(f"thread-{number}",)) for number in range(3)]
    for writer in writers:
        writer.start()
    try:
        for number in range(10):
            results = in_processes(2, partial(lambda name: journal.begin(intent(name)), f"child-{number}"))
            assert len(granted(results)) == 1
    finally:
        is_over.set()
        for writer in writers:
            writer.join(LONG)
    assert not errors
    assert {f"child-{number}" for number in range(10)} <= {entry.reference for entry in journal.entries()}
