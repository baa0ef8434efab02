"""What time it is: the one place where this package reads a clock, so that tests can set it by hand."""

from __future__ import annotations

import datetime
import time
from contextvars import ContextVar

_skipped: ContextVar[float] = ContextVar("modellix_skipped", default=0.0)


class Clock:
    """The machine's clock. Seconds everywhere."""

    def now(self) -> float:
        """A monotonic reading, for deadlines and pauses. It never goes back in one thread or asyncio task."""
        return time.monotonic() + _skipped.get()

    def utc(self) -> datetime.datetime:
        """The date and time, UTC."""
        return datetime.datetime.now(datetime.UTC)

    def skip(self, seconds: float) -> None:
        """Let time pass at once, for this thread or asyncio task and what it starts from now on. Nobody else comes
        nearer to a deadline by it, so whoever waits for the network meanwhile has all of its time.
        """
        _skipped.set(_skipped.get() + seconds)
