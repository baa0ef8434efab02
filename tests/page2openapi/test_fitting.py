"""Which part of a type the limits and options of a copied page belong to."""

from __future__ import annotations

from typing import Any

import pytest

from page2openapi.copied.fitting import base_of, only_part, target_of

TEXT = {"type": "string"}
NULL = {"type": "null"}


@pytest.mark.parametrize(
    ("schema", "keyword", "found"),
    [
        (TEXT, "maxLength", ("maxLength", TEXT, "")),
        ({"type": "integer"}, "minimum", ("minimum", {"type": "integer"}, "")),
        ({"type": "array", "items": TEXT}, "maxLength", ("maxLength", TEXT, "items.")),
        ({"type": "array", "items": TEXT}, "maxItems", ("maxItems", {"type": "array", "items": TEXT}, "")),
        ({"anyOf": [TEXT, {"type": "integer"}]}, "maxLength", ("maxLength", TEXT, "")),
        ({"anyOf": [TEXT, {"type": "array", "items": TEXT}]}, "maxLength", ("maxLength", None, "")),
        ({"type": "array"}, "maxLength", ("maxLength", None, "")),
        ({"type": "boolean"}, "maximum", ("maximum", None, "")),
        ({"type": ["string", "null"]}, "maxSize", ("maxLength", {"type": ["string", "null"]}, "")),
        ({"type": ["string", "array"]}, "maxSize", ("maxSize", None, "")),
    ],
)
def test_a_limit_goes_into_the_only_part_that_it_judges(schema: Any, keyword: str, found: Any) -> None:
    assert target_of(schema, keyword) == found


@pytest.mark.parametrize(
    ("schema", "found"),
    [
        (TEXT, (TEXT, "")),
        ({"type": "array", "items": TEXT}, (TEXT, "items.")),
        ({"anyOf": [TEXT, {"type": "object"}, NULL]}, (TEXT, "")),
        ({"anyOf": [TEXT, {"type": "integer"}]}, (None, "")),
        ({"type": "object"}, (None, "")),
        ({"type": "array"}, (None, "")),
    ],
)
def test_options_are_those_of_the_only_plain_part(schema: Any, found: Any) -> None:
    assert base_of(schema) == found


def test_a_list_of_anything_gets_items_for_its_children_alone() -> None:
    schema: dict[str, Any] = {"type": "array"}
    assert target_of(schema, "maxLength")[1] is None
    assert schema == {"type": "array"}
    assert only_part(schema, lambda part: "type" not in part, create=True) == ({}, "items.")
    assert schema == {"type": "array", "items": {}}
