"""The day the docs change, the whole way: `python -m tests.changes [--all-at-once] [NAME …]`, in a clone.

For each change a page is written, then come the steps of docs/docs-reader.md: `apply`, `regenerate`, the table typed by
hand, the usual tests. It runs in the folder where it is started, which must be a clean checkout, and takes back all it
did there.
A proposal of a change is made too, in a checkout that nobody changed.
With new names for fields the papers' programs and the demo fail, naming the line to change, and nothing else does.
Exit 0: everything passed, and nothing but the table was edited. 1: not so. 2: not a clean checkout, or a bad name.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.changes.catalogue import CHANGES, NEW_MODEL, NEW_NAMES, PROPOSAL
from tests.changes.checkout import Broken, Checkout
from tests.changes.following import apply_change, apply_new_model, check_followers, check_objection, edit_table
from tests.changes.proposing import check_proposal
from tests.changes.renaming import NAME_FIELDS, apply_renames, edit_names, unexpected

# They know no field and no limit. A change by itself runs them too; all at once leave them to the usual run.
LEFT_OUT = ("tests/modellix", "tests/release", "tests/papers/test_commands.py")
HEADINGS = ("change", "edits", "other files", "passed", "failed", "seconds")


@dataclass
class Outcome:
    """What came of a change, or of several at once."""

    name: str
    edits: int = 0
    others: list[str] = field(default_factory=list)  # files edited beside the table
    passed: int = 0
    problems: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def is_good(self) -> bool:
        return not self.problems and not self.others and bool(self.passed)

    def cells(self) -> tuple[str, ...]:
        numbers = (self.edits, len(self.others), self.passed, len(self.problems), round(self.seconds))
        return (self.name, *map(str, numbers))


def main(arguments: Sequence[str] | None = None) -> int:
    """Carries the changes out and returns the exit status."""
    parser = argparse.ArgumentParser(
        "changes", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [*(change.name for change in CHANGES), NEW_MODEL, NEW_NAMES, PROPOSAL]
    parser.add_argument(
        "--all-at-once", action="store_true", help="all changes, and one run of the tests, those of the client left out"
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"these changes alone: {', '.join(names)}")
    options = parser.parse_args(arguments)
    wanted = options.names or names
    if unknown := set(wanted) - set(names):
        parser.error(f"no change is named {', '.join(sorted(unknown))}")
    checkout = Checkout(Path.cwd())
    if dirty := checkout.changed_files():
        parser.error(f"the checkout is not clean: {', '.join(dirty)}")
    outcomes: list[Outcome] = []
    for group in _at_once(wanted) if options.all_at_once else [[name] for name in wanted]:
        outcomes.append(_carried_out(checkout, group))
        checkout.reset()
        for problem in outcomes[-1].problems:
            print(f"{outcomes[-1].name}: {problem}", flush=True)
    _print_table(outcomes)
    return 0 if all(outcome.is_good for outcome in outcomes) else 1


def _at_once(names: Sequence[str]) -> list[list[str]]:
    """One run of the tests, when everything but the proposal is changed; and the proposal."""
    groups = ([name for name in names if name != PROPOSAL], [name for name in names if name == PROPOSAL])
    return [group for group in groups if group]


def _carried_out(checkout: Checkout, names: Sequence[str]) -> Outcome:
    outcome = Outcome(names[0] if len(names) == 1 else f"{len(names)} changes at once")
    print(f"{', '.join(names)} ...", flush=True)
    started = time.monotonic()
    try:
        if PROPOSAL in names:
            outcome.passed = check_proposal(checkout)
        else:
            _go_the_way(checkout, names, outcome)
    except Broken as reason:
        outcome.problems.append(str(reason))
    outcome.others = checkout.files_beside_the_table()
    outcome.problems += [f"{file}: edited, beside the table" for file in outcome.others]
    outcome.seconds = time.monotonic() - started
    return outcome


def _go_the_way(checkout: Checkout, names: Sequence[str], outcome: Outcome) -> None:
    """New names come last: with them the papers' programs and the demo fail, so these are tried before too."""
    told = [apply_change(checkout, change) for change in CHANGES if change.name in names]
    if NEW_MODEL in names:
        apply_new_model(checkout)
    checkout.python("-m", "scripts.regenerate")
    if told:
        check_objection(checkout, told)
        outcome.edits = edit_table(checkout, told)
    if NEW_NAMES in names:
        outcome.problems += checkout.tests(*NAME_FIELDS).failed
        apply_renames(checkout)
        checkout.python("-m", "scripts.regenerate")
        outcome.edits += edit_names(checkout)
    run = checkout.tests("contract_tests", "tests", *(f"--ignore={one}" for one in LEFT_OUT if len(names) > 1))
    outcome.passed = run.passed
    outcome.problems += unexpected(run.failed) if NEW_NAMES in names else run.failed
    if NEW_MODEL in names:
        outcome.problems += check_followers(checkout, run.output)


def _print_table(outcomes: Sequence[Outcome]) -> None:
    lines = [HEADINGS, *(outcome.cells() for outcome in outcomes)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    lines.insert(1, tuple("-" * width for width in widths))
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


if __name__ == "__main__":
    sys.exit(main())
