"""All mutants against the suite in two rounds: live runs, each with a pytest of its own; then on collected tests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest

from scripts.mutants import forks, session
from scripts.mutants.catalogue.stand_in import serve
from scripts.mutants.mutant import Candidate, Findings, Kind, Mutant

LIVE = (
    *("-m", "not random", "-o", "live_task_seconds=5"),  # tasks of a mutant may never end
    *("--live", "--live-budget", "500", "--live-rate", "0", "--live-poll-seconds", "0.01"),
    *("--live-image", "https://example.com/picture.png"),  # which the stand-in never fetches
)
BASELINE_SECONDS = 900.0  # for every test that some mutant is tried on, on the busiest machine


class NotCollected(Exception):
    """The tests cannot even be collected. The text is what pytest says."""


Tell = Callable[[Mutant, Findings], None]


def run(mutants: Sequence[Mutant], jobs: int, tell: Tell) -> None:
    """Calls `tell` with what the suite says of each mutant, as it comes. Raises NotCollected."""
    anew = [one for one in mutants if one.is_over_http]
    collected = _mixed([one for one in mutants if not one.is_over_http])
    _tell_all(anew, forks.run([_job_anew(number, one) for number, one in enumerate(anew)], jobs), tell)
    if collected:
        _run_collected(collected, jobs, tell)


def _mixed(mutants: Sequence[Mutant]) -> list[Mutant]:
    """Each class spread over the whole, because tests of the client mostly wait and the others compute."""
    totals, seen, places = Counter(one.kind for one in mutants), Counter[Kind](), list[float]()
    for one in mutants:
        seen[one.kind] += 1
        places.append(seen[one.kind] / totals[one.kind])
    return [mutants[number] for number in sorted(range(len(mutants)), key=places.__getitem__)]


def _job_anew(number: int, mutant: Mutant) -> forks.Job:
    return forks.Job(number, lambda send: session.run_anew(mutant, send, *LIVE), mutant.seconds)


def _run_collected(mutants: Sequence[Mutant], jobs: int, tell: Tell) -> None:
    """Collects once, in this process; each child then runs some of the collected tests."""

    def work(collected: pytest.Session) -> None:
        begun = [_job_collected(number, one, collected) for number, one in enumerate(mutants)]
        _tell_all(mutants, forks.run(begun, jobs), tell)

    problem = session.collected(sorted({file for one in mutants for file in one.files}), work)
    if problem:
        raise NotCollected(f"the tests cannot be collected: {problem}")


def _job_collected(number: int, mutant: Mutant, collected: pytest.Session) -> forks.Job:
    chosen = session.chosen_for(mutant, collected.items)
    return forks.Job(number, lambda send: session.run_collected(collected, mutant, chosen, send), mutant.seconds)


def _tell_all(mutants: Sequence[Mutant], outcomes: Iterable[tuple[int, Any]], tell: Tell) -> None:
    for number, outcome in outcomes:
        found = Findings(problem="ended without a word") if outcome is None else Findings(**outcome)
        tell(mutants[number], found)


def baselines(mutants: Sequence[Mutant]) -> list[Mutant]:
    """The project as it is, against every test that some mutant is tried on: one for each class, and over HTTP."""
    groups: dict[tuple[Kind, bool], list[Mutant]] = {}
    for one in mutants:
        groups.setdefault((one.kind, one.is_over_http), []).append(one)
    return [_baseline(kind, is_over_http, group) for (kind, is_over_http), group in groups.items()]


def _baseline(kind: Kind, is_over_http: bool, group: Sequence[Mutant]) -> Mutant:
    choices = list(dict.fromkeys((one.files, choice) for one in group for choice in one.choices))

    def is_chosen(test: Candidate) -> bool:
        return any(test.id.startswith(files) and choice(test) for files, choice in choices)

    return Mutant(
        name=f"{kind}{', over HTTP' if is_over_http else ''}",
        kind=kind,
        sentence="The project as it is.",
        apply=serve if is_over_http else _nothing,
        expects=(),
        files=tuple(sorted({file for one in group for file in one.files})),
        choices=(is_chosen,),
        seconds=BASELINE_SECONDS,
        is_over_http=is_over_http,
    )


def _nothing() -> None:
    """The change of a baseline."""
