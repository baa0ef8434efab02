"""What time it is: the one place where this package reads a clock, so that tests can set it by hand."""

from __future__ import annotations

import datetime
import time
from contextvars import ContextVar
from threading import Lock

from modellix._fork import PerProcess

_skipped: ContextVar[float] = ContextVar("modellix_skipped", default=0.0)
_lock = PerProcess(Lock)
_skipped_by_all = 0.0  # together, in this process


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
        global _skipped_by_all
        _skipped.set(_skipped.get() + seconds)
        with _lock():
            _skipped_by_all += seconds

    def follow_all(self) -> None:
        """For a thread that serves others: its time becomes that of all of them, so that a pause of any has passed."""
        _skipped.set(max(_skipped.get(), _skipped_by_all))
