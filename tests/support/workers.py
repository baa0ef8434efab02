"""Programs that a test starts, kills and stops, such as workers of Celery: what runs, and what it said."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from tests.support.timing import LONG


class Program:
    """A program of Python whose words go to a file. It ends with the tests, also when these are killed."""

    def __init__(self, log: Path, *arguments: str, cwd: Path, environment: Mapping[str, str]) -> None:
        self.log = log
        self._command = ["setpriv", "--pdeathsig=KILL", "--", sys.executable, *arguments]
        self._cwd = cwd
        self._environment = {**os.environ, **environment}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def children(self) -> list[int]:
        """The processes that it has made and that run."""
        if self._process is None or self._process.poll() is not None:
            return []
        pid = self._process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def keep_up(self) -> int:
        """Start it, or start it again if it has ended, as an init system does. Returns its pid."""
        if self._process is None or self._process.poll() is not None:
            with self.log.open("ab") as log:
                self._process = subprocess.Popen(
                    self._command, cwd=self._cwd, env=self._environment,
                    stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                )  # fmt: skip
        return self._process.pid

    def kill(self) -> None:
        """With all that it has made, as the system does to a container."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def stop(self) -> None:
        """In good order: what it has begun it ends."""
        if self._process is not None:
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(LONG)
        self.kill()

    def last_words(self, size: int = 4000) -> str:
        return f"--- {self.log.name}, the end ---\n{self.log.read_text('utf-8', 'replace')[-size:]}"
