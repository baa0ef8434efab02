"""The planned submissions: few, valid, and together all that they are meant to show."""

from __future__ import annotations

import json

from contract_tests.harness.parametrize import every_submission, plan_of
from contract_tests.model.body_expectations import expectation_of_body, takes_any_text
from contract_tests.model.cases import all_cases
from contract_tests.model.contents import CONTENTS, SPELLINGS
from contract_tests.model.document import Document, Node, Operation
from contract_tests.model.http_habits import HABITS
from contract_tests.model.near_misses import ASTRAL
from contract_tests.model.planned import planned_with, whole_plan
from modellix._keywords import KEYWORDS

UPPER = ("maxLength", "maxItems")


def test_plan_is_accepted_by_the_document(document: Document) -> None:
    for planned in whole_plan():
        assert expectation_of_body(document, planned.operation, planned.body) == "accepted", planned.name
        assert json.loads(planned.content) == planned.body, planned.name


def test_every_valid_case_is_planned() -> None:
    valid = [case for case in all_cases() if case.is_valid and case.keyword != "examples"]
    assert [case.sentence for case in valid if planned_with(case) is None] == []


@every_submission
def test_few_submissions_show_options_and_ends_of_limits(operation: Operation, document: Document) -> None:
    """No more than the field has that has most of them."""
    told = [len(_options_in(document, schema)) + _ends(schema) for schema in document.fields(operation).values()]
    essential = [planned for planned in plan_of(operation) if planned.is_essential]
    assert len(essential) <= max(told)
    assert [planned.rank for planned in plan_of(operation)] == sorted(planned.rank for planned in plan_of(operation))


def test_every_model_gets_its_turn(document: Document) -> None:
    """Within one submission for each model, and then before any of the same rank has two more than it."""
    count = len(document.submissions)
    assert {planned.operation for planned in whole_plan()[:count]} == set(document.submissions)
    left = {
        one: sum(planned.operation is one and planned.rank == 0 for planned in whole_plan())
        for one in document.submissions
    }
    sent = dict.fromkeys(document.submissions, 0)
    for planned in (planned for planned in whole_plan() if planned.rank == 0):
        assert sent[planned.operation] <= min(sent[one] for one in sent if sent[one] < left[one])
        sent[planned.operation] += 1


def _options_in(document: Document, schema: object) -> list[object]:
    """The options of a field, and of what is inside it."""
    flat = document.schema(schema)
    inside = [*flat.get("properties", {}).values(), *([flat["items"]] if "items" in flat else [])]
    own = flat.get("enum", [flat["const"]] if "const" in flat else [])
    return [*own, *(option for inner in inside for option in _options_in(document, inner))]


def _ends(schema: Node) -> int:
    return sum(1 for name in schema if name in KEYWORDS and KEYWORDS[name].bound and not KEYWORDS[name].is_strict)


@every_submission
def test_the_longest_text_and_list_stand_beside_every_option(operation: Operation, document: Document) -> None:
    """So that no option makes a limit tighter."""
    fields = document.fields(operation)
    for name, end in ((name, schema[key]) for name, schema in fields.items() for key in UPPER if key in schema):
        long = [one.body for one in plan_of(operation) if one.is_pair and len(one.body.get(name, "")) == end]
        for other, schema in fields.items() if long else ():  # not so where no sample is as long
            beside = [body.get(other) for body in long]
            assert [option for option in schema.get("enum", []) if option not in beside] == [], (name, other)


@every_submission
def test_two_submissions_are_equal(operation: Operation) -> None:
    """To see whether equal bodies get different tasks: a service may compare their bytes."""
    contents = [planned.content for planned in plan_of(operation)]
    assert any(contents.count(content) > 1 for content in contents)


@every_submission
def test_plan_holds_every_content_and_spelling(operation: Operation, document: Document) -> None:
    """Every content that some field of the model takes."""
    plan = plan_of(operation)
    texts = {value for planned in plan for value in planned.body.values() if isinstance(value, str)}
    judges = [document.validator(one) for one in document.fields(operation).values() if takes_any_text(one)]
    taken = [content for content in CONTENTS if any(judge.is_valid(content) for judge in judges)]
    assert [content for content in taken if not any(text.startswith(content) for text in texts)] == []
    assert {planned.spelling for planned in plan} == set(SPELLINGS)
    assert {planned.habit for planned in plan} == set(HABITS)
    beyond = [content for content in CONTENTS if ASTRAL in content and any(judge.is_valid(content) for judge in judges)]
    assert not beyond or any(b"\\ud83c\\udfa8" in planned.content for planned in plan), (
        "no text beyond 16 bits is written as a pair of escapes"
    )


@every_submission
def test_longest_text_is_sent_as_long_as_json_can_make_it(operation: Operation, document: Document) -> None:
    """With two escapes of six bytes for each character."""
    for name, schema in document.fields(operation).items():
        longest = ASTRAL * schema.get("maxLength", 0)
        if takes_any_text(schema) and document.validator(schema).is_valid(longest):
            told = [planned for planned in plan_of(operation) if planned.body.get(name) == longest]
            assert max(len(planned.content) for planned in told) > 12 * len(longest)
