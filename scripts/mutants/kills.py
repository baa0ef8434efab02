"""`@kills(sentence, function, edit)` above a test: the fault that the test is known to find.

A fault of the client is tried once in each of the two, one of the generated client once. It says what is broken, and
in which function what is changed: `kills("…", "_core.budget:SpendGuard.give_back", swap("-= 1", "-= 2"))`.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from scripts.mutants.edits import Edit, always, never, returns, swap, without

__all__ = ["Fault", "always", "control", "kills", "never", "returns", "swap", "without"]

Part = str | Edit
"""A function as `module:Class.function` within `modellix` or of `modellix_client`, or an edit of the one before it."""


@dataclass(frozen=True)
class Fault:
    """One fault. `both` is for both clients, `sync` and `asynchronous` for the one that has lines of its own."""

    sentence: str
    both: tuple[Part, ...]
    sync: tuple[Part, ...]
    asynchronous: tuple[Part, ...]
    row: str  # of the test's parameters, without the client; all rows when it is empty
    is_about_ending: bool


def kills(
    sentence: str,
    *both: Part,
    sync: tuple[Part, ...] = (),
    asynchronous: tuple[Part, ...] = (),
    row: str = "",
    is_about_ending: bool = False,
) -> pytest.MarkDecorator:
    """A mark for the test that finds the fault, in one row of its parameters if it has several."""
    return pytest.mark.kills(Fault(sentence, both, sync, asynchronous, row, is_about_ending))


def control(row: str = "") -> pytest.MarkDecorator:
    """A mark for a test on what goes well: where it fails, a fault of a test with the same fixtures breaks too much."""
    return pytest.mark.control(row)
