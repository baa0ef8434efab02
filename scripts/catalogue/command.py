"""The command line: `python -m scripts.catalogue write FOLDER`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from scripts.catalogue.folder import ORIGIN, write
from scripts.catalogue.models import catalogue


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when all went well."""
    options = _parser().parse_args(arguments)
    models = catalogue(options.models, options.seed)
    write(options.folder, models, options.origin)
    families = len({one.family for one in models})
    print(f"{len(models)} models of {families} families in {options.folder}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m scripts.catalogue", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    words = "write the site into a folder: llms.txt, a page for each model, and what each means in meant.json"
    writing = commands.add_parser("write", help=words, description=words)
    writing.add_argument("folder", metavar="FOLDER", type=Path)
    writing.add_argument("--models", metavar="N", type=int, default=120, help="how many models; default: 120")
    writing.add_argument("--seed", metavar="S", type=int, default=0, help="another seed, other models; default: 0")
    writing.add_argument("--origin", metavar="URL", default=ORIGIN, help=f"the site's address; default: {ORIGIN}")
    return parser
