"""Waiting for a task to end, without I/O: a generator (see effects.py) that polls it, pauses, and polls again.

A `Scheduler` (scheduler.py) lets many of them share a few reads.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from modellix._core.effects import LEAST_TIME, Pause, Rules
from modellix._core.read_task import Ending, Known, Reader, TaskSnapshot, ending_of, read_task
from modellix._core.recorder import tell_lost
from modellix._core.task_status import KEPT
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


def look(task: Known, reader: Reader, timeout: float) -> Rules[TaskSnapshot | TaskFailed]:
    """The task as it stands, for at most `timeout` seconds; a TaskFailed when it cannot be read. Raises what is not the
    task's own fault: APIError, ConnectionLostError.
    """
    try:
        return (yield from read_known(task, reader, timeout))
    except (APIError, ConnectionLostError, UnexpectedReplyError) as error:
        if judge_failed_read(error) is not FailedRead.TASK:
            raise
        reader.tell_end(task, None, "unreadable")
        return _unreadable(task.task_id, error)


def read_known(task: Known, reader: Reader, timeout: float) -> Rules[TaskSnapshot]:
    """As `read_task`. The journal that knows when it was sent learns that it is gone, after the time for which results
    are kept: there is nothing left to wait for.
    """
    try:
        return (yield from read_task(task, reader, timeout))
    except APIError as error:
        if error.status == 404 and task.sent_at is not None and reader.clock.utc() > task.sent_at + KEPT:
            yield from tell_lost(reader.recorders, task.task_id)
        raise


def _unreadable(task_id: str, error: ModellixError) -> TaskFailed:
    text = (
        f"task {shorten(task_id)} cannot be read and may still succeed: read it again before you buy it again ({error})"
    )
    failed = TaskFailed(text, task_id=task_id, status=None, error=None, raw={})
    failed.__cause__ = error
    return failed


class TaskPoller:
    """One task being waited for until `deadline`, a moment that may be put off.

    `see` takes over what was read. `missed` is the last failure that did not end the wait.
    """

    __slots__ = ("_deadline", "_policy", "_reader", "_see", "_started", "missed", "missed_at", "task")

    def __init__(
        self,
        task: Known,
        reader: Reader,
        poll: PollPolicy,
        deadline: Callable[[], float],
        see: Callable[[TaskSnapshot], object],
    ) -> None:
        self.task = task
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
        left = self._deadline() - self._reader.clock.now()
        return left if left >= LEAST_POLL else 0.0

    def _poll(self) -> Rules[Ending | None]:
        try:
            seen = yield from look(self.task, self._reader, min(self._left(), LONGEST_POLL))
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
