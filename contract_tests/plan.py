"""Few submissions that teach much: valid cases combined into bodies, the ones that matter most and cost least first."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest
from math import prod
from typing import Any

from contract_tests.cases import Case, all_cases
from contract_tests.document import Document, Operation, contract
from contract_tests.promises import is_size, suffix_of
from contract_tests.samples import base_body

ABSENT = object()  # a field that the case leaves out


@dataclass(frozen=True, eq=False)
class Row:
    """One body to submit, and the derived cases that it stands for."""

    operation: Operation
    number: int
    body: dict[str, Any] = dataclasses.field(repr=False)
    cases: tuple[Case, ...] = dataclasses.field(repr=False, default=())

    @property
    def name(self) -> str:
        """What tests and reports call it."""
        return f"{self.operation.name} planned {self.number}"

    @property
    def is_essential(self) -> bool:
        """Whether an option or the end of a limit is seen in this row alone."""
        return any(map(_is_essential, self.cases))


@lru_cache(maxsize=1)
def all_rows() -> tuple[Row, ...]:
    """The rows of every submission: those for options and ends of limits first, cheap ones before dear ones."""
    rows = [row for operation in contract().submissions for row in rows_of(contract(), operation)]
    return tuple(sorted(rows, key=lambda row: (not row.is_essential, cost_of(contract(), row.operation, row.body))))


@lru_cache
def row_with(case: Case) -> Row | None:
    """The row that stands for a case."""
    return next((row for row in all_rows() if case in row.cases), None)


def rows_of(document: Document, operation: Operation) -> Iterator[Row]:
    """Combines the valid cases of a submission, one of each field; the last row repeats the cheapest body."""
    base = base_body(document, operation)
    columns = list(_columns(operation).values())
    rows: list[Row] = []
    for number, cases in enumerate(zip_longest(*columns), 1):
        combined = tuple(case for case in cases if case is not None)
        rows.append(Row(operation, number, _body_of(base, combined), combined))
    yield from rows
    cheapest = min(rows, key=lambda row: cost_of(document, operation, row.body))
    yield Row(operation, len(rows) + 1, cheapest.body)


def cost_of(document: Document, operation: Operation, body: dict[str, Any]) -> tuple[int, int]:
    """What orders bodies by price: pixels times the rank of each other option, then how much is sent."""
    factors = [1]
    for name, schema in document.schema(document.body_schema(operation)).get("properties", {}).items():
        flat = document.schema(schema)
        options = flat.get("enum", [])
        chosen = body.get(name, flat.get("default"))
        if is_size(flat):
            factors.append(prod(map(int, str(chosen or options[0]).split("x"))))
        elif chosen in options:
            factors.append(1 + options.index(chosen))
    lists = sum(len(value) for value in body.values() if isinstance(value, list | str))
    return prod(factors), lists


def _columns(operation: Operation) -> dict[str, list[Case]]:
    """The valid cases of each field, the essential ones in front, an absent field at the end."""
    columns: dict[str, list[Case]] = {}
    for case in all_cases():
        if case.operation is operation and case.is_valid and case.keyword != "examples" and isinstance(case.body, dict):
            columns.setdefault(_top_of(case), []).append(case)
    columns.pop("", None)
    return {name: sorted(cases, key=_rank) for name, cases in columns.items()}


def _rank(case: Case) -> tuple[bool, bool]:
    return not _is_essential(case), case.keyword == "required"


def _is_essential(case: Case) -> bool:
    """Whether the case is an option, or the very end of a limit."""
    _, _, keyword = suffix_of(case).rpartition(".")
    value = case.body.get(_top_of(case), ABSENT)
    count = len(value) if isinstance(value, list | str) else value
    ends = {limit for limit in _limits_of(case) if isinstance(limit, int)}
    return keyword in ("enum", "const") or (not case.is_about_counting and count in ends)


def _limits_of(case: Case) -> Iterator[Any]:
    schema = contract().schema(contract().body_schema(case.operation))["properties"].get(_top_of(case), {})
    flat = contract().schema(schema)
    yield from (flat.get(key) for key in ("minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum"))


def _top_of(case: Case) -> str:
    """The field of the body that a case is about: images, of images[2]."""
    return case.field.partition(".")[0].partition("[")[0]


def _body_of(base: dict[str, Any], cases: tuple[Case, ...]) -> dict[str, Any]:
    body = dict(base)
    for case in cases:
        name = _top_of(case)
        if name in case.body:
            body[name] = case.body[name]
        else:
            body.pop(name, None)
    return body
