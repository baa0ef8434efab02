"""The site of the pages: every public name is on it, and it can be read wide and narrow, light and dark."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

import modellix
from modellix import testing
from modellix_client.submissions import SUBMISSIONS

from .conftest import DESKTOP, PHONE, SCREENSHOTS, Visits
from .test_looks import is_dark, overflow

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
SHOWN = ("README", "docs/index", "docs/errors", "docs/models")  # one of each kind


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the site, built without a warning."""
    pytest.importorskip("sphinx")
    folder = tmp_path_factory.mktemp("site")
    cache = tmp_path_factory.mktemp("read")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-n", "-q", "-c", "docs", "-d", str(cache), "."]
    done = subprocess.run([*command, str(folder)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def pages(site: Path) -> list[Path]:
    return sorted(site.rglob("*.html"))


def test_every_public_name_has_a_place(site: Path) -> None:
    text = "".join(one.read_text("utf-8") for one in pages(site))
    places = set(re.findall(r'id="((?:modellix|client)\.[\w.]+)"', text))
    expected = {f"modellix.{name}" for name in dir(modellix) if name != "__version__"}
    expected |= {f"modellix.testing.{name}" for name in testing.__all__}
    expected |= {f"client.{one.namespace}.{one.method}" for one in SUBMISSIONS.values()}
    assert len(expected) > 50
    assert expected - places == set()


def test_every_link_and_picture_of_the_site_is_there(site: Path) -> None:
    for page in pages(site):
        for link in re.findall(r'(?:href|src|srcset)="(?!https?:|mailto:|#|data:)([^"#?]+)', page.read_text("utf-8")):
            assert (page.parent / link).exists(), f"{page}: {link}"


def test_the_first_page_leads_to_the_index(site: Path, visits: Visits) -> None:
    page = visits.open(site / "index.html")
    page.wait_for_url("**/docs/index.html")
    assert page.locator("nav, .sidebar-tree").first.is_visible()
    assert page.get_by_role("link", name="Money").count() >= 1


def test_the_search_finds_a_page(site: Path, visits: Visits) -> None:
    """Without a server."""
    page = visits.open(site / "docs/index.html")
    field = page.get_by_role("textbox", name="Search")
    field.fill("BudgetExceeded")
    field.press("Enter")
    page.locator("ul.search a", has_text="Money").first.wait_for()


def test_every_page_fits_a_phone_and_axe_finds_nothing_serious(axe: str, site: Path, visits: Visits) -> None:
    assert len(pages(site)) > 20
    for file in pages(site):
        if file != site / "index.html":  # which leads to another page at once
            look_at(visits.open(file, size=PHONE), axe)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_each_kind_of_page_is_well_light_and_dark(
    size: tuple[int, int], scheme: Literal["light", "dark"], axe: str, site: Path, visits: Visits
) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for name in SHOWN:
        page = visits.open(site / f"{name}.html", size=size, scheme=scheme)
        page.screenshot(path=SCREENSHOTS / f"site-{name.replace('/', '-')}-{size[0]}-{scheme}.png")
        assert is_dark(page) == (scheme == "dark")
        look_at(page, axe)


def look_at(page: Page, axe: str) -> None:
    """A page that fits its window, and in which axe-core finds nothing serious."""
    assert overflow(page) == 0, page.url
    page.evaluate(axe)
    found: list[dict[str, Any]] = page.evaluate(
        "async () => (await axe.run({ preload: false, resultTypes: ['violations'] })).violations"
    )
    serious = [one for one in found if one["impact"] in ("serious", "critical")]
    assert [f"{one['id']}: {one['nodes'][0]['html']}" for one in serious] == [], page.url
    page.close()
