"""A bar for people at a terminal or in a notebook, and nothing at all elsewhere."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from tests.modellix.conftest import OpenSide
from tests.support.clients import end_of, kind_of
from tests.support.marks import VIRTUAL
from tests.support.virtual_clients import Side

pytestmark = VIRTUAL


class Terminal:
    """A pseudo terminal that takes the place of stderr, from `attach` on."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch
        pty = pytest.importorskip("pty", reason="because this system has no pseudo terminals")
        self._master, slave = pty.openpty()
        self._stream = os.fdopen(slave, "w", encoding="utf-8")
        self._written: list[bytes] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def attach(self) -> None:
        """Only within the test itself: pytest puts its own stderr in place when the test begins."""
        self._patch.setattr(sys, "stderr", self._stream)

    def shown(self) -> str:
        """Everything that was written. Nothing more can be."""
        self._stream.close()
        self._reader.join(5)
        return b"".join(self._written).decode()

    def _read(self) -> None:
        with contextlib.suppress(OSError):  # on Linux, the end of what a closed terminal has written
            while chunk := os.read(self._master, 65536):
                self._written.append(chunk)

    def close(self) -> None:
        self.shown()
        os.close(self._master)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    monkeypatch.setenv("TERM", "xterm")
    for name in ("NO_COLOR", "COLUMNS", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    with contextlib.closing(Terminal(monkeypatch)) as opened:
        yield opened


def prepared(side: Side) -> list[str]:
    side.script("bad", "pending", "failed").script("slow", *["pending"] * 5, "success")
    return ["good", "bad", "slow"]


def test_a_terminal_shows_a_bar_with_counts_and_time(terminal: Terminal, open_side: OpenSide) -> None:
    terminal.attach()
    side = open_side()
    results = side.wait_all(prepared(side), progress=True)
    assert [kind_of(result) for result in results] == ["TaskResult", "TaskFailed", "TaskResult"]
    shown = terminal.shown()
    assert "3/3" in shown
    assert "waiting, 1 failed" in shown
    assert "0:00:0" in shown
    assert shown.count("\x1b[?25l") == shown.count("\x1b[?25h") == 1  # the cursor hidden, and shown again


def test_the_bar_ends_with_a_wait_that_times_out(terminal: Terminal, open_side: OpenSide) -> None:
    terminal.attach()
    side = open_side().script("stuck", "pending")
    assert kind_of(end_of(side.wait_all, ["good", "stuck"], timeout=20.0, progress=True)) == "WaitTimeout"
    shown = terminal.shown()
    assert "1/2" in shown
    assert "\x1b[?25h" in shown


def test_the_bar_ends_with_a_wait_that_is_refused(terminal: Terminal, open_side: OpenSide) -> None:
    terminal.attach()
    side = open_side().script("bad", "pending", 401)
    assert kind_of(end_of(side.wait_all, ["bad"], progress=True)) == "AuthenticationError"
    assert "\x1b[?25h" in terminal.shown()


def test_without_progress_a_terminal_shows_nothing(terminal: Terminal, open_side: OpenSide) -> None:
    terminal.attach()
    side = open_side()
    side.wait_all(prepared(side))
    assert terminal.shown() == ""


def test_no_terminal_means_silence(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], open_side: OpenSide
) -> None:
    side = open_side()
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setitem(sys.modules, "rich.progress", None)  # nor is it needed
    side.wait_all(prepared(side), progress=True)
    assert stream.getvalue() == ""
    assert capfd.readouterr() == ("", "")


def test_a_process_without_stderr_is_no_terminal(monkeypatch: pytest.MonkeyPatch, open_side: OpenSide) -> None:
    side = open_side()
    monkeypatch.setattr(sys, "stderr", None)
    assert len(side.wait_all(prepared(side), progress=True)) == 3


@pytest.mark.parametrize("module", ["rich.progress", "rich.console"])
def test_a_terminal_without_rich_says_what_to_install(
    module: str, terminal: Terminal, monkeypatch: pytest.MonkeyPatch, open_side: OpenSide
) -> None:
    terminal.attach()
    monkeypatch.setitem(sys.modules, module, None)
    side = open_side()
    end = end_of(side.wait_all, prepared(side), progress=True)
    assert kind_of(end) == "ConfigurationError"
    assert "pip install 'modellix-client[progress]'" in str(end)
    assert side.service.reads == []
    assert terminal.shown() == ""


class Notebook:
    """What a kernel of Jupyter has loaded; `lines` are those that were drawn, `places` how many displays were made."""

    def __init__(self, patch: pytest.MonkeyPatch, *, has_kernel: bool = True) -> None:
        self.lines: list[str] = []
        self.places = 0
        shell = SimpleNamespace(kernel=object()) if has_kernel else SimpleNamespace()
        patch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))  # type: ignore[arg-type]
        patch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=self.display))  # type: ignore[arg-type]

    def display(self, data: dict[str, str], *, raw: bool, display_id: bool) -> Any:
        assert raw
        assert display_id
        self.places += 1
        return SimpleNamespace(update=self._update)

    def _update(self, data: dict[str, str], *, raw: bool) -> None:
        assert raw
        self.lines.append(data["text/plain"])


def test_a_notebook_shows_a_line_with_counts_and_time(monkeypatch: pytest.MonkeyPatch, open_side: OpenSide) -> None:
    notebook = Notebook(monkeypatch)
    monkeypatch.setitem(sys.modules, "rich.progress", None)  # it is not needed
    side = open_side()
    side.wait_all(prepared(side), progress=True)
    assert notebook.places == 1
    assert notebook.lines[-1].startswith("waiting, 1 failed [##############################] 3/3 0:0")


def test_the_line_in_a_notebook_tells_how_far_a_wait_came(monkeypatch: pytest.MonkeyPatch, open_side: OpenSide) -> None:
    notebook = Notebook(monkeypatch)
    side = open_side().script("stuck", "pending")
    assert kind_of(end_of(side.wait_all, ["good", "stuck"], timeout=20.0, progress=True)) == "WaitTimeout"
    assert notebook.lines[-1].startswith("waiting [###############...............] 1/2 ")


def test_ipython_at_a_terminal_is_no_notebook(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, open_side: OpenSide
) -> None:
    terminal.attach()
    notebook = Notebook(monkeypatch, has_kernel=False)
    side = open_side()
    side.wait_all(prepared(side), progress=True)
    assert notebook.places == 0
    assert "3/3" in terminal.shown()


def test_without_progress_a_notebook_shows_nothing(monkeypatch: pytest.MonkeyPatch, open_side: OpenSide) -> None:
    notebook = Notebook(monkeypatch)
    side = open_side()
    side.wait_all(prepared(side))
    assert notebook.places == 0
