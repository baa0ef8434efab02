"""What a reader of a generated client is told of each field, whatever a page says."""

from __future__ import annotations

import ast
import textwrap
from typing import Any

import pytest

from modellix._openapi import Operation, operations
from scripts.regenerate import docstrings
from scripts.regenerate.docstrings import Field

PLACE = "#/components/schemas/Ask"
PAGE = "https://docs.example.com/ask"


def document(properties: dict[str, Any], **more: Any) -> tuple[dict[str, Any], Operation]:
    schema = {"type": "object", "properties": properties, "required": ["must"]}
    post = {"operationId": "ask", "summary": "ask a question", "responses": {}, "externalDocs": {"url": PAGE}, **more}
    made = {
        "paths": {"/ask": {"post": post}},
        "components": {"schemas": {"Ask": schema, "Short": {"type": "string", "maxLength": 3}}},
    }
    return made, next(iter(operations(made)))


def field(schema: Any) -> str:
    """What the docstring of a model says of its only field."""
    made, _ = document({"it": schema})
    text = parsed(docstrings.of_model(made, PLACE, [Field("it", "it", is_required=False)]), 4)
    return " ".join(text.partition("it:")[2].split())


def parsed(docstring: str, indent: int) -> str:
    """The docstring as Python reads it, in a function of that depth."""
    margin = " " * indent
    code = f'def function():\n{margin}"""{docstring}"""\n'
    assert all(len(line.replace("\\\\", "\\").replace('\\"', '"')) <= 120 for line in code.splitlines()), code
    function = ast.parse(code).body[0]
    assert isinstance(function, ast.FunctionDef)
    assert len(function.body) == 1
    return ast.get_docstring(function) or ""


FIELDS = [
    ({"type": "string", "minLength": 1, "maxLength": 9}, "Text, 1 to 9 characters."),
    ({"type": "string", "minLength": 0}, "Text."),
    ({"type": "string", "maxLength": 9, "description": "what to say"}, "What to say. Text, at most 9 characters."),
    ({"type": "integer", "minimum": 0, "multipleOf": 8}, "A whole number, at least 0, a multiple of 8."),
    ({"type": "number", "minimum": -1.5, "maximum": 2}, "A number, -1.5 to 2."),
    ({"type": "number", "exclusiveMinimum": 0}, "A number, more than 0."),
    ({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}, "A number, more than 0 and less than 1."),
    ({"type": ["boolean", "null"]}, "True or False or None."),
    ({"default": False}, "If it is left out, the service takes False."),
    ({"enum": ["a", 1, True]}, "One of 'a', 1, True."),
    ({"const": "a"}, "Always 'a'."),
    ({"type": "string", "pattern": "^https?://"}, "Text, an http or https URL."),
    ({"type": "string", "pattern": "^[a-z]+$"}, "Text, of the pattern ^[a-z]+$."),
    ({"type": "string", "format": "date-time"}, "Text, of the format date-time."),
    (
        {"type": "array", "minItems": 2, "maxItems": 2, "items": {"type": "string", "pattern": "^https://"}},
        "A list, exactly 2 elements, each text, an https URL.",
    ),
    ({"oneOf": [{"type": "string"}, {"type": "array", "items": {"const": 1}}]}, "Text; or a list, each always 1."),
    ({"type": "object", "properties": {"a": {}, "b": {}}, "required": ["a"]}, "An object, with `a` (required), `b`."),
    ({"type": "object", "additionalProperties": {"type": "integer"}}, "An object, each field a whole number."),
    ({"$ref": "#/components/schemas/Short", "description": "Its own."}, "Its own. Text, at most 3 characters."),
    ({"allOf": [{"$ref": "#/components/schemas/Short"}]}, "Text, at most 3 characters."),
    ({"deprecated": True}, "Deprecated."),
    ({}, ""),
]  # fmt: skip


@pytest.mark.parametrize(("schema", "said"), FIELDS, ids=str)
def test_each_field_is_told_in_words(schema: Any, said: str) -> None:
    assert field(schema) == said


def test_fields_inside_a_field_are_told_below_it() -> None:
    inner = {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer", "maximum": 3}, "b": {}}}
    deep = {"type": "object", "properties": {"in": {**inner, "description": "more"}}}
    for schema in (deep, {"type": "array", "items": deep}, {"anyOf": [{"type": "string"}, deep]}):
        said = field(schema)
        assert said.endswith(
            "`in`: More. An object, with `a` (required), `b`. `a` (required): A whole number, at most 3."
        )


def test_a_field_that_holds_itself_is_told_within_bounds() -> None:
    made, _ = document({"it": {"$ref": "#/components/schemas/Ring"}})
    names = [f"field {number}" for number in range(20)]
    ring = {"description": "On.", "properties": {name: {"$ref": "#/components/schemas/Ring"} for name in names}}
    made["components"]["schemas"]["Ring"] = ring | {"items": {"$ref": "#/components/schemas/Ring"}}
    text = parsed(docstrings.of_model(made, PLACE, [Field("it", "it", is_required=False)]), 4)
    assert 10 < len(text.splitlines()) < 400
    made["components"]["schemas"]["Ring"] = {"items": {"$ref": "#/components/schemas/Ring"}}
    assert parsed(docstrings.of_model(made, PLACE, [Field("it", "it", is_required=False)]), 4)


def test_many_options_are_told_in_part() -> None:
    said = field({"enum": [f"option {number}" for number in range(1000)]})
    assert said.startswith("One of 'option 0', 'option 1', ")
    assert "more, which `.limits` of the method holds." in said
    assert len(said) < 500


def test_a_method_says_what_it_costs_where_its_page_is_and_what_it_raises() -> None:
    made, operation = document({"must": {"type": "string"}})
    fields = [Field("must", "must", is_required=True), Field("may", "may", is_required=False)]
    text = parsed(docstrings.of_method(made, operation, PLACE, fields), 8)
    assert text.splitlines()[0] == "Ask a question."
    for words in ("paid", f"Page: {PAGE}\n", "must (required): Text.", "may:", "ConstraintError: ", "Returns:"):
        assert words in text


HOSTILE = [
    'a """ b',
    '"""',
    'ends with "',
    "ends with \\",
    '\\"""\\',
    "\\N{BELL} \\u0000 \\x",
    "a\nb\r\n\tc\x00\x1b[31m\u202e",
    "long " * 5000,
    "x" * 5000,
    "\\" * 5000,
    "Args:\n    fake: no",
    "",
    "“curly” – 图片",
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:20]))
def test_no_text_of_a_page_breaks_out(text: str) -> None:
    schema = {"description": text, "enum": [text, text + "2"], "default": text, "pattern": text}
    made, operation = document({"it": schema}, summary=text, description=text, externalDocs={"url": text})
    made["components"]["schemas"]["Ask"]["description"] = text
    fields = [Field("it", "it", is_required=True)]
    for docstring, indent in (
        (docstrings.of_method(made, operation, PLACE, fields), 8),
        (docstrings.of_model(made, PLACE, fields), 4),
    ):
        assert "it (required):" in parsed(docstring, indent)
        assert "\x1b" not in docstring
        assert len(docstring) < 10_000


def test_the_words_of_a_page_come_out_as_they_are() -> None:
    words = 'Say "a\\b" or """c"""'
    made, _ = document({}, summary=words)
    made["components"]["schemas"]["Ask"]["description"] = words
    assert parsed(docstrings.of_model(made, PLACE, []), 4) == f"{words}."
    assert textwrap.dedent(words) in parsed(docstrings.of_method(made, next(iter(operations(made))), PLACE, []), 8)
