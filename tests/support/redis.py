"""A Redis server of our own, which keeps on disk what it has confirmed."""

from __future__ import annotations

import signal
import socket
from pathlib import Path

from tests.support.servers import Server


class Redis(Server):
    """Debian's Redis. Every change is handed to the system before it is confirmed: a killed server loses none."""

    package = "redis-server"
    last_word = signal.SIGTERM

    def command(self) -> list[str | Path]:
        where: list[str | Path] = ["--bind", "127.0.0.1", "--port", str(self.port), "--dir", self.folder]
        return [self.programs / "redis-server", *where, "--save", "", "--appendonly", "yes"]

    def is_ready(self) -> bool:
        try:
            return self.say("PING") == "+PONG"
        except OSError:
            return False

    def say(self, command: str) -> str:
        """The first line of the answer to a command of plain words."""
        with socket.create_connection(("127.0.0.1", self.port), 5) as connection, connection.makefile("rw") as stream:
            stream.write(f"{command}\r\n")
            stream.flush()
            return stream.readline().rstrip()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def contents(self) -> bytes:
        """All that it was told to keep, as it is on disk."""
        return b"".join(path.read_bytes() for path in sorted((self.folder / "appendonlydir").iterdir()))
