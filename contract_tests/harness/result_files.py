"""Files of results: each address is asked once, without the key, and what comes is read whole.

The API's own origin is asked through the gate that every request passes. Anything else has to be https at a public
address, on every step of a redirect, so that a reply can send this machine nowhere else.
"""

from __future__ import annotations

import hashlib
import time
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest

from contract_tests.harness.file_contents import Contents, contents_of, unlike
from contract_tests.harness.not_concluded import NotConcluded
from modellix._core.clock import Clock
from modellix._core.url_policy import PORTS, AddressRefused, UrlPolicy, bare, parse_url
from modellix._io.proxies import is_excepted
from modellix._io.public_network import open_transport

MOST_BYTES = 100 * 1024 * 1024  # of one file
MOST_SECONDS = 60.0  # for one file
TIMEOUT = 30.0  # seconds for any part of it
TRIES = 3  # of a file that is not there, or ends early
HOPS = 5  # redirects of one file
PASSES = (408, 429, 502, 503, 504)  # statuses that say nothing about the file
BY_HAND = "fetch it by hand, without the key"

Ways = Callable[[httpx.URL], httpx.BaseTransport]
"""Opens the way to a host that is not the API's. Raises AddressRefused."""


class ResultFiles:
    """What lies at the addresses of results. `http` is the client of the API at `origin`; without `ways` no other host
    is asked, and `look` is shown what others answer. `pause` is seconds before another try.
    """

    def __init__(
        self,
        http: httpx.Client,
        origin: str,
        look: Callable[[httpx.Response], None],
        ways: Ways | None = None,
        pause: float = 0.0,
    ) -> None:
        self._http = http
        self._look = look
        self._origin = origin
        self._ways = ways
        self._pause = pause
        self._known: dict[str, Contents | BaseException] = {}
        self._looked_at: dict[tuple[bytes, object], Contents] = {}  # a small service has few pictures
        self._dead: dict[str, AssertionError] = {}  # hosts that gave no reply, or none to its end
        self._is_missing = False  # whether a file was not there after all tries: the others get one

    def is_own(self, url: str) -> bool:
        """Whether the API under test serves the file itself."""
        return url.startswith(f"{self._origin}/")

    def get(self, url: str, type_told: object = "image") -> Contents:
        """What a file holds. AssertionError when a host that can be reached does not give it, NotConcluded when nothing
        follows; skips the test where nobody should ask.
        """
        if url not in self._known:
            try:
                self._known[url] = self.get_anew(url, type_told)
            except (AssertionError, pytest.skip.Exception) as error:
                self._known[url] = error
        known = self._known[url]
        if isinstance(known, BaseException):
            raise known.with_traceback(None)
        return known

    def fault_of(self, resource: dict[str, Any]) -> str:
        """Why nobody can use a file, or what else it is than the read says; "" for a good one. Raises NotConcluded and
        skips.
        """
        try:
            contents = self.get(resource["url"], resource.get("type"))
            return contents.fault or unlike(contents, resource)
        except NotConcluded:
            raise
        except AssertionError as error:
            return str(error)

    def get_anew(self, url: str, type_told: object = "image") -> Contents:
        """The same, although it may have been fetched before."""
        data = self._fetched(url)
        key = hashlib.sha256(data).digest(), type_told
        if key not in self._looked_at:
            self._looked_at[key] = contents_of(data, type_told)
        return self._looked_at[key]

    def _fetched(self, url: str) -> bytes:
        """The bytes of a file. It may be late, so that failures are tried again."""
        for _ in range(0 if self._is_missing else TRIES - 1):
            try:
                return self._followed(url)
            except _Missing:
                time.sleep(self._pause)
        try:
            return self._followed(url)
        except _Missing:
            self._is_missing = True
            raise

    def _followed(self, url: str) -> bytes:
        if self._refusal(url):
            pytest.skip(f"not fetched: {bare(url)}, {self._refusal(url)}")
        asked = url
        for _ in range(1 + HOPS):
            reply = self._ask(asked)
            if not reply.has_redirect_location:
                return _bytes_of(reply, url)
            asked = urljoin(asked, reply.headers["location"])
            assert not self._refusal(asked), f"{bare(url)} leads to {bare(asked)}: {self._refusal(asked)}"
        raise AssertionError(f"{bare(url)} leads on and on, after {HOPS} redirects to {bare(asked)}")

    def _refusal(self, url: str) -> str | None:
        """Why nobody should ask for an address."""
        if self.is_own(url):
            return None
        address = parse_url(url)
        refusal = UrlPolicy("").refusal(address) if address is not None else "not a URL"
        return refusal or ("on another host" if self._ways is None else None)

    def _ask(self, url: str) -> httpx.Response:
        """One exchange. A host that gave no reply to its end is not asked again."""
        host = httpx.URL(url).host
        if host in self._dead:
            raise self._dead[host].with_traceback(None)
        try:
            return self._ask_own(url) if self.is_own(url) else self._ask_elsewhere(httpx.URL(url))
        except _Missing:
            raise
        except AssertionError as error:
            self._dead[host] = error
            raise

    def _ask_own(self, url: str) -> httpx.Response:
        """Through the gate, which has tried a lost connection again."""
        try:
            return self._http.get(url)
        except NotConcluded as error:
            if error.__cause__ is not None and _is_fault(error.__cause__):
                raise AssertionError(f"{bare(url)} cannot be read to its end: {error.__cause__}") from None
            raise
        except pytest.exit.Exception as error:  # of the API itself this would end the run
            raise NotConcluded(f"a result cannot be fetched: {error}", BY_HAND) from None

    def _ask_elsewhere(self, url: httpx.URL) -> httpx.Response:
        assert self._ways is not None
        try:
            with httpx.Client(transport=self._ways(url), timeout=TIMEOUT, trust_env=False) as client:
                reply = _read_whole(client, url)
        except (httpx.RequestError, AddressRefused, OSError) as error:
            place = bare(str(url))
            if _is_fault(error):
                raise _Missing(f"{place} cannot be read to its end: {error}") from None
            raise NotConcluded(f"{place} cannot be fetched ({type(error).__name__}: {error})", BY_HAND) from None
        self._look(reply)
        return reply


class _Missing(AssertionError):
    """The file is not there, or not whole. It may be in a second."""


def open_ways() -> Ways:
    """Ways to public addresses, by the proxies that are set now."""
    proxies, policy = urllib.request.getproxies(), UrlPolicy("")
    address = proxies.get("https") or proxies.get("all")

    def way(url: httpx.URL) -> httpx.BaseTransport:
        is_direct = address is None or is_excepted(
            url.host.lower(), url.port or PORTS[url.scheme], proxies.get("no", "")
        )
        if not is_direct:
            policy.check_unresolved(url.host)
        return open_transport(url.scheme, None if is_direct else address, Clock(), policy)

    return way


def _read_whole(client: httpx.Client, url: httpx.URL) -> httpx.Response:
    """A reply within the limits."""
    until = time.monotonic() + MOST_SECONDS
    with client.stream("GET", url) as reply:
        data = bytearray()
        for chunk in reply.iter_bytes():
            data += chunk
            if len(data) > MOST_BYTES or time.monotonic() > until:
                raise NotConcluded(f"{bare(str(url))} goes on after {len(data)} bytes", BY_HAND)
    coded = ("content-encoding", "content-length", "transfer-encoding")
    headers = [pair for pair in reply.headers.multi_items() if pair[0] not in coded]
    return httpx.Response(reply.status_code, headers=headers, content=bytes(data), request=reply.request)


def _bytes_of(reply: httpx.Response, url: str) -> bytes:
    status = reply.status_code
    if status in PASSES:
        raise NotConcluded(f"{bare(url)} answers {status}, which says nothing of the file", BY_HAND)
    if status != 200:
        raise _Missing(f"{bare(url)} answers {status} without the key")
    return reply.content


def _is_fault(error: BaseException) -> bool:
    """Whether it is the body that ends before its length, or is not coded as its headers say."""
    return isinstance(error, httpx.DecodingError) or "complete message body" in str(error)
