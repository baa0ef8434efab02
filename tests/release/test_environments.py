"""Which Pythons are at hand, and what is looked at where the distribution is installed."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

import modellix
from scripts.release.environments import python_at_hand

INSIDE = Path(__file__).parents[2] / "scripts" / "release" / "installed.py"
THIS = ".".join(platform.python_version_tuple()[:2])


@pytest.fixture
def nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with this Python alone, and the home of a pyenv that is empty."""
    for name in ("PATH", "PYENV_ROOT", "UV_PYTHON_INSTALL_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    return tmp_path / "PYENV_ROOT" / "versions"


def program(path: Path, says: str) -> str:
    path.parent.mkdir(parents=True)
    path.write_text(f"#!/bin/sh\n{says}\n")
    path.chmod(0o755)
    return str(path)


def test_this_python_is_at_hand(nothing: Path) -> None:
    assert python_at_hand(THIS) == sys.executable


def test_a_python_that_is_nowhere_is_not(nothing: Path) -> None:
    assert python_at_hand("3.99") is None


@pytest.mark.skipif(os.name == "nt", reason="shell scripts stand for Pythons")
def test_a_name_that_leads_nowhere_is_not_a_python(nothing: Path) -> None:
    """As pyenv's names are for versions that it has and does not use; it keeps those elsewhere."""
    program(nothing.parents[1] / "PATH" / "python3.99", "echo 'command not found' >&2; exit 127")
    assert python_at_hand("3.99") is None
    kept = program(nothing / "3.99.1" / "bin" / "python3.99", "echo 3.99")
    assert python_at_hand("3.99") == kept


@pytest.mark.parametrize("kind", ["alone", "testing"])
def test_what_is_installed_here_works(kind: str) -> None:
    command = [sys.executable, "-I", "-W", "error", str(INSIDE), kind, modellix.__version__]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_an_installation_of_another_version_is_found() -> None:
    done = subprocess.run([sys.executable, "-I", str(INSIDE), "alone", "0.0.1"], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("built as 0.0.1, installed as ")
