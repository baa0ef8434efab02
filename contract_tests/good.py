"""Requests that the shipped document accepts, for tests that need one and do not care which.

What a page limits is read here, so that a test holds no limit and no option of its own.
"""

from __future__ import annotations

from typing import Any

from contract_tests.document import Node, Operation, contract

GENERATE, EDIT = contract().operation("gpt_image_2"), contract().operation("gpt_image_2_edit")
IMAGE = "https://example.com/a.png"


def field(name: str, operation: Operation = EDIT) -> Node:
    """The schema of a field of the request body."""
    return contract().schema(contract().schema(contract().body_schema(operation))["properties"][name])


def prompt(text: str = "a lighthouse", operation: Operation | None = None) -> str:
    """The text, filled up to the shortest prompt of the operation; without one, of either."""
    asked = [operation] if operation else [GENERATE, EDIT]
    return text.ljust(max(field("prompt", one).get("minLength", 0) for one in asked), ".")


def longest_prompt(letter: str = "a", operation: Operation = GENERATE) -> str:
    """A prompt that is as long as may be."""
    return letter * int(field("prompt", operation)["maxLength"])


def images(*urls: str) -> list[str]:
    """The pictures, with others behind them if an edit asks for more."""
    return [*urls, *[IMAGE] * (field("images").get("minItems", 0) - len(urls))]


def options(name: str, operation: Operation = GENERATE) -> list[str]:
    """The options of a field: those that are not the default first, in the order of the document."""
    schema = field(name, operation)
    return sorted(schema["enum"], key=lambda option: option == schema.get("default"))


def body(operation: Operation = GENERATE, text: str = "a lighthouse", **others: Any) -> dict[str, Any]:
    """A body with as few fields as may be, and these others."""
    needed = {"images": images(IMAGE)} if operation is EDIT else {}
    return {**needed, "prompt": prompt(text, operation), **others}
