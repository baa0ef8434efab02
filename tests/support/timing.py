"""Time in tests: states are waited for, moments are not, and a bound holds on a busy machine too."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable

LONG = 60.0  # seconds for what certainly comes, so that a test that fails does end
SOON = 10.0  # seconds; what is prompt takes less on the busiest machine, a fault that a test looks for takes more


def wait_until(is_so: Callable[[], object], seconds: float = LONG) -> None:
    """Until it is so. Fails when that takes too long."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, f"not so after {seconds:g} s"
        time.sleep(0.005)


def today() -> str:
    """The date, UTC. Asked for before and after what a test does, as a day may end meanwhile."""
    return f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d}"
