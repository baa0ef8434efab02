"""How many requests a second the stand-in takes."""

import math
from collections import deque
from threading import Lock

from modellix._core.clock import Clock
from modellix._fork import PerProcess
from modellix.testing.arguments import check_number
from modellix.testing.replies import Refused

_CALLERS = 50  # whose times are told apart: under `fast()` each has one of its own


class Rate:
    """At most so many requests within a second, as the time is for whoever asks. None: any number."""

    def __init__(self, per_second: int | None) -> None:
        if per_second is not None:
            check_number("rate", per_second, 1)
        self._per_second = per_second
        self._clock = Clock()
        self._lock = PerProcess(Lock)
        self._taken: deque[float] = deque(maxlen=_CALLERS * (per_second or 1))  # when

    def take(self) -> None:
        """Counts one request. Raises Refused (429) when it is too much."""
        if self._per_second is None:
            return
        with self._lock():
            now = self._clock.now()
            recent = sorted(moment for moment in self._taken if abs(now - moment) < 1)
            if len(recent) >= self._per_second:
                raise _refused(recent[-self._per_second] + 1 - now)
            self._taken.append(now)


def _refused(seconds: float) -> Refused:
    headers = {"Retry-After": str(max(1, math.ceil(seconds)))}
    return Refused(429, "too many requests within a second", headers=headers)
