"""How the API-facing tests are multiplied: by operation, by case, by bad request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from contract_tests.harness.groups import Member, each_of
from contract_tests.model.bad_requests import BadRequest, all_bad_requests, keys_tried_on, with_wrong_keys
from contract_tests.model.cases import Case, all_cases, top_of
from contract_tests.model.document import Operation, contract
from contract_tests.model.planned import PlannedSubmission, planned_with, whole_plan
from contract_tests.model.promises import is_size, suffix_of
from contract_tests.model.witnesses import spared_cases
from contract_tests.model.wrong_keys import CREDENTIALS, REPRESENTATIVE
from modellix._openapi import GET_TASK

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
    return each_of(_member(case) for case in all_cases() if is_wanted(case))


def _member(case: Case) -> Member[Case]:
    planned = planned_with(case)
    marks = [pytest.mark.looks_at(planned) if planned else pytest.mark.paid] if case.is_valid else []
    return Member(case, subject_of(case), suffix_of(case), tuple(marks), is_spared=case in spared_cases())


def sent_cases(is_wanted: Callable[[Case], bool]) -> pytest.MarkDecorator:
    """The derived cases of a kind, for tests that prove nothing about the API."""
    return each_of(Member(case, subject_of(case)) for case in all_cases() if is_wanted(case))


def subject_of(case: Case) -> str:
    """The field and the side of a case, as the id of its group has it."""
    return f"{top_of(case) or 'body'} is {'accepted' if case.is_valid else 'refused'}"


def _subject_of_bad(bad: BadRequest) -> str:
    if bad.case is not None:
        return subject_of(bad.case)
    return f"{bad.promise.partition('.')[0] if bad.promise != 'body.json' else 'JSON'} is refused"


def _operations(operations: Iterable[Operation], looks_at: int = 0) -> pytest.MarkDecorator:
    params = [
        pytest.param(one, id=one.name, marks=[pytest.mark.looks_at(*plan_of(one)[:looks_at])] if looks_at else [])
        for one in operations
    ]
    return pytest.mark.parametrize("operation", params)


def sizes_asked() -> list[Any]:
    """The cases that set a size, and those that leave it to the default."""
    params = []
    for case in all_cases():
        schema = contract().fields(case.operation).get(case.field, {})
        if case.is_valid and case.keyword in ("enum", "required") and is_size(schema):
            asked = case.body.get(case.field, schema.get("default"))
            if asked is None:
                continue  # nobody says which size it is then
            suffix = f"{case.field}.{'result' if case.field in case.body else 'default'}"
            planned = planned_with(case)
            marks = [pytest.mark.promise(suffix), pytest.mark.looks_at(planned)]
            params.append(pytest.param(planned, asked, id=case.sentence.removesuffix(" is accepted"), marks=marks))
    return params


def _keys_of_reads() -> Iterator[Member[BadRequest]]:
    """Every wrong key for reading a task that exists; its id is filled in when there is one. All of them are tried on
    a task of the first model.
    """
    read = contract().operation(GET_TASK)
    for submission in contract().submissions:
        of_what, looks_at = f" of a task of {submission.name}", (pytest.mark.looks_at(plan_of(submission)[0]),)
        nouns = keys_tried_on(submission) if submission is contract().submissions[0] else REPRESENTATIVE
        for bad in with_wrong_keys(read, None, {}, nouns, of_what):
            about = replace(bad, submission=submission)
            yield Member(about, f"{of_what.strip()} with a wrong key", bad.promise, looks_at)


every_operation = _operations(contract().operations)
every_submission = _operations(contract().submissions)
# These look at whatever of their operation was bought, and at one submission at least.
every_submission_bought = _operations(contract().submissions, looks_at=1)
every_planned = each_of(
    Member(planned, "planned", "body.valid", (pytest.mark.looks_at(planned),)) for planned in whole_plan()
)
bad_keys = pytest.mark.parametrize(
    "noun", [pytest.param(noun, marks=pytest.mark.promise(f"auth.{CREDENTIALS[noun][0]}")) for noun in REMEMBERED]
)
bad_requests = each_of(
    Member(bad, _subject_of_bad(bad), bad.promise, is_spared=bad.case in spared_cases()) for bad in all_bad_requests()
)
wrong_keys_of_reads = each_of(_keys_of_reads())
