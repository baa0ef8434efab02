"""Servers of Debian that tests start for themselves: each in a folder of its own, each stopped by its pid.

`python -m tests.support.servers` installs those that are missing, as root. Exit 0, or 1 with one line that says what
is missing. A server ends when the tests end, and its folder goes, also when the tests are killed.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.timing import LONG

PROGRAMS = {"postgresql": ("postgres", "/usr/lib/postgresql/*/bin"), "redis-server": ("redis-server", "/usr/bin")}
"""By Debian's package: a program of it, and where it is if not on PATH."""
NOBODY = "nobody"  # who runs a server that refuses root
PATIENCE = 600  # seconds for one installation
POLICY = Path("/usr/sbin/policy-rc.d")  # which Debian asks before it starts a service

# Removes the folder as soon as the tests say so, or are gone. A server that is just ending may still write.
SWEEP = 'read -r _; n=0; until rm -rf "$0" || [ $((n += 1)) -gt 100 ]; do sleep 0.1; done'


class Missing(Exception):
    """A server that is not there, with what to do about it."""


def folder_of(package: str) -> Path:
    """Where the package's programs are. `Missing` when it is not installed."""
    program, places = PROGRAMS[package]
    on_path = shutil.which(program)
    found = [Path(on_path)] if on_path else sorted(Path("/").glob(f"{places[1:]}/{program}"))
    if not found:
        raise Missing(f"no {program}: install Debian's package {package}")
    return found[-1].parent


def install(package: str) -> None:
    """Installs the package where it is missing, and says so."""
    try:
        print(f"servers: {package} in {folder_of(package)}")
    except Missing:
        if shutil.which("apt-get") is None or os.geteuid() != 0:
            raise
        print(f"servers: installing Debian's {package}", flush=True)
        _apt_get("update")
        with no_services():
            _apt_get("install", "--yes", "--no-install-recommends", package)
        folder_of(package)


@contextmanager
def no_services() -> Iterator[None]:
    """Within the block Debian installs servers and starts none, so that nothing listens on a well-known port."""
    try:
        with POLICY.open("x") as policy:
            policy.write("#!/bin/sh\nexit 101\n")
    except FileExistsError:  # this machine has a policy of its own
        yield
        return
    try:
        POLICY.chmod(0o755)
        yield
    finally:
        POLICY.unlink()


def _apt_get(*arguments: str) -> None:
    command = ["apt-get", "-qq", *arguments]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        raise Missing(f"`{' '.join(command)}` did not end within {PATIENCE} s") from None
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip() or "no message").splitlines()[-1]
        raise Missing(f"`{' '.join(command)}` failed: {last}")


def is_null_open() -> bool:
    """May anybody use /dev/null? There are machines where it is root's alone, and PostgreSQL needs it."""
    return Path("/dev/null").stat().st_mode & (stat.S_IROTH | stat.S_IWOTH) == stat.S_IROTH | stat.S_IWOTH


def unprivileged() -> list[str]:
    """What stands before a command that refuses root. Where /dev/null is root's, the user is one in name only."""
    if os.geteuid() != 0:
        return []
    import pwd  # Unix has it

    user = pwd.getpwnam(NOBODY)
    if is_null_open():
        return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--"]
    return ["unshare", "--user", f"--map-user={user.pw_uid}", f"--map-group={user.pw_gid}", "--"]


class Server(ABC):
    """A server on a free port of loopback, which is its own over restarts. Start it from the main thread: Linux ends
    it with the thread that started it.
    """

    package: str
    last_word = signal.SIGINT  # which ends it in good order

    def __init__(self) -> None:
        self.programs = folder_of(self.package)
        self.folder = Path(tempfile.mkdtemp(prefix=f"{self.package}-"))
        self._sweeper = subprocess.Popen(
            ["sh", "-c", SWEEP, self.folder], stdin=subprocess.PIPE, start_new_session=True
        )
        self._process: subprocess.Popen[bytes] | None = None
        self._held = socket.socket()  # keeps the port from everybody but a server that lets it be shared, as these do
        self._held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._held.bind(("127.0.0.1", 0))
        self.port: int = self._held.getsockname()[1]
        self._as_nobody = unprivileged()  # for good: /dev/null may change while the server is down
        if "setpriv" in self._as_nobody:
            shutil.chown(self.folder, NOBODY)

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def pid(self) -> int | None:
        """Of the server that runs."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    @abstractmethod
    def command(self) -> list[str | Path]:
        """What runs the server in the foreground."""

    @abstractmethod
    def is_ready(self) -> bool:
        """Does it answer?"""

    def start(self) -> Self:
        """Returns when it answers. One that ends at once is tried again: what is left of a killed one may be in its
        way for a moment.
        """
        end = time.monotonic() + LONG
        while self.pid is None or not self.is_ready():
            if self.pid is None:
                with self.log.open("ab") as log:
                    self._process = self._spawn(self.command(), log.fileno())
            assert time.monotonic() < end, f"{self.package} does not start: {self.log.read_text()[-2000:]}"
            time.sleep(0.02)
        return self

    def run(self, *command: str | Path) -> None:
        """A command of the package, as the server's user."""
        with self.log.open("ab") as log:
            code = self._spawn(list(command), log.fileno()).wait(LONG)
        assert code == 0, f"{command[0]} ended with {code}: {self.log.read_text()[-2000:]}"

    def stop(self) -> None:
        """In good order."""
        self._end(self.last_word)

    def kill(self) -> None:
        """As the system does when it needs the memory: nothing is put in order."""
        self._end(signal.SIGKILL)

    def close(self) -> None:
        self.stop()
        self._held.close()
        self._sweeper.communicate(b"\n", timeout=LONG)

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _spawn(self, command: list[str | Path], output: int) -> subprocess.Popen[bytes]:
        """A process that a Ctrl-C for the tests does not reach, and that ends when they are killed."""
        prefix = [*self._as_nobody, "setpriv", "--pdeathsig=QUIT", "--"]
        return subprocess.Popen(
            [*prefix, *command], stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )

    def _end(self, word: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(word)
        try:
            self._process.wait(LONG)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None


def main() -> int:
    """Installs what is missing."""
    try:
        for package in PROGRAMS:
            install(package)
    except Missing as missing:
        print(f"servers: {missing}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
