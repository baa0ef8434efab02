"""Gets an index and the pages that it lists: by the rules of robots.txt, one at a time, and only what is not kept."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import httpx

from modellix._values import is_loopback
from page2openapi.index.addresses import Listing, base_of, candidates, list_pages
from page2openapi.index.cache import Cache, Kept
from page2openapi.index.links import links_of
from page2openapi.index.progress import Progress
from page2openapi.index.robots import read_robots
from page2openapi.inputs import is_html, read_bytes
from page2openapi.report import NOTHING_REACHED, UNREAD, USAGE
from page2openapi.site import Pauses, Sleep, Unreachable, Visits, visiting

DEFAULT = "https://docs.modellix.ai/llms.txt"
PAUSES = Pauses(between=0.5)
LONGEST_DELAY = 30.0  # seconds between requests that robots.txt may ask for
_HTML = "this is HTML, not a Markdown list of links"
_RESUMED_WITHIN = 24 * 3600.0  # seconds after which an interrupted run is not gone on with


@dataclass(frozen=True)
class Manners:
    """How pages are asked for. Pages that were got within the last `fresh` seconds are not asked for again."""

    pauses: Pauses = PAUSES
    fresh: float = 0.0
    sleep: Sleep = asyncio.sleep
    now: Callable[[], float] = time.time


@dataclass
class Stopped(Exception):
    """Why a run ends before its end, in one line, and the exit."""

    reason: str
    status: int = UNREAD


@dataclass
class Got:
    """One page of the list: what is there, or why it was not got."""

    address: str
    kept: Kept | None = None
    reason: Unreachable | None = None


@dataclass
class Catalogue:
    """An index, and its pages in its order. `asked` counts requests, `paused` the seconds of pauses between them."""

    source: str
    listing: Listing
    pages: list[Got] = field(default_factory=list[Got])
    asked: int = 0
    paused: float = 0.0


def fetch(source: str, cache: Cache, manners: Manners, skipped: Callable[[str], bool]) -> Catalogue:
    """The index at an address or in a file, with its pages but those that are skipped. Raises Stopped."""
    try:
        return asyncio.run(_Run(source, cache, manners, skipped).run())
    except KeyboardInterrupt:
        raise Stopped(f"{source}: interrupted; the same command goes on from here") from None
    except OSError as error:
        raise Stopped(f"what was fetched cannot be kept: {error}") from None


def is_address(source: str) -> bool:
    """Whether the index is to be fetched."""
    return "://" in source


class _Run:
    def __init__(self, source: str, cache: Cache, manners: Manners, skipped: Callable[[str], bool]) -> None:
        self._source, self._cache, self._manners, self._skipped = source, cache, manners, skipped
        self._visits: Visits
        self._asked = 0
        self._knows_robots = False
        self._since = self._begun()

    def _begun(self) -> float:
        """The time since which pages need not be asked for: that of a run that did not end, or a little while ago."""
        now, state = self._manners.now(), self._cache.state
        begun = state.get("begun") if state.get("index") == self._source else None
        if not isinstance(begun, int | float) or not 0 <= now - begun <= _RESUMED_WITHIN:
            begun = now
        self._cache.leave(index=self._source, begun=begun)
        return min(begun, now - self._manners.fresh)

    async def run(self) -> Catalogue:
        async with visiting(self._manners.pauses, self._manners.sleep) as self._visits:
            catalogue = Catalogue(self._source, await self._list())
            wanted = [address for address in catalogue.listing.pages if not self._skipped(address)]
            progress = Progress("fetching", len(wanted))
            for address in wanted:
                catalogue.pages.append(await self._page(address, catalogue.listing.pages[address], progress))
                progress.step()
            catalogue.asked, catalogue.paused = self._asked, self._visits.paused
        self._check_reached(catalogue)
        self._cache.leave(begun=None)
        return catalogue

    # The index.

    async def _list(self) -> Listing:
        text, base = await self._index()
        if is_html(text):
            raise self._no_index(_HTML)
        links = links_of(text)
        if not links:
            raise self._no_index("no Markdown list of links")
        return list_pages(links, base or base_of(links, httpx.URL(DEFAULT)))

    async def _index(self) -> tuple[str, httpx.URL | None]:
        """Its text, and what its links are relative to, as far as that is known."""
        if not is_address(self._source):
            return read_bytes(self._source).decode("utf-8-sig", errors="replace"), None
        url = _plain(self._source)
        try:
            kept = await self._get(url, self._source)
        except Unreachable as reason:
            self._check_busy(reason, self._source)
            raise Stopped(f"{self._source}: {reason.reason}", _status_of(reason)) from None
        if kept.content_type == "text/html":
            raise self._no_index(_HTML)
        return kept.content.decode("utf-8-sig", errors="replace"), httpx.URL(kept.final or kept.url)

    def _no_index(self, why: str) -> Stopped:
        """The next run asks again, because this one leaves nothing to go on with."""
        self._cache.leave(begun=None)
        return Stopped(f"{self._source}: {why}")

    # Pages.

    async def _page(self, address: str, link: httpx.URL, progress: Progress) -> Got:
        try:
            return Got(address, await self._tries(address, link))
        except Unreachable as reason:
            try:
                self._check_busy(reason, address)
            except Stopped:
                progress.stop()
                raise
            return Got(address, reason=reason)

    async def _tries(self, address: str, link: httpx.URL) -> Kept:
        """The Markdown beside the page, or the page itself where there is none; first what was there before."""
        kept = self._cache.get(address)
        urls = sorted(candidates(link), key=lambda url: kept is None or str(url) != kept.url)
        for url in urls[:-1]:
            try:
                return await self._get(url, address)
            except Unreachable as reason:
                if reason.status not in (404, 410):
                    raise
        return await self._get(urls[-1], address)

    async def _get(self, url: httpx.URL, address: str) -> Kept:
        kept = self._cache.get(address)
        if kept is not None and kept.url != str(url):
            kept = None
        if kept is not None and kept.at >= self._since:
            return kept
        await self._ask_robots(url)
        self._asked += 1
        reply = await self._visits.get(url, kept.validators if kept else None)
        now = self._manners.now()
        if reply is not None:
            kept = Kept(str(url), reply.content, reply.content_type, reply.validators, now, reply.url)
        elif kept is not None:
            kept = replace(kept, at=now)
        assert kept is not None
        self._cache.put(address, kept)
        return kept

    # Manners.

    async def _ask_robots(self, url: httpx.URL) -> None:
        """Reads robots.txt before the first request."""
        if self._knows_robots:
            return
        self._knows_robots = True
        there = url.copy_with(path="/robots.txt", query=None, fragment=None)
        try:
            reply = await self._visits.get(there)
        except Unreachable as reason:
            if reason.status is not None and 400 <= reason.status < 500 and reason.status != 429:
                return  # There is none.
            raise Stopped(f"{there}: {reason.reason}, so nothing is asked for", _status_of(reason)) from None
        robots = read_robots(reply.content.decode("utf-8-sig", errors="replace") if reply else "")
        if robots.delay > LONGEST_DELAY:
            text = f"{there}: asks for {robots.delay:g} seconds between requests, more than the {LONGEST_DELAY:g}"
            raise Stopped(f"{text} that this program waits")
        self._visits.allowed = lambda target: robots.allows(target.raw_path.decode("ascii"))
        pauses = self._visits.pauses
        self._visits.pauses = replace(pauses, between=max(pauses.between, robots.delay))

    def _check_busy(self, reason: Unreachable, address: str) -> None:
        """A site that still says 429 after the pause that it named is left alone."""
        if reason.status == 429:
            wait = f" for {reason.pause:g} seconds" if reason.pause else ""
            text = f"{address}: status 429, the site asks to be left alone{wait}"
            raise Stopped(f"{text}; the same command goes on from here later")

    def _check_reached(self, catalogue: Catalogue) -> None:
        reasons = [page.reason for page in catalogue.pages if page.reason is not None]
        if reasons and len(reasons) == len(catalogue.pages) and all(one.no_connection for one in reasons):
            text = f"{catalogue.pages[0].address} cannot be reached, nor any other page: {reasons[0].reason}"
            raise Stopped(text, NOTHING_REACHED)


def _status_of(reason: Unreachable) -> int:
    """The exit: whether a site gave no answer at all, as when it is down."""
    return NOTHING_REACHED if reason.again and reason.status is None else UNREAD


def _plain(source: str) -> httpx.URL:
    try:
        url = httpx.URL(source)
        if url.userinfo:
            raise Stopped("an address with a name or a password in it is not asked for", USAGE)
        if url.host and (url.scheme == "https" or (url.scheme == "http" and is_loopback(url.host))):
            return url.copy_with(fragment=None)
    except (httpx.InvalidURL, ValueError):
        pass
    raise Stopped(f"{source!r} is not the https address of an index", USAGE)
