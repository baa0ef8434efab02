"""The derived cases themselves: complete, unlike one another, and judged as jsonschema-rs judges them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from contract_tests.harness.parametrize import every_submission, plan_of
from contract_tests.model.bad_requests import bad_requests_to, keys_tried_on
from contract_tests.model.cases import all_cases, cases_of, top_of
from contract_tests.model.company import body_sent, repeated_cases
from contract_tests.model.document import Document, Node, Operation
from contract_tests.model.samples import base_body, joint_limits
from contract_tests.model.wrong_keys import CREDENTIALS
from modellix._keywords import KEYWORDS
from modellix._openapi import types_of


@every_submission
def test_cases_are_judged_as_by_the_schema(operation: Operation, document: Document) -> None:
    judge = document.validator(document.body_schema(operation))
    assert [case.sentence for case in cases_of(operation) if judge.is_valid(case.body) is not case.is_valid] == []


@every_submission
def test_refused_cases_break_the_keyword_they_are_about(operation: Operation, document: Document) -> None:
    judge = document.validator(document.body_schema(operation))
    for case in cases_of(operation):
        if not case.is_valid:
            broken = {step for error in judge.iter_errors(case.body) for step in (error.kind.name, *error.schema_path)}
            assert case.keywords & broken, case.sentence


def test_sentences_are_unlike_one_another() -> None:
    sentences = [case.sentence for case in all_cases()]
    assert len(set(sentences)) == len(sentences)


@every_submission
def test_every_field_has_an_accepted_and_a_missing_case(operation: Operation, document: Document) -> None:
    schema = document.schema(document.body_schema(operation))
    cases = cases_of(operation)
    for name in schema["properties"]:
        assert any(case.field.startswith(name) and case.is_valid and name in case.body for case in cases), name
        missing = {case.is_valid for case in cases if (case.field, case.keyword) == (name, "required")}
        assert missing == {name not in schema.get("required", [])}


@every_submission
def test_every_limit_has_a_refused_case(operation: Operation, document: Document) -> None:
    """So that no limit of the document is left out silently."""
    refused = {(_pattern_of(case.field), case.keyword) for case in cases_of(operation) if not case.is_valid}
    assert set(_limits(document, document.body_schema(operation), "")) - refused == set()


@every_submission
def test_a_refused_body_in_company_breaks_what_its_case_breaks(operation: Operation, document: Document) -> None:
    judge = document.validator(document.body_schema(operation))

    def broken(body: object) -> set[tuple[str, ...]]:
        return {(error.kind.name, *map(str, error.instance_path)) for error in judge.iter_errors(body)}

    refused = [case for case in (*cases_of(operation), *repeated_cases(operation)) if not case.is_valid]
    assert [case.sentence for case in refused if broken(body_sent(case)) != broken(case.body)] == []


@every_submission
def test_every_limit_meets_every_option_of_every_other_field(operation: Operation, document: Document) -> None:
    """As far as they are planned, left out and at the ends of lengths too: so no limit can be off in some company."""
    if joint_limits(document.schema(document.body_schema(operation))):
        pytest.skip("the fields of this model are limited together")
    plan, sent = [planned.body for planned in plan_of(operation)], dict[str, tuple[str, list[Node]]]()
    for bad in bad_requests_to(operation):
        if bad.case and bad.case.body and top_of(bad.case):
            sent.setdefault(bad.promise, (top_of(bad.case), []))[1].append(bad.body)
    missing = {
        (promise, name): met
        for name, schema in document.fields(operation).items()
        for promise, (top, bodies) in sent.items()
        if top != name
        and (met := {_told(one, name, schema) for one in plan} - {_told(one, name, schema) for one in bodies} - {""})
    }
    assert missing == {}


def _told(body: Node, name: str, schema: Node) -> str:
    """The option of a field, its length where that is at an end; empty for what is between."""
    value = body.get(name)
    if name not in body or "enum" in schema:
        return repr(value)
    measured = len(value) if isinstance(value, str | list) else value
    ends = [schema[key] for key, one in KEYWORDS.items() if one.bound and key in schema]
    return f"of {measured}" if measured in ends else ""


def _pattern_of(field: str) -> str:
    return re.sub(r"\[\d+\]", "[]", field)


def _limits(document: Document, node: object, place: str) -> Iterator[tuple[str, str]]:
    """Every field, elements as `images[]`, with every keyword that limits it."""
    schema = document.schema(node)
    yield from ((place, key) for key, limit in schema.items() if _can_be_broken(key, limit))
    yield from ((f"{place}.{name}".removeprefix("."), "required") for name in schema.get("required", []))
    for name, inner in schema.get("properties", {}).items():
        yield from _limits(document, inner, f"{place}.{name}".removeprefix("."))
    if "items" in schema and "array" in types_of(schema):
        yield from _limits(document, schema["items"], f"{place}[]")


def _can_be_broken(key: str, limit: object) -> bool:
    """By the value itself. `items` and `properties` lead to the limits of their parts, `required` to the fields."""
    keyword = KEYWORDS.get(key)
    if keyword is None or keyword.is_annotation or keyword.forbids_nothing(limit):
        return False
    return limit is False if keyword.has_schemas else key not in ("$ref", "required")


@every_submission
def test_wrong_keys_meet_every_option(operation: Operation, document: Document) -> None:
    """A way in may be open beside some option only. And the first one is the plainest request."""
    bodies = [bad.body for bad in bad_requests_to(operation) if bad.status == 401]
    assert bodies[0] == base_body(document, operation)
    met = {(name, json.dumps(value)) for body in bodies for name, value in body.items()}
    if set(keys_tried_on(operation)) == set(CREDENTIALS):
        for name, schema in document.fields(operation).items():
            assert met >= {(name, json.dumps(option)) for option in schema.get("enum", [])}


@every_submission
def test_what_is_refused_stands_first_and_last(operation: Operation, document: Document) -> None:
    """A check may look at fields in their order, and stop before the end."""
    if joint_limits(document.schema(document.body_schema(operation))):
        pytest.skip("the fields of this model are limited together")
    bad = [bad for bad in bad_requests_to(operation) if bad.case and isinstance(bad.body, dict) and len(bad.body) > 1]
    fields = [(top_of(one.case), list(one.body)) for one in bad if one.case and top_of(one.case) in one.body]
    assert {names.index(field) == 0 for field, names in fields} == {True, False}
