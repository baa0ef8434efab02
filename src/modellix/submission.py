"""One paid request and its ends: accepted, refused, never sent, outcome unknown.

`submit` is the whole law, as a generator without I/O (see exchange.py). A request goes out again only when it is
proven that nothing left (`RetryPolicy.connects`), or when the service refused it with 429 and the caller asked for
that (`rate_limited`).
"""

from __future__ import annotations

import datetime
import hashlib
import json
import logging
from collections.abc import Callable
from typing import Any

import httpx
from attrs import define, field, frozen

from modellix.clock import Clock
from modellix.errors import (
    APIError,
    ConfigurationError,
    ConstraintError,
    NeverSentError,
    RateLimitError,
    SubmissionOutcomeUnknown,
    Violation,
    shorten,
)
from modellix.exchange import Blocking, Evidence, Exchange, Pause, Rules
from modellix.guard import Place, SpendGuard
from modellix.journal import Journal
from modellix.policies import RetryPolicy, asked_pause
from modellix.redaction import blot_text, cause_for
from modellix.replies import (
    NOT_JSON,
    REFUSALS,
    Collector,
    FoundId,
    Reply,
    api_error,
    code_of,
    find_task_id,
    is_success_code,
    member,
)
from modellix_client.constraints import check_body
from modellix_client.operations import SUBMISSIONS, Operation, SubmissionRequest

log = logging.getLogger("modellix")

#: By these httpcore says that no connection was made: DNS, refused, TLS, connect time-out, no free connection,
#: CONNECT refused.
_CONNECT_FAILURES = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


@frozen
class Accepted:
    """A task was bought. `status` is the state it started in, `raw` the reply as it came."""

    task_id: str
    status: str | None
    raw: dict[str, Any] = field(repr=False)


End = Accepted | APIError | NeverSentError | SubmissionOutcomeUnknown


@frozen
class Desk:
    """What all submissions of a client have in common. `handle` makes the Task (or AsyncTask) of an accepted one."""

    api_root: str
    secret: str = field(repr=False)
    timeout: float
    retry: RetryPolicy
    clock: Clock
    guard: SpendGuard
    journal: Journal | None
    handle: Callable[[Accepted], Any]


@frozen
class Order:
    """A request that has passed every local check, in the bytes that will be sent."""

    operation: Operation
    url: httpx.URL
    body: bytes = field(repr=False)
    fingerprint: str


def place_order(request: SubmissionRequest, desk: Desk) -> Order:
    """Check the request once more and put it into bytes. Raises ConstraintError; nothing is sent."""
    operation = SUBMISSIONS.get(type(request))
    if operation is None:
        raise TypeError(f"submit takes a request model of modellix_client.models, not {type(request).__name__}")
    body = _encode(check_body(request))
    fingerprint = hashlib.sha256(operation.operation_id.encode() + b"\0" + body).hexdigest()
    return Order(operation, httpx.URL(desk.api_root + operation.path), body, fingerprint)


def _encode(body: dict[str, Any]) -> bytes:
    try:
        return json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise ConstraintError([Violation(field="", keyword="type", limit="JSON", actual=shorten(str(error)))]) from None


def submit(request: SubmissionRequest, desk: Desk) -> Rules[Any]:
    """The task that was bought. Raises ConstraintError, BudgetExceeded, JournalError, or the end that is an error.

    An exception from outside (cancellation, Ctrl-C, the caller's own on_retry) goes on unchanged; what is known of the
    submission is set on it as `modellix_submission`.
    """
    delivery = _Delivery(place_order(request, desk), desk, desk.guard.take(), desk.clock.utc())
    try:
        end = yield from delivery.run()
        yield from delivery.settle()
    except GeneratorExit:  # thrown away unfinished: there is nobody to tell, and the journal's entry stays open
        raise
    except BaseException as interruption:
        interruption.modellix_submission = delivery.known()  # type: ignore[attr-defined]  # any exception may carry it
        yield from delivery.settle()
        raise
    if isinstance(end, Accepted):
        return desk.handle(end)
    raise end


@define
class _Delivery:
    """The attempts of one order, and what is known of it at every moment."""

    order: Order
    desk: Desk
    place: Place
    sent_at: datetime.datetime
    attempt: int = 0
    unsent: int = 0
    limited: int = 0
    evidence: Evidence = field(factory=Evidence)
    end: End | None = None
    entry: int | None = None
    is_settled: bool = False

    def run(self) -> Rules[End]:
        deadline = self.desk.clock.now() + self.desk.timeout
        if self.desk.journal is not None:
            yield Blocking(self._begin)
        while True:
            self.end = yield from self._try(deadline)
            pause = self._pause(self.end, deadline)
            if pause is None:
                return self.end
            self._announce(self.end, pause)
            yield Pause(pause)

    def _begin(self) -> None:
        assert self.desk.journal is not None
        order = self.order
        self.entry = self.desk.journal.begin(order.operation.operation_id, order.fingerprint, self.sent_at)

    def _try(self, deadline: float) -> Rules[End]:
        self.attempt, self.end, self.sent_at = self.attempt + 1, None, self.desk.clock.utc()
        self.evidence = Evidence(collector=Collector(secret=self.desk.secret))
        started = self.desk.clock.now()
        try:
            reply = yield Exchange(
                self.order.operation.method,
                self.order.url,
                deadline,
                self.evidence,
                content=self.order.body,
                is_traced=True,
                least_time=min(1.0, self.desk.timeout / 10),  # with less left it would be bought, but not answered
                longest_connect=self.desk.timeout / 3,
            )
        except ConfigurationError:
            raise
        except Exception as error:
            end = self._judge_failure(error)
            if isinstance(end, Exception):
                end.__cause__ = cause_for(error, self.desk.secret)
        else:
            end = judge(reply, self)
        self._log(end, self.desk.clock.now() - started)
        return end

    def _judge_failure(self, error: Exception) -> End:
        partial = self.evidence.reply()
        if partial is not None:
            return judge(partial, self)
        if self.evidence.proves_unsent or (isinstance(error, _CONNECT_FAILURES) and not self.evidence.sent):
            said = blot_text(str(error), self.desk.secret)
            return self.never_sent(f"{type(error).__name__}: {shorten(said, 200)}")
        return self.unknown(f"no answer, {type(error).__name__}", None)

    def never_sent(self, why: str) -> NeverSentError:
        name = self.order.operation.operation_id
        text = f"{name} was not sent ({why}); nothing was bought: check the network and base_url, then submit again"
        return NeverSentError(text, operation=name, attempts=self.attempt)

    def unknown(self, why: str, reply: Reply | None, task_id: str | None = None) -> SubmissionOutcomeUnknown:
        name = self.order.operation.operation_id
        found = find_task_id(reply) if reply is not None and task_id is None else FoundId(task_id, True)
        step = (
            f"read task {shorten(found.text)} to see"
            if found.text
            else "look at the account's task list before submitting it again"
        )
        return SubmissionOutcomeUnknown(
            f"{name} may have been bought ({why}) and is not sent again: {step}",
            operation=name,
            fingerprint=self.order.fingerprint,
            sent_at=self.sent_at,
            status=None if reply is None else reply.status,
            body=b"" if reply is None else reply.shown,
            task_id=found.text,
        )

    def _pause(self, end: End, deadline: float) -> float | None:
        """Seconds before the next attempt; None when this end is final."""
        retry = self.desk.retry
        if isinstance(end, NeverSentError) and self.unsent < retry.connects:
            self.unsent += 1
            pause = retry.pause(self.unsent)
        elif isinstance(end, RateLimitError) and self.limited < retry.rate_limited:
            self.limited += 1
            pause = retry.pause(self.limited, end.retry_after)
        else:
            return None
        return pause if pause is not None and self.desk.clock.now() + pause < deadline else None

    def _announce(self, end: End, pause: float) -> None:
        name, reason = self.order.operation.operation_id, type(end).__name__
        log.warning("%s: %s at attempt %d, again in %.1f s", name, reason, self.attempt, pause)
        if self.desk.retry.on_retry is not None:
            self.desk.retry.on_retry(name, self.attempt, reason, pause)

    def _log(self, end: End, seconds: float) -> None:
        status = self.evidence.status if self.evidence.status is not None else "no answer"
        level = logging.WARNING if isinstance(end, SubmissionOutcomeUnknown) else logging.INFO
        operation, task_id = self.order.operation, getattr(end, "task_id", None)
        log.log(
            level, "%s %s: %s in %.0f ms, attempt %d, %s, task %s",
            operation.method, operation.path, status, seconds * 1000, self.attempt, type(end).__name__,
            shorten(task_id) if task_id else "none",
        )  # fmt: skip

    def known(self) -> Any:
        """A Task, NeverSentError or SubmissionOutcomeUnknown: what an interrupted call can say of its submission."""
        end = self.end if self.end is not None else self._known_in_flight()
        if isinstance(end, Accepted):
            self.end = end
            return self.desk.handle(end)
        if isinstance(end, APIError):
            end = self.never_sent(f"refused with {end.status} and not sent again")
        self.end = end
        return end

    def _known_in_flight(self) -> End:
        partial = self.evidence.reply()
        if partial is not None:
            return judge(partial, self)
        return (
            self.never_sent("interrupted before") if self.evidence.proves_unsent else self.unknown("interrupted", None)
        )

    def settle(self) -> Rules[None]:
        """Give the place back if nothing was bought, and close the journal's entry. Once."""
        if not self.is_settled and not isinstance(self.end, Accepted | SubmissionOutcomeUnknown):
            self.desk.guard.give_back(self.place)
        was_settled, self.is_settled = self.is_settled, True
        if self.desk.journal is not None and self.entry is not None and not was_settled:
            yield Blocking(self._record)

    def _record(self) -> None:
        assert self.desk.journal is not None
        assert self.entry is not None
        try:
            self.desk.journal.end(self.entry, _outcome(self.end), getattr(self.end, "task_id", None))
        except (
            Exception
        ) as error:  # what was bought must reach the caller; the entry stays unresolved, which is true enough
            log.error("journal: the end of entry %s could not be recorded (%s)", self.entry, type(error).__name__)


def _outcome(end: End | None) -> str:
    if isinstance(end, Accepted):
        return "accepted"
    if isinstance(end, SubmissionOutcomeUnknown):
        return "unknown"
    return "refused" if isinstance(end, APIError) else "never sent"


def judge(reply: Reply, delivery: _Delivery) -> End:
    """The end that a reply means: the table of what becomes of a paid submission, after one rule."""
    payload, found = reply.json(), find_task_id(reply)
    code, is_2xx = code_of(payload), 200 <= reply.status < 300
    if found.text and (reply.status >= 400 or (code is not None and not is_success_code(code))):
        return delivery.unknown(f"status {reply.status}, code {shorten(repr(code))}, and yet a task id", reply)
    if is_2xx and is_success_code(code) and found.text and found.is_usable:
        shown = reply.shown_json()
        return Accepted(found.text, _state_of(shown), shown)
    counted = code if is_2xx and type(code) is int else reply.status
    if counted in REFUSALS:
        asked = asked_pause(reply.headers, delivery.desk.clock.utc())
        name = delivery.order.operation.operation_id
        return api_error(reply, counted, operation=name, task_id=None, retry_after=asked)
    return delivery.unknown(_why(reply, payload, found), reply)


def _state_of(payload: dict[str, Any]) -> str | None:
    status = member(member(payload, "data"), "status")
    return status if isinstance(status, str) else None


def _why(reply: Reply, payload: Any, found: FoundId) -> str:
    if not 200 <= reply.status < 300:
        return f"status {reply.status}"
    if payload is NOT_JSON:
        return f"status {reply.status}, but the reply is {reply.fault or 'not JSON'}"
    return f"status {reply.status}, but without a task id that can be used" if not found.is_usable else "an odd code"
