"""What is told of a submission: attempts and repeats to the log, repeats and the end to the user's `on_event`."""

from __future__ import annotations

import logging

from modellix._core.attempt import Accepted, Attempt, End
from modellix._core.log_fields import fields
from modellix.errors import APIError, SubmissionOutcomeUnknown, shorten
from modellix.events import Kind

log = logging.getLogger("modellix")


def outcome_of(end: End | None) -> str:
    """An end in the words of the journal."""
    if isinstance(end, Accepted):
        return "accepted"
    if isinstance(end, SubmissionOutcomeUnknown):
        return "unknown"
    return "refused" if isinstance(end, APIError) else "never sent"


def log_attempt(attempt: Attempt, end: End | None, reference: str | None, seconds: float) -> None:
    """How one attempt ended."""
    level = logging.WARNING if isinstance(end, SubmissionOutcomeUnknown) else logging.INFO
    if not log.isEnabledFor(level):
        return
    status, operation, task_id = attempt.trace.status, attempt.prepared.operation, getattr(end, "task_id", None)
    told = fields(
        operation=operation.operation_id,
        task_id=task_id,
        status=status,
        seconds=seconds,
        attempt=attempt.number,
        outcome=outcome_of(end),
        reference=reference,
    )
    log.log(
        level,
        "%s %s: %s in %.0f ms, attempt %d, %s, task %s",
        operation.method, operation.path, "no answer" if status is None else status, seconds * 1000,
        attempt.number, type(end).__name__, shorten(task_id) if task_id else "none", extra=told,
    )  # fmt: skip


def tell_repeat(attempt: Attempt, end: End, reference: str | None, pause: float) -> None:
    """It ended so, and is sent again after the pause. What `on_retry` raises goes on."""
    name, number, reason = attempt.prepared.operation.operation_id, attempt.number, type(end).__name__
    status, outcome = end.status if isinstance(end, APIError) else None, outcome_of(end)
    told = fields(operation=name, status=status, attempt=number, outcome=outcome, reference=reference)
    log.warning("%s: %s at attempt %d, again in %.1f s", name, reason, number, pause, extra=told)
    _tell("retried", attempt, end, reference, pause)
    on_retry = attempt.context.retry.on_retry
    if on_retry is not None:
        on_retry(name, number, reason, pause)


def tell_end(attempt: Attempt, end: End, reference: str | None, seconds: float) -> None:
    """Once for each submission. What was bought before under the reference is no submission."""
    if not isinstance(end, Accepted) or end.is_new:
        _tell("submitted", attempt, end, reference, seconds)


def _tell(kind: Kind, attempt: Attempt, end: End, reference: str | None, seconds: float) -> None:
    attempt.context.observer.tell(
        kind,
        operation=attempt.prepared.operation.operation_id,
        task_id=getattr(end, "task_id", None),
        reference=reference,
        status=end.status if isinstance(end, APIError) else attempt.trace.status,
        outcome=outcome_of(end),
        attempt=attempt.number,
        seconds=seconds,
    )
