"""Waiting for tasks to end, one or ten thousand: rules without I/O, and the scheduler that lets many of them share a
few reads.

Each task that is waited for is a generator (see effects.py) that polls it, pauses, and polls again. A `Scheduler`
keeps them in a heap by the time they are due, lets at most `slots` poll at once, and holds all of them back when
the service asks for a pause. The drivers carry out what it hands out.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

from modellix._core.clock import Clock
from modellix._core.effects import LEAST_TIME, Effect, Pause, Rules, Work
from modellix._core.read_task import Ending, Reader, TaskSnapshot, ending_of, read_task
from modellix.errors import (
    APIError,
    ConnectionLostError,
    FailedRead,
    ModellixError,
    TaskFailed,
    UnexpectedReplyError,
    judge_failed_read,
    shorten,
)
from modellix.policies import PollPolicy

GROWTH = 0.5  # seconds that the interval between polls gains with each second of waiting, up to PollPolicy.longest
LONGEST_POLL = 30.0  # seconds for one poll, its repeats included
LEAST_POLL = 4 * LEAST_TIME  # seconds that must be left, so that a try, a third of a poll, may still be sent

K = TypeVar("K")
T = TypeVar("T")


def look(task_id: str, reader: Reader, timeout: float) -> Rules[TaskSnapshot | TaskFailed]:
    """The task as it stands, for at most `timeout` seconds; a TaskFailed when it cannot be read. Raises what is not the
    task's own fault: APIError, ConnectionLostError.
    """
    try:
        return (yield from read_task(task_id, reader, timeout))
    except (APIError, ConnectionLostError, UnexpectedReplyError) as error:
        if judge_failed_read(error) is not FailedRead.TASK:
            raise
        return _unreadable(task_id, error)


def _unreadable(task_id: str, error: ModellixError) -> TaskFailed:
    text = f"task {shorten(task_id)} cannot be read: {error}"
    failed = TaskFailed(text, task_id=task_id, status=None, error=None, raw={})
    failed.__cause__ = error
    return failed


class TaskPoller:
    """One task being waited for until `deadline`.

    `see` takes over what was read. `missed` is the last failure that did not end the wait.
    """

    __slots__ = ("_deadline", "_policy", "_reader", "_see", "_started", "missed", "missed_at", "task_id")

    def __init__(
        self,
        task_id: str,
        reader: Reader,
        poll: PollPolicy,
        deadline: float,
        see: Callable[[TaskSnapshot], object],
    ) -> None:
        self.task_id = task_id
        self.missed: ModellixError | None = None
        self.missed_at = 0.0
        self._reader = reader
        self._policy = poll
        self._started = reader.clock.now()
        self._deadline = deadline
        self._see = see

    def run(self, *, poll_at_once: bool) -> Rules[Ending | None]:
        """What the task ended with, None at the deadline. Raises AuthenticationError or PaymentRequiredError."""
        if not poll_at_once:
            yield Pause(self._interval())
        while self._left() > 0:
            ending = yield from self._poll()
            if ending is not None:
                return ending
            yield Pause(self._interval())
        return None

    def _left(self) -> float:
        """Seconds to the deadline, 0 when no poll fits in; a pause up to it may end a rounding error before it."""
        left = self._deadline - self._reader.clock.now()
        return left if left >= LEAST_POLL else 0.0

    def _poll(self) -> Rules[Ending | None]:
        try:
            seen = yield from look(self.task_id, self._reader, min(self._left(), LONGEST_POLL))
        except (APIError, ConnectionLostError) as error:
            if judge_failed_read(error) is FailedRead.CLIENT:
                raise
            self._miss(error)
            asked = error.retry_after if isinstance(error, APIError) else None
            if asked is not None:
                yield Pause(min(asked, max(0.0, self._left())), for_all=True)
            return None
        if isinstance(seen, TaskFailed):
            return seen
        self._see(seen)
        return ending_of(seen)

    def _miss(self, error: ModellixError) -> None:
        if self._left() > 0:  # at the deadline every poll fails, which explains nothing
            self.missed, self.missed_at = error, self._reader.clock.now()

    def _interval(self) -> float:
        """Seconds to the next poll, longer the longer the wait, never beyond the deadline."""
        age = self._reader.clock.now() - self._started
        interval = min(self._policy.first + age * GROWTH, self._policy.longest) * random.uniform(0.8, 1.0)
        return max(0.0, min(interval, self._left()))


class Scheduler(Generic[K, T]):
    """Which of many rules goes on next. Knows the time, but neither sleeps nor sends.

    The driver takes what is due with `next_due`, carries it out, and reports back with `resume`; what has ended
    comes out of `ended`. Everything happens in the driver's own thread.
    """

    def __init__(self, rules: Mapping[K, Rules[T]], slots: int, clock: Clock) -> None:
        self._rules = dict(rules)
        self._order = {key: number for number, key in enumerate(rules)}
        self._heap: list[tuple[float, int, K]] = [(0.0, number, key) for key, number in self._order.items()]
        self._slots = slots
        self._clock = clock
        self._held_until = 0.0
        self.in_flight = 0
        self.ended: list[tuple[K, T]] = []

    @property
    def is_over(self) -> bool:
        """Have all rules ended and been taken from `ended`?"""
        return not self._rules and not self.ended

    def next_due(self) -> tuple[K, Work] | None:
        """Something to carry out now; None when nothing is due, or no slot is free."""
        while self._heap and self.in_flight < self._slots and self._seconds_to_next() <= 0:
            _, _, key = heapq.heappop(self._heap)
            work = self._advance(key, lambda rules: next(rules))
            if work is not None:
                return key, work
        return None

    @property
    def patience(self) -> float:
        """Seconds for which there is nothing to start: until the next rules are due, infinite while no slot is free."""
        return max(0.0, self._seconds_to_next()) if self.in_flight < self._slots else float("inf")

    def _seconds_to_next(self) -> float:
        """Until the next rules are due: 0 or less when it is already, infinite when there is none."""
        if not self._heap:
            return float("inf")
        return max(self._heap[0][0], self._held_until) - self._clock.now()

    def resume(self, key: K, outcome: Any, error: BaseException | None) -> Work | None:
        """Go on with the rules whose work is done; what they want done at once, if anything."""
        self.in_flight -= 1
        if error is not None:
            failure = error
            return self._advance(key, lambda rules: rules.throw(failure))
        return self._advance(key, lambda rules: rules.send(outcome))

    def _advance(self, key: K, step: Callable[[Rules[T]], Any]) -> Work | None:
        try:
            effect: Effect = step(self._rules[key])
        except StopIteration as end:
            del self._rules[key]
            self.ended.append((key, end.value))
            return None
        if not isinstance(effect, Pause):
            self.in_flight += 1
            return effect
        due = self._clock.now() + effect.seconds
        if effect.for_all:
            self._held_until = max(self._held_until, due)
        heapq.heappush(self._heap, (due, self._order[key], key))
        return None
