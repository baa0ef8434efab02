"""Time that moves only when somebody would wait for it, so that hours of waiting take milliseconds."""

from __future__ import annotations

import asyncio
import datetime
import selectors
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from modellix._io.clock import DriverClock

_BEGINNING = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
_FIRST_READING = 1000.0  # seconds; not 0, so that a reading is never taken for a duration


class VirtualClock(DriverClock):
    """Turned by whoever sleeps. In coroutines it goes with a VirtualLoop, where latencies run side by side."""

    def __init__(self) -> None:
        self._now = _FIRST_READING
        self._lock = threading.Lock()

    @property
    def elapsed(self) -> float:
        """Seconds since the clock was made."""
        return self._now - _FIRST_READING

    def now(self) -> float:
        return self._now

    def utc(self) -> datetime.datetime:
        return _BEGINNING + datetime.timedelta(seconds=self.elapsed)

    def turn_to(self, reading: float) -> None:
        """Never back."""
        with self._lock:
            self._now = max(self._now, reading)

    def sleep(self, seconds: float, *, is_real: bool = False) -> None:
        self.turn_to(self._now + seconds)

    async def asleep(self, seconds: float, *, is_real: bool = False) -> None:
        loop = asyncio.get_running_loop()
        waker: asyncio.Future[None] = loop.create_future()
        timer = loop.call_later(seconds, waker.set_result, None)
        try:
            await waker
        finally:
            timer.cancel()


class ThreadClock(VirtualClock):
    """For threads: what is under way turns the clock before it comes back, so waiting for it is never timed.

    `is_waited_for` once somebody has begun all that could be begun, and waits.
    """

    def __init__(self) -> None:
        super().__init__()
        self.is_waited_for = False

    def patience(self, seconds: float) -> float | None:
        self.is_waited_for = True
        return None


class _SkippingSelector(selectors.SelectSelector):
    """Where a loop would wait for its next timer, the clock is turned instead."""

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__()
        self._clock = clock

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(None if timeout is None else 0)
        if not ready and timeout:
            self._clock.sleep(timeout)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose timers, time-outs and sleeps follow a virtual clock. Not for work in other threads."""

    def __init__(self, clock: VirtualClock) -> None:
        self._virtual_clock = clock
        super().__init__(_SkippingSelector(clock))

    def time(self) -> float:
        return self._virtual_clock.now()


@contextmanager
def living_by(clock: DriverClock) -> Iterator[None]:
    """Clients that are made within the block have this clock, which is their only source of time."""
    with patch("modellix._io.clock.DriverClock", return_value=clock):
        yield
