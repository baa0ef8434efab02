"""A document of one submission, for tests of what is derived from a schema."""

from __future__ import annotations

from typing import Any

from contract_tests.model.cases import Case, cases
from contract_tests.model.document import Document
from modellix._openapi import GET_TASK


def document_of(*schemas: dict[str, Any]) -> Document:
    """A document whose submissions, or whose only one, have bodies of these schemas."""
    paths = {f"/make{number or ''}": {"post": _operation(number, schema)} for number, schema in enumerate(schemas)}
    return Document({"servers": [{"url": "https://example.com"}], "paths": paths})


def _operation(number: int, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "operationId": f"make{number or ''}",
        "requestBody": {"content": {"application/json": {"schema": schema}}},
        "responses": {"200": {"description": "Made.", "links": {"task": {"operationId": GET_TASK}}}},
    }


def cases_of(document: Document) -> list[Case]:
    """Its cases, unlike one another and each judged as jsonschema-rs judges it."""
    [operation] = document.submissions
    made = list(cases(document, operation))
    judge = document.validator(document.body_schema(operation))
    assert [case.sentence for case in made if judge.is_valid(case.body) is not case.is_valid] == []
    assert len({case.sentence for case in made}) == len(made)
    return made
