"""The page can be used by keyboard and by a screen reader; axe-core finds nothing serious."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import pytest

from contract_tests.model import good

from .conftest import BROKEN, DESKTOP, PHONE, Shown, Visits, address, rows_shown

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing(
    size: tuple[int, int], scheme: Literal["light", "dark"], axe: str, usual: Shown, visits: Visits
) -> None:
    """With rows of every verdict on the page, some of them open, and a fault that survived."""
    page = visits.open(usual.file, size=size, scheme=scheme)
    page.get_by_role("combobox", name="Operation").select_option("gpt-image-2-edit")
    page.goto(address(usual.file, BROKEN[1]))
    page.evaluate("""() => document.querySelectorAll('[data-id$="price"] .opener').forEach((one) => one.click())""")
    page.evaluate(axe)
    found: dict[str, Any] = page.evaluate(
        "async () => { const { violations, passes } = await axe.run(); return { violations, passes }; }"
    )
    assert [f"{one['impact']} {one['id']}: {one['nodes'][0]['html']}" for one in found["violations"]] == []
    contrast = next(one for one in found["passes"] if one["id"] == "color-contrast")
    assert len(contrast["nodes"]) > 300, "the rows were looked at"


def focused(page: Page) -> str:
    """What has the focus, in a word or two."""
    return str(
        page.evaluate(
            """() => {
              const one = document.activeElement;
              return one.name || one.id || one.className || one.textContent.trim();
            }"""
        )
    )


def test_keyboard_walk_from_the_top_to_the_details_of_a_row(usual: Shown, visits: Visits) -> None:
    page = visits.open(usual.file)
    steps = []
    for _ in range(11):
        page.keyboard.press("Tab")
        steps.append(focused(page))
        assert has_ring(page), steps[-1]
    assert steps[:2] == ["skip", "page-theme"]
    assert steps[2:5] == BROKEN
    assert steps[5:9] == ["query", "operation", "keyword", "verdict"]
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert focused(page) == "opener"
    page.keyboard.press("Enter")
    assert page.locator("tr.details").filter(visible=True).count() == 1
    page.keyboard.press("Space")
    assert page.locator("tr.details").filter(visible=True).count() == 0


def has_ring(page: Page) -> bool:
    """Whether the focus can be seen: an outline on the element, or beside the hidden circle of a choice."""
    return bool(
        page.evaluate(
            """() => {
              const one = document.activeElement;
              const shown = one.type === "radio" ? one.nextElementSibling : one;
              return getComputedStyle(shown).outlineStyle !== "none";
            }"""
        )
    )


def test_skip_link_goes_past_the_summary(usual: Shown, visits: Visits) -> None:
    page = visits.open(usual.file)
    page.keyboard.press("Tab")
    assert page.get_by_role("link", name="Skip to the promises").is_visible()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert focused(page) == "query"


def test_verdicts_are_chosen_with_the_arrows(usual: Shown, visits: Visits) -> None:
    page = visits.open(usual.file)
    page.get_by_role("radio", name="all").focus()
    page.keyboard.press("ArrowRight")
    assert page.get_by_role("radio", name="broken").is_checked()
    assert page.get_by_role("status").inner_text().startswith(f"{len(BROKEN)} of ")


def test_table_is_a_table_for_those_who_listen(usual: Shown, visits: Visits) -> None:
    page = visits.open(usual.file)
    page.get_by_role("combobox", name="Keyword").select_option("maxLength")
    table = page.get_by_role("table", name="Promises")
    heads = table.get_by_role("columnheader").all_text_contents()
    assert heads == ["Verdict", "Promise", "What was sent", "Stand-in", "Live", "Faults"]
    row = table.get_by_role("row").filter(has=page.get_by_role("rowheader")).nth(1)
    assert row.get_by_role("cell").count() + row.get_by_role("rowheader").count() == len(heads)
    assert "failed" in row.get_by_role("cell").nth(2).inner_text(), "in words, not by colour alone"


def test_a_phone_keeps_the_table(usual: Shown, visits: Visits) -> None:
    page = visits.open(usual.file, size=PHONE)
    page.get_by_role("searchbox").fill(f"gpt-image-2-edit.{good.EDIT_TEXT}.maxLength")
    assert page.get_by_role("table", name="Promises").get_by_role("columnheader").count() == 6
    assert page.get_by_role("table", name="Promises").get_by_role("row").count() == 3


def test_every_row_is_there_for_those_who_listen(usual: Shown, visits: Visits) -> None:
    """Rows out of sight too: what a browser need not lay out, it may not tell a screen reader."""
    page = visits.open(usual.file)
    rows = len(rows_shown(page))
    tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    roles = [node["role"]["value"] for node in tree if not node["ignored"]]
    assert roles.count("row") == 1 + rows + len(usual.report["operations"])


def test_button_says_what_it_opens_and_whether_it_is_open(usual: Shown, visits: Visits) -> None:
    page = visits.open(usual.file)
    page.get_by_role("searchbox").fill(f"gpt-image-2.{good.TEXT}.maxLength")
    button = page.get_by_role("button", name=usual.row(f"gpt-image-2.{good.TEXT}.maxLength")["text"].replace("`", ""))
    assert button.get_attribute("aria-expanded") == "false"
    button.click()
    assert button.get_attribute("aria-expanded") == "true"
    assert page.get_by_role("table", name=f"Cases of gpt-image-2.{good.TEXT}.maxLength").count() == 1
