"""Each limit of each submission, from both sides, through the client; `api/` sends the same past it."""

from __future__ import annotations

from operator import attrgetter

import pytest

from contract_tests.model import good
from contract_tests.model.cases import Case, all_cases
from contract_tests.model.document import Operation
from contract_tests.model.planned import PlannedSubmission, whole_plan
from modellix import ConstraintError, Modellix
from modellix.testing import StandIn
from modellix_client.operations import SubmissionRequest
from modellix_client.schemas import MODELS
from modellix_client.submissions import SUBMISSIONS, request_model


def _parametrize(cases: list[Case]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", cases, ids=[case.sentence for case in cases])


def request_of(case: Case) -> SubmissionRequest:
    """The request model of a case. Raises ConstraintError for what it refuses."""
    return model_of(case.operation).from_dict(case.body)


def model_of(operation: Operation) -> type[SubmissionRequest]:
    """The request model of a submission."""
    return request_model(operation.operation_id)


def takes_keywords(asked: Case | PlannedSubmission) -> bool:
    """Whether all fields of the body are arguments of the model, under their names in Python."""
    return set(asked.body) <= set(MODELS[model_of(asked.operation).__name__][2].values())


# A request model is an object; bodies of other JSON types cannot be asked for through the client.
EVERY = list(all_cases())
VALID = [case for case in EVERY if case.is_valid]
BY_METHODS = [planned for planned in whole_plan() if planned.is_essential and takes_keywords(planned)]
REFUSED_BY_MODELS = [case for case in EVERY if not case.is_valid and isinstance(case.body, dict)]


@_parametrize(VALID)
def test_sent_through_the_client(case: Case, client: Modellix, stand_in: StandIn) -> None:
    task = client.submit(request_of(case))
    [submission] = stand_in.submissions
    assert (submission.operation, submission.task_id) == (case.operation.operation_id, task.id)
    assert submission.body == case.body, "the body on the wire is not the one that was asked for"


@pytest.mark.parametrize("planned", BY_METHODS, ids=[planned.name for planned in BY_METHODS])
def test_method_sends_what_it_was_given(planned: PlannedSubmission, client: Modellix, stand_in: StandIn) -> None:
    """Every field under its own name, and none besides."""
    name = planned.operation.operation_id
    method = attrgetter("{0.namespace}.{0.method}".format(SUBMISSIONS[name]))(client)
    task = method(**good.arguments(planned.body, planned.operation))
    [submission] = stand_in.submissions
    assert (submission.operation, submission.body, submission.task_id) == (name, planned.body, task.id)


@_parametrize(REFUSED_BY_MODELS)
def test_refused_by_the_client_with_nothing_sent(case: Case, client: Modellix, stand_in: StandIn) -> None:
    """By its request model, made from JSON or from arguments."""
    with pytest.raises(ConstraintError) as caught:
        client.submit(request_of(case))
    assert_names(caught.value, case)
    is_left_out = case.body.get(case.field, "") is None  # which None means as an argument
    if case.keyword != "required" and takes_keywords(case) and not is_left_out:
        with pytest.raises(ConstraintError) as caught:
            model_of(case.operation)(**good.arguments(case.body, case.operation))
        assert_names(caught.value, case)
    assert stand_in.submissions == []


def assert_names(error: ConstraintError, case: Case) -> None:
    """The error names the field and the limit, and repeats no long value."""
    assert case.keywords & {one.keyword for one in error.violations if one.field == case.field}
    assert len(str(error)) < 1000
