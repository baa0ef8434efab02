"""Laws of drift: one change is one difference, nothing differs from itself, and whatever comes is answered."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import assume, event, example, given, settings
from hypothesis import strategies as st

from page2openapi import Page, read_page
from page2openapi.drift import Contract, compare_any, compare_documents
from page2openapi.drift.difference import SEVERITIES
from page2openapi.outputs import as_yaml
from scripts.catalogue.layout import Operation, render

from .drifting import N, document, drift, fields, rows
from .drifting import operation as body
from .mutations import Change, changes
from .rendering import expected, operations
from .test_properties import PIECES

pytestmark = pytest.mark.slow

USUAL = settings(max_examples=30)
MANY = settings(max_examples=400)
WORDS = ("description", "example", "order")


def document_of(operation: Operation) -> dict[str, Any]:
    return document(expected(operation), path=operation.path, method=operation.method.lower(), server=operation.server)


def export_of(operation: Operation) -> Page:
    """The operation as the site's Markdown export."""
    heading = f"{operation.method} {operation.path}"
    return read_page(f"# A page\n\n## OpenAPI\n\n````yaml {heading}\n{as_yaml(document_of(operation))}````\n")


def check_documents(change: Change) -> None:
    event(change.row[1])
    assert drift(document_of(change.old), document_of(change.new)) == [change.row]
    assert drift(document_of(change.new), document_of(change.new)) == []


def check_pages(change: Change) -> None:
    old, new = read_page(render(change.old)), read_page(render(change.new))
    assume(old.problems == new.problems == [])
    assert rows(compare_any(old, new)) == [change.row]
    beside = Contract.of(document_of(change.old))
    found = compare_any(beside, new)
    if change.row[1] in WORDS:
        assert found == []
    elif change.row[0].startswith("response") and change.row[3] in (None, False):
        assert rows(found) in ([change.row], [])  # a page may say less of a reply
    else:
        assert rows(found) == [change.row]


@USUAL
@given(changes())
def test_one_change_of_a_document_is_exactly_that_drift(change: Change) -> None:
    check_documents(change)


@USUAL
@given(changes())
def test_one_change_of_a_page_is_exactly_that_drift(change: Change) -> None:
    check_pages(change)


@MANY
@given(changes())
def test_one_change_is_exactly_that_drift_at_length(change: Change) -> None:
    check_documents(change)
    check_pages(change)


@settings(max_examples=20)
@given(operations())
def test_both_forms_of_a_page_and_its_document_differ_in_nothing(operation: Operation) -> None:
    copied, exported, known = read_page(render(operation)), export_of(operation), Contract.of(document_of(operation))
    assert copied.problems == exported.problems == []
    forms: list[Page | Contract] = [copied, exported, known]
    for old in forms:
        for new in forms:
            assert [one for one in compare_any(old, new) if one.where != "auth"] == []


# Documents of any kind.

REFERENCES = st.sampled_from([{"$ref": f"#/components/schemas/{name}"} for name in ("A", "B", "C")])
KEYWORDS: list[dict[str, Any]] = [
    {"type": "string", "minLength": 1},
    {"type": ["integer", "null"], "exclusiveMaximum": 5},
    {"enum": [1, "1", None, True, 1.5, [], {"a": 1}]},
    {"const": {"deep": [1]}},
    {"type": "object", "required": ["nowhere"]},
    {"additionalProperties": False},
    {"not": {}},
    {"default": None, "deprecated": True},
    {},
]


def schemas(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    some = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        st.builds(lambda all_of: {"allOf": all_of}, some),
        st.builds(lambda any_of: {"anyOf": any_of}, some),
        st.builds(lambda one_of: {"oneOf": one_of, "type": "object"}, some),
        st.builds(lambda items: {"type": "array", "items": items}, inner),
        st.builds(lambda named: {"properties": named}, st.dictionaries(st.sampled_from("ab"), inner, max_size=2)),
        st.builds(lambda others: {"additionalProperties": others}, inner),
    )


SCHEMAS = st.recursive(st.sampled_from(KEYWORDS) | REFERENCES | st.booleans(), schemas, max_leaves=6)


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """A document whose schemas may hold one another in any way."""
    parts = {name: draw(SCHEMAS) for name in "ABC"}
    content = {"application/json": {"schema": draw(SCHEMAS)}}
    query = {"name": "q", "in": "query", "schema": draw(SCHEMAS)}
    node = {"parameters": [query], "requestBody": {"content": content}}
    return document(node | {"responses": {"200": {"description": "", "content": content}}}, schemas=parts)


@USUAL
@given(documents(), documents())
def test_any_documents_are_compared_and_none_differs_from_itself(old: dict[str, Any], new: dict[str, Any]) -> None:
    found = compare_documents(Contract.of(old), Contract.of(new))
    assert json.dumps([one.as_json() for one in found], allow_nan=False)
    ranks = [SEVERITIES.index(one.severity) for one in found]
    assert ranks == sorted(ranks)
    assert len({(one.where, one.kind, repr(one.old), repr(one.new)) for one in found}) == len(found)
    assert drift(old, old) == drift(new, new) == []


@USUAL
@given(st.lists(PIECES | st.just(""), max_size=40), st.lists(PIECES | st.just(""), max_size=40), documents())
@example([], [], document({}))
def test_any_texts_are_compared(old: list[str], new: list[str], known: dict[str, Any]) -> None:
    one, two, contract = read_page("\n".join(old)), read_page("\n".join(new)), Contract.of(known)
    for left, right in ((one, two), (one, contract), (contract, two)):
        assert all(found.as_text("old", "new") for found in compare_any(left, right))
    assert compare_any(one, one) == []


def test_schemas_that_hold_each_other_take_bounded_time() -> None:
    """Twelve schemas, each with a field of every one: the places inside are without number."""
    names = [f"S{number}" for number in range(12)]
    inner = {name.lower(): {"$ref": f"#/components/schemas/{name}"} for name in names}

    def tangle(limit: int) -> dict[str, Any]:
        parts = {name: fields(**inner, size={"type": "integer", "maximum": limit}) for name in names}
        return document({"requestBody": {"content": {"a/b": {"schema": inner["s0"]}}}, "responses": {}}, schemas=parts)

    assert drift(tangle(1), tangle(1)) == []
    found = drift(tangle(1), tangle(2))
    assert ("body.size", "maximum", 1, 2, N) in found
    assert {row[1:] for row in found} == {("maximum", 1, 2, N)}


def test_alternatives_inside_alternatives_take_bounded_time() -> None:
    def nested(depth: int, last: str) -> dict[str, Any]:
        if not depth:
            return {"type": last}
        inner = [fields(**{f"{name}{depth}": nested(depth - 1, last)}) for name in "ab"]
        return {"anyOf": inner}

    assert drift(document(body(nested(6, "string"))), document(body(nested(6, "integer"))))
