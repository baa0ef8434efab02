"""The command line: `python -m scripts.report [--results FOLDER] [--output FOLDER] [--repository URL]`."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from functools import lru_cache
from pathlib import Path

from contract_tests.model.document import contract
from contract_tests.model.promises import all_promises
from scripts.report.joining import Sources, join
from scripts.report.junit import junit
from scripts.report.lines import Lines
from scripts.report.markdown import markdown
from scripts.report.page import page
from scripts.report.reading import Unreadable, read_mutants, read_runs
from scripts.report.shapes import Report
from scripts.report.texts import Shower

ROOT = Path(__file__).parents[2]
DOCUMENT = "openapi/modellix.yaml"
DONE, BAD_INPUT = 0, 2


def main(arguments: list[str] | None = None) -> int:
    """Writes the report and returns the exit status: 0 done, 2 usage, an unreadable result, or nothing to report."""
    options = _parser().parse_args(arguments)
    try:
        report = read(options.results, options.repository)
        write(report, options.output)
    except (Unreadable, OSError) as error:
        print(f"report: {error}", file=sys.stderr)
        return BAD_INPUT
    print(f"{report['headline']}: see {options.output / 'index.html'}")
    return DONE


def read(results: Path, repository: str | None = None) -> Report:
    """The report of the results in a folder. `Unreadable` when there are none, or one that cannot be understood."""
    shower = Shower(os.environ.get("MODELLIX_API_KEY", ""))
    runs = read_runs(results, shower)
    if not runs:
        raise Unreadable(f"nothing to report in {results}: run `python -m pytest contract_tests` first")
    mutants = read_mutants(results, shower)
    return join(Sources(contract(), all_promises(), _lines(), DOCUMENT, runs, mutants, repository))


@lru_cache(maxsize=1)
def _lines() -> Lines:
    return Lines(ROOT / DOCUMENT, contract())


def write(report: Report, folder: Path) -> None:
    """The four files of a report. Each appears whole, or stays what it was."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        "report.json": json.dumps(report, indent=1) + "\n",
        "index.html": page(report),
        "summary.md": markdown(report),
        "junit.xml": junit(report),
    }
    for name, text in texts.items():
        scratch = folder / f"{name}.tmp"
        scratch.write_text(text, encoding="utf-8", errors="backslashreplace")
        scratch.replace(folder / name)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m scripts.report", description="Writes what the last runs found.")
    parser.add_argument("--results", type=Path, default=ROOT / "report", metavar="FOLDER", help="what the runs left")
    parser.add_argument("--output", type=Path, metavar="FOLDER", default=ROOT / "report", help="where the report goes")
    parser.add_argument(
        "--repository",
        type=_address,
        metavar="URL",
        help="web address of the repository, or of its files at a commit, for links into the document",
    )
    return parser


def _address(text: str) -> str:
    """The address that the name of a file can follow."""
    if not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no http address")
    address = text.rstrip("/").removesuffix(".git")
    return f"{address}/blob/HEAD" if re.fullmatch(r"https://github\.com/[^/]+/[^/]+", address) else address
