"""Whatever an API answers with is shown as text: it cannot run, load, hide or break the page."""

from __future__ import annotations

from pathlib import Path

import pytest

from contract_tests.model import good
from tests.report.hostile import hostile_mutants, hostile_results
from tests.report.makers import report_of

from .conftest import DESKTOP, PHONE, Shown, Visits, rows_shown, shown
from .test_looks import overflow

pytestmark = pytest.mark.browser

BROKEN = f"gpt-image-2.{good.TEXT}.maxLength"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    folder: Path = tmp_path_factory.mktemp("hostile")
    return shown(report_of(folder, stand_in=hostile_results(BROKEN), mutants=hostile_mutants()), folder)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_nothing_runs_and_nothing_is_loaded(size: tuple[int, int], hostile: Shown, visits: Visits) -> None:
    page = visits.open(hostile.file, BROKEN, size=size)
    page.evaluate("() => document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    page.wait_for_load_state("networkidle")
    assert page.title().startswith(hostile.report["headline"])
    assert page.locator("img, iframe, object, embed, link[rel=stylesheet]").count() == 0
    assert page.locator("script").count() == 3
    assert overflow(page) == 0


def test_every_row_can_be_opened_without_harm(hostile: Shown, visits: Visits) -> None:
    page = visits.open(hostile.file, size=PHONE)
    rows_shown(page)
    page.evaluate("() => document.querySelectorAll('.opener').forEach((one) => one.click())")
    assert page.locator("tr.details").count() == len(hostile.report["rows"])
    assert page.locator("img").count() == 0
    assert page.title().startswith(hostile.report["headline"])


def test_hostile_text_reads_as_it_is(hostile: Shown, visits: Visits) -> None:
    page = visits.open(hostile.file, BROKEN)
    text = page.locator("tr.details").inner_text()
    assert "</script><script>document.title='taken'</script>" in text
    assert "<img src=x onerror=" in text
    assert "abc\\u202egnp.exe" in text
    assert "\\u0000\\u001b[31m\\ud800\\ufffe" in text


def test_a_megabyte_is_cut(hostile: Shown, visits: Visits) -> None:
    page = visits.open(hostile.file)
    rows_shown(page)
    page.evaluate("() => document.querySelectorAll('.opener').forEach((one) => one.click())")
    longest = page.evaluate(
        "() => Math.max(...[...document.querySelectorAll('pre')].map((one) => one.textContent.length))"
    )
    assert longest < 1000
    assert hostile.file.stat().st_size < 3_000_000
