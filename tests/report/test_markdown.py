"""The summary is for a CI job's page: small, what is broken first, and no text of others becomes markup."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

from contract_tests.model import good
from scripts.report.markdown import code, markdown, plain
from scripts.report.shapes import VERDICTS

from .hostile import HOSTILE, hostile_mutants, hostile_results
from .makers import mutants, report_of, results

LIMIT = f"gpt-image-2.{good.TEXT}.maxLength"


def cells(line: str) -> list[str]:
    return [unescape(cell.strip()) for cell in line.strip("|").split("|")]


def test_numbers_are_those_of_the_report(tmp_path: Path) -> None:
    report = report_of(tmp_path, stand_in=results(), live=results("live", skipped=[LIMIT]), mutants=mutants())
    lines = markdown(report).splitlines()
    assert lines[0] == f"# {report['headline']}"
    for run in report["runs"]:
        line = next(line for line in lines if line.startswith(f"| {run['target']} |"))
        assert cells(line)[1:5] == [str(run["promises"][verdict]) for verdict in VERDICTS]
    live = next(line for line in lines if line.startswith("| live |"))
    assert "14 submissions of a budget of 20" in live
    assert "2026-11-21 13:10 UTC" in live


def test_what_is_broken_comes_first(tmp_path: Path) -> None:
    text = markdown(report_of(tmp_path, stand_in=results(broken=[LIMIT])))
    assert text.index("## Broken promises") < text.index("## Promises")
    line = next(line for line in text.splitlines() if LIMIT in unescape(line))
    assert "answers 200" in line
    assert re.search(r"and [1-9][0-9]* more", line)


def test_survivors_are_named(tmp_path: Path) -> None:
    text = markdown(report_of(tmp_path, stand_in=results(), mutants=mutants(survivors=2)))
    assert text.count("- survived: ") == 2


def test_without_faults_it_says_so(tmp_path: Path) -> None:
    assert "No faults were put in." in markdown(report_of(tmp_path, stand_in=results()))


def test_many_broken_promises_stay_readable(tmp_path: Path) -> None:
    every = [row["id"] for row in report_of(tmp_path, stand_in=results())["rows"]]
    text = markdown(report_of(tmp_path, stand_in=results(broken=every)))
    assert len(text) < 100_000
    assert "more stand in the page" in text


def test_hostile_texts_stay_texts(tmp_path: Path) -> None:
    text = markdown(report_of(tmp_path, stand_in=hostile_results(LIMIT), mutants=hostile_mutants()))
    assert set(re.findall(r"</?([a-z]+)", text)) == {"code"}
    assert not re.search(r"\]\(|!\[|`|@|\*\*", text)
    heads = [line for line in text.splitlines() if line.startswith("|")]
    assert len({line.count("|") for line in heads}) <= 4, "each table keeps its columns"
    assert "\0" not in text


@pytest.mark.parametrize("text", [HOSTILE, "a|b", "<i>", "a_b_c", "~~x~~", "&amp;", "1. x", "https://a.example/_b_"])
def test_shown_text_reads_as_it_was(text: str) -> None:
    assert unescape(plain(text.replace("\0", "").replace("\ufffe", "").replace("\x1b", ""))).isprintable() is not None
    assert unescape(code("a_b*c|d<e")) == "<code>a_b*c|d<e</code>"
    assert not set(plain(text)) & set("|<>`*_[]!@#~\n") - {"#"}
