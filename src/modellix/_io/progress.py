"""A bar for people: at a terminal drawn by rich (extra `[progress]`), in a notebook by IPython; elsewhere nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

from modellix._core.clock import Clock
from modellix.errors import ConfigurationError

Show = Callable[[int, int, str], object]  # how many in all, how many are over, and what there is to tell

WIDTH = 30  # characters of the bar in a notebook
LEAST_PAUSE = 0.1  # seconds between two drawings in a notebook, where each is sent to a browser


def _is_terminal() -> bool:
    stream: Any = sys.stderr  # None in a process without one
    return stream is not None and bool(stream.isatty())


def _notebook() -> Any:
    """IPython's module `display` in a notebook, else None. Never imported: in a notebook it is there."""
    ipython: Any = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return sys.modules.get("IPython.display") if shell is not None and hasattr(shell, "kernel") else None


@contextmanager
def progress_bar(is_wanted: bool) -> Generator[Show, None, None]:
    """What to call whenever the counts change. Raises ConfigurationError at a terminal without rich."""
    notebook = _notebook() if is_wanted else None
    if notebook is not None:
        drawing = _Drawing(notebook)
        try:
            yield drawing.show
        finally:
            drawing.draw()
    elif is_wanted and _is_terminal():
        with _terminal_bar() as show:
            yield show
    else:
        yield lambda total, over, text: None


@contextmanager
def _terminal_bar() -> Generator[Show, None, None]:
    try:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
    except ImportError:
        raise ConfigurationError("progress=True needs rich: pip install 'modellix-client[progress]'") from None
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bar = progress.add_task("", total=None)
        yield lambda total, over, text: progress.update(bar, total=total, completed=over, description=text)


class _Drawing:
    """A line of text in a notebook that is drawn again and again in the same place."""

    def __init__(self, notebook: Any) -> None:
        self._clock = Clock()
        self._began = self._drawn = self._clock.now()
        self._line = ""
        self._handle = notebook.display({"text/plain": self._line}, raw=True, display_id=True)

    def show(self, total: int, over: int, text: str) -> None:
        seconds = int(self._clock.now() - self._began)
        bar = ("#" * (WIDTH * over // max(total, 1))).ljust(WIDTH, ".")
        self._line = f"{text} [{bar}] {over}/{total} {seconds // 60}:{seconds % 60:02}"
        if self._clock.now() - self._drawn >= LEAST_PAUSE:
            self.draw()

    def draw(self) -> None:
        self._drawn = self._clock.now()
        self._handle.update({"text/plain": self._line}, raw=True)
