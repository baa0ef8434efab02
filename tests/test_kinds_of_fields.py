"""The contract tests' cases and strategies for every kind of field that the vendor's families have."""

from __future__ import annotations

from itertools import combinations, product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract_tests.model.bad_requests import bad_requests_of
from contract_tests.model.body_expectations import expectation_of_body, takes_any_text
from contract_tests.model.cases import cases
from contract_tests.model.contents import CONTENTS, json_value
from contract_tests.model.document import Document
from contract_tests.model.near_misses import of_options
from contract_tests.model.pairs import every_pair
from contract_tests.model.planned import pairs_of
from contract_tests.model.strategies import acceptable_bodies, broken_bodies, refusable_bodies
from contract_tests.model.witnesses import spared
from modellix._openapi import types_of
from tests.support.submissions import cases_of, document_of

Schema = dict[str, Any]
URL: Schema = {"type": "string", "pattern": "^https://"}
FREE: Schema = {"type": "object"}
PICTURE: Schema = {
    "type": "object",
    "properties": {"url": URL, "role": {"type": "string", "enum": ["first", "last"]}},
    "required": ["url", "role"],
}
WORDS: Schema = {"type": "string"}
CAPTION: Schema = {
    "type": "object",
    "properties": {"words": WORDS, "language": {"enum": ["en", "de"]}},
    "required": ["words"],
}

KINDS: dict[str, Schema] = {
    "text": {"type": "string", "minLength": 2, "maxLength": 9},
    "switch": {"type": "string", "enum": ["on", "off"], "default": "off"},
    "ratio": {"type": "string", "enum": ["16:9", "9:16"]},
    "resolution": {"type": "string", "enum": ["720P", "1080P"]},
    "star": {"type": "string", "enum": ["1024*1024", "720*1280"]},
    "style": {"type": "string", "enum": ["", "anime", " anime"]},
    "seconds": {"type": "integer", "enum": [5, 10]},
    "speed": {"type": "number", "enum": [0.5, 1, 1.5]},
    "mixed": {"type": ["string", "integer"], "enum": ["auto", 1, 2]},
    "untyped": {"enum": ["auto", 3]},
    "nullable": {"type": ["string", "null"], "enum": ["photo", None]},
    "seed": {"type": "integer", "minimum": -1, "maximum": 2**31 - 1, "default": -1},
    "big": {"type": "integer", "minimum": 0, "maximum": 2**64 - 1},
    "steps": {"type": "integer", "minimum": 16, "maximum": 64, "multipleOf": 8},
    "quarters": {"type": "number", "minimum": 0, "maximum": 2, "multipleOf": 0.25},
    "kind": {"type": "string", "const": "image"},
    "url": URL,
    "address": {"type": "string", "format": "uri"},
    "maybe_url": {"anyOf": [URL, {"type": "null"}]},
    "colour": {"type": "string", "pattern": "^(black|white)$", "examples": ["black"]},
    "code": {"type": "string", "pattern": "^[A-Z]{2}-[0-9]{4}$"},
    "always": {"type": "boolean", "const": True},
    "text_or_list": {"type": ["string", "array"], "pattern": "^https://", "items": URL},
    "one_or_more": {"oneOf": [URL, {"type": "array", "items": URL, "minItems": 1, "maxItems": 4}]},
    "one_or_several": {**URL, "type": ["string", "array"], "items": URL, "minItems": 1, "maxItems": 4},
    "word_or_size": {"anyOf": [{"type": "string", "enum": ["small"]}, PICTURE]},
    "matrix": {"type": "array", "items": {"type": "array", "items": {"type": "integer"}}},
    "free": FREE,
    "free_list": {"type": "array", "items": FREE, "maxItems": 3},
    "free_inside": {"type": "object", "properties": {"inner": FREE}, "required": ["inner"]},
    "least_free": {"type": "object", "minProperties": 2},
    "few_free": {"type": "object", "maxProperties": 1},
    "labels": {"type": "object", "additionalProperties": {"type": "integer"}},
    "pictures": {"type": "array", "items": PICTURE, "minItems": 1, "maxItems": 3},
}
WHOLE = [{"required": []}, {"required": [*KINDS]}]


def document_with(*names: str, **rest: Any) -> Document:
    return document_of({"type": "object", "properties": {name: KINDS[name] for name in names}, **rest})


@pytest.mark.parametrize("rest", WHOLE, ids=["optional", "required"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_an_accepted_and_a_refused_case(kind: str, rest: Schema) -> None:
    document = document_with(kind, required=[kind] if rest["required"] else [])
    judge = document.validator(document.body_schema(document.submissions[0]))
    made = cases_of(document)
    assert {case.is_valid for case in made if case.field.startswith(kind) and kind in case.body} == {True, False}
    for case in (case for case in made if not case.is_valid):
        broken = {step for error in judge.iter_errors(case.body) for step in (error.kind.name, *error.schema_path)}
        assert case.keywords & broken, case.sentence


@pytest.mark.parametrize("rest", WHOLE, ids=["optional", "required"])
def test_all_kinds_go_together_in_one_request(rest: Schema) -> None:
    document = document_with(*KINDS, **rest)
    for name in KINDS:
        assert any(case.is_valid and name in case.body for case in cases_of(document)), name


@pytest.mark.parametrize(
    ("own", "other", "keyword"),
    [
        ("seconds", "ratio", "type"),
        ("ratio", "seconds", "type"),
        ("ratio", "star", "enum"),
        ("mixed", "seconds", "enum"),
    ],
)
def test_another_fields_option_breaks_the_type_where_it_has_another(own: str, other: str, keyword: str) -> None:
    told = [case for case in cases_of(document_with(own, other)) if case.sentence.endswith(f", as {other} is refused")]
    assert {(case.field, case.keyword) for case in told} == {(own, keyword)}


@pytest.mark.parametrize("kind", ["one_or_several", "matrix"])
def test_a_shape_of_the_right_type_is_not_refused_for_its_type(kind: str) -> None:
    types = {"array": list, "string": str}
    taken = tuple(types[name] for name in types_of(KINDS[kind]))
    told = [case for case in cases_of(document_with(kind)) if (case.field, case.keyword) == (kind, "type")]
    assert {isinstance(case.body[kind], taken) for case in told if not case.is_valid} == {False}


@pytest.mark.parametrize(
    ("kind", "sizes"), [("free", {0, 1, 2}), ("least_free", {2, 3}), ("few_free", {0, 1}), ("labels", {0, 1, 2})]
)
def test_free_objects_are_accepted_within_their_limits(kind: str, sizes: set[int]) -> None:
    taken = [case.body[kind] for case in cases_of(document_with(kind)) if case.is_valid and kind in case.body]
    assert {len(value) for value in taken} == sizes


def test_words_go_only_into_fields_that_take_any() -> None:
    flat = document_with(*KINDS).fields(document_with(*KINDS).submissions[0])
    strings = {name for name, schema in flat.items() if "string" in types_of(schema)}
    assert {name for name in strings if takes_any_text(flat[name])} == {"text"}


def test_every_option_stands_beside_every_other_in_few_rows() -> None:
    columns: list[list[Any]] = [[*range(size)] for size in (7, 4, 4, 3, 3, 2, 2, 2)]
    rows = every_pair(columns)
    for one, other in combinations(range(len(columns)), 2):
        assert {(row[one], row[other]) for row in rows} == set(product(columns[one], columns[other]))
    assert 7 * 4 <= len(rows) <= 2 * 7 * 4
    assert every_pair([[1, 2], ["a"]]) == [(1, "a"), (2, "a")]
    assert every_pair([]) == [()]


def test_a_field_like_that_of_another_model_keeps_a_witness_of_each_limit() -> None:
    text = {"type": "string", "minLength": 2, "maxLength": 9}
    schemas = [
        {
            "type": "object",
            "properties": {"a": {**text, "description": words}, "b": {"type": "string", "enum": [words]}},
        }
        for words in ("one", "two", "three")
    ]
    document = document_of(*schemas)
    made = {operation: list(cases(document, operation)) for operation in document.submissions}
    left_out = set(spared(document, made))
    last = [case for case in made[document.submissions[-1]] if not case.is_valid]
    assert {case.operation for case in left_out} == {document.submissions[-1]}
    assert {case.field for case in left_out} == {"a"}
    kept = [(case.keyword, case.is_about_counting) for case in last if case.field == "a" and case not in left_out]
    assert sorted(kept) == [
        ("maxLength", False),
        ("maxLength", True),
        ("minLength", False),
        ("type", False),
    ]


def test_words_of_other_services_stand_beside_sizes_and_qualities() -> None:
    alike: list[list[Any]] = [["1024x1024"], ["16:9"], ["720P"], ["low", "high"]]
    others: list[list[Any]] = [["on", "off"], ["std", "pro"], [5, 10], [True]]
    for options in [*alike, *others]:
        assert ("ultra" in of_options(options)) is (options in alike), options


def test_a_body_without_required_fields_can_be_spoiled() -> None:
    document = document_with(*KINDS)
    spoiled = [bad for bad in bad_requests_of(document, document.submissions[0]) if bad.promise == "body.json"]
    assert any(b":" in bad.body for bad in spoiled)
    for bad in spoiled:
        with pytest.raises(ValueError):
            json_value(bad.body.decode())


@pytest.mark.parametrize(
    "field",
    [
        WORDS,
        {"type": "array", "items": WORDS, "minItems": 1, "maxItems": 3},
        CAPTION,
        {"anyOf": [PICTURE, CAPTION]},
        {"type": "array", "items": CAPTION, "minItems": 1, "maxItems": 3},
    ],
    ids=["a text", "texts", "inside a field", "in a form of a field", "inside the elements of a list"],
)
def test_texts_that_services_stumble_over_are_planned_wherever_words_go(field: Schema) -> None:
    document = document_of({"type": "object", "properties": {"field": field}, "required": ["field"]})
    bodies = [planned.body for planned in pairs_of(document, document.submissions[0], 1)]
    for text in CONTENTS:
        assert any(text in places_in(body) for body in bodies), text


def test_a_form_that_nothing_fits_stops_no_plan() -> None:
    nothing: Schema = {"type": "string", "pattern": "^(?!a)a$"}
    hopeless: Schema = {
        "type": "object",
        "properties": {"words": WORDS, "code": nothing},
        "required": ["words", "code"],
    }
    field: Schema = {"anyOf": [URL, hopeless]}
    document = document_of({"type": "object", "properties": {"field": field}, "required": ["field"]})
    assert len(list(pairs_of(document, document.submissions[0], 1))) == len(CONTENTS)


def places_in(value: Any) -> list[Any]:
    """All that a JSON value holds, at any depth."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [value, *(found for one in inner for found in places_in(one))]


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow, HealthCheck.nested_given])
@given(data=st.data())
def test_drawn_bodies_are_what_they_are_drawn_for(kind: str, data: st.DataObject) -> None:
    """Few draws are thrown away, or Hypothesis objects."""
    document = document_with(kind, required=[kind])
    [operation] = document.submissions
    assert expectation_of_body(document, operation, data.draw(acceptable_bodies(document, operation))) == "accepted"
    assert expectation_of_body(document, operation, data.draw(refusable_bodies(document, operation))) == "refused"
    judge = document.validator(document.body_schema(operation))
    assert not judge.is_valid(data.draw(broken_bodies(document, operation)))
