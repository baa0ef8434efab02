"""Options and exits of `python -m scripts.mutants`."""

from __future__ import annotations

import pytest

from contract_tests.model import good
from scripts.mutants.catalogue import all_mutants
from scripts.mutants.command import main


def test_list_tells_every_mutant_with_its_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(all_mutants())
    assert all(": " in line and line.endswith(".") for line in lines)


def test_names_and_classes_choose(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list", "--class", "document", "--only", f"gpt-image-2 {good.TEXT}: maximum*"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 3


@pytest.mark.parametrize(
    "arguments",
    [["--only", "nobody"], ["--class", "weather"], ["--jobs", "0"], ["--jobs", "many"], ["--sample", "any"], ["more"]],
)
def test_bad_option_is_exit_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2


def test_system_without_fork_is_exit_2(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delattr("os.fork", raising=False)
    with pytest.raises(SystemExit) as caught:
        main(["--only", f"gpt-image-2 {good.TEXT}: maximum*"])
    assert caught.value.code == 2
    assert "this system has no fork" in capsys.readouterr().err
