"""A step of the session is measured, and one that failed shows why."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from scripts.catalogue.steps import Step, run

SAYS = "import sys; print('first'); print('last'); sys.exit({})"


def python(code: str, **more: float | list[int] | list[str]) -> Step:
    return Step("a step", [sys.executable, "-c", code], **more)  # type: ignore[arg-type]


def test_a_step_that_went_well_shows_its_last_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outcome = run(python(SAYS.format(0)), tmp_path)
    assert (outcome.status, outcome.fault, outcome.last) == (0, "", "last")
    assert (outcome.memory > 1 and outcome.cpu > 0) or sys.platform == "win32"
    assert (tmp_path / "a-step.txt").read_text("utf-8").split() == ["first", "last"]
    assert "first" not in capsys.readouterr().out


def test_a_step_that_failed_shows_what_it_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outcome = run(python(SAYS.format(3), good=[0, 1]), tmp_path)
    assert outcome.fault == "FAILED with exit 3"
    assert "    first\n    last" in capsys.readouterr().out


def test_a_step_may_be_too_dear(tmp_path: Path) -> None:
    slow = run(python(SAYS.format(0), most_seconds=0.0), tmp_path)
    assert (slow.fault, slow.failed) == ("TOO SLOW: at most 0 s", False)
    if sys.platform != "win32":
        assert run(python(SAYS.format(0), most_memory=1.0), tmp_path).fault == "TOO LARGE: at most 1 MiB"


def test_a_step_must_say_what_it_is_for(tmp_path: Path) -> None:
    assert run(python(SAYS.format(0), says=["first", "last"]), tmp_path).fault == ""
    silent = run(python(SAYS.format(0), says=["first", "more"]), tmp_path)
    assert (silent.fault, silent.failed) == ("DID NOT SAY 'more'", True)
