"""`apply`: writes what drifted into openapi/modellix.yaml, and says what is left for a hand."""

from __future__ import annotations

import argparse
from typing import Any


def add_parser(commands: Any) -> None:
    """Adds the command to the subparsers of argparse."""
    parser = commands.add_parser("apply", help="write the differences into openapi/modellix.yaml, after showing them")
    parser.add_argument(
        "pages", metavar="PAGE", nargs="+", help="a file with a page's text or Markdown export, - for standard input"
    )
    parser.add_argument("--dry-run", action="store_true", help="show what would change, and write nothing")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    from page2openapi.apply.running import run  # The generator, which checks the result, takes a second to import.

    return run(options)
