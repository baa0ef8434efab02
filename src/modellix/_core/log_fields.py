"""The fields that every log record of this package carries as attributes, for logs that are read by machines.

All of them are there on each record, None where there is nothing to say, so that a format may name any of them.
None is a text of a request or of a reply.
"""

from __future__ import annotations

from modellix.errors import shorten

_LONGEST_ID = 512  # characters, as many as an id that can be used may have


def fields(
    *,
    operation: str | None = None,
    task_id: str | None = None,
    status: int | str | None = None,
    seconds: float | None = None,
    attempt: int | None = None,
    outcome: str | None = None,
    reference: str | None = None,
) -> dict[str, str | int | float | None]:
    """What goes into `extra`. `status` is that of HTTP, or of a task where no request is told."""
    return {
        "operation": operation,
        "task_id": None if task_id is None else shorten(task_id, _LONGEST_ID),
        "status": shorten(status) if isinstance(status, str) else status,
        "milliseconds": None if seconds is None else round(seconds * 1000, 1),
        "attempt": attempt,
        "outcome": outcome,
        "reference": reference,
    }
