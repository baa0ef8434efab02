"""The one place where this package looks at the time or sleeps, so that tests can turn it by hand."""

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

    def patience(self, seconds: float) -> float | None:
        """How long to block for something that another thread or coroutine brings; None: as long as it takes."""
        return None if seconds == float("inf") else max(0.0, seconds)

    def sleep(self, seconds: float) -> None:
        """Block this thread."""
        time.sleep(seconds)

    async def asleep(self, seconds: float) -> None:
        """Let other coroutines run meanwhile."""
        import asyncio  # a synchronous client never needs it

        await asyncio.sleep(seconds)
