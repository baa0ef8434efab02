"""Where journals keep what they are told: one row for each kind of journal that the tests of the rules run over.

A row makes a store, and gives what opens a journal of it: `open_journal(max_submissions=5)`. All of them share it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from modellix import SqliteJournal, SqlJournal
from tests.support.memory_journal import MemoryJournal, Store

Opening = Callable[..., Any]


def on_sqlite(request: pytest.FixtureRequest, folder: Path) -> Opening:
    return lambda **options: SqliteJournal(folder / "journal.db", **options)


def in_memory(request: pytest.FixtureRequest, folder: Path) -> Opening:
    store = Store()
    return lambda **options: MemoryJournal(store, **options)


def by_url(request: pytest.FixtureRequest, folder: Path) -> Opening:
    return partial(SqlJournal, f"sqlite:///{folder / 'journal.db'}")


def on_postgres(request: pytest.FixtureRequest, folder: Path) -> Opening:
    server = request.getfixturevalue("postgres")
    return partial(SqlJournal, server.url(request.getfixturevalue("database")))


STORES = [
    pytest.param(on_sqlite, id="SqliteJournal"),
    pytest.param(in_memory, id="memory"),
    pytest.param(by_url, id="SqlJournal"),
    pytest.param(on_postgres, id="PostgreSQL", marks=pytest.mark.servers),
]
STORED = [row for row in STORES if "memory" not in str(row.id)]
"""Those that several processes can share."""
