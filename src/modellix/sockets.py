"""httpx transports of our own make-up, and the only places where this package reaches into httpx and httpcore.

httpx bounds each read of a socket, so a reply that drips in never ends. Here the deadline of the call stands below
httpcore, where every connect, handshake, read and write is cut to the time that is left. (Async calls need none of
this: a coroutine can be cancelled.) The private names used are `HTTPTransport._pool`,
`ConnectionPool._network_backend` and `Client._transport_for_url`, `_transport`, `_mounts`, `_auth`;
tests/test_sockets.py checks each by name.
"""

from __future__ import annotations

import contextlib
import importlib.util
import logging
import socket
import ssl
import sys
import urllib.request
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from typing import Any

import httpcore
import httpx

from modellix.clock import Clock
from modellix.errors import ConfigurationError
from modellix.exchange import Exchange

IDLE_SECONDS = 2.0  # an idle connection older than this is closed instead of being trusted with a paid request

_current: ContextVar[Exchange | None] = ContextVar("modellix_exchange", default=None)
_is_quiet: ContextVar[bool] = ContextVar("modellix_is_quiet", default=False)
_LOGGERS = ("httpx", "httpcore.connection", "httpcore.http11", "httpcore.http2", "httpcore.proxy", "httpcore.socks")


class _QuietFilter(logging.Filter):
    """httpx and httpcore log whole URLs and the headers of replies; ours must not, and are logged under `modellix`
    instead.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        return not _is_quiet.get()


_QUIET_FILTER = _QuietFilter()


@contextlib.contextmanager
def quiet_scope() -> Iterator[None]:
    """Within the block, in this thread or coroutine, httpx and httpcore log nothing. Other users of them are not
    touched.
    """
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_QUIET_FILTER)  # a second time changes nothing
    token = _is_quiet.set(True)
    try:
        yield
    finally:
        _is_quiet.reset(token)


@contextlib.contextmanager
def deadline_scope(exchange: Exchange) -> Iterator[None]:
    """Within the block, in this thread, no socket operation of a DeadlineBackend goes on beyond the exchange's
    deadline.
    """
    token = _current.set(exchange)
    try:
        yield
    finally:
        _current.reset(token)


class DeadlineBackend(httpcore.NetworkBackend):
    """Connects addresses one after another within the deadline; name resolution alone cannot be bounded."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._inner = httpcore.SyncBackend()

    def left(self, timeout: float | None, error: type[Exception], connection: Any = None) -> float | None:
        """The time-out to use now: what is left of the call, or less. Raises `error` when nothing is left."""
        exchange = _current.get()
        if exchange is None:
            return timeout
        exchange.evidence.connection = connection
        left = exchange.deadline - self._clock.now()
        if left <= 0 or exchange.evidence.is_aborted:
            raise error("the deadline of the call has passed")
        return left if timeout is None else min(timeout, left)

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
        for address in _resolve(host, port):
            try:
                limit = self.left(timeout, httpcore.ConnectTimeout)
                return DeadlineStream(self._inner.connect_tcp(address, port, limit, local_address, options), self)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure


def _resolve(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(str(error)) from error
    return list(dict.fromkeys(str(row[4][0]) for row in found))


class DeadlineStream(httpcore.NetworkStream):
    """A connected socket whose every operation ends by the deadline of the call that uses it."""

    def __init__(self, inner: httpcore.NetworkStream, backend: DeadlineBackend) -> None:
        self._inner = inner
        self._backend = backend
        self._socket: socket.socket = inner.get_extra_info("socket")
        self._is_nested_tls = isinstance(inner.get_extra_info("ssl_object"), ssl.SSLObject)

    def _left(self, timeout: float | None, error: type[Exception]) -> float | None:
        return self._backend.left(timeout, error, self._socket)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """In steps of our own: httpcore restarts the time-out with each byte that a slow server accepts."""
        if self._is_nested_tls:  # through a TLS proxy, where the bytes must pass the inner TLS object
            self._inner.write(buffer, self._left(timeout, httpcore.WriteTimeout))
            return
        view = memoryview(buffer)
        while view:
            try:
                self._socket.settimeout(self._left(timeout, httpcore.WriteTimeout))
                view = view[self._socket.send(view) :]
            except TimeoutError as error:
                raise httpcore.WriteTimeout(str(error)) from error
            except OSError as error:
                raise httpcore.WriteError(str(error)) from error

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        limit = self._left(timeout, httpcore.ConnectTimeout)
        return DeadlineStream(self._inner.start_tls(ssl_context, server_hostname, limit), self._backend)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def environment_proxy(origin: str) -> str | None:
    """The proxy that HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY (or the system's settings) name for the origin."""
    url = httpx.URL(origin)
    if urllib.request.proxy_bypass(url.netloc.decode("ascii")) or urllib.request.proxy_bypass(url.host):
        return None
    proxies = urllib.request.getproxies()
    address = proxies.get(url.scheme) or proxies.get("all")
    return address if address is None or "://" in address else f"http://{address}"


class Opener:
    """Opens transports of one connection each, all to one origin, through the environment's proxy if it names one.

    One connection a transport, because the pool of httpcore looks at all its connections at each request: eight
    pools of one cost half of what one pool of eight does (DECISIONS.md). They share the TLS context, which is slow
    to make.
    """

    def __init__(self, origin: str, clock: Clock) -> None:
        proxy = environment_proxy(origin)
        # Without TLS the context is never used, and loading the certificates for it would take longer than a request.
        is_tls = origin.startswith("https:")
        context = httpx.create_ssl_context() if is_tls else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        limits = httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=IDLE_SECONDS)
        self._backend = DeadlineBackend(clock)
        try:
            self._options: dict[str, Any] = {
                "limits": limits,
                "proxy": None if proxy is None else httpx.Proxy(proxy),
                "verify": context,
            }
        except (ValueError, httpx.InvalidURL):
            raise ConfigurationError("the proxy named by the environment is not an address that can be used") from None

    def open(self) -> httpx.BaseTransport:
        """A transport whose socket operations end by the deadline of the call."""
        transport = httpx.HTTPTransport(**self._options)
        transport._pool._network_backend = self._backend  # pyright: ignore[reportPrivateUsage]
        return transport

    def open_async(self) -> httpx.AsyncBaseTransport:
        """A transport whose coroutines can be cancelled at the deadline of the call."""
        _remember_that_sniffio_is_absent()
        return httpx.AsyncHTTPTransport(**self._options)


def _remember_that_sniffio_is_absent() -> None:
    """httpcore tries to import sniffio about seven times a request; where it is not installed, each try searches
    the disk.
    """
    if "sniffio" not in sys.modules and importlib.util.find_spec("sniffio") is None:
        sys.modules["sniffio"] = None  # type: ignore[assignment]  # how Python itself notes a module that cannot be had


_TRUSTED = (httpx.HTTPTransport, httpx.AsyncHTTPTransport, httpx.MockTransport)


def check_injected(client: httpx.Client | httpx.AsyncClient, kind: type[httpx.Client | httpx.AsyncClient]) -> None:
    """Refuse a client that might send a request twice, elsewhere, or with changes. Raises ConfigurationError.

    Transports must be exactly httpx's own: under others a connection lost after the request can look like one never
    made.
    """
    if not isinstance(client, kind):
        raise ConfigurationError(f"http_client must be an httpx.{kind.__name__}, not {type(client).__name__}")
    transports = [client._transport, *client._mounts.values()]  # pyright: ignore[reportPrivateUsage]
    strange = [type(part).__name__ for part in transports if part is not None and type(part) not in _TRUSTED]
    if strange:
        raise ConfigurationError(
            f"http_client must use httpx's own transports, not {strange[0]}: it might send a request twice"
        )
    if client.follow_redirects or client.auth is not None or any(client.event_hooks.values()):
        raise ConfigurationError("http_client must not follow redirects nor have auth or event hooks")


def transport_for(client: httpx.Client, url: httpx.URL) -> httpx.BaseTransport:
    """The transport that the client would use. Used directly: no cookies kept, no redirects built, no URL logged."""
    if client.is_closed:
        raise ConfigurationError("http_client is closed")
    return client._transport_for_url(url)  # pyright: ignore[reportPrivateUsage]


def async_transport_for(client: httpx.AsyncClient, url: httpx.URL) -> httpx.AsyncBaseTransport:
    """The asynchronous twin of `transport_for`."""
    if client.is_closed:
        raise ConfigurationError("http_client is closed")
    return client._transport_for_url(url)  # pyright: ignore[reportPrivateUsage]
