"""The catalogue: enough of every class, each mutant by a name of its own, each promise with somebody to break it."""

from __future__ import annotations

import copy
import os
import re
from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest

from contract_tests.model.document import Document, contract
from contract_tests.model.promises import all_promises, limits_of
from modellix_client.operations import document
from scripts.mutants import forks, session
from scripts.mutants.catalogue import all_mutants, stand_in_limits
from scripts.mutants.catalogue import document as slips
from scripts.mutants.catalogue.beside_tests import is_generated, marked
from scripts.mutants.edits import NotApplied
from scripts.mutants.mutant import Mutant

LEAST = {"stand-in": 50, "document": 30, "generated client": 20, "client": 2 * 20}


@pytest.mark.parametrize("kind", LEAST)
def test_there_are_enough_of_a_class(kind: str) -> None:
    assert sum(one.kind == kind and not one.is_over_http for one in all_mutants()) >= LEAST[kind]


def test_twenty_are_tried_over_http() -> None:
    sample = [one for one in all_mutants() if one.is_over_http]
    assert (len(sample), {one.kind for one in sample}) == (20, {"stand-in"})
    assert len({re.sub("^[^.]*.|:.*", "", one.name) for one in sample}) >= 10, "they are of one kind"


def test_names_are_unlike_one_another() -> None:
    counted = Counter(one.name for one in all_mutants())
    assert [name for name, count in counted.items() if count > 1] == []


def test_every_fault_beside_a_test_is_in_both_clients_that_it_has_lines_for() -> None:
    faults = [one for one in (killer.given for killer in marked("kills")) if not is_generated((*one.both, "")[0])]
    clients = sum(2 if one.both else bool(one.sync) + bool(one.asynchronous) for one in faults)
    assert clients == sum(one.kind == "client" for one in all_mutants())


def test_no_fault_beside_a_test_is_overlooked() -> None:
    """Not on a method of a class, for instance, where nobody looks."""
    files = (path.read_text("utf-8") for path in (session.ROOT / "tests").rglob("*.py"))
    assert sum(len(re.findall(r"(?m)^ *@kills\(", text)) for text in files) == len(marked("kills"))


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_every_fault_finds_what_it_changes() -> None:
    """Whoever rewrites a function learns in seconds which mutants have to follow: run this test."""
    mutants = [one for one in all_mutants() if not one.is_over_http]
    outcomes = forks.run([forks.Job(number, _applied(one), 60.0) for number, one in enumerate(mutants)], 2)
    assert {mutants[number].name: told for number, told in outcomes if told != "applied"} == {}


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_every_fault_beside_a_test_is_tried_on_it() -> None:
    """In the row that it names, too: whoever renames a row learns it here, and not from a whole session."""
    mutants = [one for one in all_mutants() if one.kind == "client"]
    [(_, told)] = forks.run([forks.Job(0, partial(_untried, mutants), 120.0)], 1)
    assert told == {"problem": "", "untried": []}


def _untried(mutants: list[Mutant], send: forks.Send) -> None:
    """Collects the tests, and names the mutants that choose none but controls."""
    untried: list[str] = []

    def work(collected: pytest.Session) -> None:
        for one in mutants:
            chosen = [session.candidate(item) for item in session.chosen_for(one, collected.items)[0]]
            if all(one.controls(test) for test in chosen):
                untried.append(one.name)

    problem = session.collected(sorted({file for one in mutants for file in one.files}), work)
    send({"problem": problem, "untried": untried})


def _applied(mutant: Mutant) -> Callable[[forks.Send], None]:
    def work(send: forks.Send) -> None:
        try:
            mutant.apply()
            send("applied")
        except NotApplied as error:
            send(str(error))

    return work


def test_every_promise_has_a_mutant() -> None:
    """That somebody breaks it is how its tests are known to look."""
    expected = {name for name, promise in all_promises().items() if promise.tag != "not testable"}
    broken = {promise for one in all_mutants() if one.kind == "stand-in" for promise in one.expects}
    assert sorted(expected - broken) == []


def test_every_limit_has_a_mutant_of_the_client() -> None:
    names = [one.name for one in all_mutants()]
    for operation in contract().submissions:
        for place, keyword, _ in limits_of(contract(), contract().body_schema(operation)):
            if keyword not in (
                "counting",
                "default",
                "result",
            ):  # not told apart by the client
                beginning = f"generated client, {operation.name}.{place or 'body'}.{keyword}: "
                assert any(name.startswith(beginning) for name in names), beginning


def test_a_new_operation_brings_its_own() -> None:
    root = document()
    made = copy.deepcopy(root["paths"]["/openai/gpt-image-2/async"])
    made["post"]["operationId"] = "painter"
    seed = {"type": "integer", "minimum": 0, "exclusiveMaximum": 10, "multipleOf": 2}
    body = {"type": "object", "required": ["seed"], "properties": {"seed": seed}}
    made["post"]["requestBody"] = {"content": {"application/json": {"schema": body}}}
    root["paths"]["/openai/painter/async"] = made
    known = Document(root)
    names = {one.name for one in stand_in_limits.mutants(known, known.operation("painter"))}
    wanted = {"required: not asked for", "minimum: one less", "exclusiveMaximum: one more", "multipleOf: gone"}
    assert {f"painter.seed.{one}" for one in wanted} <= names


def test_every_option_and_both_directions_of_every_limit_have_a_mutant() -> None:
    names = {one.name for one in all_mutants()}
    for promise in all_promises().values():
        keyword = promise.id.rpartition(".")[2]
        if keyword in ("maxLength", "maxItems", "minLength", "minItems"):
            assert {f"{promise.id}: one less", f"{promise.id}: one more"} <= names
            assert {f"generated client, {promise.id}: one less", f"generated client, {promise.id}: one more"} <= names
        if keyword == "enum":
            assert {f"{promise.id}: {option} dropped" for option in promise.limit} <= names


def test_every_fact_of_the_pages_has_a_mutant() -> None:
    from contract_tests.document.test_page_facts import ROWS

    expected = {f"[{name} {fact}]" for name, fact in ROWS if not fact.endswith("required")}
    broken = {fact for one in slips.mutants() for fact in one.expects}
    assert [fact for fact in expected if not any(fact.startswith(one) for one in broken)] == []


def test_a_model_whose_page_nobody_typed_has_the_slips_that_a_request_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    typed = {one.sort for one in slips.mutants()}
    monkeypatch.setattr(slips, "PAGES", {})
    found = [(one.name, one.sort, one.operation) for one in slips.mutants()]
    assert len({name for name, *_ in found}) == len(found)
    assert {operation for *_, operation in found} == {one.name for one in contract().submissions}
    sorts = {sort for _, sort, _ in found}
    assert {"maxItems: one more", "maxLength: one less", "required: not asked for", "enum: taken"} <= sorts < typed


@pytest.mark.parametrize("one", [one for one in all_mutants() if one.equivalent], ids=lambda one: one.name)
def test_what_is_equivalent_has_an_argument(one: Mutant) -> None:
    assert len(one.equivalent.split()) > 5
