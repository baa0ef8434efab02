"""An address with a row's name leads to that row, wherever it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from contract_tests.model import good
from scripts.report.shapes import Report

from .conftest import BROKEN, DESKTOP, PHONE, Shown, Visits, address, settle, shown

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

LAST = "get-task.failure.503"


def assert_at(page: Page, name: str) -> None:
    """The row is in sight, below whatever sticks to the top, highlighted, open, and has the focus."""
    row = page.locator(f"[id='row:{name}'].is-linked")
    row.wait_for()
    settle(page)
    box = row.bounding_box()
    assert box is not None
    assert page.viewport_size is not None
    assert 0 <= box["y"] <= page.viewport_size["height"] / 2
    bar = page.locator("#page-filters").bounding_box()
    assert bar is not None
    assert box["y"] >= bar["y"] + bar["height"] - 1 or bar["y"] + bar["height"] < 0
    assert row.locator(".opener").get_attribute("aria-expanded") == "true"
    assert row.locator(".opener").evaluate("element => element === document.activeElement")
    assert row.locator("xpath=following-sibling::tr[1]").filter(visible=True).count() == 1


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("name", ["gpt-image-2.body.json", f"gpt-image-2-edit.{good.PICTURES}[].pattern", LAST])
def test_opening_a_link_lands_on_its_row(name: str, size: tuple[int, int], usual: Shown, visits: Visits) -> None:
    assert_at(visits.open(usual.file, name, size=size), name)


def test_following_links_within_the_page(usual: Shown, visits: Visits) -> None:
    page = visits.open(usual.file)
    page.locator(".broken-list a").nth(2).click()
    assert_at(page, BROKEN[2])
    page.go_back()
    page.locator(".broken-list a").nth(1).click()
    assert_at(page, BROKEN[1])
    assert page.locator(".is-linked").count() == 1


def test_from_a_fault_to_the_row_that_killed_it(usual: Shown, visits: Visits) -> None:
    page = visits.open(usual.file)
    page.locator(".mutants .links a", has_text=LAST).first.click()
    assert_at(page, LAST)


def test_a_row_that_is_filtered_out_is_shown_again(usual: Shown, visits: Visits) -> None:
    page = visits.open(usual.file)
    page.get_by_role("searchbox").fill("maxlength")
    page.goto(address(usual.file, LAST))
    assert_at(page, LAST)
    assert page.get_by_role("searchbox").input_value() == ""


def test_a_row_far_down_a_long_report(many: Shown, visits: Visits) -> None:
    name = many.report["rows"][-3]["id"]
    assert_at(visits.open(many.file, name), name)


def test_an_operation_has_a_link_too(usual: Shown, visits: Visits) -> None:
    page = visits.open(usual.file, "gpt-image-2-edit")
    row = page.locator("tr.operation.is-linked")
    row.wait_for()
    settle(page)
    assert row.get_attribute("id") == "row:gpt-image-2-edit"
    box = row.bounding_box()
    assert box is not None
    assert 0 <= box["y"] <= DESKTOP[1] / 2


@pytest.mark.parametrize("name", ["nowhere", "page-data", "%E0%A4%A", "constructor", "__proto__", "<img src=x>"])
def test_a_link_to_nothing_does_nothing(name: str, usual: Shown, visits: Visits) -> None:
    page = visits.open(usual.file)
    page.goto(f"{usual.file.as_uri()}#{name}")
    assert page.locator(".is-linked").count() == 0
    assert page.locator("tr.details").count() == 0


def test_lines_of_the_document_are_links_where_the_repository_is_known(
    usual: Shown, visits: Visits, tmp_path: Path
) -> None:
    known: Report = {**usual.report, "repository": "https://git.example/client/blob/0a1b"}
    row = usual.report["rows"][0]
    place = f"openapi/modellix.yaml#L{row['line']}"
    page = visits.open(shown(known, tmp_path).file, row["id"])
    assert page.locator("tr.details a", has_text=place).get_attribute("href") == f"{known['repository']}/{place}"
    plain = visits.open(usual.file, row["id"])
    assert plain.locator("tr.details a", has_text=place).count() == 0
    assert plain.locator("tr.details", has_text=place).count() == 1
    assert plain.locator("tr.details a", has_text=row["page"]).get_attribute("href") == row["page"]
