"""Batches in exact time, without threads, coroutines or sockets: how each submission ends is scripted."""

from __future__ import annotations

import functools
import heapq
import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import httpx

from modellix import BudgetExceeded, Modellix, Outcome, Task, TaskResult
from modellix._core.attempt import Accepted
from modellix._core.effects import Blocking, SendRequest, Submit, Work
from modellix._core.replies import Reply
from modellix._core.rows import Rows
from modellix._core.scheduler import Scheduler
from modellix._core.submission import SubmissionAttempts
from tests.support.batches import requests
from tests.support.memory_journal import MemoryJournal, Store
from tests.support.virtual_time import VirtualClock, living_by

SLOTS = 4
Ends = Callable[[str, int], Any]
"""What the attempt (from 1) at a submission under a reference ends with: None for accepted, else an error."""


class SimulatedBatch:
    """Submissions and reads take `latency` seconds. A task succeeds at its read number `reads`.

    `submitted` and `read` have the moments (seconds since the beginning) and the references.
    """

    def __init__(self, ends: Ends = lambda reference, attempt: None, latency: float = 0.1, reads: int = 1) -> None:
        self.clock = VirtualClock()
        self.submitted: list[tuple[float, str]] = []
        self.read: list[tuple[float, str]] = []
        self._ends = ends
        self._latency = latency
        self._reads = reads
        self._attempts: Counter[str] = Counter()
        self._seen: Counter[str] = Counter()

    def run(
        self, count: int, timeout: float = 300.0, look_seconds: float = 0.0
    ) -> Iterator[tuple[float, Outcome[Any, Any]]]:
        """The outcomes of so many rows, each with its moment. Whoever looks at one takes that long."""
        rows = self._rows(count, timeout)
        scheduler: Scheduler[int, Any] = Scheduler(rows.rules(), rows.lanes(SLOTS), self.clock, SLOTS)
        under_way: list[tuple[float, int, int, Work]] = []
        numbers = itertools.count()
        while not scheduler.is_over:
            while (due := scheduler.next_due()) is not None:
                heapq.heappush(under_way, (self._end_of(due[1]), next(numbers), *due))
            while scheduler.ended:
                with rows.idling():
                    yield self.clock.elapsed, scheduler.ended.pop(0)[1]
                    self.clock.sleep(look_seconds)
            moments = [self.clock.now() + scheduler.patience, *(row[0] for row in under_way[:1])]
            if min(moments) < float("inf"):
                self.clock.turn_to(min(moments))
            while under_way and under_way[0][0] <= self.clock.now():
                _, _, key, work = heapq.heappop(under_way)
                outcome = self._outcome(work)
                error = outcome if isinstance(outcome, BudgetExceeded) else None
                more = scheduler.resume(key, outcome, error)
                if more is not None:
                    heapq.heappush(under_way, (self._end_of(more), next(numbers), key, more))

    def times_of(self, reference: str) -> list[float]:
        """When it was submitted."""
        return [at for at, name in self.submitted if name == reference]

    def _rows(self, count: int, timeout: float) -> Rows[Any, Any]:
        with living_by(self.clock):
            client = Modellix("test-key", base_url="https://api.example", journal=MemoryJournal(Store()))
        task_of, result_of = functools.partial(Task, client=client), client._results(TaskResult)
        return client._parts.rows(requests(count), None, timeout, task_of, result_of)

    def _end_of(self, work: Work) -> float:
        """When it will be done."""
        if isinstance(work, Submit):
            self.submitted.append((self.clock.elapsed, _reference(work)))
        elif isinstance(work, SendRequest):
            self.read.append((self.clock.elapsed, _task_id(work)))
        return self.clock.now() + (0.0 if isinstance(work, Blocking) else self._latency)

    def _outcome(self, work: Work) -> Any:
        if isinstance(work, Blocking):
            return work.call()
        if isinstance(work, Submit):
            reference = _reference(work)
            self._attempts[reference] += 1
            error = self._ends(reference, self._attempts[reference])
            return Accepted(f"task-{reference}", "pending", None) if error is None else error
        assert isinstance(work, SendRequest)
        task_id = _task_id(work)
        self._seen[task_id] += 1
        status = "success" if self._seen[task_id] >= self._reads else "pending"
        data = {"code": 0, "data": {"status": status, "task_id": task_id}}
        return Reply(200, httpx.Headers(), json.dumps(data).encode())


def _reference(work: Submit) -> str:
    assert isinstance(work.submission, SubmissionAttempts)
    assert work.submission.reference is not None
    return work.submission.reference


def _task_id(work: SendRequest) -> str:
    return work.url.path.rpartition("/")[2]
