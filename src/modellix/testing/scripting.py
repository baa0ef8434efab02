"""The methods of the stand-in by which a test asks for something else than the usual."""

from __future__ import annotations

from collections.abc import Mapping
from threading import TIMEOUT_MAX
from typing import Any, get_args

from modellix.testing.arguments import check_choice, check_headers, check_json, check_number, check_seconds, check_texts
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
        check_number("status", status, 200, 599)
        check_headers("headers", headers or {})
        if not isinstance(body, bytes):
            check_json("body", body)
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
        check_choice("after", after, get_args(CutAfter))
        self._scripts.add(Cut(after), count, to, when)

    def delay_next(self, seconds: float, *, count: int = 1, to: Kind | None = None, when: When | None = None) -> None:
        """Sends the answers to the next `count` requests so many seconds later.

        The request itself does at once what it always does. A client whose time is over before gets no answer. The
        seconds are real also under `fast()`, so that something else can happen meanwhile.
        """
        check_seconds("seconds", seconds, TIMEOUT_MAX)
        self._scripts.add(Delay(seconds), count, to, when)

    def script_next(self, *statuses: str, count: int = 1, when: When | None = None, **final_data: Any) -> None:
        """Makes the tasks of the next `count` accepted submissions tell these statuses, one a read; the last one stays.

        `final_data` is laid over `data` in replies that tell the last one, for instance `error={"message": "..."}`.
        """
        if not statuses:
            raise ValueError("script_next needs at least one status")
        check_texts("statuses", *statuses)
        _check_final(final_data)
        self._scripts.add_task(ScriptedTask(statuses, len(statuses), final_data), count, when)

    def fail_next(self, status: str = "failed", *, count: int = 1, when: When | None = None, **final_data: Any) -> None:
        """Makes the tasks of the next `count` accepted submissions end with `status`, after as many reads as any other.

        `final_data` as for `script_next`.
        """
        check_texts("status", status)
        _check_final(final_data)
        self._scripts.add_task(usual_course(self._reads, status, final_data), count, when)


def _check_final(data: Mapping[str, Any]) -> None:
    if "to" in data:
        raise TypeError("to: not an argument of a script for a task, which is always for a submission")
    for name, value in data.items():
        check_json(name, value)
