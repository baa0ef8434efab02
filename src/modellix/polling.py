"""Waiting for a task to end: one rule generator without I/O (see exchange.py)."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, TypeVar

from attrs import define, field

from modellix.errors import (
    APIError,
    AuthenticationError,
    ConnectionLostError,
    ModellixError,
    PaymentRequiredError,
    ServerError,
    TaskFailed,
    UnexpectedReplyError,
    WaitTimeout,
    shorten,
)
from modellix.exchange import Pause, Rules
from modellix.policies import PollPolicy
from modellix.reading import Reader, View, read_task

_GROWTH = 0.1  # the interval between looks is a tenth of the task's age, within the policy's bounds
_LONGEST_LOOK = 30.0  # seconds, repeats included

T = TypeVar("T")


@define
class Waiting:
    """One task being waited for. `see` takes over what was read, `outcome` says what it ended with (None: it goes
    on).
    """

    task_id: str
    reader: Reader
    poll: PollPolicy
    timeout: float
    see: Callable[[View], object]
    outcome: Callable[[View], Any]
    missed: ModellixError | None = None
    started: float = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.started = self.reader.clock.now()

    def run(self) -> Rules[Any]:
        """The result. Raises TaskFailed, WaitTimeout, AuthenticationError or PaymentRequiredError."""
        while True:
            left = self.timeout - (self.reader.clock.now() - self.started)
            if left <= 0:
                raise self._expired() from self.missed
            ended = yield from self._look(min(left, _LONGEST_LOOK))
            if isinstance(ended, TaskFailed):
                raise ended
            if ended is not None:
                return ended
            yield Pause(self._interval())

    def _look(self, timeout: float) -> Rules[Any]:
        try:
            view = yield from read_task(self.task_id, self.reader, timeout)
        except (AuthenticationError, PaymentRequiredError):
            raise
        except (ConnectionLostError, ServerError) as error:
            self.missed = error
            return None
        except (APIError, UnexpectedReplyError) as error:
            if isinstance(error, APIError) and error.status in (408, 429):
                self.missed = error
                return None
            raise self._unreadable(error) from error
        self.see(view)
        return self.outcome(view)

    def _interval(self) -> float:
        """Seconds to the next look, never beyond the deadline."""
        age = self.reader.clock.now() - self.started
        interval = min(max(self.poll.first, age * _GROWTH), self.poll.longest) * random.uniform(0.8, 1.0)
        return max(0.0, min(interval, self.timeout - age))

    def _unreadable(self, error: ModellixError) -> TaskFailed:
        text = f"task {shorten(self.task_id)} cannot be read: {error}"
        return TaskFailed(text, task_id=self.task_id, status=None, error=None, raw={})

    def _expired(self) -> WaitTimeout:
        text = (
            f"task {shorten(self.task_id)} has not ended after {self.timeout:g} s; it goes on: wait again with its id"
        )
        return WaitTimeout(text, finished=[], pending=[self.task_id])
