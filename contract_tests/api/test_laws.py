"""Laws of the API, tried on drawn bodies; `strategies.py` says what is drawn."""

from __future__ import annotations

from typing import Any

import pytest

from contract_tests.harness.blame import check, check_refused, named_task
from contract_tests.harness.parametrize import every_submission
from contract_tests.harness.recorded import RecordedExchanges
from contract_tests.harness.response_checks import (
    answer_in,
    category_of,
    faults_of_envelope,
    is_accepted,
)
from contract_tests.harness.target import Target
from contract_tests.model import strategies
from contract_tests.model.document import Document, Operation
from contract_tests.model.laws import hold
from contract_tests.model.promises import size_asked

pytestmark = pytest.mark.random


@every_submission
@pytest.mark.promise("body.valid")
@pytest.mark.paid
@pytest.mark.followed
def test_valid_body_ends_in_a_picture_of_the_size_asked(
    operation: Operation, document: Document, target: Target, recorded: RecordedExchanges
) -> None:
    """On a live API, whose tasks take their time, they are waited for with the planned ones, by the tests of tasks."""

    def law(body: dict[str, Any]) -> None:
        reply = recorded.drawn(operation, body) if target.is_live else target.send(operation, body)
        check(is_accepted(reply), answer_in(reply), reply)
        task_id = named_task(reply)
        if not target.is_live:
            end = target.follow([task_id])[task_id][-1]
            target.check_sizes(*size_asked(document, operation, body), reply, end)

    hold(f"{operation.name} valid body", law, strategies.acceptable_bodies(document, operation))


@every_submission
@pytest.mark.promise("body.broken")
def test_one_broken_limit_is_refused_and_buys_nothing(operation: Operation, document: Document, target: Target) -> None:
    categories = document.categories(operation)

    def law(body: Any) -> None:
        reply = target.send(operation, body)
        check_refused(reply)
        if not list(faults_of_envelope(reply)):
            is_known = category_of(reply) in categories.get(reply.status_code, [category_of(reply)])
            check(is_known, f"category {category_of(reply)!r}", reply, promise="refusal.category")

    hold(f"{operation.name} broken body", law, strategies.refusable_bodies(document, operation))
