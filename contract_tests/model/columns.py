"""The valid cases of each field, in the order in which the plan takes them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from contract_tests.model.cases import Case, cases_of, top_of
from contract_tests.model.document import Operation, contract
from contract_tests.model.promises import suffix_of
from modellix._keywords import KEYWORDS

_ABSENT = object()  # a field that the case leaves out


def columns_of(operation: Operation) -> dict[str, list[Case]]:
    """The valid cases of each field, the essential ones in front, an absent field at the end."""
    columns: dict[str, list[Case]] = {}
    for case in cases_of(operation):
        if case.is_valid and case.keyword != "examples" and isinstance(case.body, dict):
            columns.setdefault(top_of(case), []).append(case)
    return {name: sorted(cases, key=_rank) for name, cases in columns.items()}


def _rank(case: Case) -> tuple[bool, bool]:
    return case not in essential_of(case.operation), case.keyword == "required"


@cache
def essential_of(operation: Operation) -> frozenset[Case]:
    """The cases that are an option, or the very end of a limit: each end once, however its elements look."""
    found: dict[object, Case] = {}
    for case in cases_of(operation):
        if case.is_valid and isinstance(case.body, dict):
            if suffix_of(case).rpartition(".")[2] in ("enum", "const"):
                found[case] = case
            elif (end := _end_in(case)) is not None:
                found.setdefault((case.field, end), case)
    return frozenset(found.values())


def _end_in(case: Case) -> int | None:
    """The limit that the number, the text or the list of a case reaches."""
    value = case.body.get(top_of(case), _ABSENT)
    count = len(value) if isinstance(value, list | str) else value
    ends = [limit for limit in _limits_of(case) if isinstance(limit, int)]
    is_end = case.field == top_of(case) and not case.is_about_counting
    return next((end for end in ends if is_end and end == count), None)


def _limits_of(case: Case) -> Iterator[Any]:
    flat = contract().fields(case.operation).get(top_of(case), {})
    yield from (flat.get(name) for name, keyword in KEYWORDS.items() if keyword.bound and not keyword.is_strict)
