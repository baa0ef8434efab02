"""Answers, faults and ends of tasks that a test has asked for in advance, handed out in order."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import RLock
from typing import Any, Generic, Literal, TypeVar, get_args

from modellix._fork import PerProcess
from modellix.testing.arguments import check_choice, check_number, check_when
from modellix.testing.faults import Fault
from modellix.testing.replies import Answer, Examples, json_answer, plain_envelope

Kind = Literal["submissions", "reads", "results"]
"""What a request is about: an operation that buys, any other operation, or the picture of a task."""

When = Callable[[Any], object]
"""Whether a script is meant, given the body of a submission: a JSON object."""

T = TypeVar("T")


@dataclass(frozen=True)
class ScriptedAnswer:
    """An answer to give whatever the request holds."""

    status: int
    headers: Mapping[str, str]
    body: Any  # bytes, a value to send as JSON, or None for the document's example

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


@dataclass
class _Script(Generic[T]):
    """Something to hand out, to whom, and how often."""

    what: T
    to: Kind | None  # None fits every request
    when: When | None
    left: int = 1  # a count, since a test that means "always" may say a billion

    def fits(self, kind: Kind, body: Any) -> bool:
        return self.to in (None, kind) and fits(self.when, body)


def fits(when: When | None, body: Any) -> bool:
    """Whether a submission with this body is meant. Only a JSON object can be told from others."""
    return when is None or (isinstance(body, dict) and bool(when(body)))


class Scripts:
    """What has been asked for and not been handed out yet. Safe to use from several threads.

    The body asked with is that of the submission that a request is about, its own or the task's; None if there is none.
    """

    def __init__(self) -> None:
        self._lock = PerProcess(RLock)  # `when` may ask for more
        self._requests: list[_Script[ScriptedAnswer | Fault]] = []
        self._tasks: list[_Script[ScriptedTask]] = []

    def add(self, what: ScriptedAnswer | Fault, count: int, to: Kind | None, when: When | None) -> None:
        if to is not None:
            check_choice("to", to, get_args(Kind))
        check_number("count", count, 1)
        check_when(when)
        with self._lock():
            self._requests.append(_Script(what, to, when, count))

    def add_task(self, task: ScriptedTask, count: int, when: When | None) -> None:
        check_number("count", count, 1)
        check_when(when)
        with self._lock():
            self._tasks.append(_Script(task, "submissions", when, count))

    def clear(self) -> None:
        with self._lock():
            self._requests.clear()
            self._tasks.clear()

    def take(self, kind: Kind, body: Any) -> ScriptedAnswer | Fault | None:
        """The oldest one that fits a request of this kind, which is then used up."""
        return self._take(self._requests, kind, body)

    def take_task(self, body: Any) -> ScriptedTask | None:
        return self._take(self._tasks, "submissions", body)

    def _take(self, scripts: list[_Script[T]], kind: Kind, body: Any) -> T | None:
        with self._lock():
            for number, script in enumerate(scripts):
                if script.fits(kind, body):
                    script.left -= 1
                    return script.what if script.left else scripts.pop(number).what
            return None
