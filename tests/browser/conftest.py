"""Fixtures of the tests in a browser: pages of the report, opened in Chromium, that may complain of nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from urllib.parse import quote

import pytest

from contract_tests.model import good
from scripts.report.page import page as page_of
from scripts.report.shapes import Report, Row, Side
from tests.report.makers import enlarged, mutants, report_of, results

from . import tools

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

BROKEN = [f"gpt-image-2.{good.TEXT}.maxLength", f"gpt-image-2-edit.{good.PICTURES}[].pattern", "get-task.auth.missing"]
SKIPPED = [f"gpt-image-2.{good.TEXT}.minLength", f"gpt-image-2-edit.{good.PICTURES}.maxItems"]
SCREENSHOTS = Path(__file__).parents[2] / "report" / "screenshots"
DESKTOP, PHONE = (1280, 900), (360, 780)
MANY = 5000  # rows
MOST_NAMES = 3  # of what was sent, in a row
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class Shown(NamedTuple):
    """A report, and the file of its page."""

    report: Report
    file: Path

    def row(self, promise: str) -> Row:
        """The row of a promise."""
        return next(row for row in self.report["rows"] if row["id"] == promise)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium, headless. The tests are skipped when there is none, or no playwright.

    Playwright keeps an event loop running in its thread: it ends before tests elsewhere that run one of their own.
    """
    playwright = pytest.importorskip("playwright.sync_api")
    try:
        path = tools.chromium()
    except tools.Missing as missing:
        pytest.skip(str(missing))
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=path, args=list(FLAGS))
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The text of axe-core."""
    try:
        return tools.axe().read_text(encoding="utf-8")
    except tools.Missing as missing:
        pytest.skip(str(missing))


class Visits:
    """Opens pages, and remembers what they complained of and asked for."""

    def __init__(self, browser: Browser) -> None:
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self._browser = browser
        self._contexts: list[Any] = []

    def open(
        self,
        file: Path,
        row: str = "",
        *,
        size: tuple[int, int] = DESKTOP,
        scheme: Literal["light", "dark"] = "light",
    ) -> Page:
        """A page of its own, at a row if one is named."""
        context = self._browser.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
        self._contexts.append(context)
        page: Page = context.new_page()
        page.on("console", lambda message: self.complaints.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))
        page.goto(address(file, row))
        return page

    def close(self) -> None:
        for context in self._contexts:
            context.close()


@pytest.fixture
def visits(browser: Browser) -> Iterator[Visits]:
    """No page may complain on its console, and none may ask for anything but itself."""
    opened = Visits(browser)
    yield opened
    opened.close()
    assert opened.complaints == []
    assert [url for url in opened.requests if not url.startswith(("file:", "data:"))] == []


@pytest.fixture(scope="session")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    """A report with something of everything: broken at one target or both, not run, not testable, a survivor."""
    files = {
        "stand_in": results(broken=BROKEN[:2]),
        "live": results("live", broken=BROKEN[1:], skipped=SKIPPED),
        "mutants": mutants(survivors=1),
    }
    return shown(report_of(tmp_path_factory.mktemp("usual"), **files), tmp_path_factory.mktemp("page"))


@pytest.fixture(scope="session")
def many(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    """A report of thousands of rows."""
    report = report_of(tmp_path_factory.mktemp("many"), stand_in=results(broken=BROKEN), live=results("live"))
    return shown(enlarged(report, MANY), tmp_path_factory.mktemp("page"))


def shown(report: Report, folder: Path) -> Shown:
    """The page of a report, in a file."""
    file = folder / "index.html"
    file.write_text(page_of(report), encoding="utf-8")
    return Shown(report, file)


def address(file: Path, row: str = "") -> str:
    return f"{file.as_uri()}#{quote(row)}" if row else file.as_uri()


def rows_shown(page: Page) -> list[str]:
    """The ids of the promises on the page, once all that wait are drawn."""
    page.evaluate("() => document.querySelector('#page-rest button').click()")
    page.wait_for_function(_ALL_DRAWN, timeout=60_000)
    found: list[str] = page.locator("tr.promise").evaluate_all("rows => rows.map((row) => row.dataset.id)")
    return found


def sent(row: Row, side: Side) -> str:
    """What the line of a side says was sent: the first names, without the field that the row is about."""
    names = [case["name"].removeprefix(f"{row['field']} ") for case in row["cases"] if case["side"] == side]
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return " · ".join(names[:MOST_NAMES]) + more


def told(page: Page) -> int:
    """The number of rows that the page says it shows."""
    return int(page.locator("#page-count").inner_text().split()[0])


_ALL_DRAWN = """() => document.getElementById("page-rest").hidden
    && document.querySelectorAll("tr.promise").length === parseInt(document.getElementById("page-count").textContent)"""


def settle(page: Page) -> None:
    """Waits until nothing on the page has moved or grown for some frames, longer than idle work is put off."""
    page.evaluate(_SETTLED)


_SETTLED = """() => new Promise((resolve) => {
  let before = "", same = 0;
  const look = () => {
    const now = [scrollY, document.documentElement.scrollHeight, document.querySelectorAll("tr").length].join();
    same = now === before ? same + 1 : 0;
    before = now;
    if (same < 15) requestAnimationFrame(look);
    else resolve();
  };
  look();
})"""
