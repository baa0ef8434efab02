"""`apply --new`: the models of an index that the contract does not have become operations, with their addresses."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from fnmatch import fnmatchcase

from page2openapi.apply.running import write_pages
from page2openapi.index.fetching import DEFAULT, Manners, Stopped
from page2openapi.index.judging import COPY, GONE, NEW, NO_MODEL, UNREADABLE, Finding
from page2openapi.index.running import Places, Survey, survey
from page2openapi.index.wanted import take_out
from page2openapi.report import DONE, UNREAD, USAGE, say

_FRESH = 3600.0  # seconds for which pages that `index` fetched are not asked for again


def run(pattern: str | None, source: str | None, places: Places, manners: Manners, *, dry_run: bool = False) -> int:
    """Adds what is new and matches, and returns the exit status. Without a pattern, what is not wanted stays away."""
    last: str | None = places.cache.state.get("index")
    source = source or last or DEFAULT
    try:
        found = survey(source, places, replace(manners, fresh=_FRESH), wants_all=pattern is not None)
    except Stopped as stopped:
        say(stopped.reason)
        return stopped.status
    matching = [one for one in found.findings if _matches(one, pattern) and one.state not in (GONE, NO_MODEL, COPY)]
    if pattern is not None and not matching:
        return _say_none(found, pattern, source)
    unread = [one for one in matching if one.state == UNREADABLE]
    for problem in (problem for one in unread for problem in one.problems):
        say(f"{problem}; nothing of the page is written")
    status = _apply([one for one in matching if one.state == NEW], places, source, dry_run=dry_run)
    return UNREAD if unread and status != USAGE else status


def _apply(new: list[Finding], places: Places, source: str, *, dry_run: bool) -> int:
    if not new:
        say(f"{source}: nothing to add")
        return DONE
    addresses = {one.page.source: one.address for one in new if one.page is not None}
    pages = [one.page for one in new if one.page is not None]
    status, added = write_pages(
        pages, places.document, dry_run=dry_run, address_of=lambda page: addresses[page.source], counted=True
    )
    say(f"{source}: {len(added)} of {len(new)} new models {'would be' if dry_run else ''} added".replace("  ", " "))
    if not dry_run:
        take_out(places.not_wanted, [addresses[page.source] for page in added])
    return status


def _matches(one: Finding, pattern: str | None) -> bool:
    """Whether provider/model or the address is meant."""
    return pattern is None or any(fnmatchcase(text, pattern) for text in (one.name, one.address) if text)


def _say_none(found: Survey, pattern: str, source: str) -> int:
    names = [one.name for one in found.findings if one.name and one.state not in (NO_MODEL, GONE)]
    near = get_close_matches(pattern, names, 3, 0.4) or names[:3]
    like = f"; it has {len(names)}, such as {', '.join(near)}" if names else ""
    say(f"{source}: no model matches {pattern!r}{like}")
    return USAGE
