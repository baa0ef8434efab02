"""`python -m scripts.fuzz`: searches at random for values that break a law, for as long as asked.

Runs the tests marked `random` in rounds, each with a seed of its own. A find is the smallest value that broke a law; it
is kept in contract_tests/model/finds.json, where every later run tries it first. Exit 0: nothing found, 1: something
broke, 2: an option that makes no sense.
"""

from __future__ import annotations

import argparse
import secrets
import subprocess
import sys
import time
from pathlib import Path

from scripts.console import take_any_output

ROOT = Path(__file__).parents[1]
FINDS = ROOT / "contract_tests" / "model" / "finds.json"


def main(arguments: list[str] | None = None) -> int:
    """Rounds until the time is up; the one that is under way is finished."""
    options = _parser().parse_args(arguments)
    before = FINDS.read_text("utf-8") if FINDS.exists() else ""
    began, rounds, broken = time.monotonic(), 0, 0
    while rounds == 0 or time.monotonic() - began < options.seconds:
        rounds += 1
        broken += _round(options.tests) != 0
    print(f"{rounds} rounds in {time.monotonic() - began:.0f} s, {broken} of them with something broken")
    if FINDS.exists() and FINDS.read_text("utf-8") != before:
        print(f"kept for every later run: see {FINDS.relative_to(ROOT)}, and commit it with what mends it")
    return 1 if broken else 0


def _round(tests: list[str]) -> int:
    seed = secrets.randbelow(2**32)
    print(f"seed {seed}", flush=True)
    command = [sys.executable, "-m", "pytest", "-q", "-m", "random", "--hypothesis-profile", "fuzz"]
    return subprocess.run([*command, f"--hypothesis-seed={seed}", *(tests or ["contract_tests"])], cwd=ROOT).returncode


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m scripts.fuzz", description="Searches for values that break a law.")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long to search (default: %(default)g)")
    parser.add_argument("tests", nargs="*", help="which tests, as pytest names them (default: contract_tests)")
    return parser


if __name__ == "__main__":
    take_any_output()
    sys.exit(main())
