"""Few submissions that teach much: valid cases combined into bodies, the ones that matter most and cost least first."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import zip_longest
from math import prod
from typing import Any

from contract_tests.model.body_expectations import takes_any_text
from contract_tests.model.cases import Case, top_of
from contract_tests.model.columns import columns_of, essential_of
from contract_tests.model.contents import LONGEST_SPELLING, SPELLINGS
from contract_tests.model.document import Document, Operation, contract
from contract_tests.model.http_habits import HABITS, PLAIN
from contract_tests.model.pair_bodies import pair_bodies
from contract_tests.model.pictures import is_about_a_url, plainest_with_picture
from contract_tests.model.promises import is_size
from contract_tests.model.samples import base_body


@dataclass(frozen=True, eq=False)
class PlannedSubmission:
    """One body to submit, and the derived cases that it stands for."""

    operation: Operation
    number: int
    body: dict[str, Any] = dataclasses.field(repr=False)
    cases: tuple[Case, ...] = dataclasses.field(repr=False, default=())
    is_pair: bool = False  # made of options for one another's sake
    spelling: str = "plain"
    habit: str = PLAIN  # of HTTP
    is_plainest: bool = False  # of an operation that asks for pictures: whether the service can fetch them shows here

    @property
    def content(self) -> bytes:
        """The body as it is sent: each submission spells its JSON in a way of its own, but for copies."""
        return self.spelt(self.body)

    def spelt(self, body: dict[str, Any]) -> bytes:
        """A body in the spelling of this one."""
        return SPELLINGS[self.spelling](body)

    @property
    def fetchable_body(self) -> dict[str, Any]:
        """The body without URLs that are tried for their form: nothing is where they lead."""
        odd = [top_of(case) for case in self.cases if is_about_a_url(contract(), case)]
        if not odd:
            return self.body
        rest = {name: value for name, value in self.body.items() if name not in odd}
        base = base_body(contract(), self.operation)
        return {**rest, **{name: base[name] for name in odd if name in base}}

    @property
    def name(self) -> str:
        """What tests and reports call it."""
        return f"{self.operation.name} planned {self.number}"

    @property
    def sentence(self) -> str:
        """The same, as it stands in a group."""
        return self.name

    @property
    def is_essential(self) -> bool:
        """Whether an option or the end of a limit is seen in this submission alone."""
        return not essential_of(self.operation).isdisjoint(self.cases)

    @property
    def rank(self) -> int:
        """0 for what matters most, 1 for other cases, 2 for combinations of options."""
        return 2 if self.is_pair else 0 if self.is_essential or self.is_plainest else 1


class DrawnSubmission(PlannedSubmission):
    """A body that no plan has, but whose task is looked at as the planned ones are."""

    @property
    def name(self) -> str:
        return f"{self.operation.name} drawn {self.number}"


@lru_cache(maxsize=1)
def whole_plan() -> tuple[PlannedSubmission, ...]:
    """All planned submissions: one of each model, then those for options and ends of limits, the models by turns."""
    return in_turns([list(plan_of(contract(), operation)) for operation in contract().submissions])


def in_turns(plans: list[list[PlannedSubmission]]) -> tuple[PlannedSubmission, ...]:
    """The plans of several models in one, so that a small budget does not go to the first models alone."""
    turns: list[tuple[bool, int, int, PlannedSubmission]] = []
    for plan in plans:
        seen: Counter[int] = Counter()
        for planned in sorted(plan, key=_worth):
            turns.append((bool(seen), planned.rank, seen[planned.rank], planned))
            seen[planned.rank] += 1
    return tuple(planned for *_, planned in sorted(turns, key=lambda turn: turn[:3]))


def _worth(planned: PlannedSubmission) -> tuple[int, bool, bool, tuple[int, int]]:
    """Cheap ones first; the repeated bodies last in their rank: a size left out should follow one asked for."""
    cost = cost_of(contract(), planned.operation, planned.body)
    return planned.rank, not planned.is_plainest, not planned.cases, cost


@lru_cache(maxsize=1)
def _planned_by_case() -> dict[Case, PlannedSubmission]:
    found: dict[Case, PlannedSubmission] = {}
    for planned in whole_plan():
        for case in planned.cases:
            found.setdefault(case, planned)
    return found


def planned_with(case: Case) -> PlannedSubmission | None:
    """The planned submission that stands for a case."""
    return _planned_by_case().get(case)


def plan_of(document: Document, operation: Operation) -> Iterator[PlannedSubmission]:
    """Combines the valid cases of a submission, one of each field; repeats the cheapest body; then combines options.

    Where pictures are asked for, the plainest body is the one that is repeated.
    """
    base = base_body(document, operation)
    together = enumerate(_together(document, operation, base), 1)
    plan = [
        PlannedSubmission(operation, number, body, cases, spelling=_spelling(number), habit=_habit(number - 1))
        for number, (body, cases) in together
    ]
    largest = _largest(document, operation, plan)
    plan = [replace(planned, spelling=LONGEST_SPELLING) if planned in largest else planned for planned in plan]
    yield from plan
    cheapest = min(plan, key=lambda planned: cost_of(document, operation, planned.body))
    if (plainest := plainest_with_picture(document, operation)) is not None:
        cheapest = PlannedSubmission(operation, 0, plainest, is_plainest=True)
        yield cheapest
    yield PlannedSubmission(operation, len(plan) + 1, cheapest.body, spelling=cheapest.spelling)
    yield from pairs_of(document, operation, len(plan) + 2)


def _spelling(number: int) -> str:
    return list(SPELLINGS)[number % len(SPELLINGS)]


def _habit(number: int) -> str:
    return list(HABITS)[number % len(HABITS)]


def _largest(document: Document, operation: Operation, plan: list[PlannedSubmission]) -> set[PlannedSubmission]:
    """For each text with a longest length, the body in which JSON can make most of it."""
    fields = document.fields(operation).items()
    texts = [name for name, schema in fields if takes_any_text(schema) and "maxLength" in schema]
    return {max(plan, key=lambda planned: len(json.dumps(planned.body.get(name, "")))) for name in texts}


def _together(
    document: Document, operation: Operation, base: dict[str, Any]
) -> Iterator[tuple[dict[str, Any], tuple[Case, ...]]]:
    """Bodies with the cases that each stands for: one of each field, or one alone where fields do not go together."""
    judge, columns = document.validator(document.body_schema(operation)), columns_of(operation)
    about_the_whole = columns.pop("", [])
    for cases in zip_longest(*columns.values()):
        combined = tuple(case for case in cases if case is not None)
        body = _body_of(base, combined) | _beside_left_out(document, dict(zip(columns, cases, strict=True)))
        yield from [(body, combined)] if judge.is_valid(body) else [(case.body, (case,)) for case in combined]
    yield from ((case.body, (case,)) for case in about_the_whole)


def _beside_left_out(document: Document, cases: Mapping[str, Case | None]) -> dict[str, Any]:
    """The last options of fields that have no case left, where another field is left out: it may be asked for then."""
    given = [case for case in cases.values() if case is not None]
    if not any(case.keyword == "required" for case in given):
        return {}
    fields = document.fields(given[0].operation)
    return {name: fields[name]["enum"][-1] for name, case in cases.items() if case is None and "enum" in fields[name]}


def _body_of(base: dict[str, Any], cases: tuple[Case, ...]) -> dict[str, Any]:
    body = dict(base)
    for case in cases:
        name = top_of(case)
        if name in case.body:
            body[name] = case.body[name]
        else:
            body.pop(name, None)
    return body


def pairs_of(document: Document, operation: Operation, first: int) -> Iterator[PlannedSubmission]:
    """Every option with every other, and with lists and texts that change from one to the next."""
    for at, body in pair_bodies(document, operation):
        yield PlannedSubmission(operation, first + at, body, is_pair=True, spelling=_spelling(at), habit=_habit(at))


def cost_of(document: Document, operation: Operation, body: dict[str, Any]) -> tuple[int, int]:
    """What orders bodies by price: pixels times the rank of each other option, then how much is sent."""
    factors = [1]
    for name, flat in document.fields(operation).items():
        options = flat.get("enum", [])
        chosen = body.get(name, flat.get("default"))
        if is_size(flat):
            factors.append(prod(map(int, str(chosen or options[0]).split("x"))))
        elif chosen in options:
            factors.append(1 + options.index(chosen))
    lists = sum(len(value) for value in body.values() if isinstance(value, list | str))
    return prod(factors), lists
