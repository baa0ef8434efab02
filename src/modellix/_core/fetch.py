"""One picture from its URL to bytes that can be trusted: the rules, decided once for both clients.

The key never goes along, nor does an injected client: the requests know nothing of either.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from modellix._core.download_effects import (
    DownloadEffect,
    DownloadRules,
    Get,
    Head,
    Lost,
    NetworkFailure,
    Read,
    ReadTaskAgain,
)
from modellix._core.download_session import DownloadSession
from modellix._core.image_format import HEAD_BYTES, NAMES, Kind, kind_of, media_type_of
from modellix._core.log_fields import fields
from modellix._core.url_policy import AddressRefused, bare_proxy, parse_url
from modellix._http import httpx
from modellix.errors import ConfigurationError, DownloadError, ModellixError, NotFoundError, shorten

log = logging.getLogger("modellix")

_UNCONNECTED = (httpx.ConnectError, httpx.ConnectTimeout)
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_EXPIRED = frozenset({403, 404, 410})  # what storage answers when a signed URL is over, or the file is gone
#: Codings that change bytes. Storage services also send back what an upload called itself: UTF-8, aws-chunked, binary.
_CODECS = frozenset({"gzip", "x-gzip", "deflate", "br", "zstd", "compress", "x-compress", "dcb", "dcz"})


class Picture:
    """One file of a result on its way here.

    `path` is where it is to go, so far as that is known; `kind` is known after `start`, `size` is what has arrived.
    """

    kind: Kind

    def __init__(self, session: DownloadSession, index: int, path: Path | None = None) -> None:
        self._session = session
        self._index = index
        self._url = session.manifest.urls[index]
        self._hop = httpx.URL()  # the URL itself, or where a redirect of it leads
        self._proxy: str | None = None  # that the hop is asked for through
        self._answer = Head(0, httpx.Headers())
        self._waited = 0.0  # seconds spent waiting for the answer's bytes
        self.size = 0
        self._first = self._pending = self._last = b""
        self.path = path

    def __repr__(self) -> str:
        return f"task {shorten(self._session.manifest.task_id)}, file {self._index}"

    def fields(self, **more: Any) -> dict[str, Any]:
        """Those of a log record about this file."""
        manifest = self._session.manifest
        return fields(task_id=manifest.task_id, reference=manifest.reference, **more)

    def error(self, reason: str) -> DownloadError:
        """An error that names this file."""
        return self._session.error(self._url, self.path, reason)

    def start(self) -> DownloadRules[None]:
        """Ask for the file, and look at its first bytes. Raises DownloadError, or Lost."""
        yield from self._ask()
        if self._answer.status in _EXPIRED:
            yield from self._refresh_url()
            yield from self._ask()
        if self._answer.status in _EXPIRED:
            raise self._expired("", is_gone=True)
        if self._answer.status != 200:
            raise self.error(f"status {self._answer.status}")
        self._check_headers()
        yield from self._check_first_bytes()

    def more(self) -> DownloadRules[bytes]:
        """The next bytes, none at the end of a whole file. Raises DownloadError, or Lost."""
        chunk, self._pending = self._pending, b""
        if not chunk:
            chunk = yield from self._receive()
        if not chunk:
            self._check_end()
        return chunk

    def _ask(self) -> DownloadRules[None]:
        self._waited, self.size, self._last = 0.0, 0, b""
        self._hop = self._allowed(parse_url(self._url))
        for _ in range(self._session.limits.redirects + 1):
            self._proxy = self._way()
            self._answer = yield from self._within_time(functools.partial(Get, self._hop, self._proxy))
            if self._answer.status not in _REDIRECTS:
                return
            target = self._allowed(parse_url(str(self._hop.join(self._location()))))
            if target.scheme != self._hop.scheme:
                raise self.error(f"a redirect from {self._hop.scheme} to {target.scheme}")
            self._hop = target
        raise self.error(f"more than {self._session.limits.redirects} redirects")

    def _way(self) -> str | None:
        """The proxy for the hop, None to connect directly."""
        try:
            return self._session.proxy(self._hop)
        except AddressRefused as error:
            raise self.error(str(error)) from error

    def _location(self) -> httpx.URL:
        location = parse_url(self._answer.headers.get("location", ""))
        if location is None or not str(location):
            raise self.error(f"status {self._answer.status}, a redirect to nowhere")
        return location

    def _allowed(self, url: httpx.URL | None) -> httpx.URL:
        refusal = "not a URL" if url is None else self._session.url_policy.refusal(url)
        if url is None or refusal is not None:
            raise self.error(refusal or "not a URL")
        return url

    def _within_time(self, effect: Callable[[float], DownloadEffect]) -> DownloadRules[Any]:
        """The outcome of an effect that waits for the network, and no longer than it may."""
        limits, clock = self._session.limits, self._session.clock
        allowed = min(limits.longest, limits.idle + self.size / limits.bytes_per_second) - self._waited
        began = clock.now()
        try:
            outcome = yield effect(began + min(limits.idle, allowed))
        except NetworkFailure as failure:
            raise self._meaning(failure.error, self._waited + clock.now() - began) from failure.error
        self._waited += clock.now() - began
        return outcome

    def _meaning(self, error: Exception, waited: float) -> DownloadError | Lost:
        if isinstance(error, AddressRefused | ConfigurationError):
            return self.error(str(error))
        if isinstance(error, httpx.TimeoutException):
            return self.error(f"too slow: {self.size} bytes in {waited:.0f} s{self._about_proxy(error)}")
        what = "the proxy refused" if isinstance(error, httpx.ProxyError) else type(error).__name__
        return Lost(f"{what}: {shorten(str(error), 200)}{self._about_proxy(error)}")

    def _about_proxy(self, error: Exception) -> str:
        """What to add to a failure: the proxy that had a part in it, or would have had one."""
        if self._proxy is not None:
            return f" (through the proxy {bare_proxy(self._proxy)})"
        proxy = self._session.environment_proxy(self._hop) if isinstance(error, _UNCONNECTED) else None
        if proxy is None:
            return ""
        return f"; the proxy {bare_proxy(proxy)} was passed by: Modellix(download_proxy=True) would use it"

    def _check_headers(self) -> None:
        headers, limit = self._answer.headers, self._session.limits.file_bytes
        coding = headers.get("content-encoding", "").lower()
        if not _CODECS.isdisjoint(part.partition(";")[0].strip() for part in coding.split(",")):
            raise self.error(f"the reply is compressed ({shorten(coding, 20)}), which was not asked for")
        if (self._length() or 0) > limit:
            raise self.error(f"larger than {limit} bytes")

    def _length(self) -> int | None:
        """What the reply declares as its length in bytes."""
        text = self._answer.headers.get("content-length", "")
        return int(text) if text.isascii() and text.isdigit() else None

    def _check_first_bytes(self) -> DownloadRules[None]:
        first = b""
        while len(first) < HEAD_BYTES:
            chunk = yield from self._receive()
            if not chunk:
                break
            first += chunk
        kind, content_type = kind_of(first), self._answer.headers.get("content-type", "")
        if kind is None or not kind.agrees_with(content_type):
            said = shorten(media_type_of(content_type), 40) or "nothing"
            found = f"neither {NAMES}" if kind is None else kind.name
            raise self.error(f"not a picture or video: the content type says {said}, the first bytes {found}")
        self.kind, self._first, self._pending = kind, first[:HEAD_BYTES], first

    def _receive(self) -> DownloadRules[bytes]:
        """Bytes from the network, counted."""
        chunk: bytes = yield from self._within_time(Read)
        self.size += len(chunk)
        limits = self._session.limits
        if self.size > limits.file_bytes:
            raise self.error(f"larger than {limits.file_bytes} bytes")
        if not self._session.take(len(chunk)):
            raise self.error(f"the files of the result are larger than {limits.result_bytes} bytes together")
        self._last = chunk[-HEAD_BYTES:] if len(chunk) >= HEAD_BYTES else (self._last + chunk)[-HEAD_BYTES:]
        return chunk

    def _check_end(self) -> None:
        """A reply without length or chunks ends where the connection does, be it whole or cut: there the file's
        own end counts, and a video has none.
        """
        length = self._length()
        if length is not None and self.size != length:
            raise Lost(f"the reply ended after {self.size} of {length} bytes")
        is_framed = length is not None or "transfer-encoding" in self._answer.headers
        if not is_framed and not self.kind.is_whole(self._first, self._last, self.size):
            raise Lost(
                f"the reply ended after {self.size} bytes, and the {self.kind.name} is not whole, or cannot tell"
            )

    def _refresh_url(self) -> DownloadRules[None]:
        status = self._answer.status
        log.info("%s: status %d, reading the task again", self, status, extra=self.fields(status=status))
        fresh = yield ReadTaskAgain()
        if isinstance(fresh, ModellixError):
            is_gone = isinstance(fresh, NotFoundError)
            raise self._expired(f"; reading the task again failed: {fresh}", is_gone=is_gone) from fresh
        if fresh is None:
            again = f"client.task({self._session.manifest.task_id!r}).wait() may have a fresh one"
            raise self._expired(f"; this result is a copy: {again}", is_gone=False)
        if self._index >= len(fresh.urls) or fresh.urls[self._index] == self._url:
            raise self._expired("; the task, read again, has no other URL", is_gone=True)
        self._url = fresh.urls[self._index]

    def _expired(self, more: str, *, is_gone: bool) -> DownloadError:
        """`is_gone`: nobody has the file any more, if the time is over for which it is kept."""
        at = self._session.expires_at
        when = "about 7 days" if at is None else f"about 7 days, this one until {at:%Y-%m-%d %H:%M} UTC"
        status = f"status {self._answer.status}: the URL has probably expired (results are kept {when})"
        error = self.error(status + more)
        error.is_gone = is_gone and at is not None and self._session.clock.utc() >= at
        return error
