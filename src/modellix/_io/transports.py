"""The httpx transports of the client. This module and deadline.py alone reach into httpx and httpcore.

The private names used are `HTTPTransport._pool`, `ConnectionPool._network_backend`, `._connections`, `._requests`,
`._optional_thread_lock._lock`, `HTTP11Connection._h11_state`, `_backends.sync.SyncStream` and
`Client._transport_for_url`, `_transport`, `_mounts`;
tests/modellix/test_transports.py checks each by name.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import logging
import os
import ssl
import sys
import threading
from collections.abc import Generator
from contextvars import ContextVar
from typing import Any

import httpcore

from modellix._core.clock import Clock
from modellix._core.url_policy import leads_here
from modellix._http import httpx
from modellix._io.deadline import DeadlineBackend
from modellix._io.proxies import environment_proxy
from modellix.errors import ConfigurationError, is_foreign

IDLE_SECONDS = 2.0  # an idle connection older than this is closed instead of being trusted with a paid request
_ONE = httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=IDLE_SECONDS)

_is_quiet: ContextVar[bool] = ContextVar("modellix_is_quiet", default=False)
_PARTS = ("connection", "http11", "http2", "proxy", "socks")
_LOGGERS = [logging.getLogger(name) for name in ("httpx", *(f"httpcore.{part}" for part in _PARTS))]


class _QuietFilter(logging.Filter):
    """httpx and httpcore log whole URLs and the headers of replies; ours must not, and are logged under `modellix`
    instead.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        return not _is_quiet.get()


_QUIET_FILTER = _QuietFilter()


@contextlib.contextmanager
def quiet_scope() -> Generator[None, None, None]:
    """Within the block, in this thread or coroutine, httpx and httpcore log nothing. Other users of them are not
    touched.
    """
    for logger in _LOGGERS:
        logger.addFilter(_QUIET_FILTER)  # a second time changes nothing
    token = _is_quiet.set(True)
    try:
        yield
    finally:
        _is_quiet.reset(token)


def tls_context(scheme: str) -> ssl.SSLContext:
    """One for the API and for downloads, of all clients: certificates take longer to load than a request takes. Plain
    http needs none. Raises ConfigurationError.
    """
    if scheme == "http":
        return _unused_context()
    return _tls_context(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"), os.getpid())


@functools.lru_cache(maxsize=1)
def _unused_context() -> ssl.SSLContext:
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@functools.lru_cache(maxsize=1)
def _tls_context(file: str | None, folder: str | None, process: int) -> ssl.SSLContext:
    """`file` and `folder` are where httpx looks for certificates. Each process has a context of its own, as a thread
    left behind by a fork may hold a lock in it.
    """
    try:
        return httpx.create_ssl_context()
    except OSError as error:
        if is_foreign(error):
            raise
        raise ConfigurationError(f"the TLS certificates cannot be loaded, see SSL_CERT_FILE ({error})") from None


def usable_proxy(address: str | None, context: ssl.SSLContext) -> httpx.Proxy | None:
    """The proxy, which is trusted by `context` if it speaks TLS itself. Raises ConfigurationError, without the address:
    a password may stand in it.
    """
    if address is None:
        return None
    try:
        proxy = httpx.Proxy(address, ssl_context=context if address.lower().startswith("https:") else None)
        httpx.HTTPTransport(proxy=proxy, verify=context)
    except (ValueError, httpx.InvalidURL):
        raise ConfigurationError("the proxy named by the environment is not an address that can be used") from None
    except ImportError:
        raise ConfigurationError("a SOCKS proxy in the environment needs: pip install 'httpx[socks]'") from None
    return proxy


def _adapted(transport: httpx.HTTPTransport, backend: httpcore.NetworkBackend) -> httpx.HTTPTransport:
    """The transport with sockets of ours. It serves one thread at a time, so its lock may be one that a thread can take
    twice: a signal handler's exception can leave it locked, and closing would wait for it for ever.
    """
    pool: Any = transport._pool  # pyright: ignore[reportPrivateUsage]
    pool._network_backend = backend
    pool._optional_thread_lock._lock = threading.RLock()
    return transport


class Opener:
    """Opens transports of one connection each, all to one origin, through the environment's proxy if it names one.

    One connection a transport, because the pool of httpcore looks at all its connections at each request: eight
    pools of one cost half of what one pool of eight does (docs/decisions.md).
    """

    def __init__(self, origin: str, clock: Clock) -> None:
        context = tls_context(origin.partition(":")[0])
        self._backend = DeadlineBackend(clock)
        proxy = usable_proxy(environment_proxy(origin), context)  # said here, before any attempt, if it cannot be used
        self._options: dict[str, Any] = {"limits": _ONE, "proxy": proxy, "verify": context}

    def open(self) -> httpx.BaseTransport:
        """A transport whose socket operations end by the deadline of the call."""
        return _adapted(httpx.HTTPTransport(**self._options), self._backend)

    def open_async(self) -> httpx.AsyncBaseTransport:
        """A transport whose coroutines can be cancelled at the deadline of the call."""
        _remember_that_sniffio_is_absent()
        return httpx.AsyncHTTPTransport(**self._options)


def download_transport(
    backend: httpcore.NetworkBackend, context: ssl.SSLContext, proxy: str | None
) -> httpx.BaseTransport:
    """A transport of one connection, made by `backend`, through no proxy but this one."""
    options: dict[str, Any] = {"verify": context, "trust_env": False, "limits": _ONE}
    return _adapted(httpx.HTTPTransport(proxy=usable_proxy(proxy, context), **options), backend)


def async_download_transport(
    backend: httpcore.AsyncNetworkBackend, context: ssl.SSLContext, proxy: str | None
) -> httpx.AsyncBaseTransport:
    """The asynchronous twin of `download_transport`."""
    _remember_that_sniffio_is_absent()
    options: dict[str, Any] = {"verify": context, "trust_env": False, "limits": _ONE}
    transport = httpx.AsyncHTTPTransport(proxy=usable_proxy(proxy, context), **options)
    transport._pool._network_backend = backend  # pyright: ignore[reportPrivateUsage]
    return transport


def reports_steps(transport: httpx.BaseTransport | httpx.AsyncBaseTransport) -> bool:
    """Will httpcore's trace tell before a byte leaves? Not with a mock: a transport, pytest-httpx within httpx's own
    transports, or respx within httpcore.
    """
    if type(transport) not in (httpx.HTTPTransport, httpx.AsyncHTTPTransport):
        return False
    pool: Any = getattr(transport, "_pool")  # noqa: B009 - private, for pyright too
    return _is_carried_by("httpx.", transport) and _is_carried_by("httpcore.", pool)


def _is_carried_by(package: str, carrier: Any) -> bool:
    handle: Any = getattr(carrier, "handle_async_request", None) or carrier.handle_request
    return str(handle.__module__).startswith(package)


def has_leftovers(transport: httpx.BaseTransport | httpx.AsyncBaseTransport) -> bool:
    """Has the service sent more than one answer to one request? The rest would pass for the answer to the next."""
    connections: list[Any] = getattr(transport, "_pool")._connections  # noqa: B009 - private, for pyright too
    return any(_unread(connection) for connection in connections)


def _unread(connection: Any) -> bool:
    while hasattr(connection, "_connection"):  # a connection proper lies within one, two or three others
        connection = connection._connection
    state = getattr(connection, "_h11_state", None)
    return state is not None and bool(state.trailing_data[0])


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


def require_no_connections(client: httpx.Client) -> None:
    """Of a client that was lent to a parent process: its connections are the parent's, and a lock may be held by a
    thread that was left behind. Raises ConfigurationError.
    """
    pools: list[Any] = [getattr(each, "_pool", None) for each in (client._transport, *client._mounts.values())]  # pyright: ignore[reportPrivateUsage]
    if any(pool is not None and (pool._connections or pool._requests) for pool in pools):
        raise ConfigurationError(
            "http_client has connections of the parent process: after a fork, create a client of your own and a "
            "Modellix with it"
        )


def transport_for(client: httpx.Client, url: httpx.URL) -> httpx.BaseTransport:
    """The transport that the client would use. Used directly: no cookies kept, no redirects built, no URL logged.

    But this machine is reached through no proxy: httpx reads the environment's, and over plain http they would read the
    key.
    """
    if client.is_closed:
        raise ConfigurationError("http_client is closed")
    chosen = client._transport_for_url(url)  # pyright: ignore[reportPrivateUsage]
    return client._transport if _leads_astray(chosen, url) else chosen  # pyright: ignore[reportPrivateUsage]


def async_transport_for(client: httpx.AsyncClient, url: httpx.URL) -> httpx.AsyncBaseTransport:
    """The asynchronous twin of `transport_for`."""
    if client.is_closed:
        raise ConfigurationError("http_client is closed")
    chosen = client._transport_for_url(url)  # pyright: ignore[reportPrivateUsage]
    return client._transport if _leads_astray(chosen, url) else chosen  # pyright: ignore[reportPrivateUsage]


def _leads_astray(transport: httpx.BaseTransport | httpx.AsyncBaseTransport, url: httpx.URL) -> bool:
    """Would a proxy get what is for this machine? A mock has no pool."""
    pool = getattr(transport, "_pool", None)
    has_proxy = pool is not None and type(pool) not in (httpcore.ConnectionPool, httpcore.AsyncConnectionPool)
    return has_proxy and leads_here(url.host)
