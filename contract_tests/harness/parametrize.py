"""How the API-facing tests are multiplied: by operation, by case, by bad request."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from contract_tests.model.bad_requests import CREDENTIALS, all_bad_requests
from contract_tests.model.cases import Case, all_cases
from contract_tests.model.document import Operation, contract
from contract_tests.model.planned import PlannedSubmission, planned_with, whole_plan
from contract_tests.model.promises import suffix_of

REMEMBERED = ("no key", "another key", "a longer key")  # that a service may take for a caller it knows


def plan_of(operation: Operation) -> list[PlannedSubmission]:
    """The planned submissions of an operation, the cheapest first."""
    return [planned for planned in whole_plan() if planned.operation is operation]


def planned_twice(operation: Operation) -> list[PlannedSubmission]:
    """The two planned submissions with the same body."""
    plan = plan_of(operation)
    return [planned for planned in plan if [other.body for other in plan].count(planned.body) > 1]


def cases(is_wanted: Callable[[Case], bool]) -> pytest.MarkDecorator:
    """The derived cases of a kind, each a proof of the limit it is about; the accepted ones cost."""
    return pytest.mark.parametrize("case", [_param(case) for case in all_cases() if is_wanted(case)])


def _param(case: Case) -> Any:
    marks = [pytest.mark.promise(suffix_of(case))]
    planned = planned_with(case)
    if case.is_valid:
        marks.append(pytest.mark.looks_at(planned) if planned else pytest.mark.paid)
    return pytest.param(case, id=case.sentence, marks=marks)


def _operations(operations: Iterable[Operation], looks_at: int = 0) -> pytest.MarkDecorator:
    params = [
        pytest.param(one, id=one.name, marks=[pytest.mark.looks_at(*plan_of(one)[:looks_at])] if looks_at else [])
        for one in operations
    ]
    return pytest.mark.parametrize("operation", params)


every_operation = _operations(contract().operations)
every_submission = _operations(contract().submissions)
# These look at whatever of their operation was bought, and at one submission at least.
every_submission_bought = _operations(contract().submissions, looks_at=1)
every_planned = pytest.mark.parametrize(
    "planned", [pytest.param(planned, id=planned.name, marks=pytest.mark.looks_at(planned)) for planned in whole_plan()]
)
bad_keys = pytest.mark.parametrize(
    "noun", [pytest.param(noun, marks=pytest.mark.promise(f"auth.{CREDENTIALS[noun][0]}")) for noun in REMEMBERED]
)
bad_requests = pytest.mark.parametrize(
    "bad",
    [pytest.param(bad, id=bad.sentence, marks=pytest.mark.promise(bad.promise)) for bad in all_bad_requests()],
)
