"""What the commands tell: the exits, what could not be read, and the drift."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from page2openapi.drift import Difference
from page2openapi.drift.difference import SEVERITIES
from page2openapi.outputs import as_json
from page2openapi.page import Page
from scripts.regenerate.refusal import printable

DONE, DRIFTED, USAGE, UNREAD, NOTHING_REACHED = range(5)  # the exits; DRIFTED also when something is left for a hand

Compared = tuple[str, str, list[Difference]]  # the sources of the old and the new side, and what differs


class BadUsage(Exception):
    """What is wrong with the arguments."""


def say(text: str) -> None:
    """Tells a person, on standard error."""
    print(printable(text), file=sys.stderr)


def say_problems(page: Page, *others: str) -> bool:
    """Says what could not be read of a page, what else is wrong with it, and its warnings. Whether anything was."""
    warnings = [(line, f"warning: {text}") for line, text in page.warnings]
    for line, text in [*page.problems, *((0, text) for text in others), *warnings]:
        say(f"{located(page.source, line)}: {text}")
    return bool(page.problems or others)


def located(source: str, line: int | None) -> str:
    """A place as messages begin with it."""
    return f"{source}:{line}" if line else source


def write_drift(compared: Sequence[Compared], form: str) -> None:
    """Prints differences worst first, one line each or as one JSON list. `page` is said when there are several."""
    sorted_out = sorted(
        ((old, new, one) for old, new, found in compared for one in found),
        key=lambda entry: SEVERITIES.index(entry[2].severity),
    )
    if form == "text":
        sys.stdout.write("".join(f"{printable(one.as_text(old, new))}\n" for old, new, one in sorted_out))
        return
    several = len(compared) > 1
    sys.stdout.write(as_json([one.as_json() | ({"page": new} if several else {}) for _, new, one in sorted_out]))


def status_of(compared: Iterable[Compared], pages: Iterable[Page]) -> int:
    """Says what could not be read, and returns the exit status: 3 for that, else 1 for drift, else 0."""
    problems = [page for page in pages if say_problems(page)]
    if problems:
        return UNREAD
    return DRIFTED if any(found for _, _, found in compared) else DONE
