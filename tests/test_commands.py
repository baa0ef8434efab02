"""The sessions of nox, what runs them all, and the Pythons that they are said to run under."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
SESSION = re.compile(r"nox -s ((?:[a-z]+ ?)+)")


def nox(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "nox", *arguments], cwd=ROOT, capture_output=True, text=True)


def sessions(*arguments: str) -> dict[str, bool]:
    """The names of all sessions, with the Python where one is asked for, and whether each would run."""
    found = re.findall(r"^([*-]) (\S+) -> \S", nox("--list", *arguments).stdout, re.MULTILINE)
    return {name: mark == "*" for mark, name in found}


def chosen(*arguments: str) -> list[str]:
    return [name for name, would_run in sessions(*arguments).items() if would_run]


def named(text: str) -> set[str]:
    return {name for names in SESSION.findall(text) for name in names.split()}


def test_tests_run_once_under_the_python_of_nox_or_the_one_asked_for() -> None:
    assert chosen() == chosen("-s", "tests") == ["tests"]
    assert chosen("-s", "tests", "-P", "3.13") == ["tests-3.13"]


def test_a_python_that_is_missing_is_a_failure(tmp_path: Path) -> None:
    done = nox("--envdir", str(tmp_path), "-s", "tests", "-P", "3.99")
    assert done.returncode == 1, done.stderr
    assert "Python interpreter 3.99 not found" in done.stderr


def test_the_oldest_nox_is_the_same_for_users_and_for_the_tests() -> None:
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["dependency-groups"]
    needed = re.findall(r'^nox\.needs_version = "(.+)"', (ROOT / "noxfile.py").read_text("utf-8"), re.MULTILINE)
    assert [f"nox{version}" for version in needed] == [one for one in groups["tests"] if re.match(r"nox\b", str(one))]


def test_the_versions_are_those_of_the_workflow() -> None:
    """The oldest is the least that pip accepts."""
    versions = [one for text in PROJECT["classifiers"] for one in re.findall(r"^Programming .* :: (\d\.\d+)$", text)]
    workflow = YAML(typ="safe", pure=True).load(ROOT / ".github" / "workflows" / "ci.yml")
    matrix = workflow["jobs"]["tests"]["strategy"]["matrix"]
    assert PROJECT["requires-python"] == f">={versions[0]}"
    assert matrix["python"] == versions
    others = {(one["os"].partition("-")[0], one["python"]) for one in matrix["include"]}
    assert others == {(system, python) for system in ("macos", "windows") for python in (versions[0], versions[-1])}


@pytest.mark.parametrize("job", ["mutants", "report", "browser"])
def test_sessions_that_leave_something_to_look_at_run_on_a_push(job: str) -> None:
    assert job in named((ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8"))


@pytest.mark.parametrize(("module", "session"), [("scripts.docs", "docs"), ("scripts.regenerate", "generate")])
def test_a_command_without_its_packages_says_how_to_have_them(module: str, session: str) -> None:
    """Python without site-packages has none."""
    done = subprocess.run([sys.executable, "-S", "-m", module], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert f"is not installed: run `nox -s {session}`" in done.stderr
