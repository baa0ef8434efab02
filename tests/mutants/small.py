"""A catalogue of a few mutants, one of each fate: `python -m tests.mutants.small REPORT` runs it like the real one."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from contract_tests.model import good
from scripts.mutants.catalogue import document_untyped
from scripts.mutants.changes import wrap
from scripts.mutants.command import main
from scripts.mutants.edits import edit, swap
from scripts.mutants.mutant import Mutant

FILE = "contract_tests/client/test_failures.py"
REPLIES = "modellix.testing.tasks:TaskReplies.read"


def ends_well() -> None:
    """A task that is to fail ends well."""
    edit(REPLIES, swap("status = task.read()", 'status = task.read().replace("failed", "success")'))


def same() -> None:
    """Something changes that nobody can tell."""
    edit(REPLIES, swap("status = task.read()", "status = str(task.read())"))


def hang() -> None:
    """A task is read for ever."""
    wrap(REPLIES, lambda read: lambda *_: signal.pause())


def slip() -> Mutant:
    """Of the document, at a model whose page counts as not typed."""
    [found] = [one for one in document_untyped.mutants(good.EDIT) if one.sort == "maxItems: one more"]
    return replace(found, name="slip")


def mutant(name: str, apply: Callable[[], object], expects: str = "gpt-image-2.task.failed", **more: object) -> Mutant:
    chosen = (lambda test: "gpt-image-2]" in test.id,)
    return Mutant(name, "stand-in", f"The one that is {name}.", apply, (expects,), (FILE,), chosen, **more)  # type: ignore[arg-type]


MUTANTS = (
    mutant("killed", ends_well),
    mutant("survivor", same),
    mutant("killed for another reason", ends_well, "gpt-image-2.task.expiry"),
    mutant("equivalent", same, equivalent="It is a text already."),
    mutant("equivalent, wrongly", ends_well, equivalent="Nobody reads it."),
    mutant("gone", partial(edit, REPLIES, swap("no such line", ""))),
    mutant("of no promise", ends_well, "gpt-image-2.task.joy"),
    mutant("hanging", hang, seconds=1.5),
    slip(),
    mutant("hanging, as it says", hang, "test_failed_task", seconds=1.5, is_about_ending=True),
)

if __name__ == "__main__":
    sys.exit(main(sys.argv[2:], MUTANTS, Path(sys.argv[1])))
