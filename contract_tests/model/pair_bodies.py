"""Bodies with every option beside every other, and with texts and lists that change from one to the next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import cycle
from typing import Any

from contract_tests.model.body_expectations import takes_any_text
from contract_tests.model.contents import CONTENTS, MAY_BE_STOPPED
from contract_tests.model.counts import count_limits
from contract_tests.model.document import Document, Node, Operation
from contract_tests.model.pairs import covering, every_pair
from contract_tests.model.samples import base_body, elements, sample

_LONGEST = 16  # elements of a list without a limit


def pair_bodies(document: Document, operation: Operation) -> Iterator[tuple[int, dict[str, Any]]]:
    """Those of them that are valid, each with its number."""
    fields = document.fields(operation)
    options = {name: schema["enum"] for name, schema in fields.items() if "enum" in schema}
    base, judge = base_body(document, operation), document.validator(document.body_schema(operation))
    for at, (chosen, is_long) in enumerate(_rows(list(options.values()))):
        body = base | dict(zip(options, chosen, strict=True))
        for name, schema in fields.items():
            body = _first_valid(judge, body, name, _varied(document, schema, at, is_long=is_long))
        if judge.is_valid(body):
            yield at, body


def _rows(columns: list[list[Any]]) -> list[tuple[tuple[Any, ...], bool]]:
    """Options together, and whether texts and lists are as long as may be beside them, as they are once beside each.

    A text that may be stopped has its own length, lest it is the length that seems to be refused.
    """
    every = every_pair(columns)
    places = [at for at in range(len(CONTENTS)) if CONTENTS[at] not in MAY_BE_STOPPED]
    long = dict(zip(places, covering(every), strict=False))
    others = cycle([row for row in every if row not in long.values()] or every)
    count = max(len(every), len(CONTENTS))
    return [(long[at], True) if at in long else (next(others), False) for at in range(count)]


def _varied(document: Document, schema: Node, at: int, *, is_long: bool) -> Iterator[Any]:
    """Another text, or a list of another length, for each submission; nothing for other types."""
    text = CONTENTS[at % len(CONTENTS)]
    if takes_any_text(schema):
        yield text.ljust(schema.get("maxLength", 0) if is_long else 0, ".")
        yield text
    elif "items" in schema:
        lower, upper = count_limits(schema, "array")
        most = _LONGEST if upper is None else upper
        count = most if is_long else lower + at % (most - lower + 1)
        plain = elements(document, schema["items"], count)
        yield from ([worded, *plain[1:]] for worded in _worded(document, schema["items"], text) if plain)
        yield plain
    else:
        yield from _worded(document, schema, text)


def _worded(document: Document, node: Any, text: str) -> Iterator[Any]:
    """The text itself, or objects with the text in one of their fields."""
    schema = document.schema(node)
    if takes_any_text(schema):
        yield text
    for part in (*schema.get("anyOf", []), *schema.get("oneOf", [])):
        yield from _worded(document, part, text)
    for name, field in schema.get("properties", {}).items():
        if takes_any_text(document.schema(field)):
            with suppress(LookupError):  # a form of which there is no sample
                rest = sample(document, schema)
                yield {**(rest if isinstance(rest, dict) else {}), name: text}


def _first_valid(judge: Any, body: dict[str, Any], name: str, values: Iterator[Any]) -> dict[str, Any]:
    """The body with the first of the values that is valid in it, or as it was."""
    changed = ({**body, name: value} for value in values)
    return next((one for one in changed if judge.is_valid(one)), body)
