"""How far a long command is: a counter at a terminal, a plain line now and then in a log."""

from __future__ import annotations

import sys
from typing import TextIO

_LINES = 10  # in a log, for the whole


class Progress:
    """Counts steps of one kind of work, such as `fetching`, on standard error. Of a total of 0 it says nothing."""

    def __init__(self, work: str, total: int, stream: TextIO | None = None) -> None:
        self._work, self._total, self._done = work, total, 0
        self._stream = stream or sys.stderr
        self._every = max(1, -(-total // _LINES))

    def step(self, steps: int = 1) -> None:
        """One more is done, or some."""
        before = self._done // self._every
        self._done += steps
        if self._stream.isatty() and self._total:
            self._show(f"\r{self._text}", "" if self._done < self._total else "\n")
        elif self._total > _LINES and (self._done // self._every > before or self._done == self._total):
            self._show(self._text, "\n")

    def stop(self) -> None:
        """Begins a new line for what is said next."""
        if self._stream.isatty() and 0 < self._done < self._total:
            self._show("", "\n")

    @property
    def _text(self) -> str:
        return f"{self._work}: {self._done} of {self._total}"

    def _show(self, text: str, end: str) -> None:
        print(text, end=end, file=self._stream, flush=True)
