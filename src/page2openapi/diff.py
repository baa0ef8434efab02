"""`diff`: what changed from one page or OpenAPI document to another."""

from __future__ import annotations

import argparse

from page2openapi.check import status_of, write_drift
from page2openapi.command import BadUsage, Commands
from page2openapi.drift import compare_any
from page2openapi.either import load_either
from page2openapi.page import Page


def add_parser(commands: Commands) -> None:
    """Adds the command to the command line."""
    text = "compare two pages, two OpenAPI documents, or one of each"
    diff = commands.add_parser("diff", help=text, description=text)
    diff.add_argument("old", metavar="OLD", help="a page, or a document in YAML or JSON; - for standard input")
    diff.add_argument("new", metavar="NEW", help="the same")
    diff.add_argument("--format", choices=["text", "json"], default="text", help="default: text")
    diff.set_defaults(run=_diff)


def _diff(options: argparse.Namespace) -> int:
    if options.old == options.new == "-":
        raise BadUsage("OLD and NEW cannot both be standard input")
    old, new = load_either(options.old), load_either(options.new)
    compared = [(old.source, new.source, compare_any(old, new))]
    write_drift(compared, options.format)
    return status_of(compared, [one for one in (old, new) if isinstance(one, Page)])
