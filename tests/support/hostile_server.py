"""A server on loopback that misbehaves as scripted: real sockets, TLS if asked, an exact count of what arrived.

A script is a function of a `Wire`, the server's end of one connection. It plays one exchange: read (some of) a
request, say something or nothing, and return whether the connection may carry another exchange. `play(first, second)`
gives the first exchange to the first script and every further exchange to the last one.
"""

from __future__ import annotations

import contextlib
import json
import select
import socket
import ssl
import struct
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from contract_tests.model import good
from tests.support.timing import LONG, wait_until

NAME = "api.modellix.test"  # not loopback by its name; proxies and `resolve_name` lead it to this machine
LONGEST_STALL = 30.0  # seconds; a stalled connection ends when the client or the server closes it


class Gone(Exception):
    """The client closed the connection."""


@dataclass(frozen=True)
class Request:
    """A request that was read to its last byte."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes = field(repr=False)
    at: float = 0.0  # monotonic seconds

    @property
    def text(self) -> str:
        """What was asked for, without what `good.prompt` fills it up with."""
        text: str = json.loads(self.body)[good.EDIT_TEXT if good.PICTURES in json.loads(self.body) else good.TEXT]
        return text.rstrip(".")


Script = Callable[["Wire"], bool]


class Wire:
    """One accepted connection."""

    def __init__(self, sock: socket.socket, server: HostileServer) -> None:
        self.sock = sock
        self.server = server
        self.is_tls = False
        self._buffer = b""

    def start_tls(self) -> None:
        """Answer the client's handshake, once, if the server speaks TLS."""
        if self.server.context is not None and not self.is_tls:
            self.sock = self.server.context.wrap_socket(self.sock, server_side=True)
            self.is_tls = True

    def receive(self, size: int = 65536) -> bytes:
        """Some bytes. Raises Gone at the end of the stream."""
        self.start_tls()
        data = self.sock.recv(size)
        if not data:
            raise Gone
        return data

    def read_head(self) -> tuple[str, str, dict[str, str]]:
        """Method, path and headers (names in lower case); the body stays unread."""
        while b"\r\n\r\n" not in self._buffer:
            self._buffer += self.receive()
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        line, *fields = head.decode("latin-1").split("\r\n")
        method, path, _ = line.split(" ")
        pairs = (row.partition(":") for row in fields)
        return method, path, {name.lower(): value.strip() for name, _, value in pairs}

    def read_request(self) -> Request:
        """A whole request. From here on it counts as seen."""
        method, path, headers = self.read_head()
        length = int(headers.get("content-length", "0"))
        while len(self._buffer) < length:
            self._buffer += self.receive()
        body, self._buffer = self._buffer[:length], self._buffer[length:]
        request = Request(method, path, headers, body, time.monotonic())
        self.server.saw(request)
        return request

    def read_half(self) -> None:
        """The head and half of the body."""
        _, _, headers = self.read_head()
        half = int(headers.get("content-length", "0")) // 2
        while len(self._buffer) < half:
            self._buffer += self.receive(half - len(self._buffer))

    def send(self, data: bytes) -> None:
        """All of it, at once."""
        self.start_tls()
        self.sock.sendall(data)

    def drip(self, data: bytes, seconds: float) -> None:
        """Byte by byte, with a pause after each."""
        for index in range(len(data)):
            self.send(data[index : index + 1])
            if self.server.stopping.wait(seconds * self.server.pace):
                raise Gone

    def stall(self) -> None:
        """Neither read nor send, until the client or the server gives up."""
        end = time.monotonic() + LONGEST_STALL
        while time.monotonic() < end and not has_left(self.sock):
            if self.server.stopping.wait(0.02):
                return

    def wait(self) -> None:
        """Until the client begins its next request. Raises Gone when there is none."""
        if not self._buffer:
            self._buffer = self.receive()

    def close(self) -> None:
        """End the connection in good order (FIN)."""
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_WR)
        self.sock.close()

    def reset(self) -> None:
        """End the connection with RST, whatever is still under way."""
        shape = "hh" if sys.platform == "win32" else "ii"
        with contextlib.suppress(OSError):
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack(shape, 1, 0))
        self.sock.close()


def has_left(sock: socket.socket) -> bool:
    """Whether the client has closed its side. What it sent before stays unread."""
    if hasattr(select, "POLLRDHUP"):  # on Linux
        poll = select.poll()
        poll.register(sock, select.POLLRDHUP | select.POLLHUP)
        return bool(poll.poll(0))
    if not select.select([sock], [], [], 0)[0]:
        return False
    try:
        return not socket.socket.recv(sock, 1, socket.MSG_PEEK)  # the bytes themselves, below TLS
    except OSError:
        return True


def healthy(wire: Wire) -> bool:
    """Accept submissions, each with an id of its own, and find every task succeeded."""
    request = wire.read_request()
    server = wire.server
    if request.method == "POST":
        wire.send(reply(200, accepted(server.next_id(request))))
    else:
        wire.send(reply(200, succeeded(request.path.rpartition("/")[2])))
    return True


class HostileServer:
    """Plays scripts and counts. Every thread ends with the server."""

    def __init__(self, context: ssl.SSLContext | None = None, *, is_listening: bool = True) -> None:
        self.context = context
        self.stopping = threading.Event()
        self.requests: list[Request] = []
        self.connections = 0
        self.pace = 1.0  # times the pauses of scripts
        self.errors: list[BaseException] = []  # of the scripts themselves
        self.bought: dict[str, Request] = {}  # by task id, those that `healthy` accepted
        self._lock = threading.Lock()
        self._scripts: list[Script] = [healthy]
        self._threads: list[threading.Thread] = []
        self._wires: set[Wire] = set()
        self._fillers: list[socket.socket] = []  # of the queue of a deaf server
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        if is_listening:
            self.listen()

    @property
    def url(self) -> str:
        return f"{'http' if self.context is None else 'https'}://127.0.0.1:{self.port}"

    @property
    def named_url(self) -> str:
        """For a client that must not see that this is loopback."""
        return f"https://{NAME}:{self.port}"

    @property
    def submissions(self) -> list[Request]:
        """The POST requests that were read to their last byte."""
        with self._lock:
            return [request for request in self.requests if request.method == "POST"]

    @property
    def reads(self) -> list[Request]:
        with self._lock:
            return [request for request in self.requests if request.method == "GET"]

    @property
    def open_connections(self) -> int:
        """How many this side has not closed."""
        return len(self._wires)

    def listen(self, backlog: int = 512) -> None:
        """Open the port; until then every connection is refused."""
        self._socket.listen(backlog)
        self._start(self._accept)

    def be_deaf(self) -> None:
        """Open the port, but let connecting hang: nobody accepts, and the queue is full (on Linux)."""
        self._socket.listen(0)
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", self.port))
            self._fillers.append(filler)
        time.sleep(0.05)

    def play(self, *scripts: Script) -> Self:
        """From now on: one script for each exchange, the last one for all that follow (none: healthy)."""
        with self._lock:
            self._scripts = list(scripts) or [healthy]
        return self

    def saw(self, request: Request) -> None:
        with self._lock:
            self.requests.append(request)

    def next_id(self, request: Request) -> str:
        with self._lock:
            task_id = f"task-{len(self.bought) + 1}"
            self.bought[task_id] = request
            return task_id

    def wait_for(self, count: int, seconds: float = LONG) -> int:
        """The number of submissions seen, once it has reached `count` or time is over."""
        end = time.monotonic() + seconds
        while len(self.submissions) < count and time.monotonic() < end:
            time.sleep(0.002)
        return len(self.submissions)

    def wait_until_closed(self) -> None:
        """Until every connection is closed."""
        wait_until(lambda: not self._wires)

    def hang_up(self) -> None:
        """Close every connection that is open now."""
        with self._lock:
            wires = list(self._wires)
        for wire in wires:
            with contextlib.suppress(OSError):
                wire.sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End all threads. Raises what went wrong in a script."""
        self.stopping.set()
        if self._threads:
            with contextlib.suppress(OSError):  # wakes `accept`, on every system
                socket.create_connection(("127.0.0.1", self.port), 1).close()
        self.hang_up()
        for thread in self._threads:
            thread.join(5)
        for sock in (self._socket, *self._fillers):
            sock.close()
        if self.errors:
            raise self.errors[0]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _start(self, target: Callable[..., None], *arguments: Any) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads = [known for known in self._threads if known.is_alive()]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self.stopping.is_set():
            try:
                sock, _ = self._socket.accept()
            except OSError:
                return
            if self.stopping.is_set():
                sock.close()
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            wire = Wire(sock, self)
            with self._lock:
                self.connections += 1
                self._wires.add(wire)
            self._start(self._serve, wire)

    def _serve(self, wire: Wire) -> None:
        try:
            while self._next_script()(wire):
                wire.wait()
        except (Gone, OSError):  # the client went away; ssl.SSLError is an OSError
            pass
        except BaseException as error:
            self.errors.append(error)
        finally:
            wire.close()
            with self._lock:
                self._wires.discard(wire)

    def _next_script(self) -> Script:
        with self._lock:
            return self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]


def accepted(task_id: Any = "task-1", **changes: Any) -> dict[str, Any]:
    """The envelope of an accepted submission."""
    data = {"status": "pending", "task_id": task_id, "model_id": "openai/gpt-image-2"}
    return {"code": 0, "message": "success", "data": data, **changes}


def succeeded(task_id: str = "task-1", **changes: Any) -> dict[str, Any]:
    """The envelope of a task that has ended well."""
    resource = {"url": "https://pictures.example/1.png?signature=secret", "type": "image"}
    data = {"status": "success", "task_id": task_id, "result": {"resources": [resource]}}
    return {"code": 0, "message": "success", "data": {**data, **changes}}


def refused(status: int, detail: str = "Invalid parameters: parameter 'prompt' is required") -> dict[str, Any]:
    """The envelope of an error."""
    return {"code": status, "message": detail}


def encode(body: Any) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body).encode()


def reply(
    status: int,
    body: Any,
    *headers: str,
    length: int | None = None,
    content_type: str | None = "application/json",
    is_framed: bool = True,
) -> bytes:
    """A whole reply; `length` is what it claims, and unframed it ends with the connection."""
    data = encode(body)
    lines = [f"HTTP/1.1 {status} Whatever", *headers]
    if content_type is not None:
        lines.append(f"Content-Type: {content_type}")
    if is_framed:
        lines.append(f"Content-Length: {len(data) if length is None else length}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + data
