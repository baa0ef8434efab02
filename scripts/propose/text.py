"""The text of the pull request, in Markdown. What pages say is indented: it is shown as it is and mentions nobody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from page2openapi.drift import Difference
from scripts.propose.git import BRANCH
from scripts.propose.pages import Pages
from scripts.propose.verdict import TABLE, Verdict
from scripts.propose.version import version_step
from scripts.propose.work import DOCUMENT, Work
from scripts.regenerate.refusal import printable

_MOST_LINES = 50  # of one block; a pull request takes 65,536 characters
_LONGEST = 200  # characters of a line in a block


def pull_request(pages: Pages, work: Work, verdict: Verdict, version: str | None) -> str:
    """All that a reviewer needs to know."""
    worst = pages.drift[0][1].severity
    drift = [one.as_text(DOCUMENT.as_posix(), source) for source, one in pages.drift]
    parts = [
        f"The vendor's pages say other things than `{DOCUMENT.as_posix()}`.",
        f"The branch `{BRANCH}` holds the changed document, its generated client, and a line in the changelog.",
        "## What drifted, worst first",
        *_block(drift),
        "## What users must change",
        *_duties(work),
        "## What changed in the client",
        *_block(work.surface),
        "## Version",
        f"{version_step(version, worst)} A tag sets the version, and no file here does.",
        "## Contract tests",
        *_judged(verdict),
        "## What is left for a hand",
        *_left(pages, work, verdict),
    ]
    return "\n\n".join(parts) + "\n"


def left_lines(pages: Pages, work: Work) -> list[str]:
    """What no command could write or read."""
    return [*pages.unread, *work.left]


def _duties(work: Work) -> Iterator[str]:
    duties = [_in_words(one) for one in work.written if one.severity != "non-breaking"]
    duties += [line for line in work.surface if line.startswith("type ")]
    if not duties:
        yield "Nothing. What was accepted before still is, and means the same."
    else:
        yield from _block(duties)


def _in_words(one: Difference) -> str:
    return f"{one.operation} {one.where}: {one.why} ({one.kind}: {one.change})".strip()


def _judged(verdict: Verdict) -> Iterator[str]:
    if verdict.trouble:
        yield f"**They did not run to their end:** `{verdict.trouble.replace('`', chr(39))}`"
    elif verdict.failed:
        yield f"**{len(verdict.failed)} failed**, {verdict.passed} passed:"
    else:
        yield f"{verdict.passed} passed.{' Only those on the table typed by hand failed.' if verdict.table else ''}"
    if verdict.failed:
        yield from _block(verdict.failed)


def _left(pages: Pages, work: Work, verdict: Verdict) -> Iterator[str]:
    left = left_lines(pages, work)
    if left:
        yield "No command could write or read this:"
        yield from _block(left)
    if verdict.table:
        yield f"Lines of the table `{TABLE}`, which a person types from the pages:"
        yield from _block(verdict.table)
    if verdict.untyped:
        yield f"Models whose pages nobody has typed into `{TABLE}`:"
        yield from _block([verdict.untyped])
    yield "The version, and the words of the line in `CHANGELOG.md`."


def _block(lines: Sequence[str]) -> Iterator[str]:
    shown = [_cut(line) for line in lines[:_MOST_LINES]]
    if len(lines) > _MOST_LINES:
        shown.append(f"and {len(lines) - _MOST_LINES} more")
    yield "\n".join(f"    {line}" for line in shown)


def _cut(line: str) -> str:
    line = printable(line)
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
