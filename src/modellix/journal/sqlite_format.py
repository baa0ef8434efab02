"""The format of a journal's file: a number in the file, SQLite's `user_version`, and the steps that lead to the newest.

A file of format n gets the steps from the n-th on, all within one transaction. The next format is one more step here.
Files that were written before formats had numbers say 0, as a new file does.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from modellix._version import __version__
from modellix.errors import shorten

if TYPE_CHECKING:
    import sqlite3

TABLE = "submissions"  # of every format: by it a journal of a newer one is told from somebody else's file
STEPS: tuple[tuple[str, ...], ...] = (
    (
        """
        CREATE TABLE IF NOT EXISTS submissions (
            entry       INTEGER PRIMARY KEY AUTOINCREMENT,
            operation   TEXT NOT NULL,
            fingerprint TEXT NOT NULL,
            sent_at     TEXT NOT NULL,
            outcome     TEXT,
            task_id     TEXT,
            finished_at TEXT
        )
        """,
    ),
    (  # references; what was seen to end counts as delivered. Older clients may still write the columns before.
        "ALTER TABLE submissions RENAME COLUMN finished_at TO delivered_at",
        "ALTER TABLE submissions ADD COLUMN reference TEXT",
        "ALTER TABLE submissions ADD COLUMN until TEXT",
        "ALTER TABLE submissions ADD COLUMN busy_until TEXT",
        "ALTER TABLE submissions ADD COLUMN attempt INTEGER NOT NULL DEFAULT 1",
        "ALTER TABLE submissions ADD COLUMN options TEXT",
        "ALTER TABLE submissions ADD COLUMN token TEXT",
        "ALTER TABLE submissions ADD COLUMN status TEXT",
        "ALTER TABLE submissions ADD COLUMN lease_owner TEXT",
        "ALTER TABLE submissions ADD COLUMN lease_until TEXT",
        "ALTER TABLE submissions ADD COLUMN claims INTEGER NOT NULL DEFAULT 0",
        "CREATE UNIQUE INDEX submissions_reference ON submissions (reference)",
        "CREATE UNIQUE INDEX submissions_token ON submissions (token)",
        "CREATE INDEX submissions_task ON submissions (task_id)",
        "CREATE INDEX submissions_unresolved ON submissions (entry) WHERE outcome IS NULL OR outcome = 'unknown'",
        """
        CREATE INDEX submissions_undelivered ON submissions (claims, entry)
        WHERE outcome = 'accepted' AND delivered_at IS NULL
        """,
    ),
)
_BETWEEN_TRIES = 0.01  # seconds
FIRST_COLUMNS = {"entry", "operation", "fingerprint", "sent_at", "outcome", "task_id"}  # of every format


class FormatError(Exception):
    """Why a file cannot be used as a journal, and what to do."""


def keep_on_disk(database: sqlite3.Connection, seconds: float) -> None:
    """Have each commit on the disk when it returns. Raises sqlite3.Error, also when others write for so long.

    SQLite itself does not wait where another process has begun to write to a file that is not in WAL mode yet.
    """
    import sqlite3  # most clients keep no journal

    until = time.monotonic() + seconds
    while True:
        try:
            database.execute("PRAGMA journal_mode=WAL")
            break
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= until:
                raise
        time.sleep(_BETWEEN_TRIES)
    database.execute("PRAGMA synchronous=FULL")
    database.execute("PRAGMA fullfsync=ON")  # of macOS, whose disks may keep in a cache what was synced


def bring_up_to_date(database: sqlite3.Connection) -> None:
    """Give the file the newest format, whoever else opens it at the same time. Raises FormatError and sqlite3.Error."""
    if read_format(database) == len(STEPS):
        return
    with database:
        database.execute("BEGIN IMMEDIATE")  # one of several at once; the others find it done
        for step in STEPS[read_format(database) :]:
            for statement in step:
                database.execute(statement)
        database.execute(f"PRAGMA user_version = {len(STEPS)}")


def read_format(database: sqlite3.Connection) -> int:
    """The number of the file's format, 0 for a new file too. Raises FormatError and sqlite3.Error."""
    import sqlite3  # most clients keep no journal

    try:
        [version] = database.execute("PRAGMA user_version").fetchone()
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_NOTADB:
            raise
        raise FormatError(f"the file is no journal ({error}); choose another file") from error
    tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    columns = {name for _, name, *_ in database.execute(f"PRAGMA table_info({TABLE})")}
    is_new = not version and not tables
    if version > len(STEPS) and (TABLE in tables or not tables):
        known = f"newer than {len(STEPS)}, the newest that modellix-client {__version__} knows"
        raise FormatError(f"its format {version} is {known}; update modellix-client, or choose another file")
    if not is_new and not (0 <= version <= len(STEPS) and columns >= FIRST_COLUMNS):
        found = f"tables {shorten(', '.join(sorted(tables)))}" if tables else "no table"
        raise FormatError(f"the file is no journal, it has {found}; choose another file")
    return int(version)
