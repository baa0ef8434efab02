"""No answer of PostgreSQL is waited for for ever."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Generator
from typing import Any

import psycopg
import pytest

from modellix import JournalError
from modellix.journal import sql_connection
from modellix.journal.sql import SqlJournal
from modellix.journal.sql_connection import BoundedConnection
from tests.support.journals import intent
from tests.support.postgres import Postgres


def asks(times: int) -> Generator[int, int, str]:
    """What psycopg waits for: it says what it wants, and is told whether that has come."""
    got = list[int]()
    for number in range(times):
        got.append((yield number))
    return str(got)


def drive(waiting: Generator[int, int, Any], told: list[int]) -> tuple[list[int], Any]:
    wanted = [next(waiting)]
    try:
        for one in told:
            wanted.append(waiting.send(one))
    except StopIteration as stop:
        return wanted, stop.value
    raise AssertionError("it did not end")


def test_an_answer_in_time_is_handed_on() -> None:
    bounded = sql_connection._bounded(asks(3), float("inf"))
    assert drive(bounded, [0, 1, 2]) == ([0, 1, 2], "[0, 1, 2]")


def test_what_comes_late_but_comes_is_taken() -> None:
    assert drive(sql_connection._bounded(asks(1), float("-inf")), [1]) == ([0], "[1]")


def test_what_does_not_come_ends_in_an_error() -> None:
    with pytest.raises(psycopg.OperationalError, match="no answer within"):
        drive(sql_connection._bounded(asks(2), float("-inf")), [1, 1])


@pytest.mark.servers
@pytest.mark.parametrize("call", ["begin", "find"])
def test_a_server_that_stands_still_is_a_journal_error(
    postgres: Postgres, database: str, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    with SqlJournal(postgres.url(database)) as journal:
        calls = {"begin": lambda: journal.begin(intent("b")), "find": lambda: journal.find("b")}
        begun = journal.begin(intent("a"))
        monkeypatch.setattr(sql_connection, "ANSWER_SECONDS", 0.3)
        stopped = [pid for (pid,) in postgres.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend'", database
        )]  # fmt: skip
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        try:
            with pytest.raises(JournalError, match=r"no answer within 0\.3 s"):
                calls[call]()
        finally:
            for pid in stopped:
                os.kill(pid, signal.SIGCONT)
        monkeypatch.undo()
        journal.end(begun, "accepted", "task-1")
        assert len(stopped) == 1
        assert journal.find("b") is None
        found = journal.find("a")
        assert found is not None
        assert found.task_id == "task-1"


@pytest.mark.slow
def test_a_server_that_takes_a_connection_and_says_nothing_is_a_journal_error() -> None:
    """It takes as long as the client waits for a connection."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        journal = SqlJournal(f"postgresql+psycopg://me@127.0.0.1:{silent.getsockname()[1]}/orders")
        with pytest.raises(JournalError, match="timeout"):
            journal.begin(intent("a"))


@pytest.mark.servers
def test_a_connection_does_what_any_does(postgres: Postgres, database: str) -> None:
    with BoundedConnection.connect(postgres.url(database, driver="")) as connection:
        assert connection.execute("SELECT 1").fetchall() == [(1,)]
