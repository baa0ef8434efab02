"""Where journals keep what they are told: one row for each kind of journal that the tests of the rules run over.

A row makes a store, and gives what opens a journal of it: `open_journal(max_submissions=5)`. All of them share it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from modellix import SqliteJournal
from tests.support.memory_journal import MemoryJournal, Store

Opening = Callable[..., Any]


def on_sqlite(request: pytest.FixtureRequest, folder: Path) -> Opening:
    return lambda **options: SqliteJournal(folder / "journal.db", **options)


def in_memory(request: pytest.FixtureRequest, folder: Path) -> Opening:
    store = Store()
    return lambda **options: MemoryJournal(store, **options)


STORES = [pytest.param(on_sqlite, id="SqliteJournal"), pytest.param(in_memory, id="memory")]
STORED = [row for row in STORES if "memory" not in str(row.id)]
"""Those that several processes can share."""
