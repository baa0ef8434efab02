"""What the page shows is what report.json says."""

from __future__ import annotations

import re

import pytest

from contract_tests.model import good
from scripts.report.shapes import VERDICTS

from .conftest import BROKEN, Shown, Visits, rows_shown, sent

pytestmark = pytest.mark.browser


def test_every_row_is_on_the_page_with_its_verdict(usual: Shown, visits: Visits) -> None:
    page = visits.open(usual.file)
    assert rows_shown(page) == [row["id"] for row in usual.report["rows"]]
    badges = page.locator("tr.promise .badge").all_text_contents()
    assert badges == [row["verdict"] for row in usual.report["rows"]]


def test_every_operation_is_a_row_with_its_counts(usual: Shown, visits: Visits) -> None:
    page = visits.open(usual.file)
    rows_shown(page)
    for operation in usual.report["operations"]:
        verdicts = [row["verdict"] for row in usual.report["rows"] if row["operation"] == operation["id"]]
        text = page.locator(f"tr.operation[id='row:{operation['id']}']").text_content() or ""
        assert operation["path"] in text
        assert _counts(text) == {verdict: verdicts.count(verdict) for verdict in set(verdicts)}


def test_filters_and_cards_count_what_the_report_counts(usual: Shown, visits: Visits) -> None:
    page = visits.open(usual.file)
    chips = [chip.rsplit(maxsplit=1) for chip in page.locator(".chip").all_inner_texts()]
    assert chips[0] == ["all", str(len(usual.report["rows"]))]
    assert {name: int(count) for name, count in chips[1:-1]} == usual.report["promises"]
    cards = page.locator(".card").all_inner_texts()
    for run, card in zip(usual.report["runs"], cards, strict=False):
        assert _counts(card.partition("When")[0]) == {
            verdict: run["promises"][verdict] for verdict in VERDICTS if run["promises"][verdict]
        }
        assert f"{run['promises']['kept'] + run['promises']['broken']} promises tested" in card
    account = usual.report["runs"][1]["account"]
    assert account is not None
    assert f"{account['accepted']} submissions of a budget of {account['budget']}" in cards[1]
    assert usual.report["mutants"] is not None
    fates = usual.report["mutants"]["verdicts"]
    assert f"{fates['killed']} of {fates['killed'] + fates['survived']} faults killed" in cards[2]


def test_headline_and_its_links_name_what_is_broken(usual: Shown, visits: Visits) -> None:
    page = visits.open(usual.file)
    assert page.locator("h1").inner_text() == usual.report["headline"]
    assert page.locator(".broken-list a").all_inner_texts() == BROKEN
    assert page.title().startswith(usual.report["headline"])


def test_row_shows_both_sides_at_both_targets(usual: Shown, visits: Visits) -> None:
    told = usual.row(f"gpt-image-2-edit.{good.EDIT_TEXT}.maxLength")
    page = visits.open(usual.file, told["id"])
    row = page.locator(f"tr.promise[data-id='{told['id']}']")
    assert row.locator(".sent .line").all_inner_texts() == [
        f"accepts\n{sent(told, 'accepted')}",
        f"refuses\n{sent(told, 'refused')}",
    ]
    assert [re.sub(r"\s+", " ", text) for text in row.locator(".came .codes").all_inner_texts()] == [
        "200",
        "400",
        "200",
        "400",
    ]
    assert row.locator(".limit").inner_text().endswith(told["limit"] or "no limit")


def test_details_show_each_case_with_what_was_sent_and_what_came_back(usual: Shown, visits: Visits) -> None:
    page = visits.open(usual.file, BROKEN[0])
    details = page.locator("tr.details").filter(visible=True)
    row = usual.row(BROKEN[0])
    assert details.locator(".cases tbody tr").count() == len(row["cases"])
    text = details.inner_text()
    for case in row["cases"]:
        exchange = case["runs"]["stand-in"]["exchanges"][0]
        assert case["name"] in text
        assert exchange["reply"] in text
        assert exchange["sent"].split()[1] in text
    assert text.count("AssertionError: answers 200") == len(row["cases"])
    assert f"openapi/modellix.yaml#L{row['line']}" in text
    assert row["page"] in text
    assert all(name in text for name in row["mutants"])


def test_cases_beyond_the_first_come_when_asked_for(usual: Shown, visits: Visits) -> None:
    page = visits.open(usual.file, f"gpt-image-2.{good.SIZE}.enum")
    row = usual.row(f"gpt-image-2.{good.SIZE}.enum")
    cases = page.locator(".cases tbody tr")
    assert cases.count() < len(row["cases"])
    page.get_by_role("button", name=f"Show {len(row['cases']) - cases.count()} more cases").click()
    assert cases.count() == len(row["cases"])


def test_faults_are_listed_by_class_survivors_first(usual: Shown, visits: Visits) -> None:
    page = visits.open(usual.file)
    assert usual.report["mutants"] is not None
    items = page.locator(".class .mutants > li")
    assert items.count() == len(usual.report["mutants"]["list"])
    assert "survived" in items.first.inner_text()
    one = page.locator(".class", has=page.get_by_text("generated client", exact=True)).locator("li")
    assert "killed by contract_tests/api/test_refused.py::test_refused[a case]" in (one.text_content() or "")


def _counts(text: str) -> dict[str, int]:
    """`3 kept 1 not run` as numbers by verdict."""
    return {verdict: int(count) for count, verdict in re.findall(r"(\d+)\s+(broken|kept|not run|not testable)", text)}
