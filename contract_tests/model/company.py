"""What stands beside the broken field of a refused body: the other fields of planned submissions, by turns.

A limit may be kept in a short request and forgotten beside some option. So every limit meets each option of every
other field, that field left out, and both ends of its length. A limit with too few cases has its sharpest one repeated.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache, lru_cache
from itertools import cycle
from typing import Any

from contract_tests.model.body_expectations import takes_any_text
from contract_tests.model.cases import Case, cases_of, top_of
from contract_tests.model.document import Document, Node, Operation, contract
from contract_tests.model.planned import PlannedSubmission, whole_plan
from contract_tests.model.promises import limits_of, suffix_of
from contract_tests.model.samples import base_body, joint_limits
from contract_tests.model.values import quoted
from modellix._keywords import KEYWORDS

Body = dict[str, Any]


def body_sent(case: Case) -> Any:
    """The body that a case is sent with: a valid one as it is, a refused one in company."""
    return _companies_of(case.operation).bodies.get(case, case.body)


def repeated_cases(operation: Operation) -> list[Case]:
    """Refused cases once more, in company that their limit has not met yet."""
    return _companies_of(operation).repeated


def bodies_by_turns(operation: Operation) -> Iterator[Body]:
    """Valid bodies for what must be refused whatever the body is: the plainest one, then all planned ones, without end.

    A way in may be open beside some option only.
    """
    companies = _companies_of(operation)
    yield companies.base
    yield from cycle([row.body for row in companies.rows] or [companies.base])


@cache
def _companies_of(operation: Operation) -> Companies:
    return Companies(contract(), operation, cases_of(operation), _plans().get(operation, []))


@lru_cache(maxsize=1)
def _plans() -> dict[Operation, list[PlannedSubmission]]:
    found: dict[Operation, list[PlannedSubmission]] = {}
    for planned in whole_plan():
        found.setdefault(planned.operation, []).append(planned)
    return found


class Companies:
    """The refused cases of one submission, each with a company out of a plan."""

    def __init__(
        self, document: Document, operation: Operation, cases: list[Case], plan: list[PlannedSubmission]
    ) -> None:
        self.bodies: dict[Case, Any] = {}
        self.repeated: list[Case] = []
        self.base: Body = base_body(document, operation)
        self._fields = document.fields(operation)
        schema = document.body_schema(operation)
        self._limits = {f"{place}.{name}": (name, limit) for place, name, limit in limits_of(document, schema)}
        self.rows = [_Row(self._company(planned), self._fields) for planned in plan]
        self._any = cycle([row for row, planned in zip(self.rows, plan, strict=True) if planned.is_pair] or self.rows)
        if plan and not joint_limits(document.schema(schema)):  # which let a field decide about another
            for limit, some in _by_limit(cases).items():
                self._join(some, *self._limits.get(limit, ("", None)))

    def _company(self, planned: PlannedSubmission) -> Body:
        """Its body; with a plain text where contents are tried, lest a service refuse the body for those."""
        tried = {name for name, schema in self._fields.items() if planned.is_pair and takes_any_text(schema)}
        plain = {name: self.base[name] for name in tried if name in self.base}
        return {name: value for name, value in planned.body.items() if name not in tried} | plain

    def _join(self, cases: list[Case], keyword: str, stated: Any) -> None:
        """Gives the cases of one limit their companies. Of a bound the nearest case meets all that there is to meet."""
        bound = KEYWORDS[keyword] if keyword in KEYWORDS and KEYWORDS[keyword].bound else None
        nearest = min(cases, key=lambda case: abs(bound.measure(case.value) - stated)) if bound else cases[0]
        meeting = [nearest] if bound else cases
        unmet = {mark for row in self.rows for mark in row.beside(nearest)}
        for case in cases:
            row = self._best(unmet, case) if case in meeting else next(self._any)
            self.bodies[case] = self._joined(case, row)
            unmet -= row.beside(case) if case in meeting else set()
        while unmet and keyword != "counting":  # of which there are many, and the bound beside it
            row = self._best(unmet, nearest)
            self.repeated.append(self._again(nearest, row, sorted(unmet & row.beside(nearest))))
            unmet -= row.beside(nearest)

    def _best(self, unmet: set[str], case: Case) -> _Row:
        """The row in which a case meets most that its limit has not met."""
        return max(self.rows, key=lambda row: len(unmet & row.beside(case))) if unmet else next(self._any)

    def _again(self, case: Case, row: _Row, met: list[str]) -> Case:
        sentence = f"{case.sentence.removesuffix(' is refused')} beside {' and '.join(met)} is refused"
        return replace(case, sentence=sentence, body=self._joined(case, row))

    def _joined(self, case: Case, row: _Row) -> Body:
        """The row with what a case has of its own."""
        own = {name: value for name, value in case.body.items() if name not in self.base or self.base[name] != value}
        gone = {top_of(case), *(name for name in self.base if name not in case.body)}
        others = {name: value for name, value in row.body.items() if name not in gone}
        return own | others if len(self.bodies) % 2 else others | own  # a check may look at fields in their order


class _Row:
    """A company, and what is worth meeting in it: options, ends of limits, fields left out."""

    def __init__(self, body: Body, fields: dict[str, Node]) -> None:
        self.body = body
        self._marks = {name: mark for name, schema in fields.items() for mark in _mark(body, name, schema)}

    def beside(self, case: Case) -> set[str]:
        """The same without the field that a case is about."""
        return {mark for name, mark in self._marks.items() if name != top_of(case)}


def _mark(body: Body, name: str, schema: Node) -> Iterator[str]:
    value = body.get(name)
    if name not in body:
        yield f"no {name}"
    elif isinstance(value, bool) or value in schema.get("enum", []):
        yield f"{name} {quoted(value)}"
    else:
        measured = len(value) if isinstance(value, str | list) else value
        ends = [schema[keyword] for keyword, one in KEYWORDS.items() if one.bound and keyword in schema]
        yield from [f"{name} of {measured}"] if measured in ends else []


def _by_limit(cases: list[Case]) -> dict[str, list[Case]]:
    found: dict[str, list[Case]] = {}
    for case in cases:
        if not case.is_valid and case.body and isinstance(case.body, dict) and top_of(case):
            found.setdefault(suffix_of(case), []).append(case)
    return found
