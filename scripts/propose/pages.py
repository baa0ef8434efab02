"""The pages that a proposal is about: those given, or the ones that the contract names, from their site."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from page2openapi.check_site import nothing_reached, visit_pages
from page2openapi.drift import Contract, Difference, compare_with_contract
from page2openapi.drift.difference import SEVERITIES
from page2openapi.inputs import CannotRead, load_page
from page2openapi.page import Page
from page2openapi.site import Pauses


class NothingReached(Exception):
    """Why no page was got from the site."""


@dataclass
class Pages:
    """What was read, how it drifted from the contract, and a line for each page that was not got or not read."""

    read: list[Page] = field(default_factory=list[Page])
    drift: list[tuple[str, Difference]] = field(default_factory=list[tuple[str, Difference]])  # worst first, by page
    unread: list[str] = field(default_factory=list[str])

    def add(self, page: Page, contract: Contract) -> None:
        """Takes in what was read of a page."""
        self.read.append(page)
        self.drift += [(page.source, one) for one in compare_with_contract(page, contract)]
        self.drift.sort(key=lambda entry: SEVERITIES.index(entry[1].severity))

    @property
    def is_whole(self) -> bool:
        """Whether every page was got, and read whole."""
        return not self.unread and not any(page.problems for page in self.read)


def given_pages(names: Sequence[str], contract: Contract) -> Pages:
    """The pages in these files."""
    pages = Pages()
    for name in names:
        try:
            pages.add(load_page(name), contract)
        except CannotRead as error:
            pages.unread.append(str(error))
    return pages


def fetched_pages(contract: Contract, pauses: Pauses) -> Pages:
    """The pages that the contract names. Raises NothingReached when no page was got."""
    visits, pages = visit_pages(contract, pauses), Pages()
    if reason := nothing_reached(visits):
        raise NothingReached(reason)
    for visit in visits:
        if visit.page is not None:
            pages.add(visit.page, contract)
        else:
            pages.unread += [one if visit.address in one else f"{visit.address}: {one}" for one in visit.problems]
    return pages
