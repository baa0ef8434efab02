"""The stand-in itself: one request in, one answer out, whatever carries them."""

from __future__ import annotations

import hmac
import os
import re
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from threading import RLock
from typing import TYPE_CHECKING, Any

from modellix._fork import PerProcess
from modellix._io.clock import haste
from modellix._openapi import GET_TASK
from modellix.errors import ConfigurationError
from modellix.settings import BASE_URL_VARIABLE, check_origin
from modellix.testing.arguments import check_number, check_texts, check_when
from modellix.testing.contract import Operation, contract_of, shipped_contract
from modellix.testing.doors import Doors
from modellix.testing.incoming import Incoming, incoming
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


class StandIn(Scripting):
    """The service as its OpenAPI document describes it, with tasks that move on as they are read.

    `api_key` is the only key accepted. A task ends well at its read number `reads`. `document` is a parsed OpenAPI
    document, by default the one that the generated client was made from. `rate` is how many requests within a second
    are taken, submissions and reads together: beyond it comes 429 with Retry-After. Safe to use from several threads.

    Scripts, which the methods `…_next` take, are handed out in the order asked, each to the first request that it fits.
    `to` chooses the kind of requests: "submissions", "reads" (of tasks), "results" (the pictures); None fits all.
    `when` is called with the body of a submission, a dict, and says whether the script is meant. For reads and results
    that is the submission which made the task. A request without such a body fits no `when`. One for which `when`
    raises gets no answer. A request takes one script.

    Attributes:
        submissions: All submissions that arrived, oldest first, also those that were not accepted.
        requests: The latest 1,000 requests of any kind, oldest first.
        api_key: The key that is accepted.
    """

    def __init__(
        self,
        api_key: str = "test-key",
        reads: int = 3,
        document: dict[str, Any] | None = None,
        *,
        rate: int | None = None,
    ) -> None:
        check_texts("api_key", api_key)
        if not re.fullmatch(r"[!-~]+", api_key):
            raise ValueError("api_key must be visible ASCII characters, at least one")
        check_number("reads", reads, 1)
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

    def mock(self, base_url: str | None = None, *, pass_through: bool = False) -> respx.MockRouter:
        """A respx router, for `with` or `async with`, that answers every httpx client in the process.

        It answers for the origin `base_url`, by default for those of the service and of MODELLIX_BASE_URL, if that is
        set. A request to another one raises respx's AllMockedAssertionError, or with `pass_through` goes where it is
        addressed. A respx router entered before this one is asked first, so that single requests can be
        made to fail otherwise. Of several stand-ins the one entered last answers, and is as strict as itself. The
        router's `calls` are the latest 1,000; `submissions` holds all.
        """
        from modellix.testing.mock import mock

        origins = _usual_origins() if base_url is None else [base_url]
        return mock(self.handle, origins, pass_through, self._doors)

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
        check_when(when)
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
        request = incoming(method, path, headers, body, self._contract.origin)
        try:
            answer = self._answer(request)
        except Refused as refused:
            answer = refusal(refused, self._contract.examples)
        if request.fault is not None:
            answer = replace(answer, fault=request.fault)
        self._record(request, answer)
        return answer

    def _record(self, request: Incoming, answer: Answer) -> None:
        content = request.content if request.body else None
        record = Request(request.method, request.target, without_key(request.headers), content, answer)
        with self._lock():
            self.requests.append(record)
            del self.requests[:-KEPT_REQUESTS]

    def _answer(self, request: Incoming) -> Answer:
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

    def _submit(self, operation: Operation, request: Incoming) -> Answer:
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

    def _accept(self, operation: Operation, request: Incoming, body: Any) -> Answer:
        reply = self._replies.submitted(operation, request.origin)
        task_id, model_id = reply["data"]["task_id"], reply["data"]["model_id"]
        with self._lock():
            script = self._scripts.take_task(body) or self._usual
            self._tasks[task_id] = Task(task_id, model_id, size_of(body, operation), body, script)
            self.submissions.append(Submission(operation.operation_id, body, True, task_id))
        return json_answer(200, reply)

    def _record_unaccepted(self, operation: Operation, request: Incoming) -> None:
        with self._lock():
            self.submissions.append(Submission(operation.operation_id, request.content, False, None))

    def _read(self, operation: Operation, request: Incoming, parameters: Mapping[str, str]) -> Answer:
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

    def _picture(self, request: Incoming) -> Answer:
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

    def _scripted(self, kind: Kind, request: Incoming, bought_with: Any) -> ScriptedAnswer | None:
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

    def _check(self, operation: Operation, request: Incoming) -> Any:
        """The parsed body, after key and body have been found good. Raises Refused."""
        if operation.needs_key:
            scheme, _, key = request.headers.get("authorization", "").partition(" ")
            if scheme.lower() != "bearer" or not hmac.compare_digest(key.encode(errors="replace"), self._key):
                raise Refused(401, "the API key is missing or not valid")
        self._rate.take()
        if operation.body is None or (not request.body and not operation.body.required):
            return None
        if isinstance(request.content, bytes):
            parse_json(request.body)  # which says what is wrong
        operation.body.check(request.content)
        return request.content


def _usual_origins() -> list[str]:
    """Those to which a client goes that is told none. An address that no client takes is none."""
    try:
        return [ORIGIN, check_origin(os.environ.get(BASE_URL_VARIABLE, ORIGIN))]
    except ConfigurationError:
        return [ORIGIN]


def _pick(operations: Mapping[str, Operation], method: str) -> Operation:
    if method not in operations:
        allowed = ", ".join(operations)
        raise Refused(405, f"only {allowed} is possible here", headers={"Allow": allowed})
    return operations[method]
