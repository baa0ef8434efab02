"""How a fault gets into running code, and that it cannot fail to do so in silence; in forked children."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

import pytest

from scripts.mutants import changes, forks
from scripts.mutants.edits import Edit, NotApplied, always, edit, never, returns, swap, without

# From Python 3.12 on a fork beside threads, those of pytest-xdist for instance, brings a warning.
pytestmark = [
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork"),
]


class Purse:
    """What is changed: no code of the project, which others may change for good."""

    spent = 1
    lost = False

    def give_back(self, *coins: int) -> None:
        """Some of what was spent."""
        if coins and not self.lost:
            for coin in coins:
                self.spent -= coin


GIVE_BACK = f"{__name__}:Purse.give_back"


def in_child(work: Callable[[], Any], seconds: float = 10.0) -> Any:
    """What the work returns, or the type of what it raises, done in a process of its own."""

    def call(send: forks.Send) -> None:
        try:
            send(work())
        except NotApplied as error:
            send(f"NotApplied: {error}")

    [(_, outcome)] = forks.run([forks.Job(0, call, seconds)], 1)
    return outcome


def spent_after_give_back() -> int:
    purse = Purse()
    purse.give_back(1)
    return purse.spent


def test_function_is_changed_wherever_it_is_held() -> None:
    def work() -> list[int]:
        held = Purse.give_back
        before = spent_after_give_back()
        edit(GIVE_BACK, swap("spent -= coin", "spent -= 2 * coin"))
        return [before, spent_after_give_back(), held is Purse.give_back]

    assert in_child(work) == [0, -1, True]
    assert spent_after_give_back() == 0, "the parent has changed as well"


@pytest.mark.parametrize(
    ("where", "change"),
    [
        (GIVE_BACK, swap("spent -= 3", "")),  # no such piece
        (GIVE_BACK, swap("coin", "penny")),  # several
        (GIVE_BACK, swap("self.~", "1")),  # several, of any name
        (GIVE_BACK, swap("spent -= coin", "spent -=  coin")),  # the same
        (GIVE_BACK, never("spent")),  # no condition
        (GIVE_BACK, without("joy")),  # no such statement
        (f"{__name__}:Purse.take_back", swap("a", "b")),
        (f"{__name__}:Purse", swap("a", "b")),  # no function
    ],
)
def test_change_that_changes_nothing_is_an_error(where: str, change: Edit) -> None:
    outcome = in_child(lambda: edit(where, change))
    assert str(outcome).startswith("NotApplied")


@pytest.mark.parametrize(
    ("change", "lost", "spent"),
    [
        (never("lost"), False, 1),
        (always("lost"), True, 0),
        (without("lost"), True, 0),  # the operand, not the statement that holds it
        (without("spent -="), False, 1),
        (returns("print(self.spent)"), False, 1),
        (swap("-= ~", "-= 2 * ~"), False, -1),
        (always("self.~"), True, 0),  # of any name
    ],
)
def test_place_is_found_by_a_fragment(change: Edit, lost: bool, spent: int) -> None:
    def work() -> int:
        edit(GIVE_BACK, change)
        purse = Purse()
        purse.lost = lost
        purse.give_back(1)
        return purse.spent

    assert in_child(work) == spent


def test_several_pieces_of_one_function_are_changed_together() -> None:
    def work() -> int:
        edit(GIVE_BACK, swap("for coin in", "for penny in"), swap("-= coin", "-= 3 * penny"))
        return spent_after_give_back()

    assert in_child(work) == -2


def test_wrapped_function_is_found_by_every_name() -> None:
    def work() -> list[bool]:
        from contract_tests.model import document
        from modellix.testing import contract
        from modellix_client import operations

        changes.wrap("modellix_client.operations:document", lambda read: lambda: {"paths": {}})
        return [read() == {"paths": {}} for read in (contract.document, document.document, operations.document)]

    assert in_child(work) == [True, True, True]


def test_data_is_changed_where_there_is_some() -> None:
    for path in (("a", "c"), ("b",), ("a", "b", 0)):
        with pytest.raises(NotApplied):
            changes.at({"a": {"b": 1}}, *path)


def test_child_that_dies_or_hangs_is_no_outcome() -> None:
    jobs = [
        forks.Job(0, lambda send: os._exit(1), 5.0),
        forks.Job(1, lambda send: send({"key": "x" * 200_000}), 5.0),
        forks.Job(2, lambda send: 1 / 0, 5.0),  # type: ignore[arg-type,return-value]
    ]
    outcomes = dict(forks.run(jobs, 2))
    assert (outcomes[0], len(json.dumps(outcomes[1]))) == (None, 200_011)
    assert outcomes[2] == {"problem": "ZeroDivisionError: division by zero"}


def test_child_is_killed_with_all_it_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forks, "GRACE", 0.2)

    def hang(send: forks.Send) -> None:
        os.fork()
        while True:
            pass

    assert list(forks.run([forks.Job(7, hang, 0.2)], 1)) == [(7, None)]
