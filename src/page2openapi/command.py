"""The command line: `python -m scripts.docs read|check|diff|apply …`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn

from page2openapi.output import as_json, as_yaml
from page2openapi.page import Page
from page2openapi.problems import Problem, printable
from page2openapi.reading import LARGEST_PAGE, read_page
from page2openapi.validity import made_valid

COMMANDS = ("read", "check", "diff", "apply")
DONE, DRIFTED, USAGE, UNREAD = 0, 1, 2, 3

Run = Callable[[argparse.Namespace], int]
Commands = Any  # argparse keeps the class of what add_subparsers() returns to itself


class BadUsage(Exception):
    """What is wrong with the arguments."""


class CannotRead(Exception):
    """Why a file cannot be read."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command and returns its exit status: 0 done, 1 drift, 2 usage, 3 something could not be read."""
    parser = _parser()
    given = sys.argv[1:] if arguments is None else arguments
    try:
        if given and not given[0].startswith("-") and given[0] not in COMMANDS:
            meant = get_close_matches(given[0], COMMANDS, 1) or [f"check {given[0]}"]
            raise BadUsage(f"{given[0]!r} is no command ({', '.join(COMMANDS)}); perhaps you mean: {meant[0]}")
        options = parser.parse_args(given)
        run: Run = options.run
        return run(options)
    except BadUsage as error:
        _say(f"{parser.prog}: {error}")
        return USAGE
    except CannotRead as error:
        _say(str(error))
        return UNREAD


def read_bytes(path: Path | str) -> bytes:
    """The content of a file, or of standard input for `-`. Raises CannotRead."""
    try:
        if str(path) == "-":
            return sys.stdin.buffer.read(4 * LARGEST_PAGE)
        with Path(path).open("rb") as file:
            return file.read(4 * LARGEST_PAGE)
    except (OSError, ValueError) as error:  # ValueError: a path that no file can have
        reason = error.strerror if isinstance(error, OSError) else None
        raise CannotRead(f"{path}: cannot be read: {reason or error}") from None


def load_page(path: Path | str) -> Page:
    """Reads a page from a file, or from standard input for `-`. Raises CannotRead when there is no text."""
    return page_of(read_bytes(path), str(path))


def page_of(content: bytes, source: str) -> Page:
    """The page that these bytes hold."""
    try:
        return read_page(content.decode("utf-8-sig"), source)
    except UnicodeDecodeError as error:
        page = read_page(content.decode("utf-8-sig", errors="replace"), source)
        line = content.count(b"\n", 0, error.start) + 1
        page.problems.insert(0, Problem(line, f"byte {error.start} is not UTF-8"))
        return page


def say_problems(page: Page, *others: str) -> bool:
    """Says what could not be read of a page, what else is wrong with it, and its warnings. Whether anything was."""
    problems = [*page.problems, *(Problem(0, text) for text in others)]
    for problem in problems:
        _say(located(page.source, problem))
    for warning in page.warnings:
        _say(located(page.source, Problem(warning.line, f"warning: {warning.text}")))
    return bool(problems)


def located(source: str, problem: Problem) -> str:
    """A problem as one line that begins with its place."""
    return f"{source}:{problem.line}: {problem.text}" if problem.line else f"{source}: {problem.text}"


def _read(options: argparse.Namespace) -> int:
    page = load_page(options.page)
    document, removed = made_valid(page.document)
    sys.stdout.write(as_json(document) if options.format == "json" else as_yaml(document))
    return UNREAD if say_problems(page, *removed) else DONE


def _say(text: str) -> None:
    print(printable(text), file=sys.stderr)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise BadUsage(message)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m scripts.docs",
        description="Read the vendor's documentation pages, and find out what changed.",
        epilog="Exit status: 0 done or no drift, 1 drift, 2 usage, 3 something was not read, 4 no page was reached. "
        "`nox -s docs -- COMMAND` installs what the commands need; it turns every status but 0 into 1.",
    )
    commands: Commands = parser.add_subparsers(required=True, metavar="COMMAND")
    read = commands.add_parser("read", help="print a page as an OpenAPI 3.1 document with one operation")
    read.add_argument(
        "page", metavar="PAGE", help="a file with the page's text or its Markdown export, - for standard input"
    )
    read.add_argument("--format", choices=["json", "yaml"], default="yaml", help="default: yaml")
    read.set_defaults(run=_read)
    _add_others(commands)
    return parser


def _add_others(commands: Commands) -> None:
    from page2openapi import apply, check, diff  # They need what stands above.

    for module in (check, diff, apply):
        module.add_parser(commands)
