"""A journal on disk is closed when it is left, when it is forgotten, and before a fork."""

from __future__ import annotations

import datetime
import os
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from modellix import JournalError, SqliteJournal
from modellix.journal import sqlite as module
from scripts.mutants.kills import always, kills, swap, without
from tests.support.journals import intent, undelivered
from tests.support.marks import NEEDS_FORK

SENT_AT = datetime.datetime(2026, 11, 28, tzinfo=datetime.UTC)

# Python warns of a forgotten connection since 3.13; this one tells in every version.
_BEGINNING = """
import datetime, functools, gc, os, sqlite3, sys, threading
from modellix import Intent, SqliteJournal

class Watched(sqlite3.Connection):
    owner, is_closed = os.getpid(), False

    def close(self):
        self.is_closed = True
        super().close()
        print("closed" if self.owner == os.getpid() else "closed what another process opened", flush=True)

    def __del__(self):
        if not self.is_closed:
            print("forgotten", flush=True)

sqlite3.connect = functools.partial(sqlite3.connect, factory=Watched)

def record(journal):
    now = datetime.datetime.now(datetime.UTC)
    return journal.begin(Intent("an operation", "0" * 64, None, now, now))

def in_silence():
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)

journal = SqliteJournal(sys.argv[1])
"""


def run(code: str, path: Path) -> list[str]:
    """What a fresh Python prints that takes every warning for an error."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-W", "error", "-c", _BEGINNING + textwrap.dedent(code), str(path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("with journal: record(journal)", id="with"),
        pytest.param("record(journal); journal.close(); journal.close()", id="closed twice"),
        pytest.param("record(journal); del journal; gc.collect()", id="forgotten"),
        pytest.param(
            "record(journal); journal.itself = journal; del journal; gc.collect()", id="forgotten in a circle"
        ),
        pytest.param("record(journal)", id="open at exit"),
        pytest.param("record(journal); sys.journal = journal", id="kept beyond the end"),
        pytest.param(
            "t = threading.Thread(target=record, args=[journal]); t.start(); t.join(); del t, journal; gc.collect()",
            id="opened by another thread",
        ),
        pytest.param(
            "record(journal); names = globals(); t = threading.Thread(target=lambda: names.pop('journal'));"
            " t.start(); t.join(); gc.collect()",
            id="forgotten by another thread",
        ),
    ],
)
def test_the_file_is_closed_however_a_journal_ends(code: str, tmp_path: Path) -> None:
    assert run(code, tmp_path / "journal.db") == ["closed"]


def test_a_journal_without_a_use_opens_nothing(tmp_path: Path) -> None:
    with SqliteJournal(tmp_path / "journal.db") as journal:
        assert repr(journal) == f"SqliteJournal({str(tmp_path / 'journal.db')!r})"
    assert list(tmp_path.iterdir()) == []


@kills("The end of a `with` block closes no file.", "journal.sqlite:SqliteJournal.__exit__", without("close"))
def test_an_error_within_the_block_passes_and_the_file_is_closed(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "journal.db")

    def fail() -> None:
        with journal:
            journal.begin(intent())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert journal._connection is None


def test_a_closed_journal_opens_its_file_again(tmp_path: Path) -> None:
    with SqliteJournal(tmp_path / "journal.db") as journal:
        journal.end(journal.begin(intent()), "accepted", "task-1")
    assert undelivered(journal) == ["task-1"]
    journal.close()


@pytest.mark.parametrize("content", [b"no database at all" * 100, b"SQLite format 3\0" + bytes(4080)])
def test_a_file_that_cannot_be_used_is_closed_again(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    path.write_bytes(content)
    with pytest.raises(JournalError, match="nothing was sent"), SqliteJournal(path) as journal:
        journal.begin(intent())
    code = """
    try:
        record(journal)
    except Exception as error:
        print(type(error).__name__)
    """
    assert run(code, path) == ["closed", "JournalError"]


@kills(
    "Opening a journal drops the locks of another one on the same file.",
    "journal.sqlite:_make_private",
    swap("os.O_CREAT | os.O_EXCL", "os.O_CREAT"),
)
def test_opening_a_file_takes_no_lock_from_another_journal_of_this_process(tmp_path: Path) -> None:
    """Closed once, a file has lost all locks of the process: another one could remove the log that is in use."""
    path = tmp_path / "journal.db"
    code = """
    try:
        print(sqlite3.connect(sys.argv[1], timeout=0).execute("PRAGMA journal_mode=DELETE").fetchone())
    except sqlite3.OperationalError as error:
        print(error)
    """
    with SqliteJournal(path) as first, SqliteJournal(path) as second:
        for journal in (first, second):
            journal.begin(intent())
        second.close()
        assert run(code, path)[0] == "database is locked"
        assert len(first.unresolved()) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="because Windows has no such permissions")
def test_a_folder_is_not_made_private(tmp_path: Path) -> None:
    mode = tmp_path.stat().st_mode
    with pytest.raises(JournalError, match="unable to open database file"):
        SqliteJournal(tmp_path).unresolved()
    assert tmp_path.stat().st_mode == mode


@pytest.mark.skipif(sys.platform == "win32", reason="because symlinks need a privilege on Windows")
def test_a_symlink_to_itself_is_no_journal(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    path.symlink_to(path.name)
    with pytest.raises(JournalError, match="nothing was sent"):
        SqliteJournal(path).begin(intent())


@NEEDS_FORK
@pytest.mark.parametrize("child", ["os._exit(0)", "sys.exit()", "del journal; gc.collect(); sys.exit()"])
def test_a_child_inherits_no_open_file(child: str, tmp_path: Path) -> None:
    """SQLite's locks belong to a process; a connection used or closed in a child damages the parent's."""
    code = f"""
    record(journal)
    if (child := os.fork()) == 0:
        in_silence()
        inherited = journal._connection is not None
        journal.end(record(journal), "accepted", f"inherited: {{inherited}}")
        {child}
    os.waitpid(child, 0)
    record(journal)
    print([entry.outcome for entry in journal.entries()], [entry.task_id for entry in journal.undelivered()])
    journal.close()
    """
    told = ["closed", "[None, 'accepted', None] ['inherited: False']", "closed"]
    assert run(code, tmp_path / "journal.db") == told


@NEEDS_FORK
def test_a_fork_waits_for_a_record_that_another_thread_is_writing(tmp_path: Path) -> None:
    """Otherwise the child has a lock that nobody will ever release, and half a transaction."""
    code = """
    writing, may_end = threading.Event(), threading.Event()

    def entries():
        with sqlite3.connect(sys.argv[1], factory=sqlite3.Connection) as database:
            rows = database.execute("SELECT operation FROM submissions").fetchall()
        database.close()
        return rows

    def write():
        def insert(execute):
            execute("INSERT INTO submissions (operation, fingerprint, sent_at) VALUES ('a', 'b', 'c')")
            writing.set()
            may_end.wait()

        journal._run("be written", insert)

    thread = threading.Thread(target=write)
    thread.start()
    writing.wait()
    fork = os.register_at_fork(before=may_end.set)  # called before the journal's own
    import warnings
    warnings.simplefilter("ignore", DeprecationWarning)  # newer Pythons warn of threads
    if (child := os.fork()) == 0:
        in_silence()
        record(journal)
        os._exit(0)
    thread.join()
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), [entry[0] for entry in entries()])
    """
    assert run(code, tmp_path / "journal.db") == ["closed", "0 ['a', 'an operation']"]


@NEEDS_FORK
def test_the_parent_goes_on_with_many_children(tmp_path: Path) -> None:
    code = """
    for _ in range(5):
        record(journal)
        if os.fork() == 0:
            in_silence()
            for _ in range(5):
                record(journal)
            sys.exit()
    for _ in range(5):
        record(journal)
        os.wait()
    print(len(journal.unresolved()))
    """
    told = run(code, tmp_path / "journal.db")
    assert told == ["closed"] * 5 + ["35", "closed"]


@kills("A child closes the connection that its parent opened.", "journal.sqlite:_close_own", always("getpid"))
@kills(
    "A child writes with the connection that its parent opened.",
    "journal.sqlite:SqliteJournal._open",
    swap("or self._owner != os.getpid()", ""),
)
def test_a_connection_of_another_process_is_kept_and_not_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some servers fork without Python's hooks."""
    journal = SqliteJournal(tmp_path / "journal.db")
    journal.begin(intent())
    inherited = journal._connection
    assert isinstance(inherited, sqlite3.Connection)
    kept: list[sqlite3.Connection] = []
    monkeypatch.setattr(module, "_inherited", kept)
    monkeypatch.setattr(os, "getpid", lambda: 0)
    journal.begin(intent())
    assert kept == [inherited]
    assert inherited.execute("SELECT count(*) FROM submissions").fetchone() == (2,)  # not closed
    assert journal._connection is not inherited
    journal.close()
    inherited.close()
