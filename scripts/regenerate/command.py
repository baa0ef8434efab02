"""The command line: `python -m scripts.regenerate [--check] [--document FILE] [--output DIR]`."""

from __future__ import annotations

import argparse
import sys
import warnings
from pathlib import Path
from typing import NoReturn

from scripts.regenerate.checks import check
from scripts.regenerate.field_types import renamed
from scripts.regenerate.generation import generate
from scripts.regenerate.output import (
    PACKAGE,
    check_replaceable,
    differences,
    methods_moved,
    read_document_of,
    replace_package,
    scratch_folder,
    types_gone,
)
from scripts.regenerate.reading import read_document
from scripts.regenerate.refusal import Refusal, one_line
from scripts.regenerate.surface import describe_changes

ROOT = Path(__file__).parents[2]
DONE, DIFFERENT, BAD_INPUT = 0, 1, 2


def main(arguments: list[str] | None = None) -> int:
    """Runs the command and returns its exit status: 0 done, 1 `--check` found differences, 2 bad input."""
    parser = _parser()
    try:
        options = parser.parse_args(arguments)
    except Refusal as refusal:
        return _fail(parser.prog, refusal)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Libraries have views on patterns and fields; the checks are ours.
            return _run(options.document, options.output, check_only=options.check)
    except Refusal as refusal:
        return _fail(str(options.document), refusal)
    except (Exception, RecursionError) as error:  # A document may break the tools in ways that nobody thought of.
        return _fail(str(options.document), Refusal("", f"cannot be generated: {type(error).__name__}: {error}"))


def _run(document_path: Path, output: Path, *, check_only: bool) -> int:
    document = read_document(document_path)
    check(document)
    notes = renamed(document)
    package = output / PACKAGE
    if not check_only:
        check_replaceable(package)
    with scratch_folder(output, beside=not check_only) as scratch:
        new = scratch / PACKAGE
        generate(document, document_path.name, new)
        if check_only:
            return _report(differences(package, new), package, [*_gone(package, new), *notes])
        changes = describe_changes(read_document_of(package), document, _gone(package, new))
        replace_package(package, new, scratch)
    print("\n".join(map(one_line, [*changes, *notes])))
    return DONE


def _gone(package: Path, new: Path) -> list[str]:
    return [*methods_moved(package, new), *types_gone(package, new)]


def _report(found: list[str], package: Path, said: list[str]) -> int:
    for line in [*found, *said]:
        print(one_line(line))
    print("to write it: nox -s generate" if found else f"{package} is what the document gives")
    return DIFFERENT if found else DONE


def _fail(place: str, refusal: Refusal) -> int:
    print(one_line(f"{place}: {refusal.place or 'document'}: {refusal.reason}"), file=sys.stderr)
    return BAD_INPUT


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise Refusal("usage", message)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m scripts.regenerate",
        description="Turn the OpenAPI document into the package modellix_client.",
        epilog="Exit status: 0 done, 1 --check found differences, 2 bad input.",
    )
    parser.add_argument("--check", action="store_true", help="write nothing; list the files that would differ")
    parser.add_argument("--document", type=Path, default=ROOT / "openapi" / "modellix.yaml", metavar="FILE")
    help_output = "the folder that holds the package modellix_client, which is replaced whole (default: generated)"
    parser.add_argument("--output", type=Path, default=ROOT / "generated", metavar="DIR", help=help_output)
    return parser
