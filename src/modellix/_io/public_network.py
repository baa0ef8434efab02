"""Connections for downloads: direct, to no address but those that the URL policy allows, or to a proxy asked for.

A name is resolved once; what is checked is what is connected, and the connected socket's own peer is checked again.
So a name cannot show one address to the check and another to the connection.
"""

from __future__ import annotations

from modellix._core.clock import Clock
from modellix._core.url_policy import UrlPolicy
from modellix._http import httpx
from modellix._io.deadline import DeadlineBackend
from modellix._io.transports import async_download_transport, download_transport, tls_context

READ_BYTES = 256 * 1024  # at once, where httpcore asks for 64 KiB: a quarter of the work for a large file
CONNECT_SECONDS = 10.0  # for each address of a name, so that a dead one leaves time for the next


def open_transport(scheme: str, proxy: str | None, clock: Clock, url_policy: UrlPolicy) -> httpx.BaseTransport:
    """A transport of one connection. Raises ConfigurationError for a proxy that cannot be used."""
    backend = DeadlineBackend(clock, url_policy.check if proxy is None else None, READ_BYTES)
    return download_transport(backend, tls_context(scheme), proxy)


def open_async_transport(scheme: str, proxy: str | None, url_policy: UrlPolicy) -> httpx.AsyncBaseTransport:
    """The asynchronous twin of `open_transport`."""
    from modellix._io.async_sockets import AsyncBackend  # a synchronous client never needs asyncio

    backend = AsyncBackend(url_policy.check if proxy is None else None)
    return async_download_transport(backend, tls_context(scheme), proxy)
