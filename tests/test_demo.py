"""The demo makes two pictures, and spends nothing that was not agreed to."""

from __future__ import annotations

from pathlib import Path

import pytest

from modellix.testing import StandIn
from scripts import demo


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that leads nowhere: the demo must not need one."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def test_the_demo_downloads_both_pictures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "")
    assert demo.main(["--folder", str(tmp_path)]) == 0
    output = capsys.readouterr().out
    assert len(list(tmp_path.iterdir())) == 2
    assert output.count("pending → processing → success") == 2
    assert "2048x1152     " in output
    assert "1024x1024" in output
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


def test_live_says_what_it_buys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The edit takes the picture just made, whose URL on a loopback stand-in is not https, so it is refused unsent."""
    stand_in = StandIn(reads=1)
    with stand_in.serve() as url, pytest.raises(ValueError, match="images"):
        live(stand_in, monkeypatch, url, "--yes", "--folder", str(tmp_path))
    assert [submission.operation for submission in stand_in.submissions] == ["gpt_image_2"]
    assert "1 generation" in capsys.readouterr().out


def test_live_without_a_key_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("MODELLIX_API_KEY", raising=False)
    assert demo.main(["--live", "--yes"]) == 2
    assert "MODELLIX_API_KEY" in capsys.readouterr().err
