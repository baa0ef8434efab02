"""What time it is: the one place where this package reads a clock, so that tests can set it by hand."""

from __future__ import annotations

import datetime
import time


class Clock:
    """The machine's clock. Seconds everywhere."""

    def now(self) -> float:
        """A monotonic reading, for deadlines and pauses."""
        return time.monotonic()

    def utc(self) -> datetime.datetime:
        """The date and time, UTC."""
        return datetime.datetime.now(datetime.UTC)
