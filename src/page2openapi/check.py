"""`check`: pages against the contract. And the report on drift that all commands print."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from page2openapi.command import DONE, DRIFTED, UNREAD, Commands, load_page, say_problems
from page2openapi.drift import CONTRACT, Difference, compare_with_contract
from page2openapi.drift.difference import SEVERITIES
from page2openapi.either import load_document
from page2openapi.output import as_json
from page2openapi.page import Page
from page2openapi.problems import printable

Compared = tuple[str, str, list[Difference]]  # the sources of the old and the new side, and what differs


def add_parser(commands: Commands) -> None:
    """Adds the command to the command line."""
    text = "compare pages with openapi/modellix.yaml; without pages, those on the site"
    check = commands.add_parser("check", help=text, description=text)
    check.add_argument("pages", metavar="PAGE", nargs="*", help="a file with the page's text or its Markdown export")
    check.add_argument("--format", choices=["text", "json"], default="text", help="default: text")
    check.set_defaults(run=_check)


def _check(options: argparse.Namespace) -> int:
    if not options.pages:
        from page2openapi.fetching import check_fetched  # A quarter of a second that files do not need.

        return check_fetched(options)
    return check_files(options.pages, CONTRACT, options.format)


def check_files(paths: Sequence[str], document: Path, form: str) -> int:
    """Compares pages on disk with a document and prints the drift, as `text` or `json`. Returns the exit status."""
    contract = load_document(document)
    pages = [load_page(path) for path in paths]
    compared = [(contract.source, page.source, compare_with_contract(page, contract)) for page in pages]
    write_drift(compared, form)
    return status_of(compared, pages)


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
