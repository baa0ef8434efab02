"""The planned submissions: few, valid, and together all that they are meant to show."""

from __future__ import annotations

import json

import pytest

from contract_tests.model.body_expectations import expectation_of_body
from contract_tests.model.cases import all_cases
from contract_tests.model.contents import CONTENTS, SPELLINGS
from contract_tests.model.document import Document, Operation, contract, types_of
from contract_tests.model.planned import all_rows, row_with

every_submission = pytest.mark.parametrize("operation", contract().submissions, ids=lambda operation: operation.name)


def test_rows_are_accepted_by_the_document(document: Document) -> None:
    for row in all_rows():
        assert expectation_of_body(document, row.operation, row.body) == "accepted", row.name
        assert json.loads(row.content) == row.body, row.name


def test_every_valid_case_has_its_row() -> None:
    valid = [case for case in all_cases() if case.is_valid and case.keyword != "examples"]
    assert [case.sentence for case in valid if row_with(case) is None] == []


@every_submission
def test_few_rows_show_options_and_ends_of_limits(operation: Operation, document: Document) -> None:
    """No more than the longest list of options has; two, for both ends, where there are none."""
    properties = document.schema(document.body_schema(operation)).get("properties", {})
    options = [len(document.schema(schema).get("enum", [])) for schema in properties.values()]
    essential = [row for row in all_rows() if row.operation is operation and row.is_essential]
    assert len(essential) <= max(2, *options)
    assert [row.rank for row in all_rows()] == sorted(row.rank for row in all_rows())


@every_submission
def test_two_rows_are_equal(operation: Operation) -> None:
    """To see whether equal bodies get different tasks: a service may compare their bytes."""
    contents = [row.content for row in all_rows() if row.operation is operation]
    assert any(contents.count(content) > 1 for content in contents)


@every_submission
def test_rows_hold_every_content_and_spelling(operation: Operation, document: Document) -> None:
    """Every content that some field of the model takes."""
    rows = [row for row in all_rows() if row.operation is operation]
    texts = {value for row in rows for value in row.body.values() if isinstance(value, str)}
    properties = document.schema(document.body_schema(operation))["properties"].values()
    judges = [document.validator(schema) for schema in properties if "string" in types_of(document.schema(schema))]
    assert {content for content in CONTENTS if any(judge.is_valid(content) for judge in judges)} <= texts
    assert {row.number % len(SPELLINGS) for row in rows} == set(range(len(SPELLINGS)))
    assert not judges or any(b"\\ud83c\\udfa8" in row.content for row in rows), (
        "no text beyond 16 bits is written as a pair of escapes"
    )
