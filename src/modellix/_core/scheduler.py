"""Many rules that share a few places: which of them goes on next. No I/O, and no sleep.

Rules (see effects.py) that wait for their time stand in a heap. At most so many of a lane have work under way at once.
When the service asks for a pause, a lane holds all of its rules back, and the others go on. The drivers carry out what
the scheduler hands out.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, TypeVar

from modellix._core.clock import Clock
from modellix._core.effects import Effect, Enter, Lane, Pause, Rules, Work
from modellix._records import define

K = TypeVar("K")
T = TypeVar("T")


@define(eq=False)
class _Running(Generic[K, T]):
    """Rules under way. `number` says who came first."""

    key: K
    number: int
    rules: Rules[T]
    queue: _Queue[K, T]


class _Queue(Generic[K, T]):
    """The rules in one lane: those that wait, and how many have work under way."""

    def __init__(self, slots: int, clock: Clock) -> None:
        self.in_flight = 0
        self._slots = slots
        self._clock = clock
        self._heap: list[tuple[float, int, _Running[K, T]]] = []
        self._held_until = 0.0

    def __len__(self) -> int:
        return len(self._heap) + self.in_flight

    def add(self, running: _Running[K, T], due: float) -> None:
        running.queue = self
        heapq.heappush(self._heap, (due, running.number, running))

    def hold(self, until: float) -> None:
        """Start nothing before."""
        self._held_until = max(self._held_until, until)

    @property
    def patience(self) -> float:
        """Seconds until there is something to start, infinite while no place is free or nothing waits."""
        if not self._heap or self.in_flight >= self._slots:
            return float("inf")
        return max(0.0, max(self._heap[0][0], self._held_until) - self._clock.now())

    def take(self) -> _Running[K, T] | None:
        """Rules that may go on now."""
        return heapq.heappop(self._heap)[2] if self.patience <= 0 else None


class Scheduler(Generic[K, T]):
    """Knows the time, but neither sleeps nor sends. `lanes` says how many of each may have work under way.

    Rules are taken from the iterable while fewer than `crowd` of them are in the first lane, where all begin. The
    driver takes what is due with `next_due`, carries it out, and reports back with `resume`; what has ended comes out
    of `ended`. Everything happens in the driver's own thread.
    """

    def __init__(
        self,
        rules: Iterable[tuple[K, Rules[T]]],
        lanes: Mapping[Lane, int],
        clock: Clock,
        crowd: float = float("inf"),
    ) -> None:
        self._coming = enumerate(rules)
        self._queues: dict[Lane, _Queue[K, T]] = {lane: _Queue(slots, clock) for lane, slots in lanes.items()}
        self._first = next(iter(self._queues.values()))
        self._crowd = crowd
        self._clock = clock
        self._running: dict[K, _Running[K, T]] = {}
        self._all_came = False
        self.ended: list[tuple[K, T]] = []

    @property
    def is_over(self) -> bool:
        """Have all rules ended and been taken from `ended`?"""
        return self._all_came and not self._running and not self.ended

    @property
    def in_flight(self) -> int:
        """How much work is under way, in all lanes."""
        return sum(queue.in_flight for queue in self._queues.values())

    @property
    def patience(self) -> float:
        """Seconds for which there is nothing to start, infinite when only work under way can change that."""
        return min(queue.patience for queue in self._queues.values())

    def next_due(self) -> tuple[K, Work] | None:
        """Something to carry out now; None when nothing is due, no place is free, or `ended` is to be looked at."""
        self._let_in()
        for queue in self._queues.values():
            while (running := queue.take()) is not None:
                work = self._advance(running, lambda rules: next(rules))
                if work is not None:
                    return running.key, work
        return None

    def _let_in(self) -> None:
        """Nobody new while somebody has ended: thousands that end at once would be kept for nothing."""
        while not self._all_came and not self.ended and len(self._first) < self._crowd:
            try:
                number, (key, rules) = next(self._coming)
            except StopIteration:
                self._all_came = True
                return
            self._running[key] = running = _Running(key, number, rules, self._first)
            self._first.add(running, 0.0)

    def resume(self, key: K, outcome: Any, error: BaseException | None) -> Work | None:
        """Go on with the rules whose work is done; what they want done at once, if anything."""
        running = self._running[key]
        running.queue.in_flight -= 1
        if error is not None:
            failure = error
            return self._advance(running, lambda rules: rules.throw(failure))
        return self._advance(running, lambda rules: rules.send(outcome))

    def _advance(self, running: _Running[K, T], step: Callable[[Rules[T]], Any]) -> Work | None:
        try:
            effect: Effect = step(running.rules)
        except StopIteration as end:
            del self._running[running.key]
            self.ended.append((running.key, end.value))
            return None
        if isinstance(effect, Enter):
            self._queues[effect.lane].add(running, self._clock.now())
            return None
        if not isinstance(effect, Pause):
            running.queue.in_flight += 1
            return effect
        due = self._clock.now() + effect.seconds
        if effect.for_all:
            running.queue.hold(due)
        running.queue.add(running, due)
        return None
