"""What the contract tests say of a checkout."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from scripts.regenerate.refusal import one_line

TABLE = "contract_tests/model/page_facts.py"
TESTS_OF_TABLE = "contract_tests/document/test_page_facts.py"

_COMMAND = ("-m", "pytest", "contract_tests", "-q", "--tb=no", "-rfE", "-m", "not slow", "-n", "2")
_PATHS = (".", "src", "generated")


@dataclass(frozen=True)
class Verdict:
    """How many tests passed, and a line for each that did not, in the order of their names."""

    passed: int
    table: list[str]  # what is told of lines of the table that a person types
    failed: list[str]  # the others
    trouble: str = ""  # why they did not run to their end
    untyped: str = ""  # the models that are not in the table at all


def run_contract_tests(project: Path) -> Verdict:
    """Runs them with the project's own code, whichever is installed."""
    names = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "GIT_"))}
    names["PYTHONPATH"] = os.pathsep.join(str(project / one) for one in _PATHS)
    names |= {"PYTHONIOENCODING": "utf-8", "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "400"}
    done = subprocess.run(
        [sys.executable, *_COMMAND], cwd=project, env=names, capture_output=True, encoding="utf-8", errors="replace"
    )
    return read(done.returncode, done.stdout, done.stderr)


def read(status: int, out: str, err: str) -> Verdict:
    """The verdict of a run, from its exit status and what it printed."""
    bad = sorted(one_line(line) for line in re.findall(r"^(?:FAILED|ERROR) (.*)", out, re.MULTILINE))
    table = [line.split(" - AssertionError: ", 1)[-1] for line in bad if line.startswith(TESTS_OF_TABLE)]
    passed = re.findall(r"(\d+) passed", out)
    others = [line for line in bad if not line.startswith(TESTS_OF_TABLE)]
    if (status == 0 and passed and not bad) or (status == 1 and bad):
        untyped = re.search(r"no page facts yet: .*", out)
        return Verdict(int(passed[-1]) if passed else 0, table, others, untyped=one_line(untyped[0]) if untyped else "")
    said = (err.strip() or out.strip() or "nothing was printed").splitlines()[-1]
    return Verdict(0, table, others, one_line(f"pytest ended with {status}: {said}"))
