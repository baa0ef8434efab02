"""A journal in a file of SQLite."""

from __future__ import annotations

import datetime
import os
import threading
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from modellix._fork import PerProcess, no_fork
from modellix.errors import JournalError, is_foreign
from modellix.journal.sqlite_format import TABLE, FormatError, bring_up_to_date, keep_on_disk, read_format
from modellix.journal.stored import Dialect, Execute, StoredJournal

if TYPE_CHECKING:
    import sqlite3

T = TypeVar("T")

_BUSY_SECONDS = 10.0  # how long one process waits for another's write


def _time_in(time: datetime.datetime) -> str:
    return time.astimezone(datetime.UTC).isoformat()


_SHOWN = "strftime('%Y-%m-%dT%H:%M:%f', 'now'{}) || '+00' || char(58) || '00'"  # as isoformat has it
SQLITE = Dialect(
    table=TABLE,
    now=_SHOWN.format(""),
    later=_SHOWN.format(", printf('%+.3f seconds', :seconds)"),
    lock="",
    skip_locked="",
    time_in=_time_in,
    time_out=datetime.datetime.fromisoformat,
)


class SqliteJournal(StoredJournal):
    """Records every submission of the clients that use it in one SQLite file, readable by its owner alone (mode
    0600).

    The intent is written before a byte leaves: operation, reference, UTC times, the options that the document lists,
    and a fingerprint (see `modellix.fingerprint`), never the key or the prompt. No record, no purchase: when the intent
    cannot be written (disk full, no permission) a JournalError is raised and nothing is sent. The end is written after.
    One journal may be shared by threads and by processes.

    Each record is synced to the disk before the call goes on (journal_mode=WAL, synchronous=FULL), so a killed
    process or a crashed system loses no intent that led to a purchase. On power loss that holds as far as the disk
    and its controller keep what they have confirmed: a drive that lies about syncing can lose the last records, and
    a network file system may not keep SQLite's locks. A record of an end can be lost without harm: the entry is
    then listed as unresolved.

    `with SqliteJournal(path) as journal:` closes the file at the end, in asynchronous code too; a journal that is
    forgotten closes it by itself. A closed journal that is used again opens it again. A process that forks closes the
    file first: a child that inherits SQLite's locks can damage it.
    """

    _dialect = SQLITE

    def __init__(self, path: str | os.PathLike[str], *, max_submissions: int | None = None) -> None:
        super().__init__(max_submissions)
        self._path = Path(path)
        self._lock = PerProcess(threading.Lock)
        self._connection: sqlite3.Connection | None = None
        self._owner = 0
        self._forget: Callable[[], object] = _nothing  # closes the file
        with _forking():
            _journals.add(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"SqliteJournal({str(self._path)!r})"

    def _lock_book(self, execute: Execute) -> None:
        """Whoever writes is alone already."""

    def close(self) -> None:
        """Close the file. It is opened again when needed."""
        with self._lock():
            self._close()

    def before_fork(self) -> bool:
        """Close the file, and let nobody open it until the fork is over; False when a record takes too long."""
        is_held = self._lock().acquire(timeout=_BUSY_SECONDS)
        if is_held:
            self._close()
        return is_held

    def after_fork(self) -> None:
        """Of a journal that was held."""
        self._lock().release()

    def _close(self) -> None:
        self._forget()
        self._connection, self._forget = None, _nothing

    def _run(self, purpose: str, work: Callable[[Execute], T], *, is_writing: bool = True) -> T:
        with no_fork():
            import sqlite3  # most clients keep no journal

        with self._lock():
            try:
                database = self._open()

                def execute(sql: str, /, **values: Any) -> list[Any]:
                    return database.execute(sql, values).fetchall()

                with database:
                    database.execute("BEGIN IMMEDIATE" if is_writing else "BEGIN")
                    return work(execute)
            except (sqlite3.Error, OSError, FormatError) as error:
                if is_foreign(error):
                    raise
                raise JournalError(f"the journal {self._path} could not {purpose}: {error}") from error

    def _open(self) -> sqlite3.Connection:
        """The connection of this process; one inherited through a fork is left alone."""
        if self._connection is None or self._owner != os.getpid():
            self._close()
            _make_private(self._path)
            database = _connect(self._path)
            self._connection, self._owner = database, os.getpid()
            self._forget = weakref.finalize(self, _close_own, database, self._owner)
        return self._connection


def _nothing() -> None:
    """What is left to close when no file is open."""


def _make_private(path: Path) -> None:
    """Make the file, or see to it that its owner alone can read it: SQLite would use the umask.

    A file that is there is not opened: the system drops all locks that this process has on a file, SQLite's too, as
    soon as one of its openings is closed. No journal of this process opens the new one before it is closed.
    """
    real = Path(os.path.realpath(path))  # `resolve` raises a RuntimeError for a symlink that leads to itself
    with _making():
        try:
            os.close(os.open(real, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0), 0o600))
        except FileExistsError:
            if real.is_file():
                real.chmod(0o600)


def _connect(path: Path) -> sqlite3.Connection:
    """The open database. A forgotten journal may be closed by any thread."""
    import sqlite3  # most clients keep no journal

    database = sqlite3.connect(path, timeout=_BUSY_SECONDS, check_same_thread=False, isolation_level=None)
    try:
        read_format(database)  # first, as the next line writes into the file, whoever's it is
        keep_on_disk(database, _BUSY_SECONDS)
        bring_up_to_date(database)
    except BaseException:
        database.close()
        raise
    return database


def _close_own(database: sqlite3.Connection, owner: int) -> None:
    """Close it in the process that opened it; elsewhere keep it, as to let go of it would close it."""
    if owner == os.getpid():
        database.close()
    else:
        _inherited.append(database)


_journals: weakref.WeakSet[SqliteJournal] = weakref.WeakSet()
_inherited: list[sqlite3.Connection] = []  # from a fork that called no hooks
_making = PerProcess(threading.Lock)
_forking = PerProcess(threading.Lock)
_held = PerProcess[list[SqliteJournal]](list)  # while this process forks


def _before_fork() -> None:
    _forking().acquire()
    for journal in sorted(_journals, key=id):  # the same order in every thread
        if journal.before_fork():
            _held().append(journal)


def _after_fork() -> None:
    while _held():
        _held().pop().after_fork()
    _forking().release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork)
