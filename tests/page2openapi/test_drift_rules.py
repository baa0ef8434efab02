"""One row for each rule of drift: two schemas of one field, and what they mean to requests and to replies."""

from __future__ import annotations

from typing import Any

import pytest

from page2openapi.drift.flatten import Flattener
from page2openapi.drift.written import written_out

from .drifting import B, H, N, Row, Schema, document, drift, fields, operation, reply_drift, request_drift

STRING: Schema = {"type": "string"}
NUMBER: Schema = {"type": "number"}
LIST: Schema = {"type": "array", "items": STRING}
EITHER: Schema = {"type": ["string", "integer"]}
ENUM: Schema = {"type": "string", "enum": ["a", "b"]}

# Old and new schema; the kind; old and new value; the class in a request and in a reply.
KEYWORDS: list[tuple[Schema, Schema, str, Any, Any, str, str]] = [
    (STRING, STRING | {"minLength": 1}, "minLength", None, 1, B, N),
    (STRING | {"minLength": 1}, STRING, "minLength", 1, None, N, N),
    (STRING | {"minLength": 1}, STRING | {"minLength": 2}, "minLength", 1, 2, B, N),
    (STRING | {"minLength": 2}, STRING | {"minLength": 1}, "minLength", 2, 1, N, N),
    (STRING, STRING | {"maxLength": 9}, "maxLength", None, 9, B, N),
    (STRING | {"maxLength": 9}, STRING, "maxLength", 9, None, N, N),
    (STRING | {"maxLength": 600}, STRING | {"maxLength": 10000}, "maxLength", 600, 10000, N, N),
    (STRING | {"maxLength": 10000}, STRING | {"maxLength": 600}, "maxLength", 10000, 600, B, N),
    (NUMBER, NUMBER | {"minimum": 0}, "minimum", None, 0, B, N),
    (NUMBER | {"minimum": 0}, NUMBER, "minimum", 0, None, N, N),
    (NUMBER | {"minimum": 0}, NUMBER | {"minimum": 0.5}, "minimum", 0, 0.5, B, N),
    (NUMBER | {"minimum": 0}, NUMBER | {"minimum": -1}, "minimum", 0, -1, N, N),
    (NUMBER | {"maximum": 4}, NUMBER | {"maximum": 3}, "maximum", 4, 3, B, N),
    (NUMBER | {"maximum": 4}, NUMBER | {"maximum": 5}, "maximum", 4, 5, N, N),
    (NUMBER | {"exclusiveMinimum": 0}, NUMBER | {"exclusiveMinimum": 1}, "exclusiveMinimum", 0, 1, B, N),
    (NUMBER | {"exclusiveMaximum": 0}, NUMBER | {"exclusiveMaximum": 1}, "exclusiveMaximum", 0, 1, N, N),
    (NUMBER | {"multipleOf": 2}, NUMBER | {"multipleOf": 4}, "multipleOf", 2, 4, B, N),
    (NUMBER | {"multipleOf": 4}, NUMBER | {"multipleOf": 2}, "multipleOf", 4, 2, N, N),
    (LIST, LIST | {"minItems": 1}, "minItems", None, 1, B, N),
    (LIST | {"maxItems": 16}, LIST | {"maxItems": 10}, "maxItems", 16, 10, B, N),
    (LIST | {"maxItems": 10}, LIST | {"maxItems": 16}, "maxItems", 10, 16, N, N),
    (LIST, LIST | {"uniqueItems": True}, "uniqueItems", None, True, B, N),
    (LIST | {"uniqueItems": True}, LIST, "uniqueItems", True, None, N, N),
    ({"type": "object"}, {"type": "object", "minProperties": 1}, "minProperties", None, 1, B, N),
    (STRING, STRING | {"pattern": "^a"}, "pattern", None, "^a", B, N),
    (STRING | {"pattern": "^a"}, STRING | {"pattern": "^b"}, "pattern", "^a", "^b", B, N),
    (STRING | {"pattern": "^a"}, STRING, "pattern", "^a", None, N, N),
    (STRING, STRING | {"format": "uri"}, "format", None, "uri", B, N),
    (STRING | {"format": "uri"}, STRING | {"format": "uuid"}, "format", "uri", "uuid", B, N),
    (STRING | {"format": "uri"}, STRING, "format", "uri", None, N, N),
    (STRING, STRING | {"default": "a"}, "default", None, "a", H, H),
    (STRING | {"default": "a"}, STRING, "default", "a", None, H, H),
    (STRING | {"default": "a"}, STRING | {"default": "b"}, "default", "a", "b", H, H),
    (EITHER | {"default": "5"}, EITHER | {"default": 5}, "default", "5", 5, H, H),
    (ENUM, ENUM | {"enum": ["a", "b", "c"]}, "enum option added", None, "c", N, N),
    (ENUM, ENUM | {"enum": ["a"]}, "enum option removed", "b", None, B, N),
    (STRING, ENUM, "enum added", None, ["a", "b"], B, N),
    (ENUM, STRING, "enum removed", ["a", "b"], None, N, N),
    (ENUM, ENUM | {"enum": ["b", "a"]}, "order", ["a", "b"], ["b", "a"], N, N),
    ({"const": 1, "type": "integer"}, {"enum": [1, 2], "type": "integer"}, "enum option added", None, 2, N, N),
    (STRING, {"type": "array", "items": STRING}, "type", "string", "array", B, B),
    ({"type": "integer"}, NUMBER, "type", "integer", "number", B, B),
    (STRING, {"type": ["string", "integer"]}, "type", "string", ["string", "integer"], B, B),
    ({}, STRING, "type", None, "string", B, N),
    (STRING, {}, "type", "string", None, N, B),
    (STRING, {"type": ["string", "null"]}, "nullable", False, True, N, B),
    ({"type": ["string", "null"]}, STRING, "nullable", True, False, B, N),
    (STRING, {"anyOf": [STRING, {"type": "null"}]}, "nullable", False, True, N, B),
    (STRING, STRING | {"deprecated": True}, "deprecated", False, True, H, H),
    (STRING | {"deprecated": True}, STRING, "deprecated", True, False, H, H),
    (STRING, STRING | {"readOnly": True}, "readOnly", False, True, H, H),
    (STRING | {"description": "One."}, STRING | {"description": "Two."}, "description", "One.", "Two.", N, N),
    (STRING | {"examples": ["a"]}, STRING | {"examples": ["b", 1]}, "example", "a", ["b", 1], N, N),
    ({"type": "object"}, {"type": "object", "additionalProperties": False}, "additionalProperties", None, False, B, N),
    ({"type": "object"}, {"type": "object", "propertyNames": ENUM}, "propertyNames", None, ENUM, B, N),
]


@pytest.mark.parametrize(("old", "new", "kind", "was", "now", "request_class", "reply_class"), KEYWORDS)
def test_a_changed_keyword_is_one_difference(
    old: Schema, new: Schema, kind: str, was: Any, now: Any, request_class: str, reply_class: str
) -> None:
    assert request_drift(old, new) == [("body.x", kind, was, now, request_class)]
    assert reply_drift(old, new) == [("response.x", kind, was, now, reply_class)]


# What is the same, said in other words.
SAME: dict[str, tuple[Schema, Schema]] = {
    "nothing at least": (STRING, STRING | {"minLength": 0}),
    "one option": ({"const": "a", "type": "string"}, {"enum": ["a"], "type": "string"}),
    "numbers": (NUMBER | {"maximum": 1}, NUMBER | {"maximum": 1.0}),
    "a list of one type": (STRING, {"type": ["string"]}),
    "null as an alternative": ({"type": ["string", "null"]}, {"oneOf": [{"type": "null"}, STRING]}),
    "null as an option": (
        {"type": ["string", "null"], "enum": ["a", None]},
        {"type": ["string", "null"], "enum": ["a"]},
    ),
    "types as alternatives": ({"type": ["integer", "string"]}, {"anyOf": [STRING, {"type": "integer"}]}),
    "one alternative": (STRING | {"maxLength": 3}, {"anyOf": [STRING | {"maxLength": 3}]}),
    "parts": (STRING | {"minLength": 1, "maxLength": 3}, {"allOf": [STRING | {"minLength": 1}, {"maxLength": 3}]}),
    "an object that does not say so": (fields(a=STRING), {"properties": {"a": STRING}}),
    "options that are all text": (ENUM, {"enum": ["a", "b"]}),
    "marks of Markdown": (
        STRING | {"description": "See [this](https://a.example) `word`."},
        STRING | {"description": "See  this\nword."},
    ),
    "a title": (STRING | {"title": "One"}, STRING | {"title": "Two"}),
    "extensions": (STRING | {"x-order": 1}, STRING | {"x-order": 2}),
}


@pytest.mark.parametrize(("old", "new"), SAME.values(), ids=SAME)
def test_the_same_in_other_words_is_no_drift(old: Schema, new: Schema) -> None:
    assert request_drift(old, new) == []
    assert reply_drift(new, old) == []


def test_a_limit_that_becomes_strict_is_tightened() -> None:
    plain, strict = NUMBER | {"minimum": 0}, NUMBER | {"exclusiveMinimum": 0}
    assert request_drift(plain, strict) == [
        ("body.x", "exclusiveMinimum", None, 0, B),
        ("body.x", "minimum", 0, None, N),
    ]
    assert [row[4] for row in request_drift(strict, plain)] == [N, N]


def test_options_are_reported_one_by_one_and_by_type() -> None:
    assert request_drift({"enum": [1, "2"]}, {"enum": ["1", 2, "2"]}) == [
        ("body.x", "enum option removed", 1, None, B),
        ("body.x", "enum option added", None, "1", N),
        ("body.x", "enum option added", None, 2, N),
    ]


def test_another_type_takes_its_limits_with_it() -> None:
    old, new = STRING | {"maxLength": 9, "pattern": "^a"}, {"type": "integer", "maximum": 9}
    assert request_drift(old, new) == [("body.x", "type", "string", "integer", B)]
    old, new = {"type": "array", "items": fields(a=STRING)}, LIST
    assert request_drift(old, new) == [("body.x[]", "type", "object", "string", B)]


# Fields.


def body_drift(old: Schema, new: Schema) -> list[Row]:
    return drift(document(operation(old)), document(operation(new)))


def response_drift(old: Schema, new: Schema) -> list[Row]:
    return drift(document(operation(None, old)), document(operation(None, new)))


def test_a_field_that_comes_is_harmless_unless_it_is_required() -> None:
    new = STRING | {"maxLength": 5}
    wanted = new | {"needed": True}
    assert body_drift(fields(a=STRING), fields(a=STRING, b=new)) == [("body.b", "field added", None, new, N)]
    assert body_drift(fields(a=STRING), fields(a=STRING, b=wanted)) == [("body.b", "field added", None, new, B)]
    assert response_drift(fields(a=STRING), fields(a=STRING, b=wanted)) == [("response.b", "field added", None, new, N)]


def test_a_field_that_goes_is_breaking_and_takes_all_of_it_along() -> None:
    old = fields(a=STRING, b=fields(c=STRING | {"needed": True}) | {"needed": True})
    summary = {"type": "object", "properties": {"c": {"type": "string"}}, "required": ["c"]}
    assert body_drift(old, fields(a=STRING)) == [("body.b", "field removed", summary, None, B)]
    assert response_drift(old, fields(a=STRING)) == [("response.b", "field removed", summary, None, B)]


def test_required_is_judged_from_the_side_that_must_supply_the_field() -> None:
    loose, strict = fields(a=STRING), fields(a=STRING | {"needed": True})
    assert body_drift(loose, strict) == [("body.a", "required", False, True, B)]
    assert body_drift(strict, loose) == [("body.a", "required", True, False, N)]
    assert response_drift(loose, strict) == [("response.a", "required", False, True, N)]
    assert response_drift(strict, loose) == [("response.a", "required", True, False, B)]


def test_children_and_items_have_places_of_their_own() -> None:
    old = fields(a=fields(b={"type": "array", "items": fields(c=STRING)}))
    new = fields(a=fields(b={"type": "array", "items": fields(c=STRING | {"maxLength": 1})}))
    assert body_drift(old, new) == [("body.a.b[].c", "maxLength", None, 1, B)]


def test_fields_with_any_name_are_a_place() -> None:
    old, new = ({"type": "object", "additionalProperties": {"type": kind}} for kind in ("string", "integer"))
    assert request_drift(old, new) == [("body.x.{key}", "type", "string", "integer", B)]


def test_another_order_of_fields_is_said_once() -> None:
    old, new = fields(a=STRING, b=NUMBER, c=STRING), fields(b=NUMBER, c=STRING, a=STRING)
    assert body_drift(old, new) == [("body", "order", ["a", "b", "c"], ["b", "c", "a"], N)]
    assert [row[1] for row in body_drift(old, fields(b=NUMBER, c=STRING))] == ["field removed"]


# Alternatives that types do not tell apart.

ONE, TWO, THREE = fields(kind={"const": "one"}), fields(name=STRING), fields(size=NUMBER)


def test_a_form_that_goes_is_breaking_for_requests_and_one_that_comes_for_replies() -> None:
    two, three = {"oneOf": [ONE, TWO]}, {"oneOf": [ONE, TWO, THREE]}
    assert request_drift(two, three) == [("body.x", "anyOf", None, [THREE], N)]
    assert request_drift(three, two) == [("body.x", "anyOf", [THREE], None, B)]
    assert reply_drift(two, three) == [("response.x", "anyOf", None, [THREE], B)]
    assert reply_drift(three, two) == [("response.x", "anyOf", [THREE], None, N)]


def test_options_of_one_type_are_not_asked_of_another() -> None:
    listed: Schema = {"type": "string", "enum": ["auto"]}
    both: Schema = {"anyOf": [listed, {"type": "integer", "minimum": 1}]}
    flattener = Flattener({})
    assert written_out(flattener.flat(both), flattener) == both
    assert request_drift(both, both) == []
    assert request_drift(both, {"type": ["string", "integer"], "enum": ["auto"], "minimum": 1}) != []


def test_a_form_that_changes_is_compared_within() -> None:
    changed = fields(name=STRING | {"maxLength": 5})
    assert request_drift({"anyOf": [ONE, TWO]}, {"anyOf": [changed, ONE]}) == [("body.x.name", "maxLength", None, 5, B)]


def test_a_schema_that_becomes_one_form_among_others_is_no_drift_itself() -> None:
    assert request_drift(TWO | {"description": "W."}, {"anyOf": [TWO, ONE], "description": "W."}) == [
        ("body.x", "anyOf", None, [{"type": "object", "properties": {"kind": {"type": "string", "enum": ["one"]}}}], N)
    ]


def test_forms_with_null_are_nullable() -> None:
    old, new = {"anyOf": [ONE, TWO]}, {"anyOf": [ONE, TWO, {"type": "null"}]}
    assert request_drift(old, new) == [("body.x", "nullable", False, True, N)]
    assert reply_drift(old, new) == [("response.x", "nullable", False, True, B)]


# References.


def test_references_are_followed_on_both_sides() -> None:
    schemas = {"Words": STRING | {"maxLength": 5}, "Alias": {"$ref": "#/components/schemas/Words"}}
    old = document(operation(fields(x={"$ref": "#/components/schemas/Alias"})), schemas=schemas)
    assert drift(old, document(operation(fields(x=STRING | {"maxLength": 5})))) == []
    assert drift(old, document(operation(fields(x=STRING | {"maxLength": 4})))) == [("body.x", "maxLength", 5, 4, B)]


def test_a_change_in_a_schema_that_holds_itself_is_found_once() -> None:
    def tree(label: Schema) -> dict[str, Any]:
        node = fields(label=label, children={"type": "array", "items": {"$ref": "#/components/schemas/Tree"}})
        return document(operation({"$ref": "#/components/schemas/Tree"}), schemas={"Tree": node})

    assert drift(tree(STRING), tree(STRING)) == []
    assert drift(tree(STRING), tree(NUMBER)) == [("body.label", "type", "string", "number", B)]
