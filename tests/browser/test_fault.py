"""One fault in the stand-in shows as exactly the rows of the promises that it breaks."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from contract_tests.model import good
from scripts.report.command import ROOT, read

from .conftest import Shown, Visits, rows_shown, sent, shown

pytestmark = pytest.mark.browser

LIMIT = f"gpt-image-2-edit.{good.EDIT_TEXT}.maxLength"
TWIN = f"gpt-image-2.{good.TEXT}.maxLength"
ALSO = {"gpt-image-2-edit.body.broken", "gpt-image-2-edit.history"}  # where the data drawn at random hits the limit


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    """The report of a run of the API-facing tests on a stand-in that takes one character too many."""
    folder = tmp_path_factory.mktemp("faulty")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.browser.faulty", "-p", "no:cacheprovider"]
    ended = subprocess.run(
        [*command, "contract_tests/api"],
        cwd=ROOT,
        env={**os.environ, "REPORT_FOLDER": str(folder)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ended.returncode == 1, ended.stdout[-2000:] + ended.stderr[-2000:]
    return shown(read(folder), folder)


def test_exactly_the_promises_it_breaks_are_red(faulty: Shown, visits: Visits) -> None:
    page = visits.open(faulty.file)
    rows_shown(page)
    red = page.locator("tr.promise").evaluate_all(
        "rows => rows.filter((row) => getComputedStyle(row, '::before').width === '4px').map((row) => row.dataset.id)"
    )
    failed = {row["id"] for row in faulty.report["rows"] if row["runs"]["stand-in"]["failed"]}
    assert set(red) == failed
    assert {LIMIT} <= failed <= {LIMIT, *ALSO}


def test_row_shows_what_was_sent_and_what_came_back(faulty: Shown, visits: Visits) -> None:
    page = visits.open(faulty.file, LIMIT)
    row = page.locator(f"tr.promise[data-id='{LIMIT}']")
    told = faulty.row(LIMIT)
    assert row.locator(".sent .line").nth(1).inner_text() == f"refuses\n{sent(told, 'refused')}"
    assert row.locator(".came").nth(0).locator(".line").nth(1).locator(".codes").inner_text() == "200"
    first = page.locator("tr.details .cases tbody tr").first.inner_text()
    assert f"{good.EDIT_TEXT} of {int(told['limit'] or 0) + 1} characters" in first
    assert "failed" in first
    assert '"status":"pending"' in first


def test_its_twin_in_the_other_operation_is_kept(faulty: Shown, visits: Visits) -> None:
    page = visits.open(faulty.file, TWIN)
    assert page.locator(f"tr.promise[data-id='{TWIN}']").get_attribute("data-verdict") == "kept"
    assert page.locator(".broken-list a").first.is_visible()
