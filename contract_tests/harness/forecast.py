"""What a live run is going to send, and how long it takes: told before the first request, from the tests chosen.

Requests that tests share are counted once. How long a task takes nobody promises; it is assumed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import settings

from contract_tests.harness.groups import Group
from contract_tests.harness.recorded import READS_AFTER_END
from contract_tests.model.bad_requests import BadRequest
from contract_tests.model.cases import Case
from contract_tests.model.document import Operation
from contract_tests.model.planned import PlannedSubmission

USUAL_SECONDS = 20.0  # that a task takes at a service; the pages' samples speak of 21
ROUNDS = 3  # of reads at least: a task is pending, then in work, then at its end
FIXED = {
    "test_key_is_asked_for_once_it_was_given": 1,
    "test_unknown_model_is_not_found": 7,
    "test_a_near_miss_of_an_id_is_not_found": 24,
    "test_broken_requests_are_refused": 34,
    "test_any_task_id_is_answered": 4,
}
"""Requests of tests of which the parameters do not say it, as the stand-in got them."""
DRAWN = {"test_any_order_of_submissions_and_reads": (5, 33)}
"""The same of tests that draw: submissions that are accepted, and all requests."""


@dataclass(frozen=True)
class Forecast:
    """Requests in all, how many of them submit, how many of these are accepted, and seconds."""

    requests: int
    submissions: int
    accepted: int
    seconds: float


@dataclass(frozen=True)
class Pace:
    """Requests a second, 0 without pacing; seconds between reads of a task; seconds that a task takes."""

    rate: float
    poll_seconds: float
    task_seconds: float = USUAL_SECONDS


def forecast(items: Iterable[pytest.Item], wanted: list[PlannedSubmission], budget: int, pace: Pace) -> Forecast:
    """Of the chosen tests, and of what they want of the plan."""
    items = list(items)
    bought = wanted[:budget]
    posts, reads = _refused(items, {planned.operation for planned in bought})
    drawn_buys, drawn_requests = _drawn(items, budget - len(bought))
    rounds, pauses = _follow(len(bought), pace)
    reads += len(bought) * (rounds + READS_AFTER_END + 1)  # and the file
    requests = posts + len(bought) + reads + drawn_requests
    accepted = len(bought) + drawn_buys
    seconds = requests / pace.rate if pace.rate else 0.0
    return Forecast(requests, posts + accepted, accepted, seconds + pauses)


def in_words(found: Forecast) -> str:
    """One line of the plan."""
    minutes = math.ceil(found.seconds / 60)
    time = "a minute" if minutes <= 1 else f"{minutes} minutes"
    sent = f"{found.submissions} submissions, of which {found.accepted} are accepted and paid for"
    return f"expected: {found.requests} requests in {time}, among them {sent}"


def _refused(items: list[pytest.Item], bought: set[Operation]) -> tuple[int, int]:
    """Submissions that buy nothing, each once, and reads that are refused or look at a task that is there."""
    posts: set[Any] = set()
    reads: set[Any] = set()
    fixed = 0
    for one in _sentences(items):
        if isinstance(one, BadRequest) and one.submission is None:
            (reads if one.parameters else posts).add(one.case or one)
        elif isinstance(one, BadRequest) and one.submission in bought:
            reads.add(one)
        elif isinstance(one, Case) and not one.is_valid:
            posts.add(one)
    for item in items:
        asked = [one for one in _parameters(item).values() if isinstance(one, Operation)]
        is_possible = not item.get_closest_marker("looks_at") or not bought.isdisjoint(asked)
        fixed += FIXED.get(_name(item), 0) if is_possible else 0
        fixed += settings().max_examples if _name(item) == "test_one_broken_limit_is_refused_and_buys_nothing" else 0
    return len(posts) + fixed, len(reads)


def _drawn(items: list[pytest.Item], left: int) -> tuple[int, int]:
    """Submissions that drawn tests buy with what is left, and their requests."""
    examples = settings().max_examples
    known = {**DRAWN, "test_valid_body_ends_in_a_picture_of_the_size_asked": (examples, examples * (1 + ROUNDS))}
    found = [known[_name(item)] for item in items if _name(item) in known]
    wanted, requests = (sum(numbers) for numbers in zip(*found, strict=True)) if found else (0, 0)
    buys = min(left, wanted)
    return buys, round(requests * buys / wanted) if wanted else 0


def _follow(tasks: int, pace: Pace) -> tuple[int, float]:
    """How often each task is read until all have ended, and the seconds of the pauses between these reads."""
    if not tasks:
        return 0, 0.0
    a_round = pace.poll_seconds + (tasks / pace.rate if pace.rate else 0.0)
    rounds = max(ROUNDS, math.ceil(pace.task_seconds / a_round)) if a_round else ROUNDS
    return rounds, (rounds + READS_AFTER_END) * pace.poll_seconds


def _sentences(items: list[pytest.Item]) -> Iterator[Any]:
    """What the groups among the tests are made of."""
    for item in items:
        group = _parameters(item).get("group")
        if isinstance(group, Group):
            yield from (member.one for member in group.members)


def _parameters(item: pytest.Item) -> dict[str, Any]:
    return item.callspec.params if hasattr(item, "callspec") else {}


def _name(item: pytest.Item) -> str:
    return str(getattr(item, "originalname", item.name))
