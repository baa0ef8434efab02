"""Each limit of each submission, from both sides, through the client; `api/` sends the same past it."""

from __future__ import annotations

from operator import attrgetter

import pytest

from contract_tests.harness.groups import Each, Group
from contract_tests.harness.parametrize import sent_cases
from contract_tests.model import good
from contract_tests.model.cases import Case
from contract_tests.model.document import Operation
from contract_tests.model.planned import PlannedSubmission, whole_plan
from modellix import ConstraintError, Modellix
from modellix.testing import StandIn
from modellix_client.operations import SubmissionRequest
from modellix_client.schemas import MODELS
from modellix_client.submissions import SUBMISSIONS, request_model


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
BY_METHODS = [planned for planned in whole_plan() if planned.is_essential and takes_keywords(planned)]


@sent_cases(lambda case: case.is_valid)
def test_sent_through_the_client(group: Group[Case], each: Each, client: Modellix, stand_in: StandIn) -> None:
    each(group, lambda case: _is_sent(case, client, stand_in))


def _is_sent(case: Case, client: Modellix, stand_in: StandIn) -> None:
    stand_in.submissions.clear()
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


@sent_cases(lambda case: not case.is_valid and isinstance(case.body, dict))
def test_refused_by_the_client_with_nothing_sent(
    group: Group[Case], each: Each, client: Modellix, stand_in: StandIn
) -> None:
    """By its request model, made from JSON or from arguments."""
    each(group, lambda case: _is_refused(case, client, stand_in))


def _is_refused(case: Case, client: Modellix, stand_in: StandIn) -> None:
    stand_in.submissions.clear()
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
