"""Waiting for time to pass: the one place where this package sleeps."""

from __future__ import annotations

import time

from modellix._core.clock import Clock


class DriverClock(Clock):
    """A clock that drivers can wait by."""

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
