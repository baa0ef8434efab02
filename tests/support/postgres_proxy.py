"""A proxy on loopback before a PostgreSQL server, which cuts a connection at a chosen statement."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from types import TracebackType
from typing import Self

ASKS_FOR_ENCRYPTION = (80877103, 80877104)  # codes in the place of a version: the start comes after
ANSWER = 1 << 16  # bytes


class Proxy:
    """Lets everything through, but what it was told to cut; `is_down` makes it hang up on everybody who comes."""

    def __init__(self, port: int) -> None:
        self.is_down = False
        self.cuts = 0  # made
        self._server = port
        self._cut = (b"", False, 0)  # what, whether the server gets it, how often
        self._lock = threading.Lock()
        self._sockets: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._start(self._accept)

    def cut_before(self, statement: str, times: int = 1) -> None:
        """Cut the connection that sends what ends with the statement next, before the server gets it."""
        self._cut = (statement.encode(), False, times)

    def cut_after(self, statement: str, times: int = 1) -> None:
        """The same, after the server has done it and before its answer is back."""
        self._cut = (statement.encode(), True, times)

    def hang_up(self) -> None:
        """Cut all connections."""
        with self._lock:
            for sock in self._sockets:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self.hang_up()
        for thread in self._threads:
            thread.join(10)
        self._listener.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _start(self, target: object, *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if self.is_down:
                    client.close()
                else:
                    self._start(self._serve, client)

    def _serve(self, client: socket.socket) -> None:
        """One connection, from its first byte to its last."""
        with client, contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self._server)) as server:
            wire = _Wire(self, client, server)
            with self._lock:
                self._sockets |= {client, server}
            back = threading.Thread(target=wire.bring_answers, daemon=True)
            back.start()
            try:
                wire.bring_statements()
            finally:
                wire.cut()
                back.join()
                with self._lock:
                    self._sockets -= {client, server}

    def takes(self, message: bytes) -> bool | None:
        """Is this what is to be cut? Then whether the server is to get it first."""
        with self._lock:
            statement, reaches_server, times = self._cut
            if not times or not message.rstrip(b"\0").endswith(statement):
                return None
            self._cut = (statement, reaches_server, times - 1)
            self.cuts += 1
            return reaches_server


class _Wire:
    def __init__(self, proxy: Proxy, client: socket.socket, server: socket.socket) -> None:
        self._proxy, self._client, self._server = proxy, client, server
        self._ends_with_answer = False

    def cut(self) -> None:
        for sock in (self._client, self._server):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def bring_statements(self) -> None:
        """From the client, message by message: its length without its kind, which the first ones do not have."""
        while True:
            start = self._message(b"")
            self._server.sendall(start)
            if struct.unpack("!i", start[4:8])[0] not in ASKS_FOR_ENCRYPTION:
                break
        while True:
            message = self._message(self._read(1))
            reaches_server = self._proxy.takes(message)
            if reaches_server is False:
                return
            self._ends_with_answer = bool(reaches_server)
            self._server.sendall(message)

    def bring_answers(self) -> None:
        """From the server. Who asks waits for the answer, so all that comes after a statement is its answer."""
        with contextlib.suppress(OSError):
            while data := self._server.recv(ANSWER):
                if self._ends_with_answer:
                    break
                self._client.sendall(data)
        self.cut()

    def _message(self, kind: bytes) -> bytes:
        length = self._read(4)
        return kind + length + self._read(struct.unpack("!i", length)[0] - 4)

    def _read(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            more = self._client.recv(size - len(data))
            if not more:
                raise OSError("the client is gone")
            data += more
        return data
