"""Journals: what was meant to be bought, what came of it, and whether it is delivered.

The two that come with the client are imported when they are first used.
"""

from typing import TYPE_CHECKING, Any

from modellix._entry import Entry, Intent
from modellix.journal.protocol import AsyncJournal, Journal, fingerprint

if TYPE_CHECKING:
    from modellix.journal.sql import SqlJournal
    from modellix.journal.sqlite import SqliteJournal

__all__ = ["AsyncJournal", "Entry", "Intent", "Journal", "SqlJournal", "SqliteJournal", "fingerprint"]

_HOMES = {"SqlJournal": "sql", "SqliteJournal": "sqlite"}

if not TYPE_CHECKING:  # A checker that saw it would take any name for one of ours.

    def __getattr__(name: str) -> Any:
        from importlib import import_module

        from modellix._fork import no_fork

        if name not in _HOMES:
            raise AttributeError(f"module 'modellix.journal' has no attribute {name!r}")
        with no_fork():
            value = getattr(import_module(f"modellix.journal.{_HOMES[name]}"), name)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
