"""Sockets of asyncio under httpcore, for the asynchronous client.

httpcore's own go through AnyIO, whose cancel scopes and checkpoints at each step take a fifth of a submission's CPU.
Here is nothing but asyncio. Time-outs are kept for connecting alone; after that the deadlines are the caller's, who
cancels.
"""

from __future__ import annotations

import asyncio
import inspect
import ipaddress
import socket
import ssl
from collections import deque
from collections.abc import Iterable
from typing import Any

import httpcore

from modellix._io.deadline import Check, addresses_in, poll_for

_MOST_KEPT = 8  # pieces of at most 256 KiB that have come and were not read; then the peer has to wait
_NEXT_ADDRESS = 0.25  # seconds after which the next address of a name is tried beside the one before (RFC 8305)


class AsyncBackend(httpcore.AsyncNetworkBackend):
    """The asynchronous twin of a DeadlineBackend. With a `check` a name is resolved once, and its addresses are tried
    one after another; without one asyncio does it, for the API and for proxies.
    """

    def __init__(self, check: Check | None = None) -> None:
        self._check = check

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        failure: Exception = httpcore.ConnectError(f"no address for {host}")
        for address in await self._resolve(host, port):
            try:
                async with asyncio.timeout(timeout):
                    stream = await _connect(address, port, local_address)
            except (OSError, UnicodeError) as error:
                failure = _connect_failure(error)
                failure.__cause__ = error
            else:
                return self._prepared(stream, port, list(socket_options or ()))
        raise failure

    async def _resolve(self, host: str, port: int) -> list[str]:
        """As DeadlineBackend does it."""
        if self._check is None:
            return [host]
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(str(error)) from error
        return addresses_in(found, port, self._check)

    def _prepared(self, stream: AsyncStream, port: int, options: list[Any]) -> AsyncStream:
        try:
            for option in options:
                stream.get_extra_info("socket").setsockopt(*option)
            if self._check is not None:
                self._check(stream.get_extra_info("server_addr")[0], port)
        except BaseException:
            stream.abort()
            raise
        return stream


async def _connect(address: str, port: int, local_address: str | None) -> AsyncStream:
    local = None if local_address is None else (local_address, 0)
    loop = asyncio.get_running_loop()
    transport, wire = await loop.create_connection(_Wire, address, port, local_addr=local, **_racing(loop, address))
    return AsyncStream(transport, wire)


def _connect_failure(error: Exception) -> Exception:
    kind = httpcore.ConnectTimeout if isinstance(error, TimeoutError) else httpcore.ConnectError
    return kind(str(error) or "timed out")


def _racing(loop: asyncio.AbstractEventLoop, host: str) -> dict[str, Any]:
    """None for an address, of which there is but one: a race of connections is harder to cancel. And none with uvloop,
    which knows no races and tries the addresses of a name one after another.
    """
    try:
        ipaddress.ip_address(host)
    except ValueError:
        name = "happy_eyeballs_delay"
        return {name: _NEXT_ADDRESS} if name in inspect.signature(loop.create_connection).parameters else {}
    return {}


class _Wire(asyncio.Protocol):
    """What has come and was not read yet, and whether the connection is still there."""

    def __init__(self, is_secured: bool = False) -> None:
        self.come: deque[bytes] = deque()
        self.is_over = False  # nothing more will come
        self.is_lost = False  # nothing can be written
        self.failure: Exception | None = None
        self.is_full = False  # what was written has to leave first
        self.transport: asyncio.Transport | None = None
        self._is_secured = is_secured
        self._change: asyncio.Future[None] | None = None

    def data_received(self, data: bytes) -> None:
        self.come.append(data)
        if len(self.come) >= _MOST_KEPT and self.transport is not None:
            self.transport.pause_reading()
        self._tell()

    def eof_received(self) -> bool:
        """Whether the other direction stays open; within TLS it cannot."""
        self.is_over = True
        self._tell()
        return not self._is_secured

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_over, self.is_lost, self.failure = True, True, exc
        self._tell()

    def pause_writing(self) -> None:
        self.is_full = True

    def resume_writing(self) -> None:
        self.is_full = False
        self._tell()

    def _tell(self) -> None:
        if self._change is not None and not self._change.done():
            self._change.set_result(None)

    async def change(self) -> None:
        """Until something of this is another."""
        self._change = asyncio.get_running_loop().create_future()
        await self._change


class AsyncStream(httpcore.AsyncNetworkStream):
    """A connected socket. It hands on all that asyncio has read at once, and so reads large files in large pieces."""

    def __init__(self, transport: asyncio.Transport, wire: _Wire) -> None:
        self._transport = wire.transport = transport
        self._wire = wire

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        wire = self._wire
        while not wire.come and not wire.is_over:
            await wire.change()
        if wire.come:
            piece = wire.come.popleft()
            if not wire.come:
                self._transport.resume_reading()
            return piece
        if wire.failure is not None:
            raise httpcore.ReadError(str(wire.failure)) from wire.failure
        return b""

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if not buffer:
            return
        wire = self._wire
        if not self._transport.is_closing():  # what is written after that is dropped without a word
            self._transport.write(buffer)
            while wire.is_full and not wire.is_lost:
                await wire.change()
        if wire.is_lost or self._transport.is_closing():
            raise httpcore.WriteError(str(wire.failure or "the connection is closed")) from wire.failure

    async def aclose(self) -> None:
        self.abort()

    def abort(self) -> None:
        """Close it at once: nothing that matters waits to be written."""
        self._transport.abort()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        loop, wire = asyncio.get_running_loop(), _Wire(is_secured=True)
        try:
            if self._wire.come or self._wire.is_over:
                raise httpcore.ConnectError("the peer has said something, or gone, before the handshake")
            async with asyncio.timeout(timeout):
                secured = await loop.start_tls(self._transport, wire, ssl_context, server_hostname=server_hostname)
        except OSError as error:
            self.abort()
            raise _connect_failure(error) from error
        except BaseException:
            self.abort()
            raise
        assert secured is not None
        return AsyncStream(secured, wire)

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":
            return self._is_readable()
        names = {"client_addr": "sockname", "server_addr": "peername", "socket": "socket", "ssl_object": "ssl_object"}
        return self._transport.get_extra_info(names[info]) if info in names else None

    def _is_readable(self) -> bool:
        """Has something come, or the end, that no request asked for? The event loop may not have looked yet."""
        if self._wire.come or self._wire.is_over or self._transport.is_closing():
            return True
        return poll_for(self._transport.get_extra_info("socket"), False)(0.0)
