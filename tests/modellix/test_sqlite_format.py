"""A journal's file says its format: older ones get the newest, and what is newer or no journal is left alone."""

from __future__ import annotations

import asyncio
import datetime
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from contract_tests.model import good
from modellix import AsyncModellix, JournalError, Modellix, SqliteJournal, __version__
from modellix.journal import SqlJournal
from modellix.journal import sqlite_format as module
from modellix.testing import StandIn
from scripts.mutants.kills import always, kills, swap
from tests.support.journals import intent, undelivered

SENT_AT = datetime.datetime(2026, 11, 28, 12, tzinfo=datetime.UTC)
# As it was written before formats had numbers, to the letter.
UNNUMBERED = """
CREATE TABLE IF NOT EXISTS submissions (
    entry       INTEGER PRIMARY KEY AUTOINCREMENT,
    operation   TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    sent_at     TEXT NOT NULL,
    outcome     TEXT,
    task_id     TEXT,
    finished_at TEXT
)
"""
ENDS = [
    (None, None, None),
    ("unknown", None, None),
    ("unknown", "task-perhaps", None),
    ("accepted", "task-open", None),
    ("accepted", "task-seen", SENT_AT.isoformat()),
    ("refused", None, None),
    ("never sent", None, None),
]
ROWS = [(number, "an operation", str(number) * 64, SENT_AT.isoformat(), *end) for number, end in enumerate(ENDS, 1)]
NEXT = ("ALTER TABLE submissions ADD COLUMN note TEXT", "UPDATE submissions SET note = operation")
NEWEST = len(module.STEPS)


@pytest.fixture(params=["WAL", "DELETE"])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A file without a number, with entries of each kind."""
    path = tmp_path / "journal.db"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(f"PRAGMA journal_mode={request.param}")
        database.execute(UNNUMBERED)
        database.executemany("INSERT INTO submissions VALUES (?, ?, ?, ?, ?, ?, ?)", ROWS)
    return path


def content(path: Path) -> tuple[int, list[tuple[object, ...]]]:
    """The number of the format, and what the table holds of the first format's columns, and of the next one's."""
    with closing(sqlite3.connect(path)) as database:
        [version] = database.execute("PRAGMA user_version").fetchone()
        names = [name for _, name, *_ in database.execute("PRAGMA table_info(submissions)")]
        shown = [*names[:7], *(["note"] if "note" in names else [])]
        return version, database.execute(f"SELECT {', '.join(shown)} FROM submissions ORDER BY entry").fetchall()


def made(path: Path, *statements: str) -> Path:
    """A file that others wrote."""
    with closing(sqlite3.connect(path)) as database, database:
        for statement in statements:
            database.execute(statement)
    return path


def test_an_old_file_keeps_every_entry_and_gets_its_number(old: Path) -> None:
    assert content(old)[0] == 0
    with SqliteJournal(old) as journal:
        assert [entry.id for entry in journal.unresolved()] == [1, 2, 3]
        assert [entry.task_id for entry in journal.unresolved()] == [None, None, "task-perhaps"]
        assert journal.unresolved()[0].sent_at == SENT_AT
        assert undelivered(journal) == ["task-open"]
        assert journal.begin(intent()).id == len(ROWS) + 1
    version, rows = content(old)
    assert (version, rows[:-1]) == (len(module.STEPS), ROWS)


def test_a_new_file_has_the_newest_format_at_once(tmp_path: Path) -> None:
    with SqliteJournal(tmp_path / "journal.db") as journal:
        assert journal.unresolved() == []
    assert content(tmp_path / "journal.db") == (len(module.STEPS), [])


def test_a_next_format_is_one_more_step(old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It reaches files of every format before; who does not know it yet leaves them alone."""
    with SqliteJournal(tmp_path / "numbered.db") as journal:
        journal.begin(intent())
    with monkeypatch.context() as patch:
        patch.setattr(module, "STEPS", (*module.STEPS, NEXT))
        for path in (old, tmp_path / "numbered.db", tmp_path / "new.db"):
            with SqliteJournal(path) as journal:
                journal.begin(intent())
            assert content(path)[0] == len(module.STEPS)
    assert content(old)[1][:-1] == [(*row, "an operation") for row in ROWS]
    with pytest.raises(JournalError, match=f"format {NEWEST + 1} is newer"):
        SqliteJournal(old).unresolved()


@kills(
    "A file that got half of the steps to a format keeps them.",
    "journal.sqlite_format:bring_up_to_date",
    swap("database.execute(statement)", "database.execute(statement); database.commit()"),
    row="WAL",
)
def test_a_step_that_fails_leaves_the_file_as_it_was(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(module, "STEPS", (*module.STEPS, (*NEXT, "INSERT INTO nowhere VALUES (1)")))
        with pytest.raises(JournalError, match="nowhere"):
            SqliteJournal(old).unresolved()
        assert content(old) == (0, ROWS)
    with SqliteJournal(old) as journal:
        assert undelivered(journal) == ["task-open"]


OPEN = """
import sys
from concurrent.futures import ThreadPoolExecutor
from test_sqlite_format import SqliteJournal, intent, module, NEXT
module.STEPS = (*module.STEPS, NEXT)

def record(number):
    with SqliteJournal(sys.argv[1]) as journal:
        return journal.begin(intent(fingerprint=str(number))).id

sys.stdin.read()  # until all may start
with ThreadPoolExecutor(4) as threads:
    print(*threads.map(record, range(4)))
"""


def test_several_processes_and_threads_migrate_once(old: Path) -> None:
    """A second time the column would be there already, and the statement would fail."""
    command = [sys.executable, "-c", OPEN, str(old)]
    environment = {"PYTHONPATH": ":".join(filter(None, [str(Path(__file__).parent), *sys.path]))}
    pipe = subprocess.PIPE
    started = [
        subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, env=environment) for _ in range(4)
    ]
    for process in started:
        assert process.stdin is not None
        process.stdin.close()
        process.stdin = None
    said = [process.communicate(timeout=60) for process in started]
    assert [error for _, error in said] == [""] * 4
    numbers = sorted(int(number) for output, _ in said for number in output.split())
    assert numbers == list(range(len(ROWS) + 1, len(ROWS) + 17))
    version, rows = content(old)
    assert (version, rows[: len(ROWS)]) == (len(module.STEPS) + 1, [(*row, "an operation") for row in ROWS])


NEWER = ("PRAGMA user_version = 7", "CREATE TABLE submissions (reference TEXT)")
REFUSED = [
    (
        "newer",
        NEWER,
        f"format 7 is newer than {NEWEST}, .*modellix-client {re.escape(__version__)} knows; update modellix-client",
    ),
    ("newer and known", (UNNUMBERED, NEWER[0]), f"format 7 is newer than {NEWEST}"),
    ("newer and empty", NEWER[:1], f"format 7 is newer than {NEWEST}"),
    ("other tables", ("CREATE TABLE people (name TEXT)",), "is no journal, it has tables people; choose another file"),
    ("numbered by others", ("PRAGMA user_version = 75", "CREATE TABLE places (url)"), "is no journal, .* places;"),
    ("submissions of others", ("CREATE TABLE submissions (form TEXT)",), "is no journal, .* submissions;"),
    ("numbered and empty", ("PRAGMA user_version = 1",), "is no journal, it has no table; choose"),
    ("a number below all", (UNNUMBERED, "PRAGMA user_version = -1"), "is no journal, .*submissions; choose"),
]
ROWS_REFUSED = [pytest.param(statements, reason, id=name) for name, statements, reason in REFUSED]


@kills(
    "A journal of a newer format is taken for one that this version knows.",
    "journal.sqlite_format:read_format",
    swap("version > len(STEPS)", "False"),
    swap("0 <= version <= len(STEPS)", "0 <= version"),
    row="newer and known",
)
@kills(
    "Somebody else's file becomes a journal.",
    "journal.sqlite_format:read_format",
    swap("if not is_new and not", "if False and not"),
    row="other tables",
)
@pytest.mark.parametrize(("statements", "reason"), ROWS_REFUSED)
def test_what_is_newer_or_no_journal_is_left_alone_and_nothing_is_sent(
    statements: tuple[str, ...], reason: str, tmp_path: Path
) -> None:
    path = made(tmp_path / "file.db", *statements)
    before = path.read_bytes()
    stand_in = StandIn()
    with stand_in.mock(), Modellix("test-key", journal=SqliteJournal(path)) as client:
        with pytest.raises(JournalError, match=f"file.db could not record the intent, so nothing was sent: .*{reason}"):
            client.openai.gpt_image_2(**good.words("a heron"))
        asyncio.run(_refused(path, reason))
    assert stand_in.submissions == []
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


async def _refused(path: Path, reason: str) -> None:
    async with AsyncModellix("test-key", journal=SqliteJournal(path)) as client:
        with pytest.raises(JournalError, match=reason):
            await client.openai.gpt_image_2(**good.words("a heron"))


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database at all\n" * 100)
    with pytest.raises(
        JournalError, match=r"notes\.txt could not be read: .* no journal \(file is not a database\); choose"
    ):
        SqliteJournal(path).unresolved()


def test_threads_of_one_process_open_an_old_file_together(old: Path) -> None:
    def record(_: int) -> int:
        with SqliteJournal(old) as journal:
            return journal.begin(intent()).id

    with ThreadPoolExecutor(8) as threads:
        numbers = sorted(threads.map(record, range(8)))
    assert numbers == list(range(len(ROWS) + 1, len(ROWS) + 9))


@pytest.fixture
def written_elsewhere(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Somebody has begun to write to a new file: for that SQLite itself does not wait."""
    with closing(sqlite3.connect(tmp_path / "journal.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("CREATE TABLE theirs (x)")
        yield other


@pytest.mark.parametrize("kind", [SqliteJournal, lambda path: SqlJournal(f"sqlite:///{path}")])
@kills("A new file that another process writes to is not waited for.", "journal.sqlite_format:keep_on_disk",
       always("error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= until"))  # fmt: skip
def test_a_new_file_that_another_writes_to_is_waited_for(
    kind: Callable[[Path], SqliteJournal | SqlJournal],
    written_elsewhere: sqlite3.Connection,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module.time, "sleep", lambda _: written_elsewhere.execute("ROLLBACK"))
    with closing(kind(tmp_path / "journal.db")) as journal:
        assert journal.begin(intent("a")).granted
    assert not written_elsewhere.in_transaction


def test_a_file_that_another_writes_to_is_not_waited_for_for_ever(
    written_elsewhere: sqlite3.Connection, tmp_path: Path
) -> None:
    assert written_elsewhere.in_transaction
    with (
        closing(sqlite3.connect(tmp_path / "journal.db")) as database,
        pytest.raises(sqlite3.OperationalError, match="locked"),
    ):
        module.keep_on_disk(database, 0.0)
