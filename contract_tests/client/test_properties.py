"""Laws of the generated models, tried on drawn values; `strategies.py` says what is drawn, `api/test_laws.py` has the
laws of the API.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import strategies as st

from contract_tests.client.test_boundaries import model_of
from contract_tests.harness.parametrize import every_submission
from contract_tests.model import strategies
from contract_tests.model.document import Document, Operation
from contract_tests.model.laws import hold
from modellix import ConstraintError
from modellix._openapi import GET_TASK
from modellix_client.constraints import check_body
from modellix_client.models import TaskReply

pytestmark = pytest.mark.random


def accepts(operation: Operation, body: dict[str, Any]) -> bool:
    """Whether the request model takes a body, and would send it as it is."""
    try:
        request = model_of(operation).from_dict(body)
    except ConstraintError:
        return False
    assert check_body(request) == body
    return True


@every_submission
def test_models_accept_exactly_what_the_schema_accepts(operation: Operation, document: Document) -> None:
    judge = document.validator(document.body_schema(operation))

    def law(body: dict[str, Any]) -> None:
        assert accepts(operation, body) is judge.is_valid(body)

    hold(f"{operation.name} models", law, strategies.any_bodies(document, operation))


@every_submission
def test_models_refuse_one_broken_limit(operation: Operation, document: Document) -> None:
    def law(body: dict[str, Any]) -> None:
        assert not accepts(operation, body)

    hold(f"{operation.name} models, broken body", law, strategies.broken_bodies(document, operation))


@every_submission
def test_text_that_utf8_cannot_hold_is_refused_by_the_models(operation: Operation, document: Document) -> None:
    """Lone surrogates can be neither sent nor compared with other readers of the schema."""
    valid = strategies.valid_bodies(document, operation)
    surrogates = st.text(st.characters(categories=["Cs"]), min_size=1, max_size=2)

    def law(drawn: tuple[dict[str, Any], str]) -> None:
        body, surrogate = drawn
        for name in (name for name, value in body.items() if isinstance(value, str)):
            assert not accepts(operation, {**body, name: body[name] + surrogate})

    hold(f"{operation.name} surrogates", law, st.tuples(valid, surrogates))


def test_task_is_read_whatever_its_status_and_its_extra_fields(document: Document) -> None:
    shown = document.examples(document.replies(document.operation(GET_TASK))["200"])
    extras = st.dictionaries(st.text().map("x-".__add__), strategies.JSON, max_size=3)

    def law(drawn: tuple[str, str, dict[str, Any]]) -> None:
        name, status, extra = drawn
        reply = {**extra, **shown[name], "data": {**extra, **shown[name]["data"], "status": status}}
        read = TaskReply.from_dict(reply)
        assert read.data.status == status
        assert read.to_dict() == reply

    hold("task reply", law, st.tuples(st.sampled_from(sorted(shown)), st.text(), extras))
