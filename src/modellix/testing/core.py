"""The stand-in itself: one request in, one answer out, whatever carries them."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import cached_property
from threading import RLock
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from modellix._fork import PerProcess
from modellix._io.clock import haste
from modellix._openapi import GET_TASK
from modellix.testing.contract import Operation, contract_of, shipped_contract
from modellix.testing.doors import Doors
from modellix.testing.faults import Fault
from modellix.testing.pictures import picture
from modellix.testing.rates import Rate
from modellix.testing.records import KEPT_REQUESTS, Request, Submission, without_key
from modellix.testing.replies import Answer, Refused, json_answer, refusal
from modellix.testing.scripting import Scripting
from modellix.testing.scripts import Kind, ScriptedAnswer, When, fits
from modellix.testing.tasks import Task, TaskReplies, size_of, task_of_result, usual_course
from modellix.testing.validation import parse_json

if TYPE_CHECKING:
    import respx

ORIGIN = "https://api.modellix.ai"  # of the service itself
_ABSOLUTE = re.compile(r"(https?://[^/?#]*)(.*)", re.IGNORECASE | re.DOTALL)


@dataclass
class _Request:
    """A request as it reached the stand-in, whatever carried it."""

    method: str
    origin: str
    segments: Sequence[str]  # of the path, percent-decoded; the first one is empty
    headers: Mapping[str, str]  # by lower-case name
    body: bytes
    fault: Fault | None = None  # what a script wants to become of its answer

    @cached_property
    def content(self) -> Any:
        """The body as parsed JSON, or the bytes as they came when they are not JSON."""
        try:
            return parse_json(self.body)
        except Refused:
            return self.body


class StandIn(Scripting):
    """The service as its OpenAPI document describes it, with tasks that move on as they are read.

    `api_key` is the only key accepted. A task ends well at its read number `reads`. `document` is a parsed OpenAPI
    document, by default the one that the generated client was made from. `rate` is how many requests within a second
    are taken, submissions and reads together: beyond it comes 429 with Retry-After. Safe to use from several threads.
    """

    def __init__(
        self,
        api_key: str = "test-key",
        reads: int = 3,
        document: dict[str, Any] | None = None,
        *,
        rate: int | None = None,
    ) -> None:
        if not re.fullmatch(r"[!-~]+", api_key):
            raise ValueError("api_key must be visible ASCII characters, at least one")
        if reads < 1:
            raise ValueError(f"reads must be at least 1, not {reads}")
        super().__init__(reads)
        self.submissions: list[Submission] = []
        self.requests: list[Request] = []
        self.api_key = api_key
        self._key = api_key.encode()
        self._usual = usual_course(reads)  # one for all tasks
        self._contract = shipped_contract() if document is None else contract_of(document)
        self._replies = TaskReplies(self._contract)
        self._tasks: dict[str, Task] = {}
        self._doors = Doors()
        self._rate = Rate(rate)
        self._lock = PerProcess(RLock)  # held for changes of tasks and records; `when` may come back

    def mock(self, base_url: str = ORIGIN, *, pass_through: bool = False) -> respx.MockRouter:
        """A respx router, for `with` or `async with`, that answers every httpx client in the process.

        A request to another origin than `base_url` raises respx's AllMockedAssertionError, or with `pass_through` goes
        where it is addressed. A respx router entered before this one is asked first, so that single requests can be
        made to fail otherwise. Its `calls` are the latest 1,000; `submissions` holds all.
        """
        from modellix.testing.mock import mock

        return mock(self.handle, base_url, pass_through, self._doors)

    def fast(self) -> AbstractContextManager[None]:
        """While the block lasts, no client of this process sleeps, wherever and whenever it was made, sync or async.

        Pauses between looks at a task, before repeats and after a 429 pass at once, each for the thread or asyncio task
        that would have slept. Time-outs count them: a wait of 300 seconds ends with WaitTimeout, after some 40 looks.
        The network has its real time, and so has whoever waits for another submission of this process under the same
        reference. Blocks may nest and overlap.
        """
        return haste()

    def serve(self, port: int = 0) -> AbstractContextManager[str]:
        """A server on loopback while the block lasts; gives its URL. Port 0 takes a free one; OSError if it is not."""
        return self._doors.serve(self.handle, port)

    def refusing(self) -> AbstractContextManager[None]:
        """While the block lasts nobody listens: a client makes no connection, so nothing is sent and nothing recorded.

        Requests under way are answered. A server keeps its port and listens on it again afterwards. Blocks may nest and
        overlap.
        """
        return self._doors.shut()

    def expire_results(self, *, when: When | None = None) -> None:
        """Lets the results of all tasks so far expire, also of those that run; with `when` those that it chooses.

        Their pictures are gone, and `result_expires_at` is now. The tasks themselves can still be read.
        """
        with self._lock():
            for task in self._tasks.values():
                if fits(when, task.body):
                    task.expire()

    def reset(self) -> None:
        """Forgets submissions, requests, and scripts that have not been handed out. Tasks go on."""
        self._scripts.clear()
        with self._lock():
            self.submissions.clear()
            self.requests.clear()

    def handle(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """The answer to one request.

        `path` is the request target as sent, percent-encoding kept: `/path?query`, or an absolute URL. Addresses in
        replies begin with the origin of that URL, else http and the Host header, else the document's server.
        """
        fields = {name.lower(): value for name, value in headers.items()}
        origin, target = _split_target(path, fields.get("host"), self._contract.origin)
        request = _Request(method, origin, _segments(target), fields, body)
        try:
            answer = self._answer(request)
        except Refused as refused:
            answer = refusal(refused, self._contract.examples)
        if request.fault is not None:
            answer = replace(answer, fault=request.fault)
        self._record(request, target, answer)
        return answer

    def _record(self, request: _Request, target: str, answer: Answer) -> None:
        content = request.content if request.body else None
        record = Request(request.method, target, without_key(request.headers), content, answer)
        with self._lock():
            self.requests.append(record)
            del self.requests[:-KEPT_REQUESTS]

    def _answer(self, request: _Request) -> Answer:
        match = self._contract.find(request.segments)
        if match is None:
            return self._picture(request)
        operation = _pick(match.operations, request.method)
        try:
            if operation.is_submission:
                return self._submit(operation, request)
            return self._read(operation, request, match.parameters)
        except Refused as refused:
            return refusal(refused, {**self._contract.examples, **operation.examples})

    def _submit(self, operation: Operation, request: _Request) -> Answer:
        scripted = self._scripted("submissions", request, request.content)
        if scripted:
            self._record_unaccepted(operation, request)
            return scripted.answer(operation.examples)
        try:
            body = self._check(operation, request)
        except Refused:
            self._record_unaccepted(operation, request)
            raise
        return self._accept(operation, request, body)

    def _accept(self, operation: Operation, request: _Request, body: Any) -> Answer:
        reply = self._replies.submitted(operation, request.origin)
        task_id, model_id = reply["data"]["task_id"], reply["data"]["model_id"]
        with self._lock():
            script = self._scripts.take_task(body) or self._usual
            self._tasks[task_id] = Task(task_id, model_id, size_of(body, operation), body, script)
            self.submissions.append(Submission(operation.operation_id, body, True, task_id))
        return json_answer(200, reply)

    def _record_unaccepted(self, operation: Operation, request: _Request) -> None:
        with self._lock():
            self.submissions.append(Submission(operation.operation_id, request.content, False, None))

    def _read(self, operation: Operation, request: _Request, parameters: Mapping[str, str]) -> Answer:
        task_id = next(iter(parameters.values()), "")
        scripted = self._scripted("reads", request, self._bought_with(task_id))
        if scripted:
            return scripted.answer(operation.examples)
        self._check(operation, request)
        if operation.operation_id != GET_TASK:
            raise Refused(501, "the stand-in knows submissions and tasks only")
        with self._lock():
            task = self._tasks.get(task_id)
            if task is None:
                raise Refused(404, "no task has this id")
            return json_answer(200, self._replies.read(task, request.origin))

    def _picture(self, request: _Request) -> Answer:
        task_id = task_of_result(request.segments)
        if task_id is None:
            raise Refused(404, "nothing is at this path")
        if request.method != "GET":
            raise Refused(405, "only GET is possible here", headers={"Allow": "GET"})
        scripted = self._scripted("results", request, self._bought_with(task_id))
        if scripted:
            return scripted.answer(self._contract.examples)
        with self._lock():
            task = self._tasks.get(task_id)
            if task is None or not task.has_result:
                raise Refused(404, "no task with this id has a result")
            if task.is_expired:
                raise Refused(404, "the result has expired")
        return Answer(200, {"Content-Type": "image/png"}, picture(*task.size))

    def _scripted(self, kind: Kind, request: _Request, bought_with: Any) -> ScriptedAnswer | None:
        """The answer that a script has for the request; a fault is noted for the answer that it will get."""
        script = self._scripts.take(kind, bought_with)
        if script is None or isinstance(script, ScriptedAnswer):
            return script
        request.fault = script
        return None

    def _bought_with(self, task_id: str) -> Any:
        """The body of the submission that made the task; None when there is no such task."""
        task = self._tasks.get(task_id)
        return None if task is None else task.body

    def _check(self, operation: Operation, request: _Request) -> Any:
        """The parsed body, after key and body have been found good. Raises Refused."""
        if operation.needs_key:
            scheme, _, key = request.headers.get("authorization", "").partition(" ")
            if scheme.lower() != "bearer" or not hmac.compare_digest(key.encode(errors="replace"), self._key):
                raise Refused(401, "the API key is missing or not valid")
        self._rate.take()
        if operation.body is None or (not request.body and not operation.body.required):
            return None
        body = parse_json(request.body)
        operation.body.check(body)
        return body


def _split_target(target: str, host: str | None, default_origin: str) -> tuple[str, str]:
    """The origin that a request was made to, and its path with the query."""
    absolute = _ABSOLUTE.fullmatch(target)
    if absolute:
        return absolute[1], absolute[2]
    return f"http://{host}" if host else default_origin, target


def _segments(target: str) -> list[str]:
    """The segments of the path, percent-decoded one by one."""
    return [unquote(segment) for segment in re.split("[?#]", target, maxsplit=1)[0].split("/")]


def _pick(operations: Mapping[str, Operation], method: str) -> Operation:
    if method not in operations:
        allowed = ", ".join(operations)
        raise Refused(405, f"only {allowed} is possible here", headers={"Allow": allowed})
    return operations[method]
