"""One attempt at a paid request and its ends: accepted, refused, never sent, outcome unknown.

Judged without I/O, from the trace alone. What comes before and after an attempt stands in submission.py.
"""

from __future__ import annotations

import datetime
import functools
import json
from typing import Any, cast

from modellix._core.budget import SpendGuard
from modellix._core.clock import Clock
from modellix._core.effects import AttemptTrace
from modellix._core.observer import Observer
from modellix._core.recorder import Recorder
from modellix._core.redaction import cause_for, redact_text
from modellix._core.replies import (
    NOT_JSON,
    FoundId,
    Reply,
    api_error,
    code_of,
    find_task_id,
    is_success_code,
    member,
)
from modellix._http import httpx
from modellix._records import define, field, frozen
from modellix.errors import (
    APIError,
    ConstraintError,
    NeverSentError,
    SubmissionOutcomeUnknown,
    Violation,
    class_of,
    shorten,
)
from modellix.journal.protocol import fingerprint_of
from modellix.policies import RetryPolicy, asked_pause
from modellix_client.constraints import body_schema, check_body
from modellix_client.operations import Operation, SubmissionRequest

#: By these httpcore says that no connection was made: DNS, refused, TLS, connect time-out, no free connection,
#: CONNECT refused.
_CONNECT_FAILURES = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


@frozen
class Accepted:
    """A task was bought. `status` is the state it started in, `raw` the reply as it came; None when it was bought
    before, under the same reference. `sent_at` is UTC.
    """

    task_id: str
    status: str | None
    raw: dict[str, Any] | None = field(repr=False)
    is_new: bool = True
    sent_at: datetime.datetime | None = None
    operation: str | None = None

    def handle(self, reference: str | None) -> tuple[Any, ...]:
        """The arguments of a handle on the task."""
        return self.task_id, self.status, self.raw, reference, self.is_new, self.sent_at, self.operation


SubmissionError = APIError | NeverSentError | SubmissionOutcomeUnknown
End = Accepted | SubmissionError


@frozen
class SubmissionContext:
    """What all submissions of a client have in common."""

    api_root: str
    secret: str = field(repr=False)
    timeout: float
    retry: RetryPolicy
    clock: Clock
    guard: SpendGuard
    recorder: Recorder | None
    observer: Observer = field(factory=Observer)


@frozen
class PreparedRequest:
    """A request that has passed every local check, in the bytes that will be sent."""

    operation: Operation
    url: httpx.URL
    body: bytes = field(repr=False)
    fields: dict[str, Any] = field(repr=False)  # the schema of each

    @property
    def wire(self) -> dict[str, Any]:
        """The body as plain data. Made when it is asked for, which only journals and unknown outcomes do."""
        wire: dict[str, Any] = json.loads(self.body)
        return wire

    @property
    def fingerprint(self) -> str:
        return fingerprint_of(self.operation, self.wire)

    @property
    def options(self) -> dict[str, Any]:
        """Numbers, switches, and the texts that the document lists: what else there is may be private."""
        return {name: value for name, value in self.wire.items() if _is_public(value, self.fields.get(name))}


def prepare_request(request: object, context: SubmissionContext) -> PreparedRequest:
    """Check the request once more and put it into bytes. Raises ConstraintError; nothing is sent."""
    if not isinstance(request, SubmissionRequest):
        raise TypeError(f"submit takes a request model of modellix_client.models, not {type(request).__name__}")
    body = _encode(check_body(request))  # first: the base class itself has no operation
    operation = request.OPERATION
    fields: dict[str, Any] = body_schema(type(request)).get("properties", {})
    return PreparedRequest(operation, _url(context.api_root + operation.path), body, fields)


def _is_public(value: Any, schema: Any) -> bool:
    if isinstance(value, str):
        return isinstance(schema, dict) and value in cast("dict[str, Any]", schema).get("enum", ())
    return value is None or isinstance(value, bool | int | float)


@functools.lru_cache(maxsize=256)
def _url(text: str) -> httpx.URL:
    """Each operation has one, and httpx takes some 40 microseconds to read it: a tenth of a submission."""
    return httpx.URL(text)


def _encode(body: dict[str, Any]) -> bytes:
    try:
        return json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise ConstraintError([Violation(field="", keyword="type", limit="JSON", actual=shorten(str(error)))]) from None


@define
class Attempt:
    """One attempt at a prepared request: what it may say of itself at every moment."""

    prepared: PreparedRequest
    context: SubmissionContext
    number: int
    sent_at: datetime.datetime
    trace: AttemptTrace

    def answered(self, reply: Reply) -> End:
        """The end that a reply means: the table of what becomes of a paid submission, after one rule."""
        payload, found = reply.json(), find_task_id(reply)
        code, is_2xx = code_of(payload), 200 <= reply.status < 300
        if found.text and (reply.status >= 400 or (code is not None and not is_success_code(code))):
            return self.unknown(f"status {reply.status}, code {shorten(repr(code))}, and yet a task id", reply)
        if is_2xx and is_success_code(code) and found.text and found.is_usable:
            shown = reply.shown_json()
            name = self.prepared.operation.operation_id
            return Accepted(found.text, _state_of(shown), shown, sent_at=self.sent_at, operation=name)
        counted = code if is_2xx and type(code) is int else reply.status
        if class_of(counted).refuses:
            asked = asked_pause(reply.headers, self.context.clock.utc())
            name = self.prepared.operation.operation_id
            return api_error(reply, counted, operation=name, task_id=None, retry_after=asked)
        return self.unknown(_why(reply, payload, found), reply)

    def failed(self, error: Exception) -> End:
        """The end that a failure means: of the network, or of time."""
        kind, said = type(error).__name__, shorten(redact_text(str(error), self.context.secret), 200)
        # What httpx says may quote a reply. Others say what no network did, such as a mock without a route.
        end = self._seen(f"no answer, {kind}" if isinstance(error, httpx.HTTPError) else f"no answer, {kind}: {said}")
        never_connected = isinstance(error, _CONNECT_FAILURES) and not self.trace.sent
        if end is None or (never_connected and self.trace.status is None):
            end = self.never_sent(f"{kind}: {said}")
        if isinstance(end, Exception):
            end.__cause__ = cause_for(error, self.context.secret)
        return end

    def interrupted(self) -> End:
        """What can be said now of an attempt that is under way."""
        return self._seen("interrupted") or self.never_sent("interrupted before")

    def _seen(self, why: str) -> End | None:
        """By what has arrived; None when it is proven that nothing left."""
        reply = self.trace.reply()
        if reply is not None:
            return self.answered(reply)
        return None if self.trace.proves_unsent else self.unknown(why, None)

    def never_sent(self, why: str, step: str = "check the network and base_url, then submit again") -> NeverSentError:
        name = self.prepared.operation.operation_id
        text = f"{name} was not sent ({why}); nothing was bought: {step}"
        return NeverSentError(text, operation=name, attempts=self.number)

    def unknown(self, why: str, reply: Reply | None) -> SubmissionOutcomeUnknown:
        name = self.prepared.operation.operation_id
        found = find_task_id(reply) if reply is not None else FoundId(None, True)
        if found.text is None and not self.trace.is_whole and self.trace.failure is None:  # by a signal handler
            found = find_task_id(self.trace.raw_reply())
        step = (
            f"read task {shorten(found.text)} to see"
            if found.text
            else "look for it in the vendor's console or bill before submitting it again"
        )
        return SubmissionOutcomeUnknown(
            f"{name} may have been bought ({why}) and is not sent again: {step}",
            operation=name,
            fingerprint=self.prepared.fingerprint,
            sent_at=self.sent_at,
            status=None if reply is None else reply.status,
            body=b"" if reply is None else reply.shown,
            task_id=found.text,
            headers=None if reply is None else reply.shown_headers,
        )


def _state_of(payload: dict[str, Any]) -> str | None:
    status = member(member(payload, "data"), "status")
    return status if isinstance(status, str) else None


def _why(reply: Reply, payload: Any, found: FoundId) -> str:
    if not 200 <= reply.status < 300:
        return f"status {reply.status}"
    if payload is NOT_JSON:
        return f"status {reply.status}, but the reply is {reply.fault or 'not JSON'}"
    return f"status {reply.status}, but without a task id that can be used" if not found.is_usable else "an odd code"
