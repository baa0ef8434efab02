"""The course of `index`: the list is read, its pages are fetched and compared, and what became of each is said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from modellix._openapi import object_at
from page2openapi.drift import CONTRACT, Contract
from page2openapi.index.cache import Cache
from page2openapi.index.fetching import DEFAULT, Catalogue, Manners, Stopped, fetch, is_address
from page2openapi.index.judging import DRIFTED_PAGE, GONE, NEW, UNREADABLE, Finding, judge
from page2openapi.index.wanted import add_not_wanted, read_not_wanted
from page2openapi.report import DONE, DRIFTED, UNREAD, USAGE, say
from scripts.regenerate.refusal import printable
from scripts.regenerate.yaml_lines import NotYaml

_T = TypeVar("_T")
_MOST_NAMED = 20  # links to other hosts


@dataclass(frozen=True)
class Places:
    """The files that a run uses."""

    document: Path = CONTRACT
    not_wanted: Path = CONTRACT.parent / "not-wanted.txt"
    cache: Cache = field(default_factory=Cache)


@dataclass
class Survey:
    """What an index comes to. `skipped` are pages that were not looked at, because they are not wanted."""

    catalogue: Catalogue
    findings: list[Finding]
    contract: Contract
    skipped: list[str]

    def those(self, state: str) -> list[Finding]:
        """The findings of one state."""
        return [one for one in self.findings if one.state == state]


def survey(source: str, places: Places, manners: Manners, *, wants_all: bool = False) -> Survey:
    """Fetches and judges the pages of an index. With `wants_all` the list of those not wanted does not count.

    Raises Stopped.
    """
    contract = _loaded(Contract.load, places.document)
    not_wanted = set[str]() if wants_all else _loaded(read_not_wanted, places.not_wanted)
    catalogue = fetch(source, places.cache, manners, not_wanted.__contains__)
    findings = judge(catalogue, contract)
    skipped = [address for address in catalogue.listing.pages if address in not_wanted]
    catalogue.listing.elsewhere = [url for url in catalogue.listing.elsewhere if url not in not_wanted]
    models = {one.page_key: one.address for one in findings if one.page_key}
    places.cache.leave(models=object_at(places.cache.state, "models") | models)
    return Survey(catalogue, findings, contract, skipped)


def _loaded(load: Callable[[Path], _T], path: Path) -> _T:
    try:
        return load(path)
    except (OSError, NotYaml, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error).splitlines()[0]
        raise Stopped(f"{path}: cannot be read: {why}", USAGE) from None


def run(source: str | None, places: Places, manners: Manners, *, accept: bool) -> int:
    """Says what became of each page and returns the exit status. With `accept`, what is new joins those not wanted."""
    source = source or DEFAULT
    try:
        found = survey(source, places, manners)
    except Stopped as stopped:
        say(stopped.reason)
        return stopped.status
    say_findings(found)
    if accept:
        try:
            add_not_wanted(places.not_wanted, [one.address for one in found.those(NEW)])
        except OSError as error:
            say(f"{places.not_wanted}: cannot be written: {error.strerror}")
            return UNREAD
        say(f"{places.not_wanted.name}: {len(found.those(NEW))} added")
    return _status(found, accept=accept)


def say_findings(found: Survey) -> None:
    """Prints a line for each page, and the differences of those that drifted."""
    for one in found.findings:
        name = f" ({one.name})" if one.state in (NEW, GONE) and one.name else ""
        print(printable(f"{one.address}: {one.state}{name}"))
        for difference in one.differences:
            print(printable(difference.as_text(found.contract.source, one.address)))
    say_unread(found)
    print(printable(_summary(found)), flush=True)


def say_unread(found: Survey) -> bool:
    """Says which links were not followed and which pages could not be read. Returns whether there are any."""
    elsewhere = found.catalogue.listing.elsewhere
    for url in elsewhere[:_MOST_NAMED]:
        say(f"{url}: on another host than {found.catalogue.listing.origin}, so it was not followed")
    if len(elsewhere) > _MOST_NAMED:
        say(f"and {len(elsewhere) - _MOST_NAMED} more links to other hosts")
    for one in found.those(UNREADABLE):
        for problem in one.problems:
            say(problem)
    return bool(elsewhere or found.those(UNREADABLE))


def _summary(found: Survey) -> str:
    counts = Counter(one.state for one in found.findings)
    if found.skipped:
        counts["seen and not wanted"] = len(found.skipped)
    if found.catalogue.listing.copies:
        counts["listed again or in another language"] = found.catalogue.listing.copies
    what = ", ".join(f"{count} {state}" for state, count in counts.items()) or "no pages"
    asked, paused = found.catalogue.asked, found.catalogue.paused
    base = "" if is_address(found.catalogue.source) else f" at {found.catalogue.listing.origin}"
    return f"{found.catalogue.source}{base}: {what}; {asked} requests, {paused:.1f} s of pauses"


def _status(found: Survey, *, accept: bool) -> int:
    if found.catalogue.listing.elsewhere or found.those(UNREADABLE):
        return UNREAD
    news: Sequence[str] = (GONE, DRIFTED_PAGE) if accept else (NEW, GONE, DRIFTED_PAGE)
    return DRIFTED if any(one.state in news for one in found.findings) else DONE
