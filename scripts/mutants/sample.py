"""A sample for a large document: one mutant of each sort, drawn over the models by a seed."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby

from contract_tests.model.cases import top_of
from contract_tests.model.witnesses import spared_cases
from scripts.mutants.mutant import Mutant


def sample(mutants: Iterable[Mutant], seed: int) -> list[Mutant]:
    """One of each kind and sort, the models by turns. What has no sort, and what is tried over HTTP, is left out."""
    drawn = Counter[str]()
    spared = {(case.operation.name, top_of(case)) for case in spared_cases()}  # a field of an earlier model is the same
    wanted = (one for one in mutants if _counts(one) and (one.operation, one.field) not in spared)
    known = sorted(wanted, key=lambda one: (*_class(one), one.name))
    return [_one_of(list(own), seed, drawn) for _, own in groupby(known, _class)]


def left_out(mutants: Iterable[Mutant]) -> str:
    """What a sample says nothing of, in a line."""
    others = [one for one in mutants if not _counts(one)]
    over_http = sum(one.is_over_http for one in others)
    beside = len(others) - over_http
    return (
        f"left out of the sample: {beside} faults beside their tests and {over_http} over HTTP, alike for any document"
    )


def _counts(mutant: Mutant) -> bool:
    return bool(mutant.sort) and not mutant.is_over_http


def _class(mutant: Mutant) -> tuple[str, str]:
    return mutant.kind, mutant.sort


def _one_of(mutants: list[Mutant], seed: int, drawn: Counter[str]) -> Mutant:
    """Any mutant of one of the models that were drawn least. Other classes change the turn, not the dice."""
    dice = random.Random(f"{seed} {_class(mutants[0])}")
    models = sorted({one.operation for one in mutants})
    dice.shuffle(models)
    model = min(models, key=drawn.__getitem__)
    drawn[model] += 1
    return replace(dice.choice([one for one in mutants if one.operation == model]), stops_at_death=True)
