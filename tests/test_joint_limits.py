"""The contract tests' cases of limits on fields or elements together: every keyword of that kind brings its own."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract_tests.model.cases import Case
from contract_tests.model.document import Document
from contract_tests.model.samples import base_body
from contract_tests.model.strategies import valid_bodies
from modellix._keywords import KEYWORDS
from tests.support.submissions import cases_of, document_of

FIELDS: dict[str, Any] = {
    "text": {"type": "string", "maxLength": 5},
    "mode": {"type": "string", "enum": ["a", "b"]},
    "steps": {"type": "integer", "minimum": 1, "maximum": 9},
    "words": {"type": "array", "maxItems": 4, "items": {"type": "string", "enum": ["x", "y", "z"]}},
}
OF_FIELDS: dict[str, Any] = {
    "dependentRequired": {"mode": ["steps"]},
    "dependentSchemas": {"steps": {"required": ["mode"]}},
    "minProperties": 2,
    "maxProperties": 3,
    "propertyNames": {"enum": [*FIELDS]},
    "if": {"required": ["mode"]},
    "anyOf": [{"required": ["text", "mode"]}, {"required": ["text", "steps"]}],
    "oneOf": [{"required": ["mode"]}, {"required": ["steps"]}],
    "not": {"required": ["mode", "steps"]},
}
BESIDE = {"if": {"then": {"required": ["steps"]}}}


def document_with(**limits: Any) -> Document:
    words = {**FIELDS["words"], **limits.pop("words", {})}
    return document_of({"type": "object", "required": ["text"], "properties": {**FIELDS, "words": words}, **limits})


def sides(made: list[Case], field: str, keyword: str) -> set[bool]:
    return {case.is_valid for case in made if (case.field, case.keyword) == (field, keyword)}


@pytest.mark.parametrize("keyword", OF_FIELDS)
def test_a_limit_on_all_fields_has_cases_on_both_sides(keyword: str) -> None:
    made = cases_of(document_with(**{keyword: OF_FIELDS[keyword]}, **BESIDE.get(keyword, {})))
    assert sides(made, "", keyword) == {True, False}
    for name in FIELDS:
        assert any(case.is_valid and name in case.body for case in made), name


@pytest.mark.parametrize(
    "limits", [{}, {"minContains": 2}, {"minContains": 0, "maxContains": 1}, {"maxContains": 1}], ids=str
)
def test_a_limit_on_all_elements_has_cases_on_both_sides(limits: dict[str, int]) -> None:
    made = cases_of(document_with(words={"contains": {"enum": ["y"]}, "minItems": 2, **limits}))
    assert sides(made, "words", "contains") == {True, False}
    assert False in sides(made, "words", "minItems")
    assert {True, False} == sides(made, "words", "maxItems")


def test_a_limit_on_all_fields_changes_no_other_case() -> None:
    plain, limited = (cases_of(document_with(**limits)) for limits in ({}, {"maxProperties": 9}))
    assert {case.sentence for case in plain} <= {case.sentence for case in limited}
    assert sides(limited, "", "maxProperties") == {True}


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(st.data(), st.sampled_from(["dependentRequired", "maxProperties", "not"]))
def test_drawn_bodies_keep_to_the_limits(data: st.DataObject, keyword: str) -> None:
    document = document_with(**{keyword: OF_FIELDS[keyword]}, words={"contains": {"enum": ["z"]}})
    [operation] = document.submissions
    body = data.draw(valid_bodies(document, operation))
    assert document.validator(document.body_schema(operation)).is_valid(body)


def test_the_keywords_tried_here_are_all_there_are() -> None:
    part_by_part = {"required", "properties", "patternProperties", "additionalProperties", "unevaluatedProperties"}
    of_fields = {name for name, one in KEYWORDS.items() if (one.of == "object" or one.is_in_place) and not one.needs}
    assert of_fields - part_by_part - {"allOf", "dependencies"} == set(OF_FIELDS)


def test_the_body_to_begin_with_keeps_to_the_limits() -> None:
    document = document_with(minProperties=2)
    [operation] = document.submissions
    assert document.validator(document.body_schema(operation)).is_valid(base_body(document, operation))
