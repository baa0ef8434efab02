"""Where journals keep what they are told: one row for each kind of journal that the tests of the rules run over.

A row makes a store, and gives what opens a journal of it: `open_journal(max_submissions=5)`. All of them share it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from modellix import SqliteJournal, SqlJournal
from tests.support.memory_journal import MemoryJournal, Store

Opening = Callable[..., Any]


@dataclass(frozen=True)
class Stored:
    """Opens a journal in a database, in any process: a file's, or one that a URL names."""

    place: str

    def __call__(self, **options: Any) -> Any:
        return (SqlJournal if "://" in self.place else SqliteJournal)(self.place, **options)


def on_sqlite(request: pytest.FixtureRequest, folder: Path) -> Stored:
    return Stored(str(folder / "journal.db"))


def by_url(request: pytest.FixtureRequest, folder: Path) -> Stored:
    return Stored(f"sqlite:///{folder / 'journal.db'}")


def on_postgres(request: pytest.FixtureRequest, folder: Path) -> Stored:
    server = request.getfixturevalue("postgres")
    return Stored(server.url(request.getfixturevalue("database")))


def in_memory(request: pytest.FixtureRequest, folder: Path) -> Opening:
    store = Store()
    return lambda **options: MemoryJournal(store, **options)


STORED = [
    pytest.param(on_sqlite, id="SqliteJournal"),
    pytest.param(by_url, id="SqlJournal"),
    pytest.param(on_postgres, id="PostgreSQL", marks=pytest.mark.servers),
]
"""Those that several processes can share: `open_stored.place` says where each is."""
STORES = [*STORED, pytest.param(in_memory, id="memory")]
