"""A hostile server that lets its clients hang, in each place where one can hang."""

from __future__ import annotations

import time

from tests.support.hostile_server import HostileServer, Wire, reply, succeeded
from tests.support.timing import LONG

#: What a client has got when nothing more comes.
PLACES: dict[str, bytes | None] = {
    "connecting": None,
    "no answer": b"",
    "inside the head": b"HTTP/1.1 200 OK\r\nContent-Ty",
    "inside the body": reply(200, b'{"code": 0,', length=100),
}


class StallingServer(HostileServer):
    """Answers the task `good`; any other client gets the beginning of an answer, then nothing.

    In place `connecting` it accepts nobody.
    """

    def __init__(self, place: str) -> None:
        self.stalled = 0  # clients that hang by now
        self._beginning = PLACES[place]
        super().__init__(is_listening=self._beginning is not None)
        self.play(self._let_hang)
        if self._beginning is None:
            self.be_deaf()

    def wait_for(self, count: int, seconds: float = LONG) -> int:
        """Until that many clients hang. A client that cannot connect is not seen; it gets a moment instead."""
        deadline = time.monotonic() + (0.15 if self._beginning is None else seconds)
        while self.stalled < count and time.monotonic() < deadline:
            time.sleep(0.005)
        return self.stalled

    def _let_hang(self, wire: Wire) -> bool:
        if wire.read_request().path == "/api/v1/tasks/good":
            wire.send(reply(200, succeeded("good")))
            return True
        wire.send(self._beginning or b"")
        with self._lock:
            self.stalled += 1
        wire.stall()
        return False
