"""The command line: `python -m scripts.docs read|check|diff|apply|index|propose …`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from page2openapi.drift import CONTRACT, compare_any, compare_with_contract
from page2openapi.inputs import CannotRead, load_document, load_either, load_page
from page2openapi.outputs import as_json, as_yaml, made_valid
from page2openapi.page import Page
from page2openapi.report import DONE, UNREAD, USAGE, BadUsage, say, say_problems, status_of, write_drift

if TYPE_CHECKING:
    from page2openapi.index.fetching import Manners

COMMANDS = ("read", "check", "diff", "apply", "index", "propose")

Run = Callable[[argparse.Namespace], int]
_PAGE = "a file with the page's text or its Markdown export"
_Commands = Any  # argparse keeps the class of what add_subparsers() returns to itself


def main(arguments: Sequence[str] | None = None, *, propose: Run | None = None) -> int:
    """Runs a command and returns its exit status: 0 done, 1 drift, 2 usage, 3 something could not be read.

    `propose` runs the command of that name, which needs more than this package: git and the contract tests.
    """
    parser = _parser(propose or _cannot_propose)
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


def _check(options: argparse.Namespace) -> int:
    if not options.pages:
        from page2openapi.check_site import check_fetched  # A quarter of a second that files do not need.

        return check_fetched(options.format)
    return check_files(options.pages, CONTRACT, options.format)


def check_files(paths: Sequence[str], document: Path, form: str) -> int:
    """Compares pages on disk with a document and prints the drift, as `text` or `json`. Returns the exit status."""
    contract = load_document(document)
    pages = [load_page(path) for path in paths]
    compared = [(contract.source, page.source, compare_with_contract(page, contract)) for page in pages]
    write_drift(compared, form)
    return status_of(compared, pages)


def _diff(options: argparse.Namespace) -> int:
    if options.old == options.new == "-":
        raise BadUsage("OLD and NEW cannot both be standard input")
    old, new = load_either(options.old), load_either(options.new)
    compared = [(old.source, new.source, compare_any(old, new))]
    write_drift(compared, options.format)
    return status_of(compared, [one for one in (old, new) if isinstance(one, Page)])


def _apply(options: argparse.Namespace) -> int:
    from page2openapi.apply import new_models, running
    from page2openapi.index.running import Places  # The generator, which checks the result, is slow to import.

    if options.new is None:
        if not options.pages or options.index:
            raise BadUsage("apply needs a PAGE, or --new" if not options.pages else "--index goes with --new alone")
        return running.run(options.pages, dry_run=options.dry_run)
    if options.pages:
        raise BadUsage("PAGE and --new do not go together")
    pattern = None if options.new is True else options.new
    return new_models.run(pattern, options.index, Places(), _manners(options), dry_run=options.dry_run)


def _index(options: argparse.Namespace) -> int:
    from page2openapi.index.running import Places, run  # A quarter of a second that files do not need.

    return run(options.source, Places(), _manners(options), accept=options.accept)


def _manners(options: argparse.Namespace) -> Manners:
    from page2openapi.index.fetching import PAUSES, Manners

    return Manners(replace(PAUSES, between=options.pause))


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds <= 60:
        raise ValueError
    return seconds


def _cannot_propose(options: argparse.Namespace) -> int:
    raise BadUsage("`propose` is a command of scripts.docs alone")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise BadUsage(message)


def _parser(propose: Run) -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m scripts.docs",
        description="Read the vendor's documentation pages, and find out what changed.",
        epilog="Exit status: 0 done or no drift, 1 drift, 2 usage, 3 something was not read, 4 no page was reached. "
        "`nox -s docs -- COMMAND` installs what the commands need; it turns every status but 0 into 1.",
    )
    commands: _Commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_reading(commands)
    _add_writing(commands, propose)
    return parser


def _add_reading(commands: _Commands) -> None:
    read = _add(commands, _read, "print a page as an OpenAPI 3.1 document with one operation")
    read.add_argument("page", metavar="PAGE", help=f"{_PAGE}, - for standard input")
    read.add_argument("--format", choices=["json", "yaml"], default="yaml", help="default: yaml")
    check = _add(commands, _check, "compare pages with openapi/modellix.yaml; without pages, those on the site")
    check.add_argument("pages", metavar="PAGE", nargs="*", help=_PAGE)
    diff = _add(commands, _diff, "compare two pages, two OpenAPI documents, or one of each")
    diff.add_argument("old", metavar="OLD", help="a page, or a document in YAML or JSON; - for standard input")
    diff.add_argument("new", metavar="NEW", help="the same")
    for command in (check, diff):
        command.add_argument("--format", choices=["text", "json"], default="text", help="default: text")


def _add_writing(commands: _Commands, propose: Run) -> None:
    """With `index`, whose list of those not wanted it may write."""
    apply = _add(commands, _apply, "write the differences into openapi/modellix.yaml, after showing them")
    apply.add_argument("pages", metavar="PAGE", nargs="*", help=f"{_PAGE}, - for standard input")
    new = "add the models of the index that are new, or that match: provider/model or an address, with * and ?"
    apply.add_argument("--new", metavar="PATTERN", nargs="?", const=True, help=new)
    apply.add_argument("--index", metavar="URL|FILE", help="for --new; default: the one that `index` read last")
    apply.add_argument("--dry-run", action="store_true", help="show what would change, and write nothing")
    proposal = _add(commands, propose, "make a branch with what changed, and print a pull request's text", "propose")
    proposal.add_argument("pages", metavar="PAGE", nargs="*", help=f"{_PAGE}; without pages, those on the site")
    proposal.add_argument("--left", metavar="FILE", help="write there, one a line, what is left for a hand")
    index = _add(commands, _index, "compare the pages that an index lists with openapi/modellix.yaml")
    index.add_argument("source", metavar="URL|FILE", nargs="?", help="default: https://docs.modellix.ai/llms.txt")
    index.add_argument("--accept", action="store_true", help="list what is new now in openapi/not-wanted.txt")
    for command in (index, apply):
        pause = "between requests; default: 0.5"
        command.add_argument("--pause", metavar="SECONDS", type=_seconds, default=0.5, help=pause)


def _add(commands: _Commands, run: Run, text: str, name: str = "") -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name or run.__name__[1:], help=text, description=text)
    parser.set_defaults(run=run)
    return parser
