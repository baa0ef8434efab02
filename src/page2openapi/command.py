"""The command line: `python -m scripts.docs read|check|diff|apply …`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import NoReturn

from page2openapi import apply, check
from page2openapi.inputs import CannotRead, load_page
from page2openapi.outputs import as_json, as_yaml, made_valid
from page2openapi.report import DONE, UNREAD, USAGE, BadUsage, Commands, say, say_problems

COMMANDS = ("read", "check", "diff", "apply")

Run = Callable[[argparse.Namespace], int]


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
        say(f"{parser.prog}: {error}")
        return USAGE
    except CannotRead as error:
        say(str(error))
        return UNREAD


def _read(options: argparse.Namespace) -> int:
    page = load_page(options.page)
    document, removed = made_valid(page.document)
    sys.stdout.write(as_json(document) if options.format == "json" else as_yaml(document))
    return UNREAD if say_problems(page, *removed) else DONE


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
    for module in (check, apply):
        module.add_parser(commands)
