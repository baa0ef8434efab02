"""Light and dark, wide and narrow; screenshots of each are left in report/screenshots."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

from tests.report.makers import report_of, results

from .conftest import BROKEN, DESKTOP, PHONE, SCREENSHOTS, Shown, Visits, rows_shown, settle, shown

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

SIZES = {"desktop": DESKTOP, "tablet": (800, 1000), "phone": PHONE}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


REMEMBERED = 20  # reloads at most until another process of the browser reads what the page has stored


def is_dark(page: Page) -> bool:
    """Whether the paper is darker than the ink."""
    paper = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    return max(map(int, paper.removeprefix("rgb(").removesuffix(")").split(","))) < 128


def overflow(page: Page) -> int:
    """How many pixels the page can be scrolled sideways."""
    return int(page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_page_fits_its_window_closed_and_open(
    size: tuple[int, int], scheme: Literal["light", "dark"], usual: Shown, visits: Visits
) -> None:
    name = f"{next(name for name, one in SIZES.items() if one == size)}-{scheme}"
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page = visits.open(usual.file, size=size, scheme=scheme)
    assert overflow(page) == 0
    page.screenshot(path=SCREENSHOTS / f"{name}-top.png")
    page = visits.open(usual.file, BROKEN[1], size=size, scheme=scheme)
    settle(page)
    assert overflow(page) == 0
    page.screenshot(path=SCREENSHOTS / f"{name}-row.png")
    page.locator("#page-faults").scroll_into_view_if_needed()
    assert overflow(page) == 0
    assert is_dark(page) == (scheme == "dark")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_switch_changes_the_colours_and_remembers(
    scheme: Literal["light", "dark"], usual: Shown, visits: Visits
) -> None:
    page = visits.open(usual.file, scheme=scheme)
    switch = page.get_by_role("switch", name="Dark")
    assert switch.is_checked() == (scheme == "dark")
    switch.click()
    assert is_dark(page) == (scheme == "light")
    for _ in range(REMEMBERED):
        page.reload()
        if is_dark(page) == (scheme == "light"):
            break
    assert is_dark(page) == (scheme == "light")
    assert switch.is_checked() == (scheme == "light")


def test_colours_follow_the_system_while_nothing_was_chosen(usual: Shown, visits: Visits) -> None:
    page = visits.open(usual.file)
    page.emulate_media(color_scheme="dark")
    assert is_dark(page)
    assert page.get_by_role("switch", name="Dark").is_checked()


@pytest.mark.parametrize("size", [PHONE, (320, 640)], ids=["360 pixels", "320 pixels"])
def test_every_row_fits_a_phone(size: tuple[int, int], usual: Shown, visits: Visits) -> None:
    page = visits.open(usual.file, size=size)
    rows_shown(page)
    page.evaluate("() => document.querySelectorAll('.opener').forEach((one) => one.click())")
    height = int(page.evaluate("() => document.documentElement.scrollHeight"))
    for top in range(0, height, 4000):  # rows are laid out as they come near
        page.evaluate(f"() => scrollTo(0, {top})")
        settle(page)
        assert overflow(page) == 0


def test_broken_rows_are_red_and_others_are_not(usual: Shown, visits: Visits) -> None:
    page = visits.open(usual.file)
    page.get_by_role("combobox", name="Keyword").select_option("maxLength")
    colours = {
        verdict: page.locator(f"tr.promise[data-verdict='{verdict}']").first.evaluate(
            "row => [getComputedStyle(row).backgroundColor, getComputedStyle(row, '::before').width]"
        )
        for verdict in ("broken", "kept")
    }
    assert colours["broken"] == ["rgb(253, 244, 242)", "4px"]
    assert colours["kept"] == ["rgba(0, 0, 0, 0)", "auto"]


def test_a_run_that_is_missing_is_said_to_be(visits: Visits, tmp_path: Path) -> None:
    page = visits.open(shown(report_of(tmp_path, stand_in=results()), tmp_path).file)
    assert "nox -s live" in page.locator(".card").nth(1).inner_text()
    assert "nox -s mutants" in page.locator(".card").nth(2).inner_text()
    assert page.locator(".came .codes").nth(1).inner_text() == "no run"
