"""Sockets under httpcore that keep the deadline of a call, and what a signal handler raises.

httpx bounds each read of a socket, so a reply that drips in never ends. Here every connect, handshake, read and write
is cut to the time that is left. (Async calls need none of this: a coroutine can be cancelled.)

All blocking is done in one place, `DeadlineBackend.wait`, which the network cannot make fail. So what comes out of it
is known to be a signal handler's (Ctrl-C, an alarm): it goes on at once, but for the first one after a paid request has
left, which is held until the reply or the deadline.
"""

from __future__ import annotations

import errno
import math
import os
import select
import socket
import ssl
from collections.abc import Callable, Iterable
from typing import Any

import httpcore
from httpcore._backends.sync import SyncStream  # not exported

from modellix._core.clock import Clock
from modellix._io.call import current_call
from modellix.errors import is_foreign

Check = Callable[[str, int], None]
"""Raises if the address and port may not be connected."""

_LONGEST_WAIT = 1e6  # seconds; the system counts milliseconds in few bits
_UNDER_WAY = (errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EAGAIN)


class DeadlineBackend(httpcore.NetworkBackend):
    """Connects addresses one after another within the deadline; name resolution alone cannot be bounded.

    `check` is asked about all addresses of a name, and about the one that was really connected. `read_bytes` is the
    most to read at once, where that is more than httpcore asks for.
    """

    def __init__(self, clock: Clock, check: Check | None = None, read_bytes: int = 0) -> None:
        self._clock = clock
        self._check = check
        self.read_bytes = read_bytes

    def left(self, timeout: float | None, error: type[Exception], connection: Any = None) -> float | None:
        """The time-out to use now: what is left of the call, or of its part for connecting, or less. Raises `error`
        when nothing is left.
        """
        call = current_call()
        if call is None:
            return timeout
        call.use(connection)
        left = call.left(self._clock.now())
        if left <= 0:
            raise error("the deadline of the call has passed")
        return left if timeout is None else min(timeout, left)

    def kept(self) -> list[Any]:
        """Where to keep what is received: of the answer to a paid request nothing may be lost."""
        call = current_call()
        return call.trace.raw if call is not None and call.trace is not None and call.trace.sent else []

    def wait(self, connection: Any, for_writing: bool, timeout: float | None, error: type[Exception]) -> None:
        """Until the connection is ready. Raises `error` when time is over."""
        try:
            limit = self.left(timeout, error, connection)
            poll = _poll_for(connection, for_writing)
            is_ready = poll(None if limit is None else min(limit, _LONGEST_WAIT))
        except error:
            raise
        except BaseException as interruption:
            self.interrupted(interruption)
            return  # held: whoever waits looks again
        if not is_ready and limit is not None and limit <= _LONGEST_WAIT:
            raise error("timed out")

    def interrupted(self, interruption: BaseException, can_be_held: bool = True) -> None:
        """A signal handler has raised. Held, or raised here."""
        call = current_call()
        if call is not None:
            if can_be_held and call.hold(interruption):
                return
            call.foreign = interruption
        raise interruption

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        options = list(socket_options or ())
        failure: Exception = httpcore.ConnectError(f"no address for {host}")
        for address in self._resolve(host, port):
            try:
                limit = self.left(timeout, httpcore.ConnectTimeout)
                return DeadlineStream(self._connect(address, port, limit, local_address, options), self)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    def _connect(
        self, address: str, port: int, limit: float | None, local_address: str | None, options: list[Any]
    ) -> httpcore.NetworkStream:
        """As httpcore's own backend does, but known to the call from the first packet on: it can be aborted."""
        connection = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
        try:
            connection.setblocking(False)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for option in options:
                connection.setsockopt(*option)
            if local_address is not None:
                connection.bind((local_address, 0))
            code = connection.connect_ex((address, port))
            if code in _UNDER_WAY:
                self.wait(connection, True, limit, httpcore.ConnectTimeout)
                code = connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if code:
                raise httpcore.ConnectError(str(OSError(code, os.strerror(code))))
            if self._check is not None:
                self._check(connection.getpeername()[0], port)
        except OSError as error:
            connection.close()
            if is_foreign(error):
                raise
            raise httpcore.ConnectError(str(error)) from error
        except BaseException:
            connection.close()
            raise
        return SyncStream(connection)

    def _resolve(self, host: str, port: int) -> list[str]:
        """The addresses to try, in order; one that may not be connected keeps all others from being tried."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            if is_foreign(error):
                self.interrupted(error)
            raise httpcore.ConnectError(str(error)) from error
        except BaseException as interruption:
            self.interrupted(interruption)
            raise
        return addresses_in(found, port, self._check)


def addresses_in(found: Iterable[Any], port: int, check: Check | None) -> list[str]:
    """The addresses among what `getaddrinfo` found. Raises what `check` does if even one may not be connected."""
    addresses = list(dict.fromkeys(str(row[4][0]) for row in found))
    if check is not None:
        for address in addresses:
            check(address, port)
    return addresses


def _poll_for(connection: Any, for_writing: bool) -> Callable[[float | None], bool]:
    """A call that blocks until the connection is ready, or for that many seconds; one that was ended is ready."""
    if not hasattr(select, "poll"):  # Windows
        readers, writers = ([], [connection]) if for_writing else ([connection], [])
        return lambda seconds: any(select.select(readers, writers, [connection], seconds))
    poll = select.poll()
    poll.register(connection, select.POLLOUT if for_writing else select.POLLIN)
    return lambda seconds: bool(poll.poll(None if seconds is None else math.ceil(seconds * 1000)))


def _shake_hands(secured: ssl.SSLSocket) -> bool:
    secured.do_handshake()
    return True


class DeadlineStream(httpcore.NetworkStream):
    """A connected socket whose every operation ends by the deadline of the call that uses it."""

    def __init__(self, inner: httpcore.NetworkStream, backend: DeadlineBackend) -> None:
        self._inner = inner
        self._backend = backend
        self._socket: socket.socket = inner.get_extra_info("socket")
        self._is_nested_tls = isinstance(inner.get_extra_info("ssl_object"), ssl.SSLObject)
        if not self._is_nested_tls:
            self._socket.setblocking(False)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        size = max(max_bytes, self._backend.read_bytes)
        if self._is_nested_tls:  # through a TLS proxy, where the bytes must pass the inner TLS object
            return self._inner.read(size, self._backend.left(timeout, httpcore.ReadTimeout, self._socket))
        if not isinstance(self._socket, ssl.SSLSocket):  # which may hold bytes already; elsewhere none are there yet
            self._backend.wait(self._socket, False, timeout, httpcore.ReadTimeout)
        else:
            self._backend.left(timeout, httpcore.ReadTimeout, self._socket)
        kept = self._backend.kept()
        data: bytes = self._do(self._socket.recv, size, False, timeout, httpcore.ReadTimeout, httpcore.ReadError, kept)
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """In steps of our own: httpcore restarts the time-out with each byte that a slow server accepts."""
        if self._is_nested_tls:
            self._inner.write(buffer, self._backend.left(timeout, httpcore.WriteTimeout, self._socket))
            return
        view = memoryview(buffer)
        while view:
            self._backend.left(timeout, httpcore.WriteTimeout, self._socket)
            sent = self._do(self._socket.send, view, True, timeout, httpcore.WriteTimeout, httpcore.WriteError, [])
            view = view[sent:]

    def _do(
        self,
        call: Callable[[Any], Any],
        argument: Any,
        for_writing: bool,
        timeout: float | None,
        late: type[Exception],
        lost: type[Exception],
        kept: list[Any],
    ) -> Any:
        """The call's result, put at the end of `kept` too, as soon as the socket is ready for it. Raises `late` or
        `lost`.
        """
        before = len(kept)
        while True:
            wants_to_write = for_writing
            try:
                kept.extend(map(call, (argument,)))  # one step: no signal handler comes between doing and keeping
            except ssl.SSLWantReadError:
                wants_to_write = False
            except ssl.SSLWantWriteError:
                wants_to_write = True
            except BlockingIOError:
                pass
            except BaseException as error:
                self._failed(error, len(kept) > before, lost)
            if len(kept) > before:
                return kept[-1]
            self._backend.wait(self._socket, wants_to_write, timeout, late)

    def _failed(self, error: BaseException, is_done: bool, lost: type[Exception]) -> None:
        """The call raised: the system did, or a signal handler. Within TLS it is not known then how much was done, so
        that cannot be held.
        """
        if isinstance(error, OSError) and not is_foreign(error) and not is_done:
            raise lost(str(error)) from error
        self._backend.interrupted(error, can_be_held=is_done or not isinstance(self._socket, ssl.SSLSocket))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        limit = self._backend.left(timeout, httpcore.ConnectTimeout, self._socket)
        if isinstance(self._socket, ssl.SSLSocket):  # a TLS proxy
            return DeadlineStream(self._inner.start_tls(ssl_context, server_hostname, limit), self._backend)
        try:
            secured = ssl_context.wrap_socket(
                self._socket, server_hostname=server_hostname, do_handshake_on_connect=False
            )
        except OSError as error:  # the peer is gone already, or has sent something before the handshake
            if is_foreign(error):
                raise
            raise httpcore.ConnectError(str(error)) from error
        stream = DeadlineStream(SyncStream(secured), self._backend)
        try:
            stream._do(_shake_hands, secured, False, limit, httpcore.ConnectTimeout, httpcore.ConnectError, [])
        except BaseException:
            stream.close()
            raise
        return stream

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
