"""What becomes of each sentence of a group: each is told by its own end, whatever the group's is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest

from contract_tests.harness.groups import Each, Group, Member, left_out_of, told_by
from contract_tests.harness.not_concluded import NotConcluded, NotRun
from contract_tests.model.document import Operation

from .apis import PLAIN

SECRET = "what nobody may see"


@dataclass(frozen=True)
class Said:
    """A sentence that ends as it is told to."""

    sentence: str
    operation: Operation = PLAIN


class Item:
    """As much of a test as a group needs."""

    nodeid = "api/test_x.py::test_x[a group]"
    location = ("api/test_x.py", 6, "test_x[a group]")
    path = Path("/api/test_x.py")

    def __init__(self) -> None:
        self.user_properties: list[tuple[str, object]] = [("promise", f"{PLAIN.name}.{name}") for name in ENDS]


def fails() -> None:
    raise AssertionError(f"broken, {SECRET}")


def is_lost() -> None:
    raise NotConcluded("lost", "ask again")


def costs() -> None:
    raise NotRun


def ends_the_run() -> None:
    pytest.exit("nobody answers")


ENDS: dict[str, Callable[[], None]] = {
    "good": lambda: None,
    "broken": fails,
    "lost": is_lost,
    "unpaid": costs,
    "the end": ends_the_run,
}


def report_of(*names: str) -> tuple[pytest.Item, pytest.TestReport]:
    """The report of a group of such sentences."""
    item = cast(pytest.Item, Item())
    members = [Member(Said(name), "x", name) for name in names]
    each = Each(item, list, lambda text: text.replace(SECRET, "*"))
    outcome, longrepr = "passed", cast(Any, None)
    try:
        each(Group("a group", PLAIN, members), lambda said: ENDS[said.sentence]())
    except pytest.skip.Exception as error:
        outcome, longrepr = "skipped", ("", 1, str(error))
    except AssertionError as error:
        outcome, longrepr = "failed", str(error)
    made = pytest.TestReport(item.nodeid, item.location, {}, cast(Any, outcome), longrepr, "call")
    made.user_properties = list(item.user_properties)
    return item, made


def test_each_sentence_is_told_by_its_own_end() -> None:
    told = {one.id: one for one in told_by(report_of("good", "broken", "lost", "unpaid")[1])}
    ends = {name: told[f"api/test_x.py::test_x[{name}]"] for name in ("good", "broken", "lost", "unpaid")}
    assert {name: (one.outcome, one.is_open) for name, one in ends.items()} == {
        "good": ("passed", False),
        "broken": ("failed", False),
        "lost": ("skipped", True),
        "unpaid": ("skipped", False),
    }
    assert {name: one.promises for name, one in ends.items()} == {name: [f"{PLAIN.name}.{name}"] for name in ends}


def test_no_note_holds_the_key() -> None:
    _, report = report_of("broken")
    assert SECRET not in str(report.user_properties)


@pytest.mark.parametrize(
    ("names", "outcome"),
    [
        (("good", "unpaid"), "passed"),
        (("unpaid", "unpaid", "unpaid"), "skipped"),
        (("broken", "unpaid", "unpaid", "lost"), "failed"),
        (("good", "lost", "unpaid"), "failed"),
    ],
)
def test_every_skipped_sentence_is_counted_once(names: tuple[str, ...], outcome: str) -> None:
    item, report = report_of(*names)
    more = list(left_out_of(item, report))
    assert report.outcome == outcome
    assert report.skipped + len(more) == names.count("unpaid")
    assert {one.longrepr for one in more} <= {("/api/test_x.py", 7, "Skipped: not run: budget")}


def test_other_phases_of_a_group_tell_nothing_twice() -> None:
    item, report = report_of("broken", "unpaid")
    report.when, report.outcome, report.longrepr = "teardown", "passed", None
    assert [*told_by(report), *left_out_of(item, report)] == []


def test_what_ends_the_run_ends_the_group() -> None:
    with pytest.raises(pytest.exit.Exception):
        report_of("broken", "the end", "good")
