"""`check`: pages against the contract. `diff`: one page or document against another."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from page2openapi.drift import CONTRACT, compare_any, compare_with_contract
from page2openapi.inputs import load_document, load_either, load_page
from page2openapi.page import Page
from page2openapi.report import BadUsage, Commands, status_of, write_drift


def add_parser(commands: Commands) -> None:
    """Adds both commands to the command line."""
    text = "compare pages with openapi/modellix.yaml; without pages, those on the site"
    check = commands.add_parser("check", help=text, description=text)
    check.add_argument("pages", metavar="PAGE", nargs="*", help="a file with the page's text or its Markdown export")
    check.add_argument("--format", choices=["text", "json"], default="text", help="default: text")
    check.set_defaults(run=_check)
    text = "compare two pages, two OpenAPI documents, or one of each"
    diff = commands.add_parser("diff", help=text, description=text)
    diff.add_argument("old", metavar="OLD", help="a page, or a document in YAML or JSON; - for standard input")
    diff.add_argument("new", metavar="NEW", help="the same")
    diff.add_argument("--format", choices=["text", "json"], default="text", help="default: text")
    diff.set_defaults(run=_diff)


def _check(options: argparse.Namespace) -> int:
    if not options.pages:
        from page2openapi.check_site import check_fetched  # A quarter of a second that files do not need.

        return check_fetched(options)
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
