"""Laws that hold for any request or reply, tried on drawn examples; `strategies.py` says what is drawn."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract_tests import strategies
from contract_tests.document import GET_TASK, Document, Operation, contract
from contract_tests.target import Target, assert_refused, pixels, sizes_received
from contract_tests.test_boundaries import model_of
from modellix import ConstraintError
from modellix.testing import StandIn
from modellix_client.constraints import check_body
from modellix_client.models import TaskReply

every_submission = pytest.mark.parametrize("operation", contract().submissions, ids=lambda operation: operation.name)

# What one example leaves in the stand-in does not matter to the next: submissions are counted from where it began.
shares_stand_in = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def accepts(operation: Operation, body: dict[str, Any]) -> bool:
    """Whether the request model takes a body, and would send it as it is."""
    try:
        request = model_of(operation).from_dict(body)
    except ConstraintError:
        return False
    assert check_body(request) == body
    return True


@every_submission
@given(data=st.data())
def test_models_accept_exactly_what_the_schema_accepts(
    operation: Operation, document: Document, data: st.DataObject
) -> None:
    body = data.draw(strategies.any_bodies(document, operation))
    assert accepts(operation, body) is document.validator(document.body_schema(operation)).is_valid(body)


@every_submission
@shares_stand_in
@given(data=st.data())
def test_valid_body_ends_in_a_picture_of_the_size_asked(
    operation: Operation, document: Document, target: Target, data: st.DataObject
) -> None:
    body = data.draw(strategies.valid_bodies(document, operation))
    size = document.schema(document.body_schema(operation))["properties"].get("size", {})
    asked = body.get("size", document.schema(size).get("default"))
    received = sizes_received(target, operation, body)
    assert asked is None or received == {pixels(asked)}


@every_submission
@shares_stand_in
@given(data=st.data())
def test_body_with_one_broken_constraint_is_refused_and_buys_nothing(
    operation: Operation, document: Document, target: Target, stand_in: StandIn, data: st.DataObject
) -> None:
    body = data.draw(strategies.broken_bodies(document, operation))
    before = len(stand_in.submissions)
    assert_refused(target.send(operation, body), 400, document)
    assert [one.accepted for one in stand_in.submissions[before:]] == [False]
    assert not accepts(operation, body)


@every_submission
@given(data=st.data())
def test_text_that_utf8_cannot_hold_is_refused_by_the_models(
    operation: Operation, document: Document, data: st.DataObject
) -> None:
    """Lone surrogates can be neither sent nor compared with other readers of the schema."""
    surrogates = st.text(st.characters(categories=["Cs"]), min_size=1, max_size=2)
    body = data.draw(strategies.valid_bodies(document, operation))
    texts = [name for name, value in body.items() if isinstance(value, str)]
    if texts:
        name = data.draw(st.sampled_from(texts))
        assert not accepts(operation, {**body, name: body[name] + data.draw(surrogates)})


EXTRAS = st.dictionaries(st.text().map("x-".__add__), strategies.JSON, max_size=3)


@given(status=st.text(), extras=EXTRAS, data=st.data())
def test_task_is_read_whatever_its_status_and_its_extra_fields(
    status: str, extras: dict[str, Any], data: st.DataObject, document: Document
) -> None:
    shown = document.examples(document.replies(document.operation(GET_TASK))["200"])
    example = shown[data.draw(st.sampled_from(sorted(shown)))]
    reply = {**extras, **example, "data": {**extras, **example["data"], "status": status}}
    read = TaskReply.from_dict(reply)
    assert read.data.status == status
    assert read.to_dict() == reply
