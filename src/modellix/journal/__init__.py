"""Journals of submissions: what was meant to be bought, and what came of it."""

from modellix.journal.sqlite import Entry, Journal, SqliteJournal, failures_told

__all__ = ["Entry", "Journal", "SqliteJournal", "failures_told"]
