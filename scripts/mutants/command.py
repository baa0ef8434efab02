"""`python -m scripts.mutants`: is every fault of the catalogue found, for a reason that names the promise?

Prints who survived, who is equivalent, and the counts; with `-v` what killed each, too. A run of the whole catalogue
writes report/mutants.json, and the list as report/mutants.txt. Exit 0: all were killed, or are equivalent with an
argument, and the project as it is passes. 1: one survived, or the project fails. 2: a bad option, or no fork.
"""

from __future__ import annotations

import argparse
import fnmatch
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from scripts.mutants import matrix, runner
from scripts.mutants.mutant import KINDS, Findings, Mutant, Outcome, judged
from scripts.mutants.sample import left_out, sample
from scripts.mutants.session import ROOT

FILE = ROOT / "report" / "mutants.json"


def main(arguments: list[str] | None = None, mutants: Sequence[Mutant] | None = None, file: Path = FILE) -> int:
    """Runs what the options ask for, of the catalogue or of other mutants."""
    parser = _parser()
    options = parser.parse_args(arguments)
    every = _catalogue() if mutants is None else mutants
    wanted = [one for one in every if fnmatch.fnmatchcase(one.name, options.only) and options.kind in (None, one.kind)]
    if options.sample is not None:
        print(left_out(wanted), file=sys.stderr)
        wanted = sample(wanted, options.sample)
    if not wanted:
        parser.error("no mutant has such a name")
    if options.list:
        for one in wanted:
            print(f"{one.name}: {one.sentence}")
        return 0
    if not hasattr(os, "fork"):
        parser.error("a mutant runs in a forked process, and this system has no fork")
    return _run(wanted, options.jobs, file if len(wanted) == len(every) else None, options.verbose)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m scripts.mutants", description="Who tests the tests.")
    parser.add_argument("--jobs", type=_jobs, default=6, metavar="N", help="how many at a time (default: %(default)s)")
    parser.add_argument("--only", default="*", metavar="GLOB", help="the mutants with such names alone")
    parser.add_argument("--class", dest="kind", choices=KINDS, help="the mutants of one class alone")
    parser.add_argument("--sample", type=int, metavar="SEED", help="one of each sort, drawn over the models by a seed")
    parser.add_argument("--list", action="store_true", help="print names and sentences, and run nothing")
    parser.add_argument("-v", "--verbose", action="store_true", help="print what killed each mutant")
    return parser


def _jobs(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ValueError(text)
    return int(text)


def _catalogue() -> Sequence[Mutant]:
    from scripts.mutants.catalogue import all_mutants  # reads the document, which `--help` need not

    return all_mutants()


def _run(wanted: Sequence[Mutant], jobs: int, file: Path | None, is_verbose: bool) -> int:
    began, clock = datetime.now(UTC), time.monotonic()
    print(f"{len(wanted)} mutants, {jobs} at a time", flush=True)
    try:
        outcomes, baseline = tried(wanted, jobs)
    except runner.NotCollected as error:
        print(error, file=sys.stderr)
        return 1
    seconds = time.monotonic() - clock
    for line in (*(matrix.each(outcomes) if is_verbose else ()), *matrix.lines(outcomes, baseline, seconds)):
        print(line)
    if file is not None:
        print(f"what killed each: {matrix.write(file, outcomes, baseline, began, seconds)}")
    return 1 if any(one.fault for one in outcomes) or any(map(matrix.is_red, baseline.values())) else 0


def tried(wanted: Sequence[Mutant], jobs: int) -> tuple[list[Outcome], matrix.Baseline]:
    """The verdicts in the order of the catalogue, and what the suite says of the unmodified project."""
    unchanged = runner.baselines(wanted)
    found: dict[str, Findings] = {}
    total, out = len(unchanged) + len(wanted), sys.stdout

    def tell(mutant: Mutant, findings: Findings) -> None:
        found[mutant.name] = findings
        if out.isatty():
            print(f"{len(found)} of {total}", end="\r", file=out, flush=True)

    with tempfile.TemporaryDirectory(prefix="mutants-") as scratch:
        tempfile.tempdir = scratch  # of the children too, which are killed rather than asked to tidy up
        try:
            runner.run([*unchanged, *wanted], jobs, tell)
        finally:
            tempfile.tempdir = None
    outcomes = [judged(one, found[one.name]) for one in wanted]
    return outcomes, {one.name: found[one.name] for one in unchanged}
