"""The demo makes two pictures, and spends nothing that was not agreed to."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from contract_tests.model import good
from modellix import ConstraintError
from modellix.testing import StandIn
from modellix_client.constraints import Violation
from scripts import demo

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that leads nowhere: the demo must not need one."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")


def test_the_demo_downloads_both_pictures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = demo.main(["--folder", str(tmp_path)])
    output, error = capsys.readouterr()
    assert status == 0, error
    assert len(list(tmp_path.iterdir())) == 2
    assert output.count("pending → processing → success") == 2
    left_out = good.field(good.EDIT_SIZE)["default"]
    assert re.search(rf" {demo.SIZE} +{demo.SIZE} ", output)
    assert re.search(rf" left out +{left_out} ", output)
    assert "submissions the server counted: 2" in output


def live(stand_in: StandIn, monkeypatch: pytest.MonkeyPatch, url: str, *arguments: str) -> int:
    monkeypatch.setenv("MODELLIX_API_KEY", "test-key")
    monkeypatch.setenv("MODELLIX_BASE_URL", url)
    return demo.main(["--live", *arguments])


def test_live_without_an_answer_buys_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in = StandIn(reads=1)
    monkeypatch.setattr("builtins.input", lambda prompt: "")
    with stand_in.serve() as url:
        assert live(stand_in, monkeypatch, url, "--folder", str(tmp_path)) == 2
    assert stand_in.submissions == []


def test_live_says_what_it_buys_and_shows_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The edit takes the picture just made, but for one at an address on loopback, which is not https."""
    stand_in = StandIn(reads=1)
    with stand_in.serve() as url:
        status = live(stand_in, monkeypatch, url, "--yes", "--folder", str(tmp_path))
    output, error = capsys.readouterr()
    assert status == 0, error
    assert [submission.operation for submission in stand_in.submissions] == ["gpt_image_2", "gpt_image_2_edit"]
    assert output.startswith("This buys 1 generation")
    assert all(str(path) in output for path in tmp_path.iterdir())
    assert demo._to_edit("https://cdn.example.com/a.png") == ["https://cdn.example.com/a.png"] * 2


def test_picture_that_was_bought_is_shown_when_the_next_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stand_in = StandIn(reads=1)
    stand_in.script_next("success")
    stand_in.fail_next()
    with stand_in.serve() as url:
        assert live(stand_in, monkeypatch, url, "--yes", "--folder", str(tmp_path)) == 1
    told = capsys.readouterr()
    pictures = [*tmp_path.iterdir()]
    assert len(pictures) == 1, told.err
    assert str(pictures[0]) in told.out
    assert told.err.startswith("demo: ")


def named_line(said: str) -> str:
    """The line of the demo that a message names."""
    [number] = re.findall(r"^demo: scripts/demo\.py:(\d+): ", said, re.MULTILINE)
    return Path(demo.__file__).read_text("utf-8").splitlines()[int(number) - 1].strip()


def renamed() -> None:
    """A request whose fields have other names than in the demo."""


def without_that_option(**fields: str) -> None:
    """A request that has lost an option."""
    name, option = list(fields.items())[1]
    raise ConstraintError([Violation(name, "enum", ["1x1"], option)])


@pytest.mark.parametrize(
    ("request_class", "reason"),
    [(renamed, "got an unexpected keyword argument '"), (without_that_option, ": enum ['1x1'], got ")],
)
def test_a_changed_contract_names_the_line_and_the_field(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    request_class: Callable[..., None],
    reason: str,
) -> None:
    monkeypatch.setattr(demo, "GptImage2Request", request_class)
    assert demo.main(["--folder", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert reason in said
    assert named_line(said).startswith("generation = GptImage2Request(")


def test_another_mistake_shows_where_it_was_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "GptImage2Request", lambda **fields: len(5))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="has no len"):
        demo.main(["--folder", str(tmp_path)])


def test_live_without_a_key_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("MODELLIX_API_KEY", raising=False)
    assert demo.main(["--live", "--yes"]) == 2
    assert "MODELLIX_API_KEY" in capsys.readouterr().err


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-8"])
def test_output_that_cannot_show_an_arrow_is_no_error(encoding: str, tmp_path: Path) -> None:
    """Windows writes pipes in cp1252."""
    command = [sys.executable, "-m", "scripts.demo", "--folder", str(tmp_path)]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "PYTHONIOENCODING": encoding}, capture_output=True, timeout=60
    )
    assert done.returncode == 0, done.stderr.decode(encoding)
    assert done.stderr == b""
    arrow = "→" if encoding == "utf-8" else r"\u2192"
    assert done.stdout.decode(encoding).count(f"pending {arrow} processing {arrow} success") == 2
