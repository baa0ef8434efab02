"""Few submissions that teach much: valid cases combined into bodies, the ones that matter most and cost least first."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import cycle, zip_longest
from math import prod
from typing import Any

from contract_tests.model.body_expectations import asks_for_url
from contract_tests.model.cases import Case, cases_of
from contract_tests.model.contents import CONTENTS, LONGEST_SPELLING, MAY_BE_STOPPED, SPELLINGS
from contract_tests.model.counts import count_limits
from contract_tests.model.document import Document, Node, Operation, contract
from contract_tests.model.http_habits import HABITS, PLAIN
from contract_tests.model.pairs import covering, every_pair
from contract_tests.model.pictures import is_about_a_url, plainest_with_picture
from contract_tests.model.promises import is_size, suffix_of
from contract_tests.model.samples import base_body, elements, sample
from modellix._keywords import KEYWORDS
from modellix._openapi import types_of

LONGEST = 16  # elements of a list without a limit
ABSENT = object()  # a field that the case leaves out


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
        return not _essential(self.operation).isdisjoint(self.cases)

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
    judge, columns = document.validator(document.body_schema(operation)), _columns(operation)
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


def pairs_of(document: Document, operation: Operation, first: int) -> Iterator[PlannedSubmission]:
    """Every option with every other, and with lists and texts that change from one to the next."""
    fields = document.fields(operation)
    options = {name: schema["enum"] for name, schema in fields.items() if "enum" in schema}
    base, judge = base_body(document, operation), document.validator(document.body_schema(operation))
    for at, (chosen, is_long) in enumerate(_rows(list(options.values()))):
        body = base | dict(zip(options, chosen, strict=True))
        for name, schema in fields.items():
            body = _first_valid(judge, body, name, _varied(document, schema, at, is_long=is_long))
        if judge.is_valid(body):
            yield PlannedSubmission(operation, first + at, body, is_pair=True, spelling=_spelling(at), habit=_habit(at))


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
        most = LONGEST if upper is None else upper
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


def takes_any_text(schema: Node) -> bool:
    """Whether a field is for words, of any form: no option, no pattern, no address."""
    has_form = any(key in schema for key in ("enum", "const", "pattern")) or asks_for_url(schema)
    return "string" in types_of(schema) and not has_form


def _first_valid(judge: Any, body: dict[str, Any], name: str, values: Iterator[Any]) -> dict[str, Any]:
    """The body with the first of the values that is valid in it, or as it was."""
    changed = ({**body, name: value} for value in values)
    return next((one for one in changed if judge.is_valid(one)), body)


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


def _columns(operation: Operation) -> dict[str, list[Case]]:
    """The valid cases of each field, the essential ones in front, an absent field at the end."""
    columns: dict[str, list[Case]] = {}
    for case in cases_of(operation):
        if case.is_valid and case.keyword != "examples" and isinstance(case.body, dict):
            columns.setdefault(top_of(case), []).append(case)
    return {name: sorted(cases, key=_rank) for name, cases in columns.items()}


def _rank(case: Case) -> tuple[bool, bool]:
    return case not in _essential(case.operation), case.keyword == "required"


@cache
def _essential(operation: Operation) -> frozenset[Case]:
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
    value = case.body.get(top_of(case), ABSENT)
    count = len(value) if isinstance(value, list | str) else value
    ends = [limit for limit in _limits_of(case) if isinstance(limit, int)]
    is_end = case.field == top_of(case) and not case.is_about_counting
    return next((end for end in ends if is_end and end == count), None)


def _limits_of(case: Case) -> Iterator[Any]:
    flat = contract().fields(case.operation).get(top_of(case), {})
    yield from (flat.get(name) for name, keyword in KEYWORDS.items() if keyword.bound and not keyword.is_strict)


def top_of(case: Case) -> str:
    """The field of the body that a case is about: images, of images[2]."""
    return case.field.partition(".")[0].partition("[")[0]


def _body_of(base: dict[str, Any], cases: tuple[Case, ...]) -> dict[str, Any]:
    body = dict(base)
    for case in cases:
        name = top_of(case)
        if name in case.body:
            body[name] = case.body[name]
        else:
            body.pop(name, None)
    return body
