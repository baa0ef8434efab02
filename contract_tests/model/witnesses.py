"""Refusals that need not be sent in process, because a field of another model is the same.

One check, the document's, serves all models there: it is exhausted once for each distinct schema of a field, and
elsewhere one witness shows that a limit is there at all. A live API is a black box: there every model keeps its cases.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from contract_tests.model.cases import Case, cases_of, top_of
from contract_tests.model.company import repeated_cases
from contract_tests.model.document import Document, Operation, contract

EXHAUSTED = 2  # models on which everything is tried whatever their fields are like
_PROSE = ("description", "title")


@lru_cache(maxsize=1)
def spared_cases() -> frozenset[Case]:
    """Those of the contract."""
    cases = {one: [*cases_of(one), *repeated_cases(one)] for one in contract().submissions}
    return frozenset(spared(contract(), cases))


def spared(document: Document, cases: Mapping[Operation, list[Case]]) -> Iterator[Case]:
    """Those of a document, by the cases of its submissions."""
    seen: set[str] = set()
    for number, (operation, made) in enumerate(cases.items()):
        told = {name: json.dumps(_bare(one), sort_keys=True) for name, one in document.fields(operation).items()}
        if number >= EXHAUSTED:
            yield from _beyond_witnesses(made, {name for name, text in told.items() if text in seen})
        seen.update(told.values())


def _beyond_witnesses(cases: list[Case], known: set[str]) -> Iterator[Case]:
    """What is refused of some fields beyond the first case of each limit."""
    witnesses: set[tuple[str, str, bool]] = set()
    for case in cases:
        if not case.is_valid and top_of(case) in known:
            limit = re.sub(r"\[\d+\]", "[]", case.field), case.keyword, case.is_about_counting
            if limit in witnesses:
                yield case
            witnesses.add(limit)


def _bare(schema: Any) -> Any:
    """A schema without its words."""
    if isinstance(schema, list):
        return [_bare(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: _bare(one) for key, one in schema.items() if key not in _PROSE or not isinstance(one, str)}
