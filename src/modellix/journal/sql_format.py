"""The format of a journal in a shared database: a number in a table of its own, and the steps that lead to the newest.

A database of format n gets the steps from the n-th on, all within one transaction. The next format is one more step
here.
"""

from __future__ import annotations

from typing import Any

from modellix._version import __version__
from modellix.journal.sqlite_format import FormatError
from modellix.journal.stored import Execute

TABLE = "modellix_submissions"
FORMAT_TABLE = "modellix_submissions_format"
# `{number}` is a number that the database gives, `{time}` a moment. References are compared byte by byte.
STEPS: tuple[tuple[str, ...], ...] = (
    (
        f"CREATE TABLE {FORMAT_TABLE} (format INTEGER NOT NULL)",
        f"INSERT INTO {FORMAT_TABLE} VALUES (0)",
        f"""
        CREATE TABLE {TABLE} (
            entry        {{number}},
            operation    TEXT NOT NULL,
            fingerprint  TEXT NOT NULL,
            reference    TEXT {{bytewise}} UNIQUE,
            sent_at      {{time}} NOT NULL,
            until        {{time}} NOT NULL,
            busy_until   {{time}},
            attempt      INTEGER NOT NULL DEFAULT 1,
            options      TEXT,
            token        TEXT UNIQUE,
            outcome      TEXT,
            task_id      TEXT,
            status       TEXT,
            delivered_at {{time}},
            lease_owner  TEXT,
            lease_until  {{time}},
            claims       INTEGER NOT NULL DEFAULT 0
        )
        """,
        f"CREATE INDEX {TABLE}_task ON {TABLE} (task_id)",
        f"CREATE INDEX {TABLE}_unresolved ON {TABLE} (entry) WHERE outcome IS NULL OR outcome = 'unknown'",
        f"CREATE INDEX {TABLE}_leased ON {TABLE} (lease_owner) WHERE lease_owner IS NOT NULL",
        f"""
        CREATE INDEX {TABLE}_undelivered ON {TABLE} (claims, entry)
        WHERE outcome = 'accepted' AND delivered_at IS NULL
        """,
    ),
)


def read_format(execute: Execute, *, is_there: bool) -> int:
    """The number of the format, 0 where the tables are not there. Raises FormatError for a newer one."""
    version = execute(f"SELECT MAX(format) FROM {FORMAT_TABLE}")[0][0] if is_there else 0
    if version is None or version > len(STEPS):
        raise FormatError(
            f"its format {version} is newer than {len(STEPS)}, the newest that modellix-client {__version__} knows; "
            "update modellix-client, or choose another database"
        )
    return int(version)


def bring_up_to_date(execute: Execute, version: int, words: dict[str, Any]) -> None:
    """From that format to the newest."""
    for step in STEPS[version:]:
        for statement in step:
            execute(statement.format(**words))
    execute(f"UPDATE {FORMAT_TABLE} SET format = {len(STEPS)}")
