"""The page and the plots of the benchmark, from numbers made up here. Nothing is measured."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

import pytest

from scripts.benchmark import page
from scripts.benchmark.measuring import Row, Scenario, rounds
from scripts.benchmark.plot import svg

ROWS = [Row("modellix", 300.0, 0.5, 2.0), Row("httpx", 600.0, 1.0, 3.0), Row("by <hand>", 60.0, 0.1, 1.0)]


def scenario(aim: float | None = None, *, is_timed: bool = False) -> Scenario:
    return Scenario("made-up", "A made-up thing, twice", "µs for each", "httpx", ROWS, aim, is_timed)


def test_the_smallest_value_and_the_median_of_the_ratios_are_told() -> None:
    ours, theirs = iter([4.0, 2.0, 9.0]), iter([2.0, 2.0, 3.0])
    first, second = rounds({"ours": lambda: next(ours), "theirs": lambda: next(theirs)}, "theirs", 3)
    assert (first.value, first.ratio, second.value, second.ratio) == (2.0, 2.0, 2.0, 1.0)


def test_the_page_says_where_we_lose() -> None:
    text = page.text([scenario(0.4, is_timed=True)], "a machine")
    losses = text.partition("## Where we lose")[2].partition("\n## ")[0]
    assert "by <hand> takes 0.20 of ours" in losses
    assert "httpx takes" not in losses
    assert "2.0 s, by <hand> 1.0 s" in losses
    assert "0.40 times httpx, and it is 0.50 times" in losses


def test_an_aim_that_is_reached_is_no_loss() -> None:
    assert "Our aim" not in page.text([scenario(0.5)], "a machine")


def test_links_of_the_page_lead_to_its_headings() -> None:
    text = page.text([scenario()], "a machine")
    headings = {page.anchor(found) for found in re.findall(r"^## (.+)$", text, re.MULTILINE)}
    assert set(re.findall(r"\(#([^)]+)\)", text)) <= headings


def test_each_scenario_has_a_plot_and_a_table_with_all_peers() -> None:
    text = page.text([scenario()], "a machine")
    assert "](benchmark/made-up.svg)" in text
    assert [line for line in text.splitlines() if line.startswith("| httpx |")] == ["| httpx | 600 | 1.00 |"]


@pytest.mark.parametrize("colours", ["#ffffff", "#0d1117"])
def test_a_plot_is_whole_and_fits_light_and_dark(colours: str) -> None:
    drawn = svg(scenario())
    root = ElementTree.fromstring(drawn)
    told = "".join(root.itertext())
    assert all(row.name in told for row in ROWS)
    assert colours in drawn
    assert "prefers-color-scheme: dark" in drawn
    assert len(root.findall(".//{http://www.w3.org/2000/svg}rect")) == 1 + len(ROWS)


def test_bars_stay_within_the_plot() -> None:
    root = ElementTree.fromstring(svg(scenario()))
    _, _, width, _ = map(float, root.attrib["viewBox"].split())
    bars = root.findall(".//{http://www.w3.org/2000/svg}rect")[1:]
    assert all(float(bar.attrib["x"]) + float(bar.attrib["width"]) < width for bar in bars)
