"""Promises that only an API which can be told what to do shows: the stand-in plays empty balances and breakdowns."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest

from contract_tests.harness.not_concluded import NotConcluded
from contract_tests.harness.parametrize import every_operation, every_submission
from contract_tests.harness.response_checks import data_of, faults_of_envelope, task_id_of
from contract_tests.harness.target import Target
from contract_tests.model.bad_requests import NO_TASK
from contract_tests.model.document import Document, Operation
from contract_tests.model.samples import base_body
from modellix.testing import StandIn

DAY = 24 * 60 * 60  # seconds


def _statuses(*statuses: int) -> pytest.MarkDecorator:
    params = [pytest.param(status, marks=pytest.mark.promise(f"failure.{status}")) for status in statuses]
    return pytest.mark.parametrize("status", params)


@every_operation
@_statuses(402, 429, 500, 503)
def test_failure_comes_in_the_envelope(
    status: int, operation: Operation, fresh: Target, stand_in: StandIn, document: Document
) -> None:
    stand_in.answer_next(status)
    body = base_body(document, operation) if operation in document.submissions else None
    parameters = {} if operation in document.submissions else NO_TASK
    with suppress(NotConcluded):  # some of these say nothing about the request
        fresh.send(operation, body, parameters=parameters)
    reply = fresh.recent[-1]
    assert reply.status_code == status
    assert list(faults_of_envelope(reply)) == []
    assert not any(one.accepted for one in stand_in.submissions)


def submit(target: Target, operation: Operation, document: Document) -> str:
    """The id of a task that was just submitted."""
    task_id = task_id_of(target.send(operation, base_body(document, operation)))
    assert task_id is not None
    return task_id


@every_submission
@pytest.mark.promise("task.failed")
def test_failed_task_says_so_and_stays_failed(
    operation: Operation, fresh: Target, stand_in: StandIn, document: Document
) -> None:
    stand_in.fail_next(error={"message": "made to fail"})
    task_id = submit(fresh, operation, document)
    told = [data_of(reply) for reply in fresh.follow([task_id], reads_after_end=2)[task_id]]
    assert [data["status"] for data in told[-3:]] == ["failed"] * 3
    assert all(data["error"] == {"message": "made to fail"} for data in told[-3:])


@every_submission
@pytest.mark.promise("task.expiry")
def test_expiry_lies_some_days_ahead(operation: Operation, fresh: Target, document: Document) -> None:
    """About seven, in milliseconds since 1970; the texts do not promise it to the minute."""
    task_id = submit(fresh, operation, document)
    expires_at = data_of(fresh.follow([task_id])[task_id][-1])["result_expires_at"]
    assert 6 * DAY < expires_at / 1000 - time.time() < 8 * DAY


@every_submission
def test_tasks_of_the_stand_in_move_on_one_by_one(
    operation: Operation, fresh: Target, stand_in: StandIn, document: Document
) -> None:
    """Reading one task does not move another: not promised by the API, but what users of the stand-in rely on."""
    first, second = (submit(fresh, operation, document) for _ in range(2))
    told = [data_of(reply)["status"] for reply in fresh.follow([first])[first]]
    assert told == ["pending", "processing", "success"]
    assert data_of(fresh.read(second))["status"] == "pending"
    assert len(stand_in.submissions) == 2
