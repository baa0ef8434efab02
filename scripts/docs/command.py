"""The command line: `python -m scripts.docs read PAGE [--format json|yaml]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from scripts.docs.output import as_json, as_yaml
from scripts.docs.page import Page
from scripts.docs.problems import Problem, printable
from scripts.docs.reading import LARGEST_PAGE, read_page
from scripts.docs.validity import made_valid

DONE, USAGE, UNREAD = 0, 2, 3

Run = Callable[[argparse.Namespace], int]


class BadUsage(Exception):
    """What is wrong with the arguments."""


class CannotRead(Exception):
    """Why a file cannot be read."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command and returns its exit status: 0 done, 2 usage, 3 something could not be read."""
    parser = _parser()
    try:
        options = parser.parse_args(arguments)
    except BadUsage as error:
        _say(f"{parser.prog}: {error}")
        return USAGE
    try:
        run: Run = options.run
        return run(options)
    except CannotRead as error:
        _say(str(error))
        return UNREAD


def load_page(path: Path | str) -> Page:
    """Reads a page from a file, or from standard input for `-`. Raises CannotRead when there is no text."""
    try:
        if str(path) == "-":
            content = sys.stdin.buffer.read(4 * LARGEST_PAGE)
        else:
            with Path(path).open("rb") as file:
                content = file.read(4 * LARGEST_PAGE)
    except OSError as error:
        raise CannotRead(f"{path}: cannot be read: {error.strerror or error}") from None
    try:
        return read_page(content.decode("utf-8-sig"), str(path))
    except UnicodeDecodeError as error:
        page = read_page(content.decode("utf-8-sig", errors="replace"), str(path))
        line = content.count(b"\n", 0, error.start) + 1
        page.problems.insert(0, Problem(line, f"byte {error.start} is not UTF-8"))
        return page


def located(source: str, problem: Problem) -> str:
    """A problem as one line that begins with its place."""
    return f"{source}:{problem.line}: {problem.text}" if problem.line else f"{source}: {problem.text}"


def _read(options: argparse.Namespace) -> int:
    page = load_page(options.page)
    document, removed = made_valid(page.document)
    problems = [*page.problems, *(Problem(0, text) for text in removed)]
    sys.stdout.write(as_json(document) if options.format == "json" else as_yaml(document))
    for problem in problems:
        _say(located(page.source, problem))
    for warning in page.warnings:
        _say(located(page.source, Problem(warning.line, f"warning: {warning.text}")))
    return UNREAD if problems else DONE


def _say(text: str) -> None:
    print(printable(text), file=sys.stderr)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise BadUsage(message)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m scripts.docs",
        description="Read the vendor's documentation pages.",
        epilog="Exit status: 0 done, 2 usage, 3 something could not be read.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    read = commands.add_parser("read", help="print a page as an OpenAPI 3.1 document with one operation")
    read.add_argument(
        "page", metavar="PAGE", help="a file with the page's text or its Markdown export, - for standard input"
    )
    read.add_argument("--format", choices=["json", "yaml"], default="yaml", help="default: yaml")
    read.set_defaults(run=_read)
    return parser
