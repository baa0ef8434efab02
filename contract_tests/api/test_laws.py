"""Laws of the API, tried on drawn bodies; `strategies.py` says what is drawn."""

from __future__ import annotations

from typing import Any

import pytest

from contract_tests.harness.parametrize import every_submission
from contract_tests.harness.response_checks import answer_in, category_of, data_of, is_accepted, is_refused, task_id_of
from contract_tests.harness.target import Target, pixels
from contract_tests.model import strategies
from contract_tests.model.document import Document, Operation
from contract_tests.model.laws import hold
from contract_tests.model.promises import size_asked

pytestmark = pytest.mark.random


@every_submission
@pytest.mark.promise("body.valid")
@pytest.mark.paid
def test_valid_body_ends_in_a_picture_of_the_size_asked(
    operation: Operation, document: Document, target: Target
) -> None:
    waiting: dict[str, Any] = {}  # the size asked for, by the id of the task

    def law(body: dict[str, Any]) -> None:
        reply = target.send(operation, body)
        assert is_accepted(reply), answer_in(reply)
        waiting[data_of(reply)["task_id"]] = size_asked(document, operation, body)
        if not target.is_live:
            look_at_pictures()

    def look_at_pictures() -> None:
        asked = dict(waiting)
        waiting.clear()
        for task_id, reads in target.follow(list(asked)).items():
            received = target.sizes_received(reads[-1])
            assert asked[task_id] is None or received <= {pixels(asked[task_id])}, f"{asked[task_id]} was asked for"

    hold(f"{operation.name} valid body", law, strategies.acceptable_bodies(document, operation))
    look_at_pictures()  # all at once on a live API, whose tasks take their time


@every_submission
@pytest.mark.promise("body.broken")
def test_one_broken_limit_is_refused_and_buys_nothing(operation: Operation, document: Document, target: Target) -> None:
    categories = document.categories(operation)

    def law(body: Any) -> None:
        reply = target.send(operation, body)
        assert is_refused(reply), answer_in(reply)
        assert task_id_of(reply) is None, f"names a task: {reply.text[:200]}"
        assert category_of(reply) in categories.get(reply.status_code, [category_of(reply)])

    hold(f"{operation.name} broken body", law, strategies.refusable_bodies(document, operation))
