"""Journals: what was meant to be bought, what came of it, and whether it is delivered."""

from modellix._entry import Entry, Intent
from modellix.journal.protocol import AsyncJournal, Journal, fingerprint
from modellix.journal.sql import SqlJournal
from modellix.journal.sqlite import SqliteJournal

__all__ = ["AsyncJournal", "Entry", "Intent", "Journal", "SqlJournal", "SqliteJournal", "fingerprint"]
