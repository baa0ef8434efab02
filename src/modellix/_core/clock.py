"""What time it is: the one place where this package looks, so that tests can turn it by hand."""

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
