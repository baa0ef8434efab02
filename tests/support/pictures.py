"""A picture server on loopback that misbehaves on demand: real sockets, one request a connection."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import struct
import sys
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 400 + b"\0\0\0\0IEND\xaeB`\x82"
JPEG = b"\xff\xd8\xff\xe0" + b"j" * 5000 + b"\xff\xd9"
WEBP = b"RIFF" + struct.pack("<I", 5004) + b"WEBP" + b"w" * 5000
LONGEST_STALL = 20.0  # seconds


class Wire:
    """The server's end of one connection, after a request was read."""

    def __init__(self, sock: socket.socket, server: HostileServer) -> None:
        self.sock = sock
        self.server = server

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def drip(self, data: bytes, seconds: float) -> None:
        """Byte by byte."""
        for index in range(len(data)):
            self.send(data[index : index + 1])
            if self.server.stopping.wait(seconds):
                return

    def stall(self) -> None:
        """Say nothing more until the server is closed, or the client leaves."""
        self.sock.settimeout(LONGEST_STALL)
        with contextlib.suppress(OSError):
            self.sock.recv(1)

    def reset(self) -> None:
        shape = "hh" if sys.platform == "win32" else "ii"
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack(shape, 1, 0))
        self.sock.close()


Script = Callable[[Wire], object]


class HostileServer:
    """`routes` says what to do for each path: bytes to send, a script, or a list of them, the last one for good."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.context = context
        self.stopping = threading.Event()
        self.routes: dict[str, bytes | Script | list[bytes | Script]] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []  # path with query, headers with names in lower case
        self.connections = 0
        self._lock = threading.Lock()
        self._wires: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._socket.getsockname()[1]
        self._start(self._accept)

    @property
    def url(self) -> str:
        return f"{'http' if self.context is None else 'https'}://127.0.0.1:{self.port}"

    @property
    def paths(self) -> list[str]:
        """The paths asked for, without queries."""
        with self._lock:
            return [path.partition("?")[0] for path, _ in self.requests]

    def close(self) -> None:
        self.stopping.set()
        with self._lock:
            wires = list(self._wires)
        with contextlib.suppress(OSError):  # wakes `accept`, on every system
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        for sock in wires:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _start(self, target: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._socket.accept()
            except OSError:
                return
            if self.stopping.is_set():
                sock.close()
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self.connections += 1
                self._wires.add(sock)
            self._start(self._serve, sock)

    def _serve(self, sock: socket.socket) -> None:
        try:
            if self.context is not None:
                sock = self.context.wrap_socket(sock, server_side=True)
            path = self._read(sock)
            script = self._script(path.partition("?")[0])
            wire = Wire(sock, self)
            wire.send(script) if isinstance(script, bytes) else script(wire)
        except (OSError, EOFError):  # the client went away
            pass
        finally:
            with self._lock:
                self._wires.discard(sock)
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_WR)
            sock.close()

    def _read(self, sock: socket.socket) -> str:
        head = b""
        while b"\r\n\r\n" not in head:
            data = sock.recv(65536)
            if not data:
                raise EOFError
            head += data
        line, *fields = head.decode("latin-1").partition("\r\n\r\n")[0].split("\r\n")
        pairs = (row.partition(":") for row in fields)
        path = line.split(" ")[1]
        with self._lock:
            self.requests.append((path, {name.lower(): value.strip() for name, _, value in pairs}))
        return path

    def _script(self, path: str) -> bytes | Script:
        with self._lock:
            found = self.routes.get(path, reply(404, b"no such file", content_type="text/plain"))
            if not isinstance(found, list):
                return found
            return found.pop(0) if len(found) > 1 else found[0]


def reply(
    status: int = 200,
    body: bytes = PNG,
    *headers: str,
    content_type: str | None = "image/png",
    length: int | None = None,
    is_framed: bool = True,
) -> bytes:
    """A whole reply; `length` is what it claims, and unframed it ends with the connection."""
    lines = [f"HTTP/1.1 {status} Whatever", "Connection: close", *headers]
    if content_type is not None:
        lines.append(f"Content-Type: {content_type}")
    if is_framed:
        lines.append(f"Content-Length: {len(body) if length is None else length}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def redirect(location: str, status: int = 302) -> bytes:
    return reply(status, b"", f"Location: {location}")


def chunked(*chunks: bytes, is_ended: bool = True) -> bytes:
    """A reply in chunks, with or without the one that ends it."""
    head = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n" * is_ended


def tunnel_to(target: HostileServer) -> Script:
    """What a proxy does that was asked to CONNECT: bytes both ways, until one side ends."""

    def play(wire: Wire) -> None:
        with socket.create_connection(("127.0.0.1", target.port), 5) as far:
            wire.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
            while not wire.server.stopping.is_set():
                for ready in select.select([wire.sock, far], [], [], 0.05)[0]:
                    data = ready.recv(65536)
                    if not data:
                        return
                    (far if ready is wire.sock else wire.sock).sendall(data)

    return play
