"""Filters and search show exactly the rows they should."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from contract_tests.model import good
from scripts.report.shapes import Row

from .conftest import BROKEN, Shown, Visits, rows_shown, told

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def search(page: Page, text: str) -> None:
    page.get_by_role("searchbox", name="Search").fill(text)


def choose(page: Page, name: str, value: str) -> None:
    page.get_by_role("combobox", name=name).select_option(value)


def pick(page: Page, verdict: str) -> None:
    page.get_by_role("radio", name=verdict).check()


def wanted(shown: Shown, is_wanted: Callable[[Row], bool]) -> list[str]:
    return [row["id"] for row in shown.report["rows"] if is_wanted(row)]


@pytest.mark.parametrize("verdict", ["broken", "kept", "not run", "not testable"])
def test_by_verdict(verdict: str, usual: Shown, visits: Visits) -> None:
    page = visits.open(usual.file)
    pick(page, verdict)
    assert rows_shown(page) == wanted(usual, lambda row: row["verdict"] == verdict)


def test_by_operation_and_keyword(usual: Shown, visits: Visits) -> None:
    page = visits.open(usual.file)
    choose(page, "Operation", "gpt-image-2-edit")
    assert rows_shown(page) == wanted(usual, lambda row: row["operation"] == "gpt-image-2-edit")
    choose(page, "Keyword", "maxLength")
    assert rows_shown(page) == wanted(
        usual, lambda row: row["operation"] == "gpt-image-2-edit" and row["keyword"] == "maxLength"
    )
    choose(page, "Keyword", "auth")
    assert rows_shown(page) == wanted(
        usual, lambda row: row["operation"] == "gpt-image-2-edit" and row["keyword"] == "auth"
    )


def test_every_keyword_finds_its_rows(usual: Shown, visits: Visits) -> None:
    page = visits.open(usual.file)
    for keyword in sorted({row["keyword"] for row in usual.report["rows"]}):
        choose(page, "Keyword", keyword)
        assert rows_shown(page) == [row["id"] for row in usual.report["rows"] if row["keyword"] == keyword]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("gpt-image-2-edit.price", ["gpt-image-2-edit.price"]),
        ("get-task.auth.missing.off-by-one", ["get-task.auth.missing"]),
        ("nothing has this in it", []),
    ],
)
def test_search_finds_rows_that_hold_every_word(text: str, found: list[str], usual: Shown, visits: Visits) -> None:
    page = visits.open(usual.file)
    search(page, text)
    assert rows_shown(page) == found
    assert page.get_by_text("No promise is like that.").is_visible() == (not found)


def test_search_looks_at_what_was_sent_too(usual: Shown, visits: Visits) -> None:
    """In letters of any size, and with any space between the words."""
    limit = usual.row(f"gpt-image-2-edit.{good.EDIT_TEXT}.maxLength")
    beyond = next(case["name"] for case in limit["cases"] if case["side"] == "refused")
    page = visits.open(usual.file)
    search(page, f"  EDIT   {beyond.upper()} ")

    def has_words(row: Row) -> bool:
        said = [row["id"], row["text"], *(case["name"] for case in row["cases"])]
        return "edit" in row["id"] and all(word in " ".join(said).lower() for word in beyond.split())

    assert limit["id"] in rows_shown(page)
    assert rows_shown(page) == wanted(usual, has_words)


def test_where_the_targets_differ(usual: Shown, visits: Visits) -> None:
    page = visits.open(usual.file)
    pick(page, "stand-in and live differ")
    assert rows_shown(page) == [BROKEN[0], BROKEN[2]]


def test_filters_work_together_and_can_be_cleared(usual: Shown, visits: Visits) -> None:
    page = visits.open(usual.file)
    search(page, good.TEXT)
    choose(page, "Operation", "gpt-image-2")
    pick(page, "broken")
    assert rows_shown(page) == [BROKEN[0]]
    assert page.locator("tr.operation").count() == 1
    page.get_by_role("button", name="Clear the filters").click()
    assert len(rows_shown(page)) == len(usual.report["rows"])
    assert page.get_by_role("button", name="Clear the filters").is_hidden()


def test_the_number_of_rows_is_told_as_it_changes(usual: Shown, visits: Visits) -> None:
    page = visits.open(usual.file)
    count = page.get_by_role("status")
    assert count.get_attribute("aria-live") == "polite"
    assert count.inner_text() == f"{len(usual.report['rows'])} promises"
    search(page, "maxlength")
    found = len(wanted(usual, lambda row: row["keyword"] == "maxLength"))
    assert count.inner_text() == f"{found} of {len(usual.report['rows'])} promises"
    assert told(page) == found


def test_an_open_row_stays_open_through_filters(usual: Shown, visits: Visits) -> None:
    page = visits.open(usual.file, BROKEN[0])
    search(page, "maxlength")
    assert page.locator("tr.details").filter(visible=True).count() == 1
    search(page, "enum")
    assert page.locator("tr.details").count() == 0
