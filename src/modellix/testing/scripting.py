"""The methods of the stand-in by which a test asks for something else than the usual."""

from __future__ import annotations

from collections.abc import Mapping
from threading import TIMEOUT_MAX
from typing import Any, get_args

from modellix.testing.faults import Cut, CutAfter, Delay, Hang
from modellix.testing.scripts import Kind, ScriptedAnswer, ScriptedTask, Scripts, When
from modellix.testing.tasks import usual_course


class Scripting:
    """Half of StandIn, whose docstring says what `to` and `when` choose."""

    def __init__(self, reads: int) -> None:
        self._reads = reads
        self._scripts = Scripts()

    def answer_next(
        self,
        status: int,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
        *,
        count: int = 1,
        to: Kind | None = None,
        when: When | None = None,
    ) -> None:
        """Answers the next `count` requests like this, whatever they hold; only those that `to` and `when` choose.

        `body` is bytes sent as they are, or a value sent as JSON; without one the document's first example for the
        status is sent. A submission answered like this makes no task and is recorded as not accepted.
        """
        self._scripts.add(ScriptedAnswer(status, dict(headers or {}), body), count, to, when)

    def hang_next(self, *, count: int = 1, to: Kind | None = None, when: When | None = None) -> None:
        """Lets the next `count` requests wait for an answer that never comes, until the client's time is over.

        The request itself does what it always does: a submission buys, and is recorded as accepted. Under `fast()` that
        time passes at once; a server, which knows of no client's time, then ends the connection.
        """
        self._scripts.add(Hang(), count, to, when)

    def cut_next(
        self, after: CutAfter = "request", *, count: int = 1, to: Kind | None = None, when: When | None = None
    ) -> None:
        """Ends the connections of the next `count` requests before their answers are whole.

        `after="request"`: nothing of the answer comes. `"status"`: its status and header come. `"body"`: all of it
        comes but the last byte, so that a client may have seen the id of the task. The request itself does what it
        always does: a submission buys, and is recorded as accepted.
        """
        if after not in get_args(CutAfter):
            raise ValueError(f"after must be one of {', '.join(get_args(CutAfter))}, not {after!r}")
        self._scripts.add(Cut(after), count, to, when)

    def delay_next(self, seconds: float, *, count: int = 1, to: Kind | None = None, when: When | None = None) -> None:
        """Sends the answers to the next `count` requests so many seconds later.

        The request itself does at once what it always does. A client whose time is over before gets no answer. The
        seconds are real also under `fast()`, so that something else can happen meanwhile.
        """
        if not 0 <= seconds <= TIMEOUT_MAX:
            raise ValueError(f"seconds must be a number from 0 to {TIMEOUT_MAX:.0f}, not {seconds}")
        self._scripts.add(Delay(seconds), count, to, when)

    def script_next(self, *statuses: str, when: When | None = None, **final_data: Any) -> None:
        """Makes the task of the next accepted submission tell these statuses, one a read; the last one stays.

        `final_data` is laid over `data` in replies that tell the last one, for instance `error={"message": "..."}`.
        """
        if not statuses:
            raise ValueError("script_next needs at least one status")
        self._scripts.add_task(ScriptedTask(statuses, len(statuses), final_data), when)

    def fail_next(self, status: str = "failed", *, when: When | None = None, **final_data: Any) -> None:
        """Makes the task of the next accepted submission end with `status`, after as many reads as any other."""
        self._scripts.add_task(usual_course(self._reads, status, final_data), when)
