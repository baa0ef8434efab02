"""Connections for downloads: direct, to no address but those that the URL policy allows, or to a proxy asked for.

A name is resolved once; what is checked is what is connected, and the connected socket's own peer is checked again.
So a name cannot show one address to the check and another to the connection.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from typing import Any

import httpcore

from modellix._core.clock import Clock
from modellix._core.url_policy import UrlPolicy
from modellix._http import httpx
from modellix._io.deadline import Check, DeadlineBackend, addresses_in
from modellix._io.transports import async_download_transport, download_transport, tls_context

READ_BYTES = 256 * 1024  # at once, where httpcore asks for 64 KiB: a quarter of the work for a large file
CONNECT_SECONDS = 10.0  # for each address of a name, so that a dead one leaves time for the next


class AsyncBackend(httpcore.AsyncNetworkBackend):
    """The asynchronous twin of a DeadlineBackend; without a check for a proxy. Deadlines are the caller's, who can
    cancel.
    """

    def __init__(self, check: Check | None) -> None:
        backend: Any = httpcore.AnyIOBackend()
        self._inner: httpcore.AsyncNetworkBackend = backend
        self._check = check

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        options = list(socket_options or ())
        failure: Exception = httpcore.ConnectError(f"no address for {host}")
        for address in await self._resolve(host, port):
            try:
                stream = await self._inner.connect_tcp(address, port, timeout, local_address, options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _WideStream(await self._checked(stream, port))
        raise failure

    async def _resolve(self, host: str, port: int) -> list[str]:
        """As DeadlineBackend does it; the addresses of a proxy are left to AnyIO, which tries several at a time."""
        import asyncio
        import socket

        if self._check is None:
            return [host]
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(str(error)) from error
        return addresses_in(found, port, self._check)

    async def _checked(self, stream: httpcore.AsyncNetworkStream, port: int) -> httpcore.AsyncNetworkStream:
        try:
            if self._check is not None:
                self._check(stream.get_extra_info("server_addr")[0], port)
        except BaseException:
            await stream.aclose()
            raise
        return stream


class _WideStream(httpcore.AsyncNetworkStream):
    """Hands on all that asyncio has read, which would otherwise be copied again for each 64 KiB taken from it."""

    def __init__(self, inner: httpcore.AsyncNetworkStream) -> None:
        self._inner = inner

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return await self._inner.read(max(max_bytes, READ_BYTES), timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        await self._inner.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        try:
            return _WideStream(await self._inner.start_tls(ssl_context, server_hostname, timeout))
        except BaseException:  # httpcore leaves it open when it is cancelled
            await self._inner.aclose()
            raise

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def open_transport(scheme: str, proxy: str | None, clock: Clock, url_policy: UrlPolicy) -> httpx.BaseTransport:
    """A transport of one connection. Raises ConfigurationError for a proxy that cannot be used."""
    backend = DeadlineBackend(clock, url_policy.check if proxy is None else None, READ_BYTES)
    return download_transport(backend, tls_context(scheme), proxy)


def open_async_transport(scheme: str, proxy: str | None, url_policy: UrlPolicy) -> httpx.AsyncBaseTransport:
    """The asynchronous twin of `open_transport`."""
    backend = AsyncBackend(url_policy.check if proxy is None else None)
    return async_download_transport(backend, tls_context(scheme), proxy)
