"""A journal in a database by its URL: what it takes, what it says, and what it keeps to itself. Needs no server."""

from __future__ import annotations

import re
import sys
import traceback
from pathlib import Path

import pytest

from modellix import ConfigurationError, JournalError
from modellix.journal.sql import SqlJournal
from scripts.mutants.kills import kills, swap
from tests.support.journals import intent

SECRET = "s3cret-canary"


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'journal.db'}"


def whole(error: BaseException) -> str:
    """All that a traceback shows."""
    return "".join(traceback.format_exception(error))


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("mysql+pymysql://u:s3cret-canary@h/d", "does not support mysql+pymysql: use postgresql+psycopg://"),
        ("postgresql://u:s3cret-canary@h/d", "does not support postgresql: use postgresql+psycopg://"),
        ("postgresql+psycopg2://u:s3cret-canary@h/d", "does not support postgresql+psycopg2: use"),
        ("sqlite://", "names no database"),
        ("sqlite:///:memory:", "names no database"),
        ("postgresql+psycopg://u:s3cret-canary@h", "names no database"),
        ("postgresql+psycopg://u:a@b:s3cret-canary@h/d", "not the URL of a database"),
        ("postgresql+psycopg://u:a@s3cret-canary@h/d", "not the URL of a database"),
        ("s3cret-canary", "not the URL of a database"),
        ("", "not the URL of a database"),
    ],
)
def test_a_url_that_is_not_supported_is_told_without_its_password(url: str, says: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(says)) as caught:
        SqlJournal(url)
    assert SECRET not in whole(caught.value)
    assert "postgresql+psycopg://" in str(caught.value)


@pytest.mark.parametrize("package", ["sqlalchemy", "psycopg"])
def test_what_is_not_installed_is_told_with_how_to_have_it(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ConfigurationError, match=re.escape("pip install 'modellix-client[sql]'")):
        SqlJournal("postgresql+psycopg://u@h/d")


@pytest.mark.parametrize("most", [-1, True, 1.5])
def test_a_limit_is_a_count(most: int, url: str) -> None:
    with pytest.raises(ConfigurationError, match="max_submissions"):
        SqlJournal(url, max_submissions=most)


@kills(
    "The journal's name shows the password.",
    "journal.sql:SqlJournal.__repr__",
    swap("shown.render_as_string()", "url.render_as_string(False)"),
)
def test_its_name_has_no_password() -> None:
    journal = SqlJournal(f"postgresql+psycopg://me:{SECRET}@db.test:5433/orders?sslpassword={SECRET}")
    assert repr(journal) == "SqlJournal('postgresql+psycopg://me@db.test:5433/orders')"


@kills(
    "A journal's error does not say which database it is.",
    "journal.sql:SqlJournal._failure",
    swap("~.database", "''"),
)
def test_a_database_that_is_down_is_named_without_its_password(
    closed_port: int, caplog: pytest.LogCaptureFixture
) -> None:
    where = f"127.0.0.1:{closed_port}/orders?sslpassword={SECRET}"
    journal = SqlJournal(f"postgresql+psycopg://me:{SECRET}@{where}")
    with pytest.raises(JournalError, match=f"orders on 127.0.0.1:{closed_port} could not record the") as caught:
        journal.begin(intent("a"))
    assert SECRET not in whole(caught.value) + caplog.text


def test_a_journal_that_is_closed_opens_again(url: str) -> None:
    with SqlJournal(url) as journal:
        begun = journal.begin(intent("a"))
    journal.end(begun, "accepted", "task-1")
    with SqlJournal(url) as another:
        assert [(one.reference, one.task_id) for one in another.undelivered()] == [("a", "task-1")]


def test_text_that_the_database_cannot_hold_is_a_journal_error(url: str) -> None:
    with SqlJournal(url) as journal:
        journal.end(journal.begin(intent("a")), "accepted", "task-1")
        with pytest.raises(JournalError, match="could not record the end of a task"):
            journal.ended("task-1", "\ud800")
        journal.ended("task-1", "success")
