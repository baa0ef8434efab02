"""What journals are told in tests, and what is read from them."""

from __future__ import annotations

import datetime
from typing import Any

from attrs import evolve

from modellix import Intent

SENT_AT = datetime.datetime(2026, 11, 28, 12, tzinfo=datetime.UTC)
INTENT = Intent("an operation", "0" * 64, None, SENT_AT, SENT_AT + datetime.timedelta(seconds=10))


def intent(reference: str | None = None, **more: Any) -> Intent:
    """Of a sender who has long gone."""
    return evolve(INTENT, reference=reference, **more)


def undelivered(journal: Any) -> list[str]:
    """The ids of the tasks that are accepted and not delivered."""
    return [entry.task_id for entry in journal.undelivered()]
