"""From links to the addresses of pages: each page once, on one host, without copies in other languages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import httpx

from modellix._values import is_loopback
from page2openapi.site import origin_of

_LONGEST_LINK = 2_000  # characters
_MARKDOWN = (".md", ".mdx", ".markdown", ".txt")
_OTHER_FILES = re.compile(
    r"/llms[^/]*\.txt$|\.(?:json|ya?ml|xml|csv|pdf|zip|gz|png|jpe?g|gif|webp|svg|ico|mp4|webm|mp3|js|css|py|ts|sh)$",
    re.IGNORECASE,
)
_LANGUAGES = frozenset(
    [
        *("ar", "bg", "cn", "cs", "da", "de", "el", "en", "es", "fa", "fi", "fr", "he", "hi", "hu", "id", "it", "ja"),
        *("jp", "ko", "kr", "ms", "nl", "no", "pl", "pt", "ro", "ru", "sk", "sv", "th", "tr", "tw", "uk", "vi", "zh"),
    ]
)
_LANGUAGE = re.compile(r"(?P<language>[a-z]{2,3})(?:[-_](?:hans|hant|latn|cyrl|[a-z]{2}|[0-9]{3}))?", re.IGNORECASE)


@dataclass
class Listing:
    """What an index lists. `pages` leads from the address of each page to the link as it stood there."""

    origin: str
    pages: dict[str, httpx.URL] = field(default_factory=dict[str, httpx.URL])
    elsewhere: list[str] = field(default_factory=list[str])  # links to other hosts
    copies: int = 0  # pages that are listed again, or in another language


def list_pages(links: Sequence[str], base: httpx.URL) -> Listing:
    """The pages behind links that are relative to `base`; its host is the only one that is asked."""
    listing = Listing(origin_of(base))
    by_words: dict[str, _Spelling] = {}
    for url in filter(None, (_joined(base, link) for link in links)):
        if origin_of(url) != listing.origin or url.userinfo:
            listing.elsewhere.append(str(url.copy_with(userinfo=b"", query=None)))
        elif url.path.strip("/") and not _OTHER_FILES.search(url.path):
            _add(listing, by_words, url)
    listing.elsewhere = list(dict.fromkeys(listing.elsewhere))
    return listing


class _Spelling(NamedTuple):
    """One of several addresses of a page. The least is kept: in English, then in small letters, then the first."""

    is_foreign: bool
    has_capitals: bool
    address: str


def _add(listing: Listing, by_words: dict[str, _Spelling], url: httpx.URL) -> None:
    address = address_of(url)
    words, language = _without_language(address)
    spelling = _Spelling(language not in ("", "en"), url.path != url.path.lower(), address)
    before = by_words.get(words.lower())
    if before is not None:
        listing.copies += 1
        if before[:2] <= spelling[:2]:
            return
        del listing.pages[before.address]
    by_words[words.lower()] = spelling
    listing.pages[address] = url


def base_of(links: Sequence[str], default: httpx.URL) -> httpx.URL:
    """What the links in a file are relative to: the host that most of them name, or the default."""
    named = (_joined(default, link) for link in links if "://" in link)
    hosts = Counter(origin_of(url) for url in named if url is not None)
    return httpx.URL(f"{max(hosts, key=lambda host: hosts[host])}/") if hosts else default


def _joined(base: httpx.URL, link: str) -> httpx.URL | None:
    """The address without fragment and query, or None for what is no page on a network."""
    try:
        url = base.join(link[: _LONGEST_LINK + 1])
        url = url.copy_with(query=None, fragment=None)
        is_page = url.scheme in ("http", "https") and bool(url.host) and len(link) <= _LONGEST_LINK
    except (httpx.InvalidURL, ValueError):  # ValueError: a host in letters that no host has
        return None
    if not is_page:
        return None
    if url.scheme == "http" and url.port is None and not is_loopback(url.host):
        return url.copy_with(scheme="https")
    return url


def address_of(url: httpx.URL) -> str:
    """The address of a page, as `externalDocs` has it: without `.md` and without a slash at its end."""
    path = url.path.rstrip("/")
    return str(url.copy_with(path=path[:-3] if path.lower().endswith(".md") else path, query=None, fragment=None))


def candidates(url: httpx.URL) -> list[httpx.URL]:
    """Where the Markdown of a page may be: beside it with `.md`, or at the very address."""
    path = url.path.rstrip("/")
    if path.lower().endswith(_MARKDOWN):
        return [url]
    return [url.copy_with(path=f"{path}.md"), url]


def _without_language(address: str) -> tuple[str, str]:
    """The address without the segment that names a language, and that language."""
    host, *segments = address.split("://", 1)[1].split("/")
    for at, segment in enumerate(segments[:-1]):
        match = _LANGUAGE.fullmatch(segment)
        if match and match["language"].lower() in _LANGUAGES:
            return "/".join([host, *segments[:at], *segments[at + 1 :]]), match["language"].lower()
    return "/".join([host, *segments]), ""
