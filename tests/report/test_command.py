"""The command writes four files, or says in one line why not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from contract_tests.model import good
from scripts.report.command import ROOT, main

from .makers import mutants, results, written

pytestmark = pytest.mark.slow

FILES = ["index.html", "junit.xml", "report.json", "summary.md"]


def run(tmp_path: Path, *arguments: str) -> int:
    return main(["--results", str(tmp_path / "results"), "--output", str(tmp_path / "report"), *arguments])


def test_report_of_everything(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(tmp_path / "results", stand_in=results(), live=results("live"), mutants=mutants())
    assert run(tmp_path) == 0
    assert sorted(file.name for file in (tmp_path / "report").iterdir()) == FILES
    assert capsys.readouterr().out.startswith("All ")


@pytest.mark.parametrize("target", ["stand-in", "live"])
def test_one_run_is_enough(target: str, tmp_path: Path) -> None:
    written(tmp_path / "results", **{target: results(target)})
    assert run(tmp_path) == 0


def test_broken_promises_are_no_failure_of_the_report(tmp_path: Path) -> None:
    written(tmp_path / "results", stand_in=results(broken=[f"gpt-image-2.{good.TEXT}.maxLength"]))
    assert run(tmp_path) == 0


def test_nothing_to_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(tmp_path / "results", mutants=mutants())
    assert run(tmp_path) == 2
    assert capsys.readouterr().err.startswith("report: nothing to report in ")
    assert not (tmp_path / "report").exists()


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", "null", '{"target": "moon"}', "[" * 100_000, json.dumps({**results(), "tests": [{"id": 1}]})],
    ids=["empty", "a list", "an object", "null", "another target", "too deep", "a test without an outcome"],
)
def test_a_result_that_cannot_be_read(content: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(tmp_path / "results")
    (tmp_path / "results" / "stand-in.json").write_text(content)
    assert run(tmp_path) == 2
    error = capsys.readouterr().err
    assert "stand-in.json: " in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("arguments", [["--unknown"], ["--repository", "javascript:alert(1)"], ["--repository", "x"]])
def test_usage(arguments: list[str], tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as ended:
        run(tmp_path, *arguments)
    assert ended.value.code == 2


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://github.com/someone/client", "https://github.com/someone/client/blob/HEAD"),
        ("https://github.com/someone/client.git", "https://github.com/someone/client/blob/HEAD"),
        ("https://github.com/someone/client/blob/0a1b2c/", "https://github.com/someone/client/blob/0a1b2c"),
        ("https://git.example/client/src/main", "https://git.example/client/src/main"),
    ],
)
def test_address_of_the_repository(given: str, kept: str, tmp_path: Path) -> None:
    written(tmp_path / "results", stand_in=results())
    assert run(tmp_path, "--repository", given) == 0
    assert json.loads((tmp_path / "report" / "report.json").read_text())["repository"] == kept


def test_runs_as_a_module(tmp_path: Path) -> None:
    folder = str(written(tmp_path / "results", stand_in=results()))
    path = os.pathsep.join(map(str, [ROOT, ROOT / "src", ROOT / "generated"]))
    command = [sys.executable, "-m", "scripts.report", "--results", folder, "--output", folder]
    subprocess.run(command, check=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": path}, timeout=60)
    assert set(FILES) < {file.name for file in Path(folder).iterdir()}
