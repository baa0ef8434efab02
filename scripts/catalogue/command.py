"""A made-up catalogue of models: write it, or take it the whole way. `nox -s catalogue` runs `run` in a clone."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from scripts.catalogue.folder import ORIGIN, write
from scripts.catalogue.imports import imports
from scripts.catalogue.models import LEAST_MODELS, Model, catalogue
from scripts.catalogue.session import run_all
from scripts.console import imports_for

_Commands = Any  # argparse keeps the class of what add_subparsers() returns to itself


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when all went well, 1 when a step failed, 2 for wrong arguments."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.run is not _imports and options.models < LEAST_MODELS:
        parser.error(f"--models is at least {LEAST_MODELS}")
    run: Callable[[argparse.Namespace], int] = options.run
    return run(options)


def _models(options: argparse.Namespace) -> list[Model]:
    return catalogue(options.models, options.seed)


def _write(options: argparse.Namespace) -> int:
    models = _models(options)
    write(options.folder, models, options.origin)
    families = len({one.family for one in models})
    print(f"{len(models)} models of {families} families in {options.folder}")
    return 0


def _run(options: argparse.Namespace) -> int:
    return run_all(_models(options), options.seed, options.logs.resolve(), options.only)


def _imports(options: argparse.Namespace) -> int:
    return imports(options.most)


def _demo(options: argparse.Namespace) -> int:
    with imports_for("catalogue"):
        from scripts.catalogue.demo import demo  # the generated client, which `write` does not need
    return demo(_models(options), options.folder)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m scripts.catalogue", description=__doc__)
    commands: _Commands = parser.add_subparsers(required=True, metavar="COMMAND")
    writing = _add(
        commands, _write, "write the site: llms.txt, a page for each model, and what each means in meant.json"
    )
    writing.add_argument("folder", metavar="FOLDER", type=Path)
    writing.add_argument("--origin", metavar="URL", default=ORIGIN, help=f"the site's address; default: {ORIGIN}")
    running = _add(commands, _run, "take it the whole way, from the index to pictures, in a clean checkout")
    running.add_argument("--logs", metavar="FOLDER", type=Path, default=Path("catalogue-logs"), help="what steps said")
    running.add_argument("--only", metavar="STEP", nargs="+", default=[], help="some steps alone")
    showing = _add(commands, _demo, "submit the samples of three models to the stand-in")
    showing.add_argument("folder", metavar="FOLDER", type=Path)
    for command in (writing, running, showing):
        command.add_argument("--models", metavar="N", type=int, default=120, help="how many models; default: 120")
        command.add_argument("--seed", metavar="S", type=int, default=0, help="another seed, other models; default: 0")
    importing = _add(commands, _imports, "measure the import of the client beside that of httpx")
    importing.add_argument("--most", metavar="RATIO", type=float, default=1.5, help="fail above it; default: 1.5")
    return parser


def _add(commands: _Commands, run: Callable[[argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(run.__name__[1:], help=text, description=text)
    parser.set_defaults(run=run)
    return parser
