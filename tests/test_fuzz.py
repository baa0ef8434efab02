"""Laws and finds: what `nox -s fuzz` finds is kept, smallest first, and every later run tries it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st

from contract_tests.model import laws
from scripts import fuzz


@pytest.fixture
def finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of finds that is not the repository's."""
    file = tmp_path / "finds.json"
    monkeypatch.setattr(laws, "FINDS", file)
    monkeypatch.setattr(fuzz, "FINDS", file)
    monkeypatch.setattr(fuzz, "ROOT", tmp_path)
    return file


@pytest.fixture(autouse=True)
def _profiles() -> Iterator[None]:
    """Whatever profile a test loads, the next one begins with the usual one."""
    settings.load_profile("usual")
    yield
    settings.load_profile("usual")


def short(text: str) -> None:
    """A law that does not hold."""
    assert len(text) < 4


def test_find_is_kept_at_its_smallest(finds: Path) -> None:
    settings.load_profile("fuzz")
    with pytest.raises(AssertionError):
        laws.hold("short", short, st.text())
    assert json.loads(finds.read_text()) == {"short": ["0000"]}


def test_find_is_kept_once_and_beside_others(finds: Path) -> None:
    laws.keep("short", "0000")
    laws.keep("long", ["a"])
    laws.keep("short", "0000")
    assert json.loads(finds.read_text()) == {"long": [["a"]], "short": ["0000"]}


@pytest.mark.parametrize("profile", ["usual", "live", "fuzz"])
def test_every_run_tries_the_finds(profile: str, finds: Path) -> None:
    laws.keep("length", 17)
    settings.load_profile(profile)
    seen: list[int] = []
    laws.hold("length", seen.append, st.integers(0, 3))
    assert seen[0] == 17
    assert len(seen) > 4


def test_usual_run_keeps_nothing(finds: Path) -> None:
    with pytest.raises(AssertionError):
        laws.hold("short", short, st.text())
    assert not finds.exists()


def test_live_run_leaves_a_broken_law_at_once(finds: Path) -> None:
    """Trying again would cost again."""
    settings.load_profile("live")
    sent: list[str] = []

    def law(text: str) -> None:
        sent.append(text)
        short(text)

    with pytest.raises(AssertionError):
        laws.hold("short", law, st.text(min_size=4))
    assert len(sent) == 1


@pytest.mark.slow
def test_search_runs_for_as_long_as_asked(finds: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    test = tmp_path / "test_nothing.py"
    test.write_text("import pytest\n@pytest.mark.random\ndef test_nothing(): ...\n")
    (tmp_path / "conftest.py").write_text("from hypothesis import settings\nsettings.register_profile('fuzz')\n")
    (tmp_path / "pyproject.toml").write_text('[tool.pytest.ini_options]\nmarkers = ["random"]\n')
    assert fuzz.main(["--seconds", "0", str(test)]) == 0
    assert "1 rounds in" in capfd.readouterr().out
    test.write_text("import pytest\n@pytest.mark.random\ndef test_wrong(): assert False\n")
    assert fuzz.main(["--seconds", "0", str(test)]) == 1
    assert "1 of them with something broken" in capfd.readouterr().out
