"""One error of each class, with something in every field."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

from modellix import Violation, errors
from modellix._entry import Entry

NOW = datetime.datetime(2026, 2, 3, 4, 5, 6, 789, datetime.UTC)
SAID = "what the service said"  # which may be anything, a prompt too
HEADERS = {"X-Request-Id": "req-1", "Server": SAID}
REFUSAL: dict[str, Any] = {
    "status": 400, "code": 400, "category": SAID, "detail": SAID,
    "operation": "gpt_image_2", "task_id": "task-1", "body": SAID.encode(), "headers": HEADERS,
}  # fmt: skip
ENTRY = Entry(7, "gpt_image_2", "2:f", "order-1", NOW, NOW + datetime.timedelta(seconds=30))


def sample_errors() -> list[errors.ModellixError]:
    """New ones. A class that has no constructor of its own has the sample of its base."""
    samples = [
        errors.ModellixError("base"),
        errors.ConfigurationError("no key"),
        errors.BudgetExceeded("no more"),
        errors.JournalError("full"),
        errors.ReferenceConflict("taken", entry=ENTRY),
        errors.NeverSentError("no", operation="gpt_image_2", attempts=3),
        errors.APIError("refused", **REFUSAL),
        errors.BadRequestError("refused", **REFUSAL),
        errors.AuthenticationError("refused", **REFUSAL),
        errors.PaymentRequiredError("refused", **REFUSAL),
        errors.NotFoundError("refused", **REFUSAL),
        errors.RateLimitError("limited", **REFUSAL),
        errors.ServerError("failed", **REFUSAL),
        errors.SubmissionOutcomeUnknown(
            "?", operation="gpt_image_2", fingerprint="2:f", sent_at=NOW, status=500, body=SAID.encode(),
            task_id="task-1", entry=ENTRY, headers=HEADERS,
        ),
        errors.ConnectionLostError("lost", operation="get_task", task_id="task-1", attempts=4),
        errors.UnexpectedReplyError(
            "odd", operation="get_task", task_id="task-1", status=302, body=SAID.encode(), headers=HEADERS
        ),
        errors.TaskFailed("failed", task_id="task-1", status="failed", error=SAID, raw={"data": SAID}),
        errors.WaitTimeout("late", finished=[None], pending=["task-2"], last_seen={"task-2": "Processing"}),
        errors.DownloadError("no", task_id="task-1", url="https://x.example/1", path=Path("x"), reason="cut"),
    ]  # fmt: skip
    for error in samples:
        error.reference = "order-1"
        if isinstance(error, errors.APIError):
            error.retry_after = 2.5
    return samples


def a_constraint_error() -> errors.ConstraintError:
    """The one error that is no ModellixError."""
    return errors.ConstraintError([Violation(field="seed", keyword="minLength", limit=1, actual=0)])
