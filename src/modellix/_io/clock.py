"""Waiting for time to pass: the one place where this package sleeps, or skips what it would have slept."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager

from modellix._core.clock import Clock

_in_haste: list[object] = []  # one for each block under way in this process; a list needs no lock


@contextmanager
def haste() -> Generator[None, None, None]:
    """Within the block no clock of this process sleeps: it skips the time."""
    block = object()
    _in_haste.append(block)
    try:
        yield
    finally:
        _in_haste.remove(block)


def in_haste() -> bool:
    """Is anybody in such a block now?"""
    return bool(_in_haste)


class DriverClock(Clock):
    """A clock that drivers can wait by."""

    def patience(self, seconds: float) -> float | None:
        """How long to block for something that another thread or coroutine brings; None: as long as it takes."""
        return None if seconds == float("inf") else max(0.0, seconds)

    def sleep(self, seconds: float, *, is_real: bool = False) -> None:
        """Block this thread. `is_real`: for something that goes on meanwhile, so that haste does not help."""
        left = self._to_sleep(seconds, is_real)
        if left > 0:
            time.sleep(left)

    async def asleep(self, seconds: float, *, is_real: bool = False) -> None:
        """Let other coroutines run meanwhile."""
        import asyncio  # a synchronous client never needs it

        await asyncio.sleep(self._to_sleep(seconds, is_real))

    def _to_sleep(self, seconds: float, is_real: bool) -> float:
        if is_real or not in_haste():
            return seconds
        self.skip(seconds)
        return 0.0
