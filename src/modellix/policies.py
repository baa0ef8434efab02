"""How often something is tried again, how long the pauses are, and how a server's own wishes are read."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from modellix._values import require_count, require_seconds
from modellix.errors import ConfigurationError

if TYPE_CHECKING:
    from httpx_retries import Retry

#: Called before each pause with the operation, the number of the attempt that failed, the reason and the pause in
#: seconds.
OnRetry = Callable[[str, int, str, float], object]

_EPOCH_FROM = (
    1_000_000_000  # an X-RateLimit-Reset at least this large is a date in epoch seconds, a smaller one a pause
)


@dataclass(frozen=True)  # not of attrs, which is imported when a client is made: these are defaults of its arguments
class RetryPolicy:
    """What may be sent again. Pauses double from `first_pause`, with jitter, and never exceed `longest_pause`
    (seconds).

    `reads`: repeats of a read. `connects`: repeats of a submission for which no connection was made.
    `rate_limited`: repeats of a submission refused with 429. A pause that the server asks for replaces ours; one
    above `longest_pause` ends the call.

    `on_retry(operation, attempt, reason, pause)` is called before each pause; what it raises ends the call. It is the
    older way to hear of an Event of kind `retried` (`Modellix(on_event=…)`), and goes in 1.0.
    """

    reads: int = 3
    connects: int = 2
    rate_limited: int = 0
    first_pause: float = 1.0
    longest_pause: float = 60.0
    on_retry: OnRetry | None = None

    def __post_init__(self) -> None:
        for name in ("reads", "connects", "rate_limited"):
            require_count(name, getattr(self, name))
        for name in ("first_pause", "longest_pause"):
            require_seconds(name, getattr(self, name))

    def pause(self, attempt: int, asked: float | None = None) -> float | None:
        """Seconds to wait after failed attempt number `attempt` (from 1); None when the server asks for too long a
        pause.
        """
        if asked is not None:
            return asked if asked <= self.longest_pause else None
        return self._engine(attempt).backoff_strategy()

    def _engine(self, attempt: int) -> Retry:
        """httpx-retries as it stands after that many attempts. Its factor is doubled once before the first pause."""
        from httpx_retries import Retry  # not needed by a client that never pauses

        return Retry(
            backoff_factor=self.first_pause / 2,
            max_backoff_wait=max(self.longest_pause, 1e-9),
            backoff_jitter=0.25,
            attempts_made=min(attempt, 60),
        )


@dataclass(frozen=True)
class PollPolicy:
    """Seconds between two polls of one task: `first` at the start, growing with the task's age to `longest`."""

    first: float = 1.0
    longest: float = 10.0

    def __post_init__(self) -> None:
        require_seconds("first", self.first)
        require_seconds("longest", self.longest)
        if self.first > self.longest:
            raise ConfigurationError(f"first ({self.first} s) must not exceed longest ({self.longest} s)")
        if self.longest == 0:
            raise ConfigurationError("longest must be more than 0 seconds, or waiting would never pause")


def asked_pause(headers: Mapping[str, str], utc: datetime.datetime) -> float | None:
    """The pause that a reply asks for in seconds: Retry-After (seconds, fractions, HTTP date), else X-RateLimit-Reset
    (epoch seconds, or seconds from now). None when neither is there or readable."""
    pause = _retry_after(headers.get("retry-after"), utc)
    return pause if pause is not None else _rate_limit_reset(headers.get("x-ratelimit-reset"), utc)


def _number(text: str | None) -> float | None:
    try:
        value = float(text) if text is not None else math.nan
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _retry_after(text: str | None, utc: datetime.datetime) -> float | None:
    seconds = _number(text)
    if text is None or seconds is not None:
        return None if seconds is None else max(0.0, seconds)
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=datetime.UTC)
    return max(0.0, (date - utc).total_seconds())


def _rate_limit_reset(text: str | None, utc: datetime.datetime) -> float | None:
    value = _number(text)
    if value is not None and value >= _EPOCH_FROM:
        value -= utc.timestamp()
    return None if value is None else max(0.0, value)
