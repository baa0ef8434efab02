"""docs/contributing.md on promises: a new one is a line, a test and a fault; the suite objects to one alone."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PARTS = ("contract_tests", "tests/mutants", "generated", "src", "scripts", "pyproject.toml", "openapi")
WHICH = ("contract_tests", "tests/mutants/test_catalogue.py", "-k", "test_promises or test_every_promise_has_a_mutant")
LINE = '    _Template("reply.kind", "submission", "A reply is kind.", PAGES),\n'
TEST = """
import pytest
from contract_tests.harness.parametrize import every_submission

@every_submission
@pytest.mark.promise("reply.kind")
def test_reply_is_kind(operation): ...
"""
FAULTLESS = "test_every_promise_has_a_mutant"
NAMELESS = "def test_reply_is_kind(): ..."


ROWS = [
    pytest.param(LINE, TEST, {FAULTLESS}, id="no fault"),
    pytest.param(LINE, "", {"test_every_promise_has_a_test", FAULTLESS}, id="a line alone", marks=pytest.mark.slow),
    pytest.param("", TEST, {"test_every_test_is_of_a_promise_that_can_be_tested"}, id="a test alone"),
    pytest.param("", NAMELESS, {"test_every_api_facing_test_names_a_promise"}, id="no name", marks=pytest.mark.slow),
]


@pytest.mark.parametrize(("line", "test", "objections"), ROWS)
def test_a_promise_is_a_line_a_test_and_a_fault(tmp_path: Path, line: str, test: str, objections: set[str]) -> None:
    for part in PARTS:
        ignored = shutil.ignore_patterns("__pycache__")
        source = ROOT / part
        target = tmp_path / part
        (shutil.copytree(source, target, ignore=ignored) if source.is_dir() else shutil.copy(source, target))
    promises = tmp_path / "contract_tests" / "model" / "promises.py"
    text = promises.read_text("utf-8")
    promises.write_text(text.replace("TEMPLATES = (\n", f"TEMPLATES = (\n{line}", 1), "utf-8")
    if test:
        (tmp_path / "contract_tests" / "api" / "test_kind.py").write_text(test, "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "--tb=no", *WHICH]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert set(re.findall(r"^FAILED \S+::(\w+)", done.stdout, re.MULTILINE)) == objections, done.stdout
    assert re.search(r"\d passed", done.stdout), done.stdout
