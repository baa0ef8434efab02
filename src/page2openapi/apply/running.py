"""The course of `apply`: pages are read, those that fit together are applied, and the status is told."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from modellix._openapi import object_at
from page2openapi.apply.application import Application, Hopeless
from page2openapi.apply.planning import AddressOf
from page2openapi.apply.sifting import sifted
from page2openapi.drift import CONTRACT
from page2openapi.drift.document import operation_on
from page2openapi.index.cache import Cache
from page2openapi.inputs import CannotRead, load_page
from page2openapi.page import Page
from page2openapi.report import DRIFTED, UNREAD, USAGE, say, say_problems


def run(paths: Sequence[str], *, dry_run: bool) -> int:
    """Applies the pages in these files and returns the exit status."""
    pages, unread = list[Page](), False
    for name in paths:
        try:
            pages.append(load_page(name))
        except CannotRead as error:
            say(str(error))
            unread = True
    known = Cache().state.get("models", {})
    status, _ = write_pages(
        pages, CONTRACT, dry_run=dry_run, address_of=lambda page: _in_index(page, known), counted=True
    )
    return UNREAD if unread and status != USAGE else status


def apply_pages(pages: Sequence[Page], path: Path, *, dry_run: bool = False) -> int:
    """The same as `write_pages`, for pages whose addresses nobody knows. Returns the status alone."""
    return write_pages(pages, path, dry_run=dry_run)[0]


def write_pages(
    pages: Sequence[Page],
    path: Path,
    *,
    dry_run: bool = False,
    address_of: AddressOf = lambda _: None,
    counted: bool = False,
) -> tuple[int, list[Page]]:
    """Writes what the pages say into the document at `path`. `address_of` knows where a page of a new model is.
    `counted` says how far it is on the way.

    Returns a status and the pages that were written, or would be: 0 when all was written, 1 when something is left for
    a hand or a dry run would write, 2 when the document or the choice of pages makes no sense, 3 when a page could not
    be read whole. When the client cannot be generated from all, the pages that prevent it are left out.
    """
    try:
        whole = [page for page in pages if not _say_unread(page)]
        status, written = _apply(whole, path, address_of, dry_run=dry_run, counted=counted)
    except Hopeless as error:
        say(f"{path}: {error}")
        return USAGE, []
    return (UNREAD if len(whole) < len(pages) else status), written


def _apply(
    whole: Sequence[Page], path: Path, address_of: AddressOf, *, dry_run: bool, counted: bool
) -> tuple[int, list[Page]]:
    def make(pages: Sequence[Page], counted: bool) -> Application:
        return Application(path, pages, address_of, counted=counted)

    application = sifted(whole, make, counted=counted)
    if application.verdict.reason is not None:
        application.say_planned()
        say(f"{path}: nothing was written, because the client could not be generated: {application.verdict.reason}")
        return DRIFTED, []
    status = application.write(dry_run=dry_run)
    return DRIFTED if len(application.pages) < len(whole) else status, application.pages


def _say_unread(page: Page) -> bool:
    unread = say_problems(page)
    if unread:
        say(f"{page.source}: not read whole, so nothing of it is applied")
    return unread


def _in_index(page: Page, known: object) -> str | None:
    """The address of a page, where the index that was read last knows the model."""
    urls = operation_on(page).urls
    address = object_at(known).get(urls[0]) if urls else None
    return address if isinstance(address, str) else None
