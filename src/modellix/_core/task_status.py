"""What the word for a task's state means: one table, each word with who uses it."""

from __future__ import annotations

import datetime
from enum import Enum

LOST = "lost"  # our own word in a journal: the service knows the task no more, and its files are gone
KEPT = datetime.timedelta(days=7)  # results, about; vendor's page api-reference/query-task-result


class Meaning(Enum):
    """Where a task stands."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


_PAGES = "vendor's page api-reference/query-task-result"
_LATER = "later texts of the vendor's pages; vendor's CLI, modellix-client.ts"
_CLI = "vendor's CLI, modellix-client.ts"

#: Each known word with its meaning and its source, in lower case.
WORDS: dict[str, tuple[Meaning, str]] = {
    "pending": (Meaning.RUNNING, _PAGES),
    "processing": (Meaning.RUNNING, _PAGES),
    "success": (Meaning.SUCCEEDED, _PAGES),
    "completed": (Meaning.SUCCEEDED, _CLI),
    "succeeded": (Meaning.SUCCEEDED, _CLI),
    "failed": (Meaning.FAILED, _PAGES),
    "error": (Meaning.FAILED, _CLI),
    "canceled": (Meaning.FAILED, _LATER),
    "cancelled": (Meaning.FAILED, _CLI),
}


def meaning_of(status: object) -> Meaning | None:
    """What a status means, None for an unlisted one: such a task is still running.

    Upper and lower case are alike, in ASCII alone: no letter of another script passes for one of these. White space is
    part of a word.
    """
    if not isinstance(status, str) or not status.isascii():
        return None
    meaning, _ = WORDS.get(status.lower(), (None, ""))
    return meaning


def is_end(status: object) -> bool:
    """Whether a task with this status changes no more."""
    return meaning_of(status) in (Meaning.SUCCEEDED, Meaning.FAILED)
