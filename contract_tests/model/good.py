"""Requests that the shipped document accepts, for tests that need one and do not care which.

What a page names and limits is read here, so that a test holds no field, no limit and no option of its own: a field is
found by what it holds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from contract_tests.model.document import Node, Operation, contract
from contract_tests.model.promises import is_size
from modellix._openapi import types_of
from modellix_client.schemas import MODELS
from modellix_client.submissions import SUBMISSIONS

GENERATE, EDIT = contract().operation("gpt_image_2"), contract().operation("gpt_image_2_edit")
IMAGE = "https://example.com/a.png"


def field(name: str, operation: Operation = EDIT) -> Node:
    """The schema of a field of the request body."""
    return contract().fields(operation)[name]


def _named(what: str, operation: Operation, is_one: Callable[[Node], bool]) -> str:
    """The first field that is one, rather a required one."""
    body = contract().schema(contract().body_schema(operation))
    needed = [name for name in body["properties"] if name in body.get("required", [])]
    for name in [*needed, *body["properties"]]:
        if is_one(field(name, operation)):
            return name
    raise LookupError(f"{operation.name} has no field for {what}, which tests need: see contract_tests/model/good.py")


def _has_sizes(schema: Node) -> bool:
    """Whether one of the options is a size; others, such as `auto`, may stand beside it."""
    return any(is_size({"enum": [option]}) for option in schema.get("enum", []))


def _text_of(operation: Operation) -> str:
    return _named("text", operation, lambda one: "string" in types_of(one) and "enum" not in one)


def _size_of(operation: Operation) -> str:
    return _named("sizes", operation, _has_sizes)


def _choice_of(operation: Operation) -> str:
    return _named("a choice", operation, lambda one: "enum" in one and "default" in one and not _has_sizes(one))


TEXT, EDIT_TEXT = _text_of(GENERATE), _text_of(EDIT)
SIZE, EDIT_SIZE = _size_of(GENERATE), _size_of(EDIT)
CHOICE, EDIT_CHOICE = _choice_of(GENERATE), _choice_of(EDIT)  # options that are words, one of them the default
PICTURES = _named("pictures", EDIT, lambda one: "array" in types_of(one))
"""What the document calls the fields of the two requests."""


def prompt(text: str = "a lighthouse", operation: Operation | None = None) -> str:
    """The text, filled up to the shortest prompt of the operation; without one, of either."""
    asked = [operation] if operation else [GENERATE, EDIT]
    return text.ljust(max(field(_text_of(one), one).get("minLength", 0) for one in asked), ".")


def longest_prompt(letter: str = "a", operation: Operation = GENERATE) -> str:
    """A prompt that is as long as may be."""
    return letter * int(field(_text_of(operation), operation)["maxLength"])


def images(*urls: str) -> list[str]:
    """The pictures, with others behind them if an edit asks for more."""
    return [*urls, *[IMAGE] * (field(PICTURES).get("minItems", 0) - len(urls))]


def options(name: str) -> list[str]:
    """The options of a field: those that are not the default first, in the order of the document."""
    schema = field(name, GENERATE)
    return sorted(schema["enum"], key=lambda option: option == schema.get("default"))


def body(operation: Operation = GENERATE, text: str = "a lighthouse") -> dict[str, Any]:
    """A body with as few fields as may be, in the order of the document, which is that of what is sent."""
    given = {_text_of(operation): prompt(text, operation), **({PICTURES: images(IMAGE)} if operation is EDIT else {})}
    return {name: given[name] for name in contract().fields(operation) if name in given}


def attribute(name: str, operation: Operation = GENERATE) -> str:
    """What a field is called in Python: `input_` for `input`."""
    fields = MODELS[SUBMISSIONS[operation.operation_id].request][2]
    return next(attribute for attribute, field in fields.items() if field == name)


def arguments(body: Mapping[str, Any], operation: Operation = GENERATE) -> dict[str, Any]:
    """A body as the operation's method takes it."""
    return {attribute(name, operation): value for name, value in body.items()}


def words(text: str = "a lighthouse", operation: Operation = GENERATE) -> dict[str, Any]:
    """The least that the operation's method takes."""
    return arguments(body(operation, text), operation)
