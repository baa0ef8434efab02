"""Gets pages from their site: one at a time, with pauses, and with bounds on time, size and redirects."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import httpx

from modellix._values import is_loopback
from modellix.policies import asked_pause
from page2openapi.page import quoted

USER_AGENT = "modellix-client docs check (reads each page once)"
LARGEST_REPLY = 4 * 1024 * 1024  # bytes; a page has about 20,000
WHOLE_SECONDS = 60.0  # for one try, a slow drip included
MOST_REDIRECTS = 3

_TRIES = 2
_VALIDATORS = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}
_AGAIN = frozenset([429, 500, 502, 503, 504])
Sleep = Callable[[float], Awaitable[object]]

_HEADERS = {"User-Agent": USER_AGENT, "Accept": "text/markdown, text/plain;q=0.9", "Accept-Encoding": "identity"}


class Reply(NamedTuple):
    """What came back for a page. `validators` are the headers that ask whether it changed since, when sent back.
    `url` is where redirects led.
    """

    content: bytes
    content_type: str
    validators: Mapping[str, str] = {}
    url: str = ""


@dataclass(eq=False)
class Unreachable(Exception):
    """Why a page was not got. `pause` is how long the site asks to be left alone, in seconds."""

    reason: str
    again: bool = False
    pause: float | None = None
    no_connection: bool = False
    status: int | None = None


@dataclass(frozen=True)
class Pauses:
    """Seconds. A `Retry-After` above `longest` is not waited for."""

    between: float = 1.0
    before_retry: float = 2.0
    longest: float = 60.0


def read_url(text: object) -> httpx.URL | None:
    """What a text says as an address, or None for what is none."""
    try:
        return httpx.URL(text) if isinstance(text, str) else None
    except (httpx.InvalidURL, ValueError):
        return None


def path_of(address: str) -> str:
    """The path of an address, decoded; empty where there is none."""
    url = read_url(address)
    return url.path if url else ""


def markdown_url(page: str) -> str:
    """Where the Markdown of a page is: its address with `.md`. Raises Unreachable for what is not to be asked for."""
    url = read_url(page)
    if url is None:
        raise Unreachable("not a URL")
    if not url.host or url.userinfo or url.query or url.fragment:
        raise Unreachable("not the plain URL of a page")
    if url.scheme != "https" and not (url.scheme == "http" and is_loopback(url.host)):
        raise Unreachable("not an https URL")
    path = url.path.rstrip("/")
    return str(url.copy_with(path=path if path.endswith(".md") else f"{path}.md"))


def get_pages(pages: Sequence[str], pauses: Pauses) -> list[Reply | Unreachable]:
    """The Markdown of each page, or why it was not got, in the order given."""
    return asyncio.run(_get_pages(pages, pauses))


async def _get_pages(pages: Sequence[str], pauses: Pauses) -> list[Reply | Unreachable]:
    async with visiting(pauses) as visits:
        return [await _reply(visits, page) for page in pages]


async def _reply(visits: Visits, page: str) -> Reply | Unreachable:
    try:
        return await visits.get(httpx.URL(markdown_url(page))) or Unreachable("status 304")
    except Unreachable as reason:
        return reason


@contextlib.asynccontextmanager
async def visiting(pauses: Pauses, sleep: Sleep = asyncio.sleep) -> AsyncGenerator[Visits]:
    """Visits to sites, over connections that are closed at the end."""
    timeout = httpx.Timeout(20.0, connect=10.0)
    async with httpx.AsyncClient(headers=_HEADERS, timeout=timeout) as client:
        yield Visits(client, pauses, sleep)


class Visits:
    """Gets one thing after another. `allowed` may refuse an address; `paused` counts the seconds of all pauses."""

    def __init__(self, client: httpx.AsyncClient, pauses: Pauses, sleep: Sleep) -> None:
        self.pauses = pauses
        self.allowed: Callable[[httpx.URL], bool] = lambda _: True
        self.paused = 0.0
        self._client = client
        self._sleep = sleep
        self._seen = set[str]()
        self._lost: dict[str, Unreachable] = {}  # hosts that no connection can be made to

    async def get(self, url: httpx.URL, validators: Mapping[str, str] | None = None) -> Reply | None:
        """What is at an address; None when it is as it was when these validators came. Raises Unreachable."""
        if origin_of(url) in self._lost:
            raise self._lost[origin_of(url)]
        return await self._tries(url, validators or {})

    async def _pause(self, seconds: float) -> None:
        self.paused += seconds
        await self._sleep(seconds)

    async def _tries(self, url: httpx.URL, validators: Mapping[str, str]) -> Reply | None:
        for tries_left in reversed(range(_TRIES)):
            try:
                return await self._in_time(url, validators)
            except Unreachable as reason:
                pause = self.pauses.before_retry if reason.pause is None else reason.pause
                if not reason.again or pause > self.pauses.longest:
                    raise
                if not tries_left:
                    if reason.no_connection:
                        self._lost[origin_of(url)] = reason
                    raise
                await self._pause(pause)
        raise AssertionError("a try either returns or raises")

    async def _in_time(self, url: httpx.URL, validators: Mapping[str, str]) -> Reply | None:
        try:
            async with asyncio.timeout(WHOLE_SECONDS):
                return await self._follow(url, validators)
        except TimeoutError:
            raise Unreachable(f"not read within {WHOLE_SECONDS:g} seconds", again=True) from None
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
            raise Unreachable(_reason(error), again=True, no_connection=True) from None
        except httpx.TransportError as error:
            raise Unreachable(_reason(error), again=True) from None
        except httpx.HTTPError as error:
            raise Unreachable(_reason(error)) from None

    async def _follow(self, url: httpx.URL, validators: Mapping[str, str]) -> Reply | None:
        for _ in range(MOST_REDIRECTS + 1):
            if not self.allowed(url):
                raise Unreachable("refused by robots.txt")
            await self._be_polite(url)
            async with self._client.stream("GET", url, headers=validators) as response:
                if not response.has_redirect_location:
                    return None if validators and response.status_code == 304 else await _read(response)
                url = _redirected(url, response.headers["location"])
        raise Unreachable(f"more than {MOST_REDIRECTS} redirects")

    async def _be_polite(self, url: httpx.URL) -> None:
        if origin_of(url) in self._seen:
            await self._pause(self.pauses.between)
        self._seen.add(origin_of(url))


async def _read(response: httpx.Response) -> Reply:
    if response.status_code != 200:
        pause = asked_pause(response.headers, datetime.datetime.now(datetime.UTC))
        status = response.status_code
        raise Unreachable(f"status {status}", again=status in _AGAIN, pause=pause, status=status)
    content = bytearray()
    async for chunk in response.aiter_bytes():
        content += chunk
        if len(content) > LARGEST_REPLY:
            raise Unreachable(f"larger than {LARGEST_REPLY} bytes")
    content_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    validators = {ask: response.headers[said] for said, ask in _VALIDATORS.items() if said in response.headers}
    return Reply(bytes(content), content_type, validators, str(response.url))


def _redirected(url: httpx.URL, location: str) -> httpx.URL:
    try:
        target = url.join(location)
    except httpx.InvalidURL:
        raise Unreachable("a redirect that leads nowhere") from None
    if origin_of(target) != origin_of(url) or target.userinfo:
        raise Unreachable(f"a redirect to another host, which is not followed: {quoted(str(target))}")
    return target


def origin_of(url: httpx.URL) -> str:
    """Scheme, host and port."""
    return f"{url.scheme}://{url.netloc.decode('ascii')}"


def _reason(error: httpx.HTTPError) -> str:
    return str(error) or type(error).__name__
