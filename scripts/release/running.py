"""How a release runs other programs, and says that something is wrong with what was built."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path


class Wrong(Exception):
    """What was built must not be released."""


def run(*command: str | Path, folder: Path | None = None) -> str:
    """What the program prints. Raises Wrong with all that it said when it fails."""
    done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", errors="replace")
    if done.returncode:
        raise Wrong(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}".rstrip())
    return done.stdout


def run_module(*arguments: str | Path, folder: Path | None = None) -> str:
    """The same with a module of this Python."""
    return run(sys.executable, "-m", *arguments, folder=folder)


def differences(found: Sequence[str], expected: Sequence[str], name: str) -> list[str]:
    """In words, what stands in one and not in the other."""
    more = [f"{name} has {one}, which git has not" for one in sorted(set(found) - set(expected))]
    return more + [f"{name} has no {one}" for one in sorted(set(expected) - set(found))]
