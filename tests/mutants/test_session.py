"""A session: what each fate looks like, and when it fails."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from .small import MUTANTS

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")]

ROOT = Path(__file__).parents[2]


def run(report: Path, *options: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    command = [sys.executable, "-m", "tests.mutants.small", str(report), "--jobs", "2", *options]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, timeout=120)


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.CompletedProcess[str], dict[str, Any]]:
    """A run of all small mutants, and its report by name."""
    report = tmp_path_factory.mktemp("report") / "mutants.json"
    done = run(report)
    assert report.exists(), done.stdout + done.stderr
    return done, json.loads(report.read_text())


FATES = {
    "killed": ("killed", ""),
    "survivor": ("survived", "survived"),
    "killed for another reason": ("survived", "killed for another reason: contract_tests/client/test_failures.py"),
    "equivalent": ("equivalent", ""),
    "equivalent, wrongly": ("survived", "said to be equivalent, and yet a test objects"),
    "gone": ("survived", "modellix.testing.tasks:TaskReplies.read holds 0 times 'no such line'"),
    "of no promise": ("survived", "nothing is called gpt-image-2.task.joy"),
    "hanging": ("survived", "timed out in contract_tests/client/test_failures.py"),
    "slip": ("killed", ""),
    "hanging, as it says": ("killed", ""),
}


@pytest.mark.parametrize("name", FATES)
def test_each_fate_is_told(name: str, session: tuple[Any, dict[str, Any]]) -> None:
    [found] = [one for one in session[1]["mutants"] if one["name"] == name]
    verdict, fault = FATES[name]
    assert found["verdict"] == verdict
    assert fault in found["fault"]
    assert bool(fault) is bool(found["fault"])


def test_killer_is_the_test_that_names_the_promise(session: tuple[Any, dict[str, Any]]) -> None:
    [found] = [one for one in session[1]["mutants"] if one["name"] == "killed"]
    assert found["promises"] == ["gpt-image-2.task.failed"]
    assert [test.partition("::")[2] for test in found["tests"]] == [
        "test_failed_task_says_so_and_stays_failed[gpt-image-2]"
    ]


def test_project_as_it_is_passes(session: tuple[Any, dict[str, Any]]) -> None:
    for baseline in session[1]["baseline"].values():
        assert (baseline["passes"], baseline["failed"]) == (True, [])
        assert baseline["passed"] > 5


def test_survivor_fails_the_session_with_its_sentence(session: tuple[Any, dict[str, Any]]) -> None:
    done, _ = session
    assert done.returncode == 1
    assert "SURVIVOR survivor: The one that is survivor." in done.stdout
    assert "EQUIVALENT equivalent: The one that is equivalent. It is a text already." in done.stdout


def test_change_that_finds_no_place_fails_the_session_by_name(tmp_path: Path) -> None:
    done = run(tmp_path / "mutants.json", "--only", "gone")
    assert done.returncode == 1
    assert "SURVIVOR gone: The one that is gone." in done.stdout
    assert "holds 0 times 'no such line'" in done.stdout


def test_list_of_all_is_in_a_file_that_the_last_line_names(session: tuple[Any, dict[str, Any]]) -> None:
    told, _, file = session[0].stdout.rpartition("what killed each: ")
    listed = Path(file.rstrip("\n")).read_text().splitlines()
    assert [re.sub(r"^\w+ +\d+\.\d s  |: .*", "", line) for line in listed] == [one.name for one in MUTANTS]
    assert not set(listed) & set(told.splitlines())


def test_list_is_on_the_screen_when_asked_for(tmp_path: Path) -> None:
    done = run(tmp_path / "mutants.json", "--only", "killed", "-v")
    assert re.search(r"^killed +\d+\.\d s  killed: test_failures::test_failed_task", done.stdout, re.MULTILINE)
    assert "of 2" not in done.stdout, "progress is for a terminal"


def test_part_of_the_catalogue_leaves_the_report_alone(tmp_path: Path) -> None:
    done = run(tmp_path / "mutants.json", "--only", "killed")
    assert done.returncode == 0, done.stdout + done.stderr
    assert list(tmp_path.iterdir()) == []
