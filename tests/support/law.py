"""The table of what becomes of a paid submission, written down a second time, as an oracle for the tests.

It judges whole, well-formed replies: status and JSON value in, name of the end and task id out.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any, Final

from tests.support.statuses import REFUSED

ABSENT: Final = object()
NOT_JSON: Final = object()

#: Ends that count against `max_submissions`, by name.
COUNTED: Final = frozenset({"Task", "AsyncTask", "SubmissionOutcomeUnknown"})


def ids_in(value: Any) -> Iterator[Any]:
    """Every text or number under a key `task_id`."""
    if isinstance(value, dict):
        found = value.get("task_id")
        if isinstance(found, str | int) and not isinstance(found, bool) and found != "":
            yield found
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for child in children:
        yield from ids_in(child)


def is_usable(task_id: Any) -> bool:
    """A non-empty string of at most 512 characters, no control characters, not `.` or `..`."""
    return (
        isinstance(task_id, str)
        and 0 < len(task_id) <= 512
        and task_id not in (".", "..")
        and not any(unicodedata.category(character) in ("Cc", "Cs") for character in task_id)
    )


def end_of(status: int, payload: Any) -> str:
    """The name of the end: `Task`, `SubmissionOutcomeUnknown` or that of an APIError."""
    ids = [] if payload is NOT_JSON else list(ids_in(payload))
    is_2xx = 200 <= status < 300
    is_envelope = isinstance(payload, dict)
    code = payload.get("code", ABSENT) if isinstance(payload, dict) else ABSENT
    code_is_good = is_envelope and (code is ABSENT or (type(code) is int and code == 0))
    if ids and (status >= 400 or (is_envelope and not code_is_good)):
        return "SubmissionOutcomeUnknown"
    if is_2xx and code_is_good and any(is_usable(found) for found in ids):
        return "Task"
    counted = code if is_2xx and type(code) is int else status
    return REFUSED.get(counted, "SubmissionOutcomeUnknown")
