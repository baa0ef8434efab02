"""Errors are pickled and copied with all their fields."""

from __future__ import annotations

import copy
import datetime
import pickle
from pathlib import Path
from typing import Any

import pytest

from modellix import Violation, errors
from tests.modellix.conftest import Open, Serve
from tests.support.hostile_server import refused
from tests.support.marks import ON_SOCKETS
from tests.support.scripts import answers

pytestmark = ON_SOCKETS


def sample_errors() -> list[BaseException]:
    now = datetime.datetime.now(datetime.UTC)
    refusal: dict[str, Any] = {
        "status": 400, "code": 400, "category": "A", "detail": "b",
        "operation": "gpt_image_2", "task_id": None, "body": b"x",
    }  # fmt: skip
    limited = errors.RateLimitError("limited", **{**refusal, "status": 429})
    limited.retry_after = 2.5
    kinds = [errors.APIError, errors.BadRequestError, errors.AuthenticationError, errors.PaymentRequiredError]
    return [
        errors.ModellixError("base"),
        errors.ConfigurationError("no key"),
        errors.BudgetExceeded("no more"),
        errors.JournalError("full"),
        errors.NeverSentError("no", operation="gpt_image_2", attempts=3),
        *(kind("refused", **refusal) for kind in (*kinds, errors.NotFoundError, errors.ServerError)),
        limited,
        errors.SubmissionOutcomeUnknown(
            "?", operation="gpt_image_2", fingerprint="f" * 64, sent_at=now, status=500, body=b"y", task_id="task-1"
        ),
        errors.ConnectionLostError("lost", operation="get_task", task_id="task-1", attempts=4),
        errors.UnexpectedReplyError("odd", operation="get_task", task_id="task-1", status=302, body=b"z"),
        errors.TaskFailed("failed", task_id="task-1", status="failed", error={"a": [1]}, raw={"data": {}}),
        errors.WaitTimeout("late", finished=[], pending=["task-1"], last_seen={"task-1": "Processing"}),
        errors.DownloadError("no", task_id="task-1", url="https://x.example/1", path=Path("x"), reason="cut"),
        errors.ConstraintError([Violation(field="seed", keyword="minLength", limit=1, actual=0)]),
    ]


@pytest.mark.parametrize("error", sample_errors(), ids=lambda error: type(error).__name__)
@pytest.mark.parametrize(
    "way",
    [lambda error: pickle.loads(pickle.dumps(error)), copy.copy, copy.deepcopy],
    ids=["pickle", "copy", "deepcopy"],
)
def test_errors_travel_with_their_fields(error: BaseException, way: Any) -> None:
    error.add_note("seen in the night run")
    copied = way(error)
    assert type(copied) is type(error)
    assert (str(copied), copied.args, vars(copied)) == (str(error), error.args, vars(error))


def test_every_error_has_a_sample() -> None:
    classes = {getattr(errors, name) for name in errors.__all__} - {errors.Violation}
    assert {type(error) for error in sample_errors()} == classes


def test_errors_from_the_wire_travel_too(serve: Serve, open_client: Open) -> None:
    server = serve(answers(400, refused(400)), answers(500, refused(500)), answers(429, refused(429), "Retry-After: 3"))
    buyer = open_client(server.url)
    for _ in range(3):
        end = buyer.attempt()
        copied = pickle.loads(pickle.dumps(end))
        assert (type(copied), vars(copied)) == (type(end), vars(end))
    assert len(server.submissions) == 3
