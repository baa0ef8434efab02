"""What the papers point to is there: links, files, folders, names in the glossary, homes in the architecture."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.papers.texts import HISTORY, PAPERS, ROOT, anchors, in_code, links

LEFT_BY_RUNS = {
    *(f"report/{name}" for name in ("index.html", "report.json", "summary.md", "junit.xml", "body-1.json")),
    "build/release",
    "build/site",
    "live-ledger.jsonl",
    "openapi/pages.yaml",
    ".nox/wheel/tmp",
}
KINDS = {
    "A limit",
    "A kind of limit",
    "A model",
    "A retry rule",
    "A status",
    "A page notation",
    "A promise",
    "A mutant",
    "The journal's format",
}
each_paper = pytest.mark.parametrize("paper", PAPERS)


def rows(paper: str, heading: str) -> dict[str, list[str]]:
    """The rows of the first table below a heading, by their first cell; the head is left out."""
    below = PAPERS[paper].split(heading, 1)[1]
    lines = re.findall(r"(?:^\|.*\n)+", below, re.MULTILINE)[0].splitlines()[2:]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    return {first.strip("*"): others for first, *others in cells}


def is_place(text: str) -> bool:
    """Whether this is the path of a file or folder of ours."""
    roots = {path.name for path in ROOT.iterdir() if path.is_dir()}
    is_path = re.fullmatch(r"[\w.\-/*]+", text) and ("/" in text or re.search(r"\w\.(py|md|toml|yaml|jsonl)$", text))
    return bool(is_path) and (text.partition("/")[0] in roots or "/" not in text)


@each_paper
def test_every_place_named_exists(paper: str) -> None:
    places = {text.rstrip("/") for text in in_code(PAPERS[paper]) if is_place(text)} - LEFT_BY_RUNS
    assert sorted(place for place in places if not (ROOT / place).exists()) == []


@each_paper
def test_every_decorator_shown_is_above_a_test(paper: str) -> None:
    shown = [text for text in in_code(PAPERS[paper]) if text.startswith("@") and text.endswith(")")]
    tests = [path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py")] if shown else []
    assert [one for one in shown if not any(f"\n{one}\n" in text for text in tests)] == []


@each_paper
def test_every_link_leads_somewhere(paper: str) -> None:
    for link in links(PAPERS[paper]):
        file, _, anchor = link.partition("#")
        target = ((ROOT / paper).parent / file).resolve() if file else ROOT / paper
        assert target.is_file(), link
        assert not anchor or anchor in anchors(target.read_text("utf-8")), link


def test_every_paper_is_linked_from_the_index() -> None:
    """And the index from README."""
    linked = {(ROOT / "docs" / one).resolve() for one in links(PAPERS["docs/index.md"])}
    assert {ROOT / one for one in {*PAPERS, *HISTORY} - {"docs/index.md"}} <= linked
    assert "docs/index.md" in links(PAPERS["README.md"])


def test_every_word_of_the_glossary_has_its_home() -> None:
    words = rows("docs/glossary.md", "# Glossary")
    assert {"stand-in", "promise", "drift", "journal", "target", "case"} <= set(words)
    assert list(words) == sorted(words)
    for word, (_, home) in words.items():
        file, *names = in_code(home)
        assert (ROOT / file).exists(), word
        for name in names:
            assert re.search(rf"^(class|def) {name}\b", (ROOT / file).read_text("utf-8"), re.MULTILINE), word


def test_every_kind_of_change_has_its_home() -> None:
    homes = rows("docs/architecture.md", "## Where does")
    assert set(homes) >= KINDS
    for what, (cell, *_) in homes.items():
        places = [one for one in in_code(cell) if is_place(one)]
        assert 1 <= len(places) <= 3, what
        assert [one for one in places if not (ROOT / one.rstrip("/")).exists()] == [], what


@pytest.mark.parametrize("contract", ["client", "contract_tests", "page2openapi"])
def test_the_rooms_are_drawn_as_lint_has_them(contract: str) -> None:
    """The drawing shows one layer a line, from the first on."""
    start = {"client": "src/modellix:", "page2openapi": "src/page2openapi:"}.get(contract, f"{contract}:")
    text = PAPERS["docs/architecture.md"].split("## Who may import whom", 1)[1]
    lines = text[text.index(start) + len(start) :].splitlines()
    rule = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    [layers] = [one["layers"] for one in rule if one["id"] == contract]
    for layer, line in zip(layers, lines, strict=False):
        assert set(re.findall(r"\w+", layer)) <= set(re.findall(r"\w+", line))


def test_decisions_are_dated_and_newest_first() -> None:
    text = (ROOT / "docs" / "decisions.md").read_text("utf-8")
    dates = re.findall(r"\n\n## (\d{4}-\d{2}-\d{2}) \S.*\n\S", text)
    assert len(dates) == text.count("\n## ")
    assert dates == sorted(dates, reverse=True)
