"""A server on loopback that lets its clients hang, in each place where one can hang."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from types import TracebackType
from typing import Self

from tests.support.timing import LONG

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
_GOOD = b'{"code": 0, "message": "success", "data": {"status": "success", "task_id": "good"}}'

#: What a client has got when nothing more comes.
PLACES: dict[str, bytes | None] = {
    "connecting": None,
    "no answer": b"",
    "inside the head": b"HTTP/1.1 200 OK\r\nContent-Ty",
    "inside the body": _HEAD % 100 + b'{"code": 0,',
}


class StallingServer:
    """Answers the task `good`; any other client gets the beginning of an answer, then nothing.

    In place `connecting` it accepts nobody, and its queue is full (on Linux), so that connecting hangs.
    """

    def __init__(self, place: str) -> None:
        self.stalled = 0  # clients that hang by now
        self._beginning = PLACES[place]
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()
        self._listener = socket.socket()
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(0 if self._beginning is None else 64)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        if self._beginning is None:
            self._fill_queue()
        else:
            threading.Thread(target=self._accept, name="stalling", daemon=True).start()

    def wait_for(self, count: int, seconds: float = LONG) -> None:
        """Until that many clients hang. A client that cannot connect is not seen; it gets a moment instead."""
        deadline = time.monotonic() + (0.15 if self._beginning is None else seconds)
        while self.stalled < count and time.monotonic() < deadline:
            time.sleep(0.005)

    def _fill_queue(self) -> None:
        for _ in range(4):
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex(self._listener.getsockname())
            self._open.append(client)
        time.sleep(0.05)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(connection)
            threading.Thread(target=self._answer, args=(connection,), name="stalling", daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):  # closed meanwhile, by either side
            while (path := self._read_path(connection)) == b"/api/v1/tasks/good":
                connection.sendall(_HEAD % len(_GOOD) + _GOOD)
            if path:
                connection.sendall(self._beginning or b"")
                with self._lock:
                    self.stalled += 1

    def _read_path(self, connection: socket.socket) -> bytes:
        """Empty when no whole request comes."""
        received = b""
        while b"\r\n\r\n" not in received:
            chunk = connection.recv(65536)
            if not chunk:
                return b""
            received += chunk
        return received.split(b" ", 2)[1]

    def close(self) -> None:
        for each in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
