"""Connections to a live API: none that the server may have closed already, without a word.

A submission on such a connection is lost, and nobody knows whether it was read. So a connection that was idle for some
time is not used again, nor any if the server closes them after each reply, and what may buy has one of its own.
"""

from __future__ import annotations

import time

import httpx

IDLE = 0.25  # seconds; servers wait longer before they close
A_MOMENT = 0.05  # seconds in which the end of a connection arrives


class Connections(httpx.BaseTransport):
    """Over HTTP, by a proxy if there is one. A request whose extension `buys` is true gets a fresh connection."""

    def __init__(self, proxy: str | httpx.Proxy | None = None) -> None:
        tls = httpx.create_ssl_context()
        self._kept = httpx.HTTPTransport(verify=tls, proxy=proxy, limits=httpx.Limits(keepalive_expiry=IDLE))
        self._fresh = httpx.HTTPTransport(verify=tls, proxy=proxy, limits=httpx.Limits(max_keepalive_connections=0))
        self._last: httpx.Response | None = None  # on a connection that is kept
        self._told_at = 0.0
        self._is_known = False  # whether the server closes connections after each reply
        self._is_closing = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.extensions.get("buys") or self._closes():
            return self._fresh.handle_request(request)
        self._last = self._kept.handle_request(request)
        self._told_at = time.monotonic()
        return self._last

    def close(self) -> None:
        self._kept.close()
        self._fresh.close()

    def _closes(self) -> bool:
        """Whether the server was seen to close a connection after a reply. The first one is looked at for a moment."""
        if self._is_closing or self._last is None or time.monotonic() > self._told_at + IDLE:
            return self._is_closing
        if not self._is_known:
            self._is_known = True
            time.sleep(A_MOMENT)
        stream = self._last.extensions.get("network_stream")
        self._is_closing = stream is not None and bool(stream.get_extra_info("is_readable"))
        return self._is_closing
