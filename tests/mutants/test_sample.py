"""A sample: one mutant of each sort, the models by turns, and the same ones for the same seed."""

from __future__ import annotations

from collections import Counter

import pytest

from contract_tests.model import good
from scripts.mutants.catalogue import all_mutants
from scripts.mutants.command import main
from scripts.mutants.mutant import Kind, Mutant, every
from scripts.mutants.sample import sample


def mutant(operation: str, sort: str, number: int = 0, kind: Kind = "stand-in") -> Mutant:
    name = f"{operation} {sort} {number}"
    return Mutant(name, kind, "Made up.", print, (), (), (every,), sort=sort, operation=operation)


MODELS = ("a", "b", "c")
MANY = [mutant(model, f"sort {sort}", number) for model in MODELS for sort in range(9) for number in range(4)]


def test_one_of_each_sort_and_the_models_by_turns() -> None:
    drawn = sample(MANY, 0)
    assert sorted(one.sort for one in drawn) == sorted({one.sort for one in MANY})
    assert Counter(one.operation for one in drawn) == dict.fromkeys(MODELS, 3)


def test_a_model_with_many_limits_is_drawn_no_more_often() -> None:
    rich = [mutant("rich", "sort 0", number) for number in range(200)]
    drawn = Counter(sample([*rich, *MANY], seed)[0].operation for seed in range(100))
    assert drawn.keys() == {"rich", *MODELS}
    assert max(drawn.values()) < 60


def test_a_seed_draws_the_same_whatever_else_there_is() -> None:
    assert sample(MANY, 3) == sample(MANY[::-1], 3)
    assert any(sample(MANY, 3) != sample(MANY, seed) for seed in range(4, 9))


def test_kinds_are_sorts_of_their_own() -> None:
    kinds: tuple[Kind, ...] = ("stand-in", "document")
    assert len(sample([mutant("a", "gone", kind=kind) for kind in kinds], 0)) == 2


def test_each_sort_of_the_catalogue_is_drawn_once_and_none_over_http() -> None:
    drawn = sample(all_mutants(), 0)
    assert len(drawn) == len({(one.kind, one.sort) for one in all_mutants() if one.sort})
    assert {one.kind for one in drawn} == {"stand-in", "document", "generated client"}
    assert not any(one.is_over_http for one in drawn)
    assert all(one.stops_at_death for one in drawn)


def test_no_sort_names_what_one_document_alone_has() -> None:
    own = {*good.options(good.SIZE), *good.options(good.CHOICE), good.EDIT.name, good.GENERATE.name, good.PICTURES}
    assert [one.sort for one in all_mutants() if own & set(one.sort.replace(":", "").replace(".", " ").split())] == []


@pytest.mark.parametrize("kind", ["stand-in", "generated client"])
def test_a_sample_can_be_listed(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list", "--sample", "1", "--class", kind]) == 0
    told, sorts = capsys.readouterr(), {one.sort for one in all_mutants() if one.kind == kind} - {""}
    assert len(told.out.splitlines()) == len(sorts)
    assert "left out of the sample: " in told.err
