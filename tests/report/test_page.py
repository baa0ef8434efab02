"""The page holds the report as data, and nothing in it can become markup or script."""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64encode
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from contract_tests.model import good
from scripts.report.page import FOLDER, SCRIPTS, page
from scripts.report.shapes import Report

from .hostile import hostile_mutants, hostile_results
from .makers import mutants, report_of, results

LIMIT = f"gpt-image-2.{good.TEXT}.maxLength"


@pytest.fixture(params=["usual", "hostile"])
def report(request: pytest.FixtureRequest, tmp_path: Path) -> Report:
    if request.param == "usual":
        return report_of(tmp_path, stand_in=results(), live=results("live"), mutants=mutants())
    return report_of(tmp_path, stand_in=hostile_results(LIMIT), mutants=hostile_mutants())


class Elements(HTMLParser):
    """The elements of a page with their attributes, and the texts of its scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {"script": [], "style": []}
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attributes)))
        if tag in self.texts:
            self.texts[tag].append("")

    def handle_endtag(self, tag: str) -> None:
        self.found.append((f"/{tag}", {}))

    def handle_data(self, data: str) -> None:
        tag = self.found[-1][0] if self.found else ""
        if tag in self.texts:
            self.texts[tag][-1] += data


def test_data_in_the_page_is_the_report(report: Report) -> None:
    data = Elements(page(report)).texts["script"][1]
    assert json.loads(data) == json.loads(json.dumps(report))
    assert "<" not in data


def test_texts_add_no_element(report: Report, tmp_path: Path) -> None:
    plain = report_of(tmp_path / "plain", stand_in=results())
    assert [tag for tag, _ in Elements(page(report)).found] == [tag for tag, _ in Elements(page(plain)).found]


def test_policy_lets_the_page_run_its_own_scripts_and_load_nothing(report: Report) -> None:
    elements = Elements(page(report))
    policy = next(found["content"] for tag, found in elements.found if found.get("http-equiv")) or ""
    theme, _, script = elements.texts["script"]
    for text in (theme, script, *elements.texts["style"]):
        assert f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" in policy
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert "http" not in policy


def test_page_names_no_address_to_load(report: Report) -> None:
    for tag, attributes in Elements(page(report)).found:
        assert not (attributes.keys() & {"src", "srcset", "action", "onload", "onerror", "style"}), tag
        if tag != "a":
            assert not (attributes.get("href") or "#").startswith("http")
    styles = (FOLDER / "page.css").read_text()
    assert "url(" not in styles
    assert "@import" not in styles


def test_scripts_never_turn_text_into_markup() -> None:
    for name in (*SCRIPTS, "theme.js"):
        text = (FOLDER / name).read_text()
        found = re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|srcdoc", text)
        assert found is None, f"{name} uses {found[0]}" if found else ""


def test_every_part_of_the_page_is_put_in() -> None:
    assert {file.name for file in FOLDER.iterdir()} == {*SCRIPTS, "theme.js", "page.css", "page.html"}


def test_headline_is_text(report: Report) -> None:
    hostile: Report = {**report, "headline": "<b>&amp;</b>"}
    assert unescape("&lt;b&gt;&amp;amp;&lt;/b&gt;") == "<b>&amp;</b>"
    assert "<h1>&lt;b&gt;&amp;amp;&lt;/b&gt;</h1>" in page(hostile)
