"""The services and tests that a paper shows as files: pytest finds no fault with them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.papers.texts import projects
from tests.support.timing import LONG

PROJECTS = projects()


def run(folder: Path) -> str:
    """What pytest prints there, without the plugins that the project would not have."""
    path = os.pathsep.join([str(folder), *filter(None, sys.path)])
    environment = {**os.environ, "PYTHONPATH": path, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""}
    for name in ("MODELLIX_API_KEY", "MODELLIX_BASE_URL"):
        environment.pop(name, None)
    (folder / "pytest.ini").write_text("[pytest]\naddopts = -q --strict-markers -W error\n")
    command = [sys.executable, "-m", "pytest", "-p", "modellix.testing.plugin", "-p", "anyio"]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=5 * LONG, check=False
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize("paper", PROJECTS)
def test_each_test_of_a_paper_passes(paper: str, tmp_path: Path) -> None:
    files = PROJECTS[paper]
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    printed = run(tmp_path)
    shown = sum(len(re.findall(r"^(?:async )?def test_", text, re.MULTILINE)) for text in files.values())
    assert re.search(rf"^{shown} passed in", printed, re.MULTILINE), f"{paper}: {first_failure(printed)}\n{printed}"


def first_failure(printed: str) -> str:
    """The line of the paper that failed, and why. A call that does not fit tells more than what follows from it."""
    for kind in ("TypeError", r"\w+"):
        place = rf"(?:\S*/)?([\w.]+\.py:\d+): {kind}$"
        if found := re.search(rf"^E +({kind}\b.*)\n(?:.*\n)*?{place}", printed, re.MULTILINE):
            return f"{found[2]}: {found[1]}"
    return "?"


def test_there_is_one() -> None:
    assert "docs/testing.md" in PROJECTS
