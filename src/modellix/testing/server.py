"""The stand-in on loopback: an HTTP/1.1 server from the standard library in front of the core."""

import socket
import socketserver
import sys
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread, current_thread
from types import TracebackType
from typing import Any, Self

from modellix._io.clock import DriverClock, in_haste
from modellix.testing.faults import Cut, CutAfter, Delay, Fault, Hang
from modellix.testing.framing import Unreadable, check_request_line, declared_length, read_body
from modellix.testing.replies import Answer, Handle, json_answer, phrase_of, plain_envelope

IDLE_SECONDS = 60  # after which a silent connection is closed
_BODILESS = (204, 304)  # statuses whose answers end with the header
_EMPTY_LINES = 8  # skipped before a request; RFC 9112 asks for one
_LONGEST_LINE = 65536  # bytes, as in the base class
_LINGER_SECONDS = 0.5
_LINGER_BYTES = 64 * 1024 * 1024
_clock = DriverClock()


@contextmanager
def serve(handle: Handle, port: int) -> Generator[str, None, None]:
    """Serves on 127.0.0.1 while the block lasts and gives the URL. OSError when the port is taken."""
    with Listener(handle, port) as listener:
        yield listener.url


class Listener:
    """Serves on 127.0.0.1 while the block lasts; OSError when the port is taken. It may pause: then nobody listens."""

    def __init__(self, handle: Handle, port: int) -> None:
        self._handle = handle
        self._servers = [_Server(handle, port)]  # the last one listens; others may have requests under way
        self.port = self._servers[0].server_port
        self.url = f"http://127.0.0.1:{self.port}"
        self._is_paused = False

    def __enter__(self) -> Self:
        self._start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._is_paused:
            self._stop()
        self._servers[-1].server_close()
        for server in self._servers:
            server.close_connections()

    def pause(self) -> None:
        """Listens no more, and ends the connections on which nothing is under way. The port stays ours."""
        self._is_paused = True
        self._stop()
        self._servers[-1].close_idle_connections()
        self._servers.append(_Server(self._handle, self.port, is_listening=False))

    def resume(self) -> None:
        """Listens again, on the same port."""
        self._is_paused = False
        self._servers[-1].server_activate()
        self._start()

    def _start(self) -> None:
        name = f"stand-in, port {self.port}"
        serve_forever = self._servers[-1].serve_forever
        Thread(target=serve_forever, kwargs={"poll_interval": 0.01}, name=name, daemon=True).start()

    def _stop(self) -> None:
        self._servers[-1].shutdown()
        self._servers[-1].server_close()


class _Server(ThreadingHTTPServer):
    """Accepts connections, each in a thread of its own, and closes all of them at the end."""

    daemon_threads = True
    request_queue_size = 128  # connections waiting to be accepted
    # On Windows these would let two servers listen on one port.
    allow_reuse_address = sys.platform != "win32"
    allow_reuse_port = False

    def __init__(self, handle: Handle, port: int, *, is_listening: bool = True) -> None:
        self.answer = handle
        self.end = Event()
        self.is_over = False  # connections end after their answers
        self.busy: set[Any] = set()  # sockets with a request under way
        self._open: set[Any] = set()  # sockets of the connections
        super().__init__(("127.0.0.1", port), _Connection, bind_and_activate=False)
        try:
            self.server_bind()
            if is_listening:
                self.server_activate()
        except BaseException:
            self.server_close()
            raise

    def server_bind(self) -> None:
        # Not HTTPServer's: that one asks the resolver for the name of the address, which can take seconds.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        current_thread().name = f"stand-in, port {self.server_port}: a connection"
        super().process_request_thread(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        self._open.discard(request)

    def close_connections(self) -> None:
        """Ends kept-alive connections, which would go on being answered otherwise, and those that hang."""
        self.end.set()
        self._close(list(self._open))

    def close_idle_connections(self) -> None:
        """Ends those on which nothing is under way. The others end after their answers."""
        self.is_over = True
        self._close(self._open - self.busy)

    def _close(self, connections: Iterable[Any]) -> None:
        for connection in connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        # Clients may go away in the middle of anything; whatever else happens is a mistake in here and is shown.
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Connection(BaseHTTPRequestHandler):
    """One connection: requests one after another, answered by the core."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # otherwise a small reply can wait 40 ms for an acknowledgement
    timeout = IDLE_SECONDS
    raw_requestline: bytes

    def __getattr__(self, name: str) -> Any:
        # The base class looks for a method do_<METHOD>; which ones are allowed is for the core to say.
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)

    def parse_request(self) -> bool:
        """Whether there is a request to serve. The base class takes HTTP/0.9, whose requests have no header."""
        self.command = ""  # not known yet
        for _ in range(_EMPTY_LINES):
            if self.raw_requestline not in (b"\r\n", b"\n"):
                break
            self.raw_requestline = self.rfile.readline(_LONGEST_LINE)
        if not self.raw_requestline:
            self.close_connection = True
            return False
        return self._is_readable(check_request_line, self.raw_requestline) and super().parse_request()

    def handle_expect_100(self) -> bool:
        return self._is_readable(declared_length, self.headers) and super().handle_expect_100()

    def _is_readable(self, check: Callable[[Any], object], part: Any) -> bool:
        """Whether the check finds nothing wrong with that part of the request, which is refused otherwise."""
        try:
            check(part)
        except Unreadable as error:
            self._refuse(error.status, error.detail)
            return False
        return True

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Called by the base class for requests that it cannot read."""
        self._refuse(code, "the request cannot be read")

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: a test's output is for the test."""

    def _serve(self) -> None:
        assert isinstance(self.server, _Server)
        self.server.busy.add(self.connection)
        try:
            self._exchange(self.server)
        finally:
            self.server.busy.discard(self.connection)
            self.close_connection |= self.server.is_over

    def _exchange(self, server: _Server) -> None:
        try:
            body = read_body(self.rfile, self.headers)
        except Unreadable as error:
            self._refuse(error.status, error.detail)
            return
        _clock.follow_all()
        answer = server.answer(self.command, self.path, dict(self.headers.items()), body)
        self._deliver(answer, answer.fault, server)

    def _deliver(self, answer: Answer, fault: Fault | None, server: _Server) -> None:
        if isinstance(fault, Hang):
            self._hang()
        elif isinstance(fault, Cut):
            self._cut(answer, fault.after)
        else:
            if isinstance(fault, Delay):
                server.end.wait(fault.seconds)
            self._send(answer)

    def _cut(self, answer: Answer, after: CutAfter) -> None:
        head = self._head(answer)
        self.close_connection = True
        self.wfile.write({"request": b"", "status": head, "body": head + answer.body[:-1]}[after])

    def _hang(self) -> None:
        """Until the client has had enough, or the server ends. In haste not at all: no client's time-out is known."""
        self.close_connection = True
        if in_haste():
            return
        self.connection.settimeout(None)
        while self.rfile.read1(_LONGEST_LINE):
            pass

    def _refuse(self, status: int, detail: str) -> None:
        """Answers a request whose end is not known, so that the connection is of no more use."""
        self.close_connection = True
        self._send(json_answer(status, plain_envelope(status, detail)))
        self._linger()

    def _linger(self) -> None:
        """Reads what the client still sends: closing on unread bytes resets the connection and loses the answer."""
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(_LINGER_SECONDS)
            left = _LINGER_BYTES
            while left > 0 and (data := self.connection.recv(65536)):
                left -= len(data)

    def _send(self, answer: Answer) -> None:
        # One write: head and body in two would go out as two packets.
        head = self._head(answer)
        self.wfile.write(head if self.command == "HEAD" or answer.status in _BODILESS else head + answer.body)

    def _head(self, answer: Answer) -> bytes:
        assert isinstance(self.server, _Server)
        length = str(len(answer.body))
        fields = {"Content-Length": length, "Date": self.date_time_string()}
        fields |= {name.title(): value for name, value in answer.headers.items()}
        # A script may promise more than it sends; the client then sees a reply cut short.
        self.close_connection |= fields["Content-Length"] != length or self.server.is_over
        fields["Connection"] = "close" if self.close_connection else "keep-alive"
        lines = [f"HTTP/1.1 {answer.status} {phrase_of(answer.status)}"]
        lines += [f"{name}: {value}" for name, value in fields.items()]
        return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")
