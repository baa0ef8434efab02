"""A checkout in which changes are tried: commands are run in it, and git says what was edited and takes it back."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

TABLE = "contract_tests/model/page_facts.py"
WRITTEN_BY_COMMANDS = ("openapi/", "generated/")


class Broken(Exception):
    """A step of the way that did not end as it should."""


@dataclass(frozen=True)
class Run:
    """A run of tests."""

    passed: int
    failed: list[str]  # as pytest sums them up, or why there is no such thing
    output: str

    @classmethod
    def of(cls, done: subprocess.CompletedProcess[str]) -> Run:
        """What a process of pytest said; a run without tests or with another trouble counts as failed."""
        passed = re.search(r"(\d+) passed", done.stdout)
        failed = re.findall(r"^(?:FAILED|ERROR) .*", done.stdout, re.MULTILINE)
        if not failed and (done.returncode or not passed):
            failed.append(f"pytest: exit {done.returncode}\n{done.stdout[-4000:]}{done.stderr[-2000:]}")
        return cls(int(passed[1]) if passed else 0, failed, done.stdout)


class Checkout:
    """The folder, and what is done in it with the Python of this process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def python(self, *arguments: str, expects: int = 0) -> str:
        """Runs Python and returns what it printed. Raises Broken for another exit status than the one expected."""
        done = self._run(sys.executable, *arguments)
        if done.returncode != expects:
            raise Broken(f"python {' '.join(arguments)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def tests(self, *which: str) -> Run:
        """Runs tests as the session `tests` does."""
        command = ("-m", "pytest", "-q", "--tb=no", "-n", "2", "-m", "not slow and not browser and not servers", *which)
        return Run.of(self._run(sys.executable, *command))

    def changed_files(self) -> list[str]:
        """What git sees as changed or new."""
        lines = self.git("status", "--porcelain", "--untracked-files=all").splitlines()
        return [line[3:].strip('"') for line in lines]

    def files_beside_the_table(self) -> list[str]:
        """What was edited, other than the table and what commands write."""
        return [name for name in self.changed_files() if name != TABLE and not name.startswith(WRITTEN_BY_COMMANDS)]

    def reset(self) -> None:
        """Takes everything back that git sees."""
        self.git("reset", "--quiet", "--hard")
        self.git("clean", "--quiet", "--force", "-d")

    def git(self, *arguments: str) -> str:
        """What git prints. Raises Broken when it fails."""
        done = self._run("git", *arguments)
        if done.returncode:
            raise Broken(f"git {' '.join(arguments)}: {done.stderr.strip()}")
        return done.stdout

    def _run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """In the folder, without what the environment says of the service and of pytest."""
        ours = {name: value for name, value in os.environ.items() if not name.startswith(("MODELLIX_", "PYTEST_"))}
        ours["COLUMNS"] = "1000"  # so that pytest sums failures up in full
        return subprocess.run(command, cwd=self.folder, env=ours, capture_output=True, text=True, check=False)
