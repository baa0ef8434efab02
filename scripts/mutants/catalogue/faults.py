"""Faults of the front door as data: which lines are changed, and which tests have to object in each client."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from scripts.mutants.changes import edit
from scripts.mutants.mutant import Choice, Mutant

CLIENTS = {"Modellix": ("Modellix", "sync"), "AsyncModellix": ("AsyncModellix", "async")}
"""The two clients, and what their parameters are called in the ids of tests."""

# In each folder of tests a few on whatever goes well. Where they fail as well, a mutant breaks more than it says.
CONTROLS = {
    "tests/faults": (
        "faults/test_habits.py::test_the_user_agent_names_versions",
        "faults/test_reads.py::test_odd_but_sound_replies_are_read[a task that runs]",
    ),
    "tests/waiting": ("waiting/test_states.py::test_a_task_that_ended_well_is_a_result[completed]",),
    "tests/downloads": ("downloads/test_replies.py::test_picture_becomes_a_file_named_after_the_task[webp]",),
}

Change = tuple[str, str, str]
"""A function as `module:Class.function` within `modellix`, what it holds, and what it holds instead."""


@dataclass(frozen=True)
class Fault:
    """One fault. `changes` are for both clients, `sync` and `asynchronous` for one, where each has lines of its own.

    `tests` have to object, by `folder/file.py::test` with all its rows, or one, `test[row]`. The client stands before
    the row, or where the row says `{client}`; `=` in front is for a test that knows neither client.
    """

    name: str
    sentence: str
    tests: tuple[str, ...]
    changes: tuple[Change, ...] = ()
    sync: tuple[Change, ...] = ()
    asynchronous: tuple[Change, ...] = ()
    is_about_ending: bool = False
    equivalent: str = ""


def mutants_of(fault: Fault) -> Iterator[Mutant]:
    """The fault in each of the two clients, or in the only one that has lines for it."""
    for client in CLIENTS:
        own = fault.sync if client == "Modellix" else fault.asynchronous
        if not fault.changes and not own:
            continue
        expected = tuple(_beginning(test, client) for test in fault.tests)
        controls = tuple(_beginning(test, client) for test in _controls(fault))
        yield Mutant(
            name=f"{fault.name}, {client}",
            kind="front door",
            sentence=fault.sentence,
            apply=partial(_apply, (*fault.changes, *own)),
            expects=expected,
            files=tuple(sorted({test.partition("::")[0] for test in (*expected, *controls)})),
            choices=(_begun(expected + controls),),
            controls=controls,
            is_about_ending=fault.is_about_ending,
            equivalent=fault.equivalent,
            seconds=5.0 if fault.is_about_ending else 30.0,
        )


def _apply(changes: tuple[Change, ...]) -> None:
    """All changes; those of one function are made together."""
    for where in dict.fromkeys(change[0] for change in changes):
        edit(f"modellix.{where}", *(change[1:] for change in changes if change[0] == where))


def _beginning(test: str, client: str) -> str:
    """How the ids of a test begin for one client, which is the first parameter unless the test says where it stands."""
    path, _, row = test.partition("[")
    name = CLIENTS[client][path.startswith("downloads/")]
    if path.startswith("="):
        return f"tests/{test[1:]}"
    return f"tests/{path}[" + (row.format(client=name) if "{client}" in row else f"{name}-{row}" if row else name)


def _begun(beginnings: tuple[str, ...]) -> Choice:
    return lambda test: test.id.startswith(beginnings)


def _controls(fault: Fault) -> Iterator[str]:
    folders = {f"tests/{test.partition('/')[0]}" for test in fault.tests}
    for folder in sorted(folders & set(CONTROLS)):
        yield from CONTROLS[folder]
