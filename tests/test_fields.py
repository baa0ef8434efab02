"""Tests name no field of the shipped requests: a page that renames one fails the papers' programs and the demo alone.

What a test needs of them is in `contract_tests/model/good.py`, found by what the fields hold.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from contract_tests.model.document import contract
from contract_tests.model.promises import all_promises
from modellix_client.submissions import SUBMISSIONS

ROOT = Path(__file__).parents[1]
FILES = [path for room in ("tests", "contract_tests") for path in sorted((ROOT / room).rglob("*.py"))]
CALLED = {name for one in SUBMISSIONS.values() for name in (one.request, one.method)}
PROMISES = {
    promise
    for promise in all_promises()
    for one in contract().submissions
    for field in contract().fields(one)
    if promise.startswith((f"{one.name}.{field}.", f"{one.name}.{field}["))
}


def named(text: str) -> Iterator[int]:
    """The lines that name a field: as the argument of a request, or in the id of a promise."""
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in CALLED:
                yield from (one.value.lineno for one in node.keywords if one.arg is not None)
            case ast.Constant(value=str(value)) if value in PROMISES:
                yield node.lineno


def test_tests_name_no_field() -> None:
    found = [f"{path.relative_to(ROOT)}:{line}" for path in FILES for line in named(path.read_text("utf-8"))]
    assert found == [], "say it with contract_tests/model/good.py"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("client.openai.gpt_image_2(\n    words='a')", [2]),
        ("GptImage2Request(words='a')", [1]),
        ("GptImage2Request(**good.words())", []),
        ("client.brush_2(words='a')", []),
        ("row = 1\nseen = rows[{!r}]", [2]),
        ("row = f'gpt-image-2.{good.TEXT}.type'", []),
    ],
)
def test_names_are_found(text: str, lines: list[int]) -> None:
    assert list(named(text.format(min(PROMISES)) if "{!r}" in text else text)) == lines
