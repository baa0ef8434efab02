"""Each limit of each submission, from both sides: past the client to the API, and once more through the client."""

from __future__ import annotations

import attrs
import pytest

from contract_tests.cases import Case, all_cases
from contract_tests.document import Document, Operation, contract
from contract_tests.samples import base_body
from contract_tests.target import Target, assert_accepted, assert_refused, pixels, sizes_received
from modellix import ConstraintError, Modellix
from modellix.testing import StandIn
from modellix_client.operations import SUBMISSIONS, SubmissionRequest


def _parametrize(cases: list[Case]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", cases, ids=[case.sentence for case in cases])


def request_of(case: Case) -> SubmissionRequest:
    """The request model of a case. Raises ConstraintError for what it refuses."""
    return model_of(case.operation).from_dict(case.body)


def model_of(operation: Operation) -> type[SubmissionRequest]:
    """The request model of a submission."""
    return next(model for model, known in SUBMISSIONS.items() if known.operation_id == operation.operation_id)


def takes_keywords(case: Case) -> bool:
    """Whether the fields' names on the wire are also the names of the model's arguments."""
    return set(case.body) <= {attribute.name for attribute in attrs.fields(model_of(case.operation))}


# A request model is an object; bodies of other JSON types cannot be asked for through the client.
EVERY = list(all_cases())
VALID = [case for case in EVERY if case.is_valid]
REFUSED_BY_MODELS = [case for case in EVERY if not case.is_valid and isinstance(case.body, dict)]
REFUSED_AT_CONSTRUCTION = [case for case in REFUSED_BY_MODELS if case.keyword != "required" and takes_keywords(case)]


@_parametrize(EVERY)
def test_sent_past_the_client(case: Case, target: Target, stand_in: StandIn, document: Document) -> None:
    reply = target.send(case.operation, case.body)
    if case.is_valid:
        data = assert_accepted(reply, case.operation, document)
        expected = [(case.operation.operation_id, True, data["task_id"])]
    else:
        assert_refused(reply, 400, document)
        expected = [(case.operation.operation_id, False, None)]
    assert [(one.operation, one.accepted, one.task_id) for one in stand_in.submissions] == expected


@_parametrize(VALID)
def test_sent_through_the_client(case: Case, client: Modellix, stand_in: StandIn) -> None:
    task = client.submit(request_of(case))
    [submission] = stand_in.submissions
    assert (submission.operation, submission.task_id) == (case.operation.operation_id, task.id)
    assert submission.body == case.body, "the body on the wire is not the one that was asked for"


@_parametrize(REFUSED_BY_MODELS)
def test_refused_by_the_client_with_nothing_sent(case: Case, client: Modellix, stand_in: StandIn) -> None:
    with pytest.raises(ConstraintError) as caught:
        client.submit(request_of(case))
    assert_names(caught.value, case)
    assert stand_in.submissions == []


@_parametrize(REFUSED_AT_CONSTRUCTION)
def test_refused_at_construction(case: Case) -> None:
    with pytest.raises(ConstraintError) as caught:
        model_of(case.operation)(**case.body)
    assert_names(caught.value, case)


def assert_names(error: ConstraintError, case: Case) -> None:
    """The error names the field and the limit, and repeats no long value."""
    assert case.keywords & {one.keyword for one in error.violations if one.field == case.field}
    assert len(str(error)) < 1000


SIZES = [
    (operation, contract().schema(properties["size"]))
    for operation in contract().submissions
    if "size" in (properties := contract().schema(contract().body_schema(operation))["properties"])
]
DEFAULTS = [(operation, schema["default"]) for operation, schema in SIZES if "default" in schema]
OPTIONS = [(operation, option) for operation, schema in SIZES for option in schema.get("enum", [])]


def _of_sizes(rows: list[tuple[Operation, str]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(("operation", "size"), rows, ids=[f"{one.name} {size}" for one, size in rows])


@_of_sizes(DEFAULTS)
def test_default_size_is_seen_in_the_picture(
    operation: Operation, size: str, target: Target, document: Document
) -> None:
    """With every option left out that can be."""
    required = document.schema(document.body_schema(operation)).get("required", [])
    body = {name: value for name, value in base_body(document, operation).items() if name in required}
    assert sizes_received(target, operation, body) == {pixels(size)}


@_of_sizes(OPTIONS)
def test_size_asked_is_the_size_of_the_picture(
    operation: Operation, size: str, target: Target, document: Document
) -> None:
    body = {**base_body(document, operation), "size": size}
    assert sizes_received(target, operation, body) == {pixels(size)}
