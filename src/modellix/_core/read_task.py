"""Reading a task: free, so it may repeat. One rule generator without I/O (see effects.py)."""

from __future__ import annotations

import datetime
import functools
import logging
from typing import Any, NamedTuple, cast

from modellix._core.clock import Clock
from modellix._core.effects import AttemptTrace, Pause, Rules, SendRequest
from modellix._core.log_fields import fields
from modellix._core.observer import Observer
from modellix._core.recorder import Recorder, tell_all
from modellix._core.redaction import cause_for, redact_text
from modellix._core.replies import Collector, Reply, api_error, code_of, is_success_code, member, quote_id
from modellix._core.task_status import Meaning, is_end, meaning_of
from modellix._http import httpx
from modellix._records import define, field, frozen
from modellix._values import require_task_id
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
from modellix.events import Kind
from modellix.policies import RetryPolicy, asked_pause
from modellix_client.operations import GET_TASK

log = logging.getLogger("modellix")


@frozen
class Reader:
    """What all reads of a client have in common."""

    api_root: str
    secret: str = field(repr=False)
    retry: RetryPolicy
    clock: Clock
    recorders: list[Recorder]  # told when a task has ended
    observer: Observer = field(factory=Observer)
    # By task id, the unlisted statuses that were warned about, until the task is seen to end.
    warned: dict[str, set[str]] = field(factory=dict[str, set[str]], repr=False)

    def tell_end(self, task: Known, status: str | None, outcome: str) -> None:
        """Unless the end was seen before."""
        if task.is_over:
            return
        began = task.sent_at
        passed = self.clock.now() - task.since if began is None else (self.clock.utc() - began).total_seconds()
        self.observer.tell(
            "ended",
            operation=task.operation,
            task_id=task.task_id,
            reference=task.reference,
            status=status,
            outcome=outcome,
            seconds=max(0.0, passed),
        )


class Known(NamedTuple):
    """What is known of a task that is about to be read. `since` is when somebody began to look at it, in monotonic
    seconds; `operation` bought it; `is_over`: its end was seen before.
    """

    task_id: str
    since: float
    reference: str | None = None
    sent_at: datetime.datetime | None = None  # UTC
    operation: str | None = None
    is_over: bool = False


def named(outcome: Any, task: Any) -> Any:
    """The result or the failure, with what only the handle (or Known) says of its task."""
    outcome.reference, outcome.operation = task.reference, task.operation
    return outcome


@frozen
class TaskSnapshot:
    """A task as it stood when it was read. `raw` is the reply as it came."""

    task_id: str
    status: str
    data: dict[str, Any] = field(repr=False)
    raw: dict[str, Any] = field(repr=False)


Ending = TaskSnapshot | TaskFailed
"""What a task ended with: as it stood when it had ended well, or its failure."""


def read_task(task: Known, reader: Reader, timeout: float) -> Rules[TaskSnapshot]:
    """The task as it stands. Raises APIError, ConnectionLostError or UnexpectedReplyError, after the repeats that
    are due.

    `timeout` bounds tries and pauses together; one try gets at most a third of it.
    """
    require_task_id(task.task_id)
    return _Reading(task, reader, timeout, reader.clock.now() + timeout).run()


@define
class _Reading:
    """One read of a task under way, with its repeats."""

    task: Known
    reader: Reader
    timeout: float
    deadline: float
    attempt: int = 0
    asked: float | None = None  # the pause that the last reply asked for, seconds
    outcome: str = "no answer"  # of the last attempt, in a word

    @property
    def task_id(self) -> str:
        return self.task.task_id

    def run(self) -> Rules[TaskSnapshot]:
        while True:
            self.attempt += 1
            try:
                snapshot = yield from self._try()
                self._observe("polled", snapshot.status)
                if is_end(snapshot.status):
                    yield from self._tell_journals(snapshot.status)
                    self.reader.tell_end(self.task, snapshot.status, self.outcome)
                return snapshot
            except (APIError, ConnectionLostError, UnexpectedReplyError) as error:
                pause = self._pause(error)
                if pause is None:
                    self._observe("polled", getattr(error, "status", None))
                    raise
                self._announce(error, pause)
                failure = error
            yield Pause(pause, for_all=self.asked is not None)
            if self.reader.clock.now() >= self.deadline:  # the pause went on while all slots were taken
                self._observe("polled", getattr(failure, "status", None))
                raise failure

    def _try(self) -> Rules[TaskSnapshot]:
        clock, trace = self.reader.clock, AttemptTrace(collector=Collector(secret=self.reader.secret))
        started, self.outcome, self.asked = clock.now(), "no answer", None
        try:
            seen = yield from self._ask(trace, started)
            self.outcome = (meaning_of(seen.status) or Meaning.RUNNING).value
            return seen
        except APIError:
            self.outcome = "refused"
            raise
        except UnexpectedReplyError:
            self.outcome = "unexpected"
            raise
        finally:
            self._log(trace, clock.now() - started)

    def _ask(self, trace: AttemptTrace, started: float) -> Rules[TaskSnapshot]:
        url = httpx.URL(self.reader.api_root + GET_TASK.path.format(task_id=quote_id(self.task_id)))
        limit = min(self.deadline, started + self.timeout / 3)
        lost: ConnectionLostError | None = None
        reply: Any = None
        try:
            reply = yield SendRequest(GET_TASK.method, url, limit, trace)
        except Exception as error:
            if error is not trace.failure:
                raise
            lost = self._lost(error)
        if lost is not None:
            raise lost
        return self._judge(reply)

    def _judge(self, reply: Reply) -> TaskSnapshot:
        payload = reply.json()
        code = code_of(payload)
        status = code if 200 <= reply.status < 300 and type(code) is int and 400 <= code < 600 else reply.status
        if 400 <= status < 600:
            self.asked = asked_pause(reply.headers, self.reader.clock.utc())
            raise api_error(
                reply, status, operation=GET_TASK.operation_id, task_id=self.task_id, retry_after=self.asked
            )
        data = member(payload, "data")
        if not 200 <= reply.status < 300 or not is_success_code(code) or not isinstance(data, dict):
            raise self._odd(reply, f"status {reply.status}" + (f", {reply.fault}" if reply.fault else ""))
        answered, status_now = member(data, "task_id"), member(data, "status")
        if not isinstance(status_now, str) or (isinstance(answered, str) and answered != self.task_id):
            raise self._odd(reply, "no status, or another task than the one asked for")
        raw = cast("dict[str, Any]", reply.shown_json())
        shown = status_now if meaning_of(status_now) is not None else str(raw["data"]["status"])  # it may quote the key
        return TaskSnapshot(self.task_id, shown, raw["data"], raw)

    def _tell_journals(self, status: str) -> Rules[None]:
        is_over = meaning_of(status) is Meaning.FAILED
        told = functools.partial(Recorder.ended, task_id=self.task_id, status=status, is_over=is_over)
        yield from tell_all(self.reader.recorders, told)

    def _lost(self, error: Exception) -> ConnectionLostError:
        said = shorten(redact_text(str(error), self.reader.secret), 200)
        lost = ConnectionLostError(
            f"task {shorten(self.task_id)} could not be read ({type(error).__name__}: {said}) "
            f"at attempt {self.attempt}: reading again is free",
            operation=GET_TASK.operation_id,
            task_id=self.task_id,
            attempts=self.attempt,
        )
        lost.__cause__ = cause_for(error, self.reader.secret)
        return lost

    def _odd(self, reply: Reply, why: str) -> UnexpectedReplyError:
        return UnexpectedReplyError(
            f"task {shorten(self.task_id)}: the answer is not what the contract says ({why}): see .body",
            operation=GET_TASK.operation_id,
            task_id=self.task_id,
            status=reply.status,
            body=reply.shown,
            headers=reply.shown_headers,
        )

    def _pause(self, error: ModellixError) -> float | None:
        """Seconds before the next attempt; None when the error is final."""
        retry = self.reader.retry
        if judge_failed_read(error) is not FailedRead.REPEAT or self.attempt > retry.reads:
            return None
        pause = retry.pause(self.attempt, self.asked)
        return pause if pause is not None and self.reader.clock.now() + pause < self.deadline else None

    def _announce(self, error: Exception, pause: float) -> None:
        reason = f"status {error.status}" if isinstance(error, APIError) else type(error).__name__
        name, number = GET_TASK.operation_id, self.attempt
        told = self._fields(status=getattr(error, "status", None))
        log.info("%s: %s at attempt %d, again in %.1f s", name, reason, number, pause, extra=told)
        self._observe("retried", getattr(error, "status", None), pause)
        if self.reader.retry.on_retry is not None:
            self.reader.retry.on_retry(name, number, reason, pause)

    def _log(self, trace: AttemptTrace, seconds: float) -> None:
        if not log.isEnabledFor(logging.DEBUG):  # thousands of tasks may be read each minute
            return
        status = trace.status if trace.status is not None else "no answer"
        log.debug(
            "%s %s: %s in %.0f ms, attempt %d, task %s",
            GET_TASK.method, GET_TASK.path, status, seconds * 1000, self.attempt, shorten(self.task_id),
            extra=self._fields(status=trace.status, seconds=seconds),
        )  # fmt: skip

    def _fields(self, **more: Any) -> dict[str, Any]:
        return fields(
            operation=GET_TASK.operation_id,
            task_id=self.task_id,
            attempt=self.attempt,
            outcome=self.outcome,
            reference=self.task.reference,
            **more,
        )

    def _observe(self, kind: Kind, status: int | str | None, seconds: float | None = None) -> None:
        self.reader.observer.tell(
            kind,
            operation=GET_TASK.operation_id,
            task_id=self.task_id,
            reference=self.task.reference,
            status=status,
            outcome=self.outcome,
            attempt=self.attempt,
            seconds=self.reader.clock.now() - (self.deadline - self.timeout) if seconds is None else seconds,
        )


def ending_of(snapshot: TaskSnapshot) -> Ending | None:
    """What the task ended with, None while it runs. An unknown status is not an end."""
    meaning = meaning_of(snapshot.status)
    if meaning is Meaning.SUCCEEDED:
        return snapshot
    if meaning is not Meaning.FAILED:
        return None
    error = snapshot.data.get("error")
    said = f": {shorten(error, 200)}" if error is not None else ""
    return TaskFailed(
        f"task {shorten(snapshot.task_id)} ended as {snapshot.status}{said}; it made nothing; to retry, submit "
        "again, under another reference if it had one",
        task_id=snapshot.task_id,
        status=snapshot.status,
        error=error,
        raw=snapshot.raw,
    )
