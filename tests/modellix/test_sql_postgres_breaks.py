"""The journal on PostgreSQL: connections that break, and servers that are killed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, event

from modellix import JournalError
from modellix.journal.sql import SqlJournal
from tests.support.journal_calls import in_threads
from tests.support.journals import found, intent
from tests.support.postgres import Postgres
from tests.support.postgres_proxy import Proxy

pytestmark = pytest.mark.servers
CUTS = pytest.mark.parametrize("cut", [Proxy.cut_before, Proxy.cut_after], ids=["before", "after"])


@pytest.fixture
def journal(postgres: Postgres, database: str) -> Iterator[SqlJournal]:
    with SqlJournal(postgres.url(database)) as journal:
        yield journal


@pytest.fixture
def proxy(postgres: Postgres) -> Iterator[Proxy]:
    with Proxy(postgres.port) as proxy:
        yield proxy


@pytest.fixture
def proxied(postgres: Postgres, database: str, proxy: Proxy) -> Iterator[SqlJournal]:
    with SqlJournal(postgres.url(database, port=proxy.port)) as journal:
        yield journal


@pytest.fixture
def break_before(postgres: Postgres, database: str) -> Iterator[Callable[[str], list[str]]]:
    """break_before("INSERT") lets the server end the connection before its next such statement; gives what it ended."""
    wanted, ended = list[str](), list[str]()

    def look(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if wanted and statement.startswith(wanted[0]):
            ended.append(wanted.pop())
            postgres.execute(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
                "WHERE datname = %s AND backend_type = 'client backend'", database
            )  # fmt: skip

    def arm(statement: str) -> list[str]:
        wanted.append(statement)
        return ended

    event.listen(Engine, "before_cursor_execute", look)
    yield arm
    event.remove(Engine, "before_cursor_execute", look)


# Connections that break


@pytest.mark.parametrize("statement", ["BEGIN", "INSERT", "SET LOCAL statement_timeout = 0; COMMIT"])
def test_a_begin_whose_connection_is_ended_is_granted(
    journal: SqlJournal, break_before: Callable[[str], list[str]], statement: str
) -> None:
    journal.spent()
    ended = break_before(statement)
    entry = journal.begin(intent("a"))
    assert (ended, entry.granted, entry.attempt) == ([statement], True, 1)
    assert [one.reference for one in journal.entries()] == ["a"]


@pytest.mark.parametrize("statement", ["BEGIN", "UPDATE", "SET LOCAL statement_timeout = 0; COMMIT"])
def test_an_end_whose_connection_is_ended_is_recorded(
    journal: SqlJournal, break_before: Callable[[str], list[str]], statement: str
) -> None:
    entry = journal.begin(intent("a"))
    ended = break_before(statement)
    journal.end(entry, "accepted", "task-1")
    assert ended == [statement]
    assert [(one.outcome, one.task_id) for one in journal.entries()] == [("accepted", "task-1")]


@pytest.mark.parametrize("code", ["40001", "40P01"])
def test_a_transaction_that_was_in_anothers_way_is_made_once_more(journal: SqlJournal, code: str) -> None:
    broken = list[str]()

    def in_the_way(_connection: object, _cursor: object, statement: str, values: object, *_: object) -> object:
        if not statement.startswith("INSERT") or broken:
            return statement, values
        broken.append(statement)
        return f"DO $$ BEGIN RAISE EXCEPTION 'in the way' USING ERRCODE = '{code}'; END $$", None

    journal.spent()
    event.listen(Engine, "before_cursor_execute", in_the_way, retval=True)
    try:
        assert journal.begin(intent("a")).granted
    finally:
        event.remove(Engine, "before_cursor_execute", in_the_way)
    assert (len(broken), journal.spent()) == (1, 1)


@CUTS
@pytest.mark.parametrize("most", [None, 1])
def test_a_begin_whose_commit_is_not_answered_is_granted_once(
    proxy: Proxy, postgres: Postgres, database: str, cut: Callable[[Proxy, str], None], most: int | None
) -> None:
    with SqlJournal(postgres.url(database, port=proxy.port), max_submissions=most) as proxied:
        proxied.spent()
        cut(proxy, "COMMIT")
        entry = proxied.begin(intent("a"))
    with SqlJournal(postgres.url(database)) as journal:
        assert (proxy.cuts, entry.granted, entry.attempt, journal.spent()) == (1, True, 1, 1)
        assert not journal.begin(intent("a")).granted
        journal.end(entry, "accepted", "task-1")
        assert [(one.id, one.task_id) for one in journal.entries()] == [(entry.id, "task-1")]


@CUTS
def test_without_a_reference_it_is_one_entry_too(
    journal: SqlJournal, proxied: SqlJournal, proxy: Proxy, cut: Callable[[Proxy, str], None]
) -> None:
    proxied.spent()
    cut(proxy, "COMMIT")
    entry = proxied.begin(intent())
    assert entry.granted
    assert [(proxy.cuts, one.id) for one in journal.entries()] == [(1, entry.id)]


@CUTS
def test_a_next_attempt_whose_commit_is_not_answered_is_one_attempt(
    journal: SqlJournal, proxied: SqlJournal, proxy: Proxy, cut: Callable[[Proxy, str], None]
) -> None:
    journal.end(journal.begin(intent("a")), "refused", None)
    proxied.spent()
    cut(proxy, "COMMIT")
    entry = proxied.begin(intent("a"))
    assert (proxy.cuts, entry.granted, entry.attempt, found(journal).attempt) == (1, True, 2, 2)


@CUTS
@pytest.mark.parametrize("outcome", ["accepted", "refused", "never sent", "unknown"])
def test_an_end_whose_commit_is_not_answered_is_recorded_once(
    journal: SqlJournal, proxied: SqlJournal, proxy: Proxy, cut: Callable[[Proxy, str], None], outcome: str
) -> None:
    entry = proxied.begin(intent("a"))
    cut(proxy, "COMMIT")
    proxied.end(entry, outcome, "task-1" if outcome == "accepted" else None)
    assert [(proxy.cuts, one.outcome) for one in journal.entries()] == [(1, outcome)]


@CUTS
def test_a_late_end_whose_commit_is_not_answered_keeps_its_task_once(
    journal: SqlJournal, proxied: SqlJournal, proxy: Proxy, cut: Callable[[Proxy, str], None]
) -> None:
    late = journal.begin(intent("a"))
    journal.end(late, "never sent", None)
    journal.end(journal.begin(intent("a")), "accepted", "task-2")
    proxied.spent()
    cut(proxy, "COMMIT")
    proxied.end(late, "accepted", "task-1")
    assert proxy.cuts == 1
    assert [(one.reference, one.outcome, one.task_id) for one in journal.entries()] == [
        ("a", "accepted", "task-2"),
        (None, "unknown", "task-1"),
    ]


@CUTS
def test_a_connection_that_breaks_twice_grants_nothing(
    journal: SqlJournal, proxied: SqlJournal, proxy: Proxy, cut: Callable[[Proxy, str, int], None]
) -> None:
    """What was written stays as an open entry at most, so nobody sends it twice."""
    proxied.spent()
    cut(proxy, "COMMIT", 2)
    with pytest.raises(JournalError, match="could not record the intent, so nothing was sent"):
        proxied.begin(intent("a"))
    assert proxy.cuts == 2
    assert journal.begin(intent("a")).granted is (cut is Proxy.cut_before)


def test_a_database_out_of_reach_is_a_journal_error_until_it_is_back(proxied: SqlJournal, proxy: Proxy) -> None:
    entry = proxied.begin(intent("a"))
    proxy.is_down = True
    proxy.hang_up()
    with pytest.raises(JournalError, match=rf"on 127\.0\.0\.1:{proxy.port} could not record an end"):
        proxied.end(entry, "accepted", "task-1")
    proxy.is_down = False
    proxied.end(entry, "accepted", "task-1")
    assert found(proxied).task_id == "task-1"


# Servers that are killed


def test_a_server_killed_between_begin_and_end_has_both(postgres: Postgres, journal: SqlJournal) -> None:
    """The connections of the pool are dead, and nobody is told."""
    entry = journal.begin(intent("a"))
    postgres.kill()
    postgres.start()
    assert not journal.begin(intent("a")).granted
    journal.end(entry, "accepted", "task-1")
    assert [(one.id, one.task_id) for one in journal.entries()] == [(entry.id, "task-1")]


def test_an_end_is_recorded_when_a_killed_server_is_back(postgres: Postgres, journal: SqlJournal) -> None:
    entry = journal.begin(intent("a"))
    postgres.kill()
    with pytest.raises(JournalError, match="could not record an end"):
        journal.end(entry, "accepted", "task-1")
    postgres.start()
    journal.end(entry, "accepted", "task-1")
    assert found(journal).outcome == "accepted"


def test_what_was_granted_is_on_disk_whatever_the_database_is_told_to_do_with_commits() -> None:
    with Postgres(synchronous_commit="off", wal_writer_delay="10s") as server, SqlJournal(server.url()) as journal:
        entry = journal.begin(intent("a"))
        server.kill()
        server.start()
        assert found(journal).id == entry.id


def test_a_server_restarted_under_many_threads_is_no_error(postgres: Postgres, journal: SqlJournal) -> None:
    in_threads(8, journal.spent)
    postgres.stop()
    postgres.start()
    assert in_threads(8, journal.spent) == [0] * 8
