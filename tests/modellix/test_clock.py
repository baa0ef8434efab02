"""Both clocks: the one that rules read, and the one that drivers wait by."""

from __future__ import annotations

import asyncio
import datetime

import pytest

from modellix._core.clock import Clock
from modellix._io.clock import DriverClock


def test_readings_never_go_back() -> None:
    clock = Clock()
    readings = [clock.now() for _ in range(100)]
    assert readings == sorted(readings)


def test_the_date_knows_its_zone() -> None:
    assert Clock().utc().utcoffset() == datetime.timedelta(0)


@pytest.mark.parametrize(("seconds", "patience"), [(2.5, 2.5), (0.0, 0.0), (-1.0, 0.0), (float("inf"), None)])
def test_nobody_blocks_for_less_than_nothing_or_with_a_limit_that_is_none(seconds: float, patience: float) -> None:
    assert DriverClock().patience(seconds) == patience


def test_an_asynchronous_pause_lets_others_run() -> None:
    ran: list[str] = []

    async def pause() -> None:
        await DriverClock().asleep(0.001)
        ran.append("the one that paused")

    async def main() -> None:
        pausing = asyncio.ensure_future(pause())
        await asyncio.sleep(0)
        ran.append("another")
        await pausing

    asyncio.run(main())
    assert ran == ["another", "the one that paused"]


def test_a_pause_takes_as_long_as_it_says() -> None:
    clock = DriverClock()
    before = clock.now()
    clock.sleep(0.01)
    assert clock.now() - before >= 0.009  # the two clocks of some systems tick differently
