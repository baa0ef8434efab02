"""Answers and ends of tasks that a test has asked for in advance, handed out in order."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Literal

from modellix._fork import PerProcess
from modellix.testing.replies import Answer, Examples, json_answer, plain_envelope

Kind = Literal["submissions", "reads", "results"]
"""What a request is about: an operation that buys, any other operation, or the picture of a task."""


@dataclass(frozen=True)
class ScriptedAnswer:
    """An answer to give whatever the request holds."""

    status: int
    headers: Mapping[str, str]
    body: Any  # bytes, a value to send as JSON, or None for the document's example
    to: Kind | None  # None fits every request

    def answer(self, examples: Examples) -> Answer:
        """The answer itself. Without a body the first example is sent, or a plain envelope where there is none."""
        if isinstance(self.body, bytes):
            return Answer(self.status, {"Content-Type": "application/json", **self.headers}, self.body)
        shown = examples.get(self.status) or [plain_envelope(self.status, "scripted answer")]
        return json_answer(self.status, shown[0] if self.body is None else self.body, self.headers)


@dataclass(frozen=True)
class ScriptedTask:
    """What the reads of one task tell. Read number `reads` and all after it tell the last status, with `final_data`
    laid over its `data`; the reads before it tell the other statuses in order, each for an equal share of them.
    """

    statuses: Sequence[str]
    reads: int
    final_data: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def status_at(self, read: int) -> str:
        """What read number `read` tells, counted from 1. Worked out, not kept: `reads` may be a million."""
        if read >= self.reads:
            return self.statuses[-1]
        return self.statuses[(read - 1) * (len(self.statuses) - 1) // (self.reads - 1)]


class Scripts:
    """What has been asked for and not been handed out yet. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = PerProcess(Lock)
        self._answers: list[ScriptedAnswer] = []
        self._tasks: deque[ScriptedTask] = deque()

    def add_answers(self, answer: ScriptedAnswer, count: int) -> None:
        with self._lock():
            self._answers.extend([answer] * count)

    def add_task(self, task: ScriptedTask) -> None:
        with self._lock():
            self._tasks.append(task)

    def take_answer(self, kind: Kind) -> ScriptedAnswer | None:
        """The oldest answer that fits a request of this kind, which is then used up."""
        with self._lock():
            fitting = (number for number, answer in enumerate(self._answers) if answer.to in (None, kind))
            number = next(fitting, None)
            return None if number is None else self._answers.pop(number)

    def take_task(self) -> ScriptedTask | None:
        with self._lock():
            return self._tasks.popleft() if self._tasks else None
