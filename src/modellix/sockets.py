"""httpx transports of our own make-up, and the only places where this package reaches into httpx and httpcore.

httpx bounds each read of a socket, so a reply that drips in never ends. Here the deadline of the call stands below
httpcore, where every connect, handshake, read and write is cut to the time that is left. (Async calls need none of
this: a coroutine can be cancelled.) The private names used are `HTTPTransport._pool`,
`ConnectionPool._network_backend` and `Client._transport_for_url`, `_transport`, `_mounts`, `_auth`;
tests/test_sockets.py checks each by name.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import ssl
import urllib.request
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from typing import Any

import httpcore
import httpx

from modellix.clock import Clock
from modellix.errors import ConfigurationError

IDLE_SECONDS = 2.0  # an idle connection older than this is closed instead of being trusted with a paid request

_deadline: ContextVar[float | None] = ContextVar("modellix_deadline", default=None)
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
def deadline_scope(deadline: float) -> Iterator[None]:
    """Within the block, in this thread, no socket operation of a DeadlineBackend goes on beyond `deadline`
    (monotonic seconds).
    """
    token = _deadline.set(deadline)
    try:
        yield
    finally:
        _deadline.reset(token)


class DeadlineBackend(httpcore.NetworkBackend):
    """Connects addresses one after another within the deadline; name resolution alone cannot be bounded."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._inner = httpcore.SyncBackend()

    def left(self, timeout: float | None, error: type[Exception]) -> float | None:
        """The time-out to use now: what is left of the call, or less. Raises `error` when nothing is left."""
        deadline = _deadline.get()
        if deadline is None:
            return timeout
        left = deadline - self._clock.now()
        if left <= 0:
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
        self._is_nested_tls = isinstance(inner.get_extra_info("ssl_object"), ssl.SSLObject)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._backend.left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """In steps of our own: httpcore restarts the time-out with each byte that a slow server accepts."""
        if self._is_nested_tls:  # through a TLS proxy, where the bytes must pass the inner TLS object
            self._inner.write(buffer, self._backend.left(timeout, httpcore.WriteTimeout))
            return
        view, sock = memoryview(buffer), self._inner.get_extra_info("socket")
        while view:
            try:
                sock.settimeout(self._backend.left(timeout, httpcore.WriteTimeout))
                view = view[sock.send(view) :]
            except TimeoutError as error:
                raise httpcore.WriteTimeout(str(error)) from error
            except OSError as error:
                raise httpcore.WriteError(str(error)) from error

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        limit = self._backend.left(timeout, httpcore.ConnectTimeout)
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


def _transport_options(origin: str, places: int) -> dict[str, Any]:
    limits = httpx.Limits(max_connections=places, max_keepalive_connections=places, keepalive_expiry=IDLE_SECONDS)
    proxy = environment_proxy(origin)
    try:
        return {"limits": limits, "proxy": None if proxy is None else httpx.Proxy(proxy)}
    except (ValueError, httpx.InvalidURL):
        raise ConfigurationError("the proxy named by the environment is not an address that can be used") from None


def open_client(origin: str, places: int, clock: Clock) -> httpx.Client:
    """A client for one origin with at most `places` connections, through the environment's proxy if it names one."""
    transport = httpx.HTTPTransport(**_transport_options(origin, places))
    transport._pool._network_backend = DeadlineBackend(clock)  # pyright: ignore[reportPrivateUsage]
    return httpx.Client(transport=transport, trust_env=False)


def open_async_client(origin: str, places: int) -> httpx.AsyncClient:
    """The asynchronous twin of `open_client`."""
    return httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(**_transport_options(origin, places)), trust_env=False)


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
