"""Faults in the lines of both packages. Each stands as `@kills` above the test that finds it."""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from types import ModuleType
from typing import Any

import pytest

from scripts.mutants.catalogue.generated_functions import CHECKER
from scripts.mutants.edits import Edit, edit
from scripts.mutants.kills import Fault, Part
from scripts.mutants.mutant import Candidate, Choice, Mutant
from scripts.mutants.session import ROOT

CLIENTS = ("Modellix", "AsyncModellix")
"""As the ids of tests call them."""

PATIENCE = 90.0  # seconds; a test that waits for what never comes gives up by itself before, and says why
ENDLESS = 15.0  # seconds for a test that is known to wait for ever, with what it needs before

Changes = dict[str, list[Edit]]
"""The edits of each function."""


@dataclass(frozen=True)
class _Marked:
    """A test, and what stands in one of its marks."""

    file: str
    name: str
    setting: frozenset[str]  # the fixtures that all tests of its file use
    given: Any


def mutants() -> Iterator[Mutant]:
    """Every fault in each of the two clients, or in the only one that has lines for it."""
    names = Counter[str]()
    for killer in marked("kills"):
        for client, changes in _in_each(killer.given):
            name = f"{next(iter(changes)).removeprefix('modellix.')}{client and ', '}{client}"
            names[name] += 1
            yield _mutant(f"{name} {names[name]}" if names[name] > 1 else name, killer, client, changes)


def _in_each(fault: Fault) -> Iterator[tuple[str, Changes]]:
    """The changes in each client; the generated one, which both use, has no name here."""
    both = _by_function(fault.both)
    if any(map(is_generated, both)):
        yield "", both
        return
    for client, own in zip(CLIENTS, (fault.sync, fault.asynchronous), strict=True):
        if fault.both or own:
            yield client, _by_function((*fault.both, *own))


def is_generated(where: str) -> bool:
    """Whether a function is one of the generated client."""
    return where.startswith("modellix_client.")


@cache
def marked(mark: str) -> tuple[_Marked, ...]:
    """The tests of this project with such a mark, once for each mark: files by name, the rest as it is written."""
    return tuple(_marked(mark))


def _marked(mark: str) -> Iterator[_Marked]:
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        if f"@{mark}(" in path.read_text("utf-8"):
            file = path.relative_to(ROOT).as_posix()
            module = importlib.import_module(file.removesuffix(".py").replace("/", "."))
            setting = _setting(module)
            for name, test in vars(module).items():
                marks: list[pytest.Mark] = getattr(test, "pytestmark", []) if name.startswith("test_") else []
                yield from (_Marked(file, name, setting, *one.args) for one in reversed(marks) if one.name == mark)


def _setting(module: ModuleType) -> frozenset[str]:
    marks: list[pytest.Mark] | pytest.Mark = getattr(module, "pytestmark", [])
    marks = marks if isinstance(marks, list) else [marks]
    return frozenset(name for mark in marks if mark.name == "usefixtures" for name in mark.args)


def _by_function(parts: tuple[Part, ...]) -> Changes:
    changes: Changes = {}
    where = ""
    for part in parts:
        if isinstance(part, str):
            where = part if is_generated(part) else f"modellix.{part}"
        else:
            changes.setdefault(where, []).append(part)
    return changes


def _mutant(name: str, killer: _Marked, client: str, changes: Changes) -> Mutant:
    fault: Fault = killer.given
    controls = [one for one in marked("control") if one.setting == killer.setting]
    killing = _choice(client, [(killer, fault.row)])
    controlling = _choice(client, [(one, one.given) for one in controls])
    return Mutant(
        name=name,
        kind="client" if client else "generated client",
        sentence=fault.sentence,
        apply=partial(_apply, changes),
        expects=(f"{killer.file}::{killer.name}",),
        files=tuple(sorted({killer.file, *(one.file for one in controls)})),
        choices=(lambda test: killing(test) or controlling(test),),
        controls=controlling,
        is_about_ending=fault.is_about_ending,
        seconds=ENDLESS if fault.is_about_ending else PATIENCE,
    )


def _apply(changes: Changes) -> None:
    for where, edits in changes.items():
        edit(where, *edits)
    CHECKER._checks.clear()  # those that were made with the functions before


def _choice(client: str, tests: list[tuple[_Marked, str]]) -> Choice:
    """The rows of tests for one client, or without a client; a row is told by its parameters, or the first of them."""
    rows = {(f"{test.file}::{test.name}", row) for test, row in tests}

    def is_chosen(test: Candidate) -> bool:
        function, _, parameters = test.id.removesuffix("]").partition("[")
        steps = parameters.split("-")
        of = next((one for one in CLIENTS if one in steps), client)
        bare = "-".join(step for step in steps if step != of)
        return of == client and any(
            function == known and (not row or bare == row or bare.startswith(f"{row}-")) for known, row in rows
        )

    return is_chosen
