"""Which submissions a live run may send for their pictures: those that the service can fetch.

With `--live-image` a body that should be accepted names the given pictures and no others. Without, the plainest body
of an operation tells whether its service can fetch those of the document.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import httpx
import pytest

from contract_tests.harness.budget_transport import BudgetTransport
from contract_tests.harness.expectations import expectation_of, operation_at
from contract_tests.harness.not_concluded import NotConcluded, NotRun
from contract_tests.harness.response_checks import (
    answer_in,
    data_of,
    has_ended,
    is_accepted,
    is_refused,
    is_usable,
    task_id_of,
)
from contract_tests.model.contents import json_text, json_value
from contract_tests.model.document import Operation
from contract_tests.model.pictures import Pictures, urls_in
from contract_tests.model.planned import whole_plan
from modellix._core.task_status import Meaning, meaning_of

UNABLE = 401  # says nothing of a body
Follow = Callable[[str], list[httpx.Response]]
"""Every read of a task, until it ends."""


class NoPicture(pytest.skip.Exception):  # type: ignore[name-defined,misc]  # pytest sets it at run time
    """A submission names pictures that the service cannot fetch, or perhaps cannot. Ends the test as skipped."""

    REASON = "not run: no picture"
    UNKNOWN = "not run: the first submission with pictures is not concluded"
    ODD = "not run: nobody can fetch it"


class PictureGate(httpx.BaseTransport):
    """Wraps the transport of a live target. `follow` reads the task of the first submission with pictures.

    `reads` is what it read, by the id of the task. The account of the run keeps what came of the pictures that the
    service does not fetch.
    """

    def __init__(self, inner: BudgetTransport, pictures: Pictures, api_key: str) -> None:
        self.pictures = pictures
        self.follow: Follow = lambda task_id: []
        self.reads: dict[str, list[httpx.Response]] = {}
        self._inner = inner
        self._api_key = api_key
        self._closed: dict[Operation, str] = {}  # why nothing more is sent
        self._open: set[Operation] = set()
        self._unclaimed: dict[
            Operation, httpx.Response
        ] = {}  # the reply to the first submission, until it is asked for

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """One request. NoPicture when it names pictures that nobody can fetch."""
        operation = operation_at(self.pictures.document, request)
        if operation in self._unclaimed and request.content == plainest_of(operation):
            return self._unclaimed.pop(operation)
        if operation is None or operation in self._open or not self._is_gated(operation, request):
            return self._inner.handle_request(request)
        if self.pictures.given:
            raise NoPicture(NoPicture.ODD)
        if operation in self._closed:
            raise NoPicture(self._closed[operation])
        plainest = plainest_of(operation)
        reply = self._tried(operation, _with_content(request, plainest))
        if request.content == plainest:
            return reply
        if operation in self._closed:
            raise NotConcluded(f"the first submission of {operation.name} {answer_in(reply)}", "look at that first")
        self._unclaimed[operation] = reply
        return self._inner.handle_request(request)

    def close(self) -> None:
        self._inner.close()

    def _is_gated(self, operation: Operation, request: httpx.Request) -> bool:
        """Whether it names pictures besides the given ones, and nothing says that it must be refused."""
        document, body = self.pictures.document, _body_of(request)
        names_others = urls_in(document, operation, body) and not self.pictures.are_all_of(operation, body)
        return bool(names_others) and expectation_of(document, request, self._api_key) != "refused"

    def _tried(self, operation: Operation, request: httpx.Request) -> httpx.Response:
        """The reply to the plainest submission, which is sent once. NoPicture when it is refused, or its task fails."""
        self._closed[operation] = NoPicture.UNKNOWN
        try:
            reply = self._inner.handle_request(request)
        except NotRun:  # for want of money, so that nothing was tried
            del self._closed[operation]
            raise
        failure = self._failure_in(reply)
        if failure is None:
            return reply
        if failure:
            self._closed[operation] = NoPicture.REASON
            self._inner.account.unfetched[operation.name] = failure
            raise NoPicture(NoPicture.REASON)
        del self._closed[operation]
        self._open.add(operation)
        return reply

    def _failure_in(self, reply: httpx.Response) -> str | None:
        """What says that the pictures were not fetched; empty when they were, None when nothing follows."""
        task_id = task_id_of(reply)
        if is_refused(reply):
            return None if reply.status_code == UNABLE else answer_in(reply)
        if not is_accepted(reply) or task_id is None or not is_usable(task_id):
            return None
        self.reads[task_id] = self.follow(task_id)
        end = self.reads[task_id][-1:]
        status = data_of(end[0]).get("status") if end and has_ended(end[0]) else None
        has_failed = status is not None and meaning_of(status) is not Meaning.SUCCEEDED
        return f"is accepted, but its task {task_id} ended as {status!r:.40}" if has_failed else ""


@cache
def plainest_of(operation: Operation) -> bytes:
    """The first submission with pictures, as it is planned."""
    return next(one.content for one in whole_plan() if one.operation is operation and one.is_plainest)


def _body_of(request: httpx.Request) -> Any:
    """The JSON value that is sent; None for what is no JSON to the letter, which has to be refused."""
    try:
        return json_value(request.content.decode())
    except (ValueError, RecursionError):
        return None


def with_pictures(pictures: Pictures, request: httpx.Request) -> httpx.Request:
    """A request that another tool made, with the given pictures in its body."""
    operation = operation_at(pictures.document, request) if pictures.given else None
    if operation is None:
        return request
    body = _body_of(request)
    filled = pictures.put_into(operation, body)
    return request if filled == body else _with_content(request, json_text(filled))


def _with_content(request: httpx.Request, content: bytes) -> httpx.Request:
    """The same request with another body."""
    headers = [(name, value) for name, value in request.headers.multi_items() if name != "content-length"]
    return httpx.Request(request.method, request.url, headers=headers, content=content, extensions=request.extensions)
