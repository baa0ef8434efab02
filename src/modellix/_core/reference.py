"""What the journal's entry under a reference means for another submission under it. Nothing is sent here."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator
from typing import Any

from modellix._core.attempt import Accepted, PreparedRequest
from modellix._core.clock import Clock
from modellix._core.effects import Pause, Rules
from modellix._core.recorder import Recorder
from modellix._entry import Entry
from modellix.errors import JournalError, ReferenceConflict, SubmissionOutcomeUnknown, shorten
from modellix.journal.protocol import is_same_request

FIRST_LOOK = 0.02  # seconds until the journal is asked again how the other submission ended
LONGEST_LOOK = 0.5
FREE = ("refused", "never sent")


_at_work: list[str | None] = []  # by all clients of the process; a list needs no lock


@contextlib.contextmanager
def at_work(reference: str | None) -> Generator[None, None, None]:
    """While the block lasts, an attempt under the reference is under way in this process: its end is worth waiting
    for, even where time is skipped.
    """
    _at_work.append(reference)
    try:
        yield
    finally:
        _at_work.remove(reference)


class NotGranted(Exception):
    """Somebody else has submitted under the reference; raised into the rules, never out of them."""

    def __init__(self, entry: Entry) -> None:
        super().__init__()
        self.entry = entry


def follow(
    entry: Entry, prepared: PreparedRequest, recorder: Recorder, clock: Clock, seconds_left: Callable[[], float]
) -> Rules[Accepted | None]:
    """The task that was bought; None when the reference is free. Waits for an entry whose sender may be at work, while
    there are `seconds_left`. Raises ReferenceConflict or SubmissionOutcomeUnknown.
    """
    pause, found = FIRST_LOOK, entry
    if found.outcome in FREE:
        raise JournalError(f"the journal grants nothing under the reference {shorten(entry.reference)}, which is free")
    while True:
        if found.outcome in FREE:
            return None
        require_same(prepared, found)
        if found.outcome == "accepted" and found.task_id is not None:
            return Accepted(found.task_id, found.status, None, False, found.sent_at, found.operation)
        is_open = found.outcome is None and clock.utc() < found.until
        left = seconds_left()
        if not is_open or left <= 0:
            raise _unknown(found, is_open)
        yield Pause(min(pause, left), is_real=entry.reference in _at_work)
        pause = min(2 * pause, LONGEST_LOOK)
        looked = yield recorder.ask("find", entry.reference)
        if looked is None:
            return None
        found = looked


def require_same(prepared: PreparedRequest, entry: Entry) -> None:
    """Raises ReferenceConflict when the entry was made for another request."""
    if is_same_request(prepared.operation, prepared.wire, entry):
        return
    name, task = prepared.operation.operation_id, f", task {shorten(entry.task_id)}" if entry.task_id else ""
    raise ReferenceConflict(
        f"{name} was not sent: another request ({entry.operation}) was submitted under the reference "
        f"{shorten(entry.reference)} at {entry.sent_at.isoformat(' ', 'seconds')}{task}: take another reference for "
        "this one",
        entry=entry,
    )


def _unknown(entry: Entry, is_open: bool) -> SubmissionOutcomeUnknown:
    why = (
        f"may still be under way until {entry.until.isoformat(' ', 'seconds')}"
        if is_open
        else f"of {entry.sent_at.isoformat(' ', 'seconds')} may have been bought, nobody recorded how it ended"
    )
    read = f", after reading task {shorten(entry.task_id)}" if entry.task_id else ""
    settle = f"settle entry {entry.id} with `python -m modellix.journal`{read}"
    step = "submit again under the same reference later" if is_open else settle
    text = f"{entry.operation}, reference {shorten(entry.reference)}: an earlier submission {why}; nothing was sent now"
    return SubmissionOutcomeUnknown(
        f"{text}: {step}",
        operation=entry.operation,
        fingerprint=entry.fingerprint,
        sent_at=entry.sent_at,
        status=None,
        body=b"",
        task_id=entry.task_id,
        entry=entry,
    )


def handle_of(entry: Entry) -> tuple[Any, ...]:
    """The arguments of a handle on the entry's task."""
    return entry.task_id, entry.status, None, entry.reference, False, entry.sent_at, entry.operation
