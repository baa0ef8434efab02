"""A third driver, without threads, coroutines or sockets: the rules of waiting in exact time, fast enough for many."""

from __future__ import annotations

import heapq
import itertools
import json
from collections import Counter
from collections.abc import Iterable

import httpx

from modellix import Modellix, Task, TaskResult
from modellix._core.effects import Lane, Pause, SendRequest
from modellix._core.replies import Reply
from modellix._core.scheduler import Scheduler
from modellix._core.waits import Wait
from tests.support.virtual_time import VirtualClock, living_by


class SimulatedService:
    """Every task is `pending` until it has been read as often as `ends_at` says (for ever, by default).

    `reads` per task; `peak` the most that were under way at once; `latency` in seconds, of every read.
    """

    def __init__(self, latency: float, ends_at: int | None = None) -> None:
        self.clock = VirtualClock()
        self.reads: Counter[str] = Counter()
        self.peak = 0
        self._latency = latency
        self._ends_at = ends_at

    def prepare(self, task_ids: Iterable[str], timeout: float) -> Wait[Task, TaskResult]:
        """A wait with the default policies, not begun yet."""
        with living_by(self.clock):
            client = Modellix("test-key", base_url="https://api.example")
        return client._wait(task_ids, timeout, None)

    def carry_out(self, wait: Wait[Task, TaskResult], slots: int = 8) -> None:
        """To the end of every task, or to the deadline."""
        scheduler = Scheduler(wait.rules.items(), {Lane.READ: slots}, self.clock)
        under_way: list[tuple[float, int, str]] = []
        number = itertools.count()
        while not scheduler.is_over:
            while (work := scheduler.next_due()) is not None:
                key, effect = work
                assert isinstance(effect, SendRequest)
                heapq.heappush(under_way, (self.clock.now() + self._latency, next(number), key))
            self.peak = max(self.peak, len(under_way))
            while scheduler.ended:
                wait.take(*scheduler.ended.pop())
            self._turn(scheduler.patience, under_way)
            while under_way and under_way[0][0] <= self.clock.now():
                _, _, key = heapq.heappop(under_way)
                assert not isinstance(scheduler.resume(key, self._answer(key), None), Pause)

    def _turn(self, patience: float, under_way: list[tuple[float, int, str]]) -> None:
        """To the next moment at which something can happen."""
        moments = [self.clock.now() + patience, *(row[0] for row in under_way[:1])]
        if min(moments) < float("inf"):
            self.clock.turn_to(min(moments))

    def _answer(self, task_id: str) -> Reply:
        self.reads[task_id] += 1
        has_ended = self._ends_at is not None and self.reads[task_id] >= self._ends_at
        data = {"status": "success" if has_ended else "pending", "task_id": task_id}
        return Reply(200, httpx.Headers(), json.dumps({"code": 0, "data": data}).encode())
