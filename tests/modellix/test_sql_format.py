"""The format of a journal in a shared database: made once, and left alone when it is newer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from modellix import JournalError
from modellix.journal.sql import SqlJournal
from modellix.journal.sql_format import STEPS
from scripts.mutants.kills import kills, never, without
from tests.support.journal_calls import FORKS, granted, in_processes
from tests.support.journals import intent
from tests.support.postgres import Postgres


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.servers)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'journal.db'}"
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    yield postgres.url(request.getfixturevalue("database"))


def run(url: str, sql: str) -> list[tuple[object, ...]]:
    engine = create_engine(url)
    with engine.begin() as connection:
        result = connection.execute(text(sql))
        rows = [tuple(row) for row in result] if result.returns_rows else []
    engine.dispose()
    return rows


def test_the_tables_have_names_that_others_do_not_use(url: str) -> None:
    """A database may be full of other things."""
    run(url, "CREATE TABLE submissions (mine TEXT)")
    run(url, "CREATE TABLE format (mine TEXT)")
    with SqlJournal(url) as journal:
        journal.begin(intent("a"))
    assert run(url, "SELECT COUNT(*) FROM modellix_submissions") == [(1,)]
    assert run(url, "SELECT format FROM modellix_submissions_format") == [(len(STEPS),)]
    assert run(url, "SELECT COUNT(*) FROM submissions") == [(0,)]


@pytest.mark.parametrize("last", [f"UPDATE modellix_submissions_format SET format = {len(STEPS) + 1}",
                                  "DELETE FROM modellix_submissions_format"])  # fmt: skip
@kills("A newer format is written to.", "journal.sql_format:read_format", never("version > len(STEPS)"))
def test_a_format_that_is_not_known_is_left_alone(url: str, last: str) -> None:
    with SqlJournal(url) as journal:
        journal.begin(intent("a"))
    run(url, last)
    with (
        SqlJournal(url) as another,
        pytest.raises(JournalError, match=r"newer than \d+, the .* update modellix-client"),
    ):
        another.begin(intent("b"))
    assert run(url, "SELECT reference FROM modellix_submissions") == [("a",)]


@kills("A journal that failed fails for ever.", "journal.sql:SqlJournal._run", without("self._prepared.clear()"))
def test_tables_that_are_gone_are_made_again(url: str) -> None:
    """Somebody may put an empty database in the place of the old one. The first call tells that something is wrong."""
    with SqlJournal(url) as journal:
        journal.begin(intent("a"))
        run(url, "DROP TABLE modellix_submissions")
        run(url, "DROP TABLE modellix_submissions_format")
        with pytest.raises(JournalError):
            journal.begin(intent("a"))
        assert journal.begin(intent("a")).granted


@pytest.mark.filterwarnings(FORKS)
def test_of_several_processes_that_come_first_one_makes_the_tables(url: str) -> None:
    with SqlJournal(url) as journal:
        results = in_processes(8, lambda: journal.begin(intent("a")))
        assert len(granted(results)) == 1
        assert len({entry.id for entry in results}) == 1
    assert run(url, "SELECT format FROM modellix_submissions_format") == [(len(STEPS),)]
