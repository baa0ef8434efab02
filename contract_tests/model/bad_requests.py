"""Every request that has to be refused, whatever the reason: limits, JSON, keys, unknown tasks. All are free."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import repeat
from typing import Any

from contract_tests.model.body_expectations import expectation_of_body
from contract_tests.model.cases import Case, cases_of
from contract_tests.model.company import bodies_by_turns, body_sent, repeated_cases
from contract_tests.model.document import Document, Operation, contract
from contract_tests.model.not_json import NOT_JSON, hard_to_hold, spoiled
from contract_tests.model.promises import suffix_of
from contract_tests.model.samples import base_body, body_with_a_field
from contract_tests.model.wrong_keys import ALL_KEYS, CREDENTIALS, REPRESENTATIVE
from modellix._openapi import GET_TASK

NO_TASK = {"task_id": "task-0f3c5d7e9b1a2846"}  # an id in the shape of real ones


@dataclass(frozen=True, eq=False)
class BadRequest:
    """One request, and the status that has to answer it."""

    sentence: str
    operation: Operation
    promise: str  # without the operation
    status: int
    body: Any = dataclasses.field(default=None, repr=False)  # a JSON value, or bytes
    headers: dict[str, str] | None = None  # with {key} and the like, see `wrong_keys`; None for the right key
    query: str = ""
    parameters: dict[str, str] = dataclasses.field(default_factory=dict)
    has_key_in_body: bool = False
    case: Case | None = dataclasses.field(default=None, repr=False)  # that it was derived from
    submission: Operation | None = None  # whose task is read

    @property
    def statuses(self) -> set[int]:
        """What may answer it: without the right key a service may as well say that an unknown task is not there."""
        return {self.status, 404} if self.parameters and self.status == 401 else {self.status}


@lru_cache(maxsize=1)
def all_bad_requests() -> tuple[BadRequest, ...]:
    """The requests of every operation, in a fixed order."""
    return tuple(bad for operation in contract().operations for bad in bad_requests_of(contract(), operation))


def bad_requests_to(operation: Operation) -> tuple[BadRequest, ...]:
    """Those of one operation."""
    return _by_operation().get(operation, ())


@lru_cache(maxsize=1)
def _by_operation() -> dict[Operation, tuple[BadRequest, ...]]:
    lists: dict[Operation, list[BadRequest]] = {}
    for bad in all_bad_requests():
        lists.setdefault(bad.operation, []).append(bad)
    return {operation: tuple(some) for operation, some in lists.items()}


def bad_requests_of(document: Document, operation: Operation) -> Iterator[BadRequest]:
    """The requests of one operation."""
    is_submission = operation in document.submissions
    body = base_body(document, operation) if is_submission else None
    if is_submission:
        yield from _broken_limits(document, operation)
        with_a_field = body_with_a_field(document, operation)
        for noun, content in {**NOT_JSON, **spoiled(with_a_field)}.items():
            yield BadRequest(f"{operation.name} with {noun} for a body", operation, "body.json", 400, content)
        for name, noun, content in hard_to_hold(with_a_field, document.fields(operation)):
            yield BadRequest(f"{operation.name} with {noun} for {name}", operation, f"{name}.type", 400, content)
    parameters = NO_TASK if operation.operation_id == GET_TASK else {}
    yield from with_wrong_keys(operation, body, parameters, keys_tried_on(operation))
    if operation.operation_id == GET_TASK:
        yield BadRequest(f"{operation.name} unknown", operation, "task_id.unknown", 404, parameters=NO_TASK)


def keys_tried_on(operation: Operation) -> Iterable[str]:
    """Every wrong key with the first models, and some of every kind with the others: one check serves all of them."""
    return REPRESENTATIVE if operation in contract().submissions[ALL_KEYS:] else CREDENTIALS


def with_wrong_keys(
    operation: Operation, body: Any, parameters: dict[str, str], nouns: Iterable[str], of_what: str = ""
) -> Iterator[BadRequest]:
    """A request that is good but for its key, with every wrong one."""
    bodies = repeat(None) if body is None else bodies_by_turns(operation)
    for noun, one in zip(nouns, bodies, strict=False):
        kind, headers, query = CREDENTIALS[noun]
        sentence = f"{operation.name}{of_what} with {noun}"
        yield BadRequest(sentence, operation, f"auth.{kind}", 401, one, headers, query, parameters)
    if isinstance(body, dict):
        sentence = f"{operation.name}{of_what} with the key in the body"
        yield BadRequest(sentence, operation, "auth.place", 401, body, {}, has_key_in_body=True)


def _broken_limits(document: Document, operation: Operation) -> Iterator[BadRequest]:
    """The derived cases that break a limit, in company; those about counting have a test of their own."""
    for case in (*cases_of(operation), *repeated_cases(operation)):
        if case.is_valid or case.is_about_counting:
            continue
        if expectation_of_body(document, operation, case.body) == "refused":
            sentence = case.sentence.removesuffix(" is refused")
            yield BadRequest(sentence, operation, suffix_of(case), 400, body_sent(case), case=case)
