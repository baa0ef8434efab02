"""What journals are told in tests, and what is read from them."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from attrs import evolve

from modellix import Entry, Intent

SENT_AT = datetime.datetime(2026, 11, 28, 12, tzinfo=datetime.UTC)
INTENT = Intent("an operation", "0" * 64, None, SENT_AT, SENT_AT + datetime.timedelta(seconds=10))


def intent(reference: str | None = None, **more: Any) -> Intent:
    """Of a sender who has long gone."""
    return evolve(INTENT, reference=reference, **more)


def found(journal: Any, reference: str = "a") -> Entry:
    """The entry of a reference, which there is."""
    entry: Entry | None = journal.find(reference)
    assert entry is not None
    return entry


def undelivered(journal: Any) -> list[str]:
    """The ids of the tasks that are accepted and not delivered."""
    return [entry.task_id for entry in journal.undelivered()]


class Watched:
    """A journal that remembers which of its methods were called. What stands in `before` under a method's name is
    called first: what other processes do just then.
    """

    def __init__(self, journal: Any) -> None:
        self.journal = journal
        self.calls: list[str] = []
        self.before: dict[str, Callable[[], object]] = {}

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self.journal, name)

        def call(*values: Any, **named: Any) -> Any:
            self.calls.append(name)
            self.before.get(name, _nothing)()
            return method(*values, **named)

        return call


def _nothing() -> None:
    """What happens before most calls."""
