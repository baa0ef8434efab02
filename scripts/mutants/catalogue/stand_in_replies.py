"""Faults of the stand-in in how it answers: the reply to a submission, and refusals."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from contract_tests.model.document import GET_TASK, Document, Node, Operation
from modellix.testing import StandIn
from modellix.testing.core import Submission
from modellix.testing.replies import Answer, json_answer
from scripts.mutants.catalogue import patches
from scripts.mutants.catalogue.choices import about, witnesses
from scripts.mutants.changes import wrap
from scripts.mutants.mutant import Mutant

FAILURES = "contract_tests/client/test_failures.py"
Rewrite = Callable[[Node], object]


def mutants(document: Document, operation: Operation) -> Iterator[Mutant]:
    """The faults of one operation."""
    if operation in document.submissions:
        yield from _replies(document, operation)
        for suffix, what, sentence, change in _OF_SUBMISSIONS:
            yield about(operation, suffix, what, sentence, partial(patches.refused, operation, change))
    for suffix, what, sentence, change in _REFUSALS:
        yield about(operation, suffix, what, sentence, partial(patches.refused, operation, change))
    for status in (402, 429, 500, 503):
        for what, rewrite in _FAILURES:
            sentence = f"A scripted {status} has {what}."
            apply = partial(patches.refused_as, operation, status, rewrite)
            yield about(operation, f"failure.{status}", what, sentence, apply, files=(FAILURES,))


def _replies(document: Document, operation: Operation) -> Iterator[Mutant]:
    for suffix, what, sentence, rewrite in (*_REPLIES, *_addresses(document), *_models(document, operation)):
        apply = partial(patches.accepted, operation, rewrite)
        yield about(operation, f"reply.{suffix}", what, sentence, apply)
    for what, sentence, apply_to in (
        ("always the same", "Every task of a model has the same id.", partial(_numbered, 1)),
        ("every other the same", "Every other submission gets the same id.", partial(_numbered, 2)),
        ("equal bodies alike", "An equal body gets the task that it got before.", _remembered),
    ):
        apply = partial(apply_to, operation)
        # The others submit every planned body, so that there are many ids to compare.
        tests = witnesses(f"{operation.name}.reply.unique", f"{operation.name}.body.valid")
        yield about(operation, "reply.unique", what, sentence, apply, choices=tests)


def _data(reply: Node, **members: Any) -> None:
    reply["data"].update(members)


def _without(*path: str) -> Rewrite:
    def rewrite(reply: Node) -> None:
        node = reply
        for step in path[:-1]:
            node = node[step]
        del node[path[-1]]

    return rewrite


def _with(**members: Any) -> Rewrite:
    return lambda reply: reply.update(members)


def _as(status: int = 200, content_type: str = "application/json") -> Rewrite:
    return lambda reply: json_answer(status, reply, {"Content-Type": content_type})


_REPLIES: tuple[tuple[str, str, str, Rewrite], ...] = (
    ("envelope", "no code", "The reply has no `code`.", _without("code")),
    ("envelope", "code as text", "`code` is the text 0.", _with(code="0")),
    ("envelope", "code false", "`code` is false.", _with(code=False)),
    ("envelope", "code 200", "`code` is 200.", _with(code=200)),
    ("envelope", "no message", "The reply has no `message`.", _without("message")),
    ("envelope", "message null", "`message` is null.", _with(message=None)),
    ("envelope", "201", "The status is 201.", _as(201)),
    ("envelope", "202", "The status is 202.", _as(202)),
    ("envelope", "plain text", "The content type is text/plain.", _as(200, "text/plain")),
    ("envelope", "no model_id", "`data` has no `model_id`.", _without("data", "model_id")),
    ("envelope", "no status", "`data` has no `status`.", _without("data", "status")),
    ("envelope", "model_id null", "`model_id` is null.", partial(_data, model_id=None)),
    ("envelope", "get_result without url", "`get_result` has no `url`.", partial(_data, get_result={"method": "GET"})),
    ("envelope", "get_result as text", "`get_result` is a text.", partial(_data, get_result="/tasks/1")),
    ("envelope", "data in a list", "`data` is a list.", lambda reply: reply.update(data=[reply["data"]])),
    ("status", "processing", "A fresh task is `processing`.", partial(_data, status="processing")),
    ("status", "success", "A fresh task is `success`.", partial(_data, status="success")),
    ("status", "queued", "A fresh task is `queued`.", partial(_data, status="queued")),
    ("status", "in capitals", "The status is `PENDING`.", partial(_data, status="PENDING")),
    ("task_id", "empty", "The task's id is empty.", partial(_data, task_id="")),
    ("task_id", "a number", "The task's id is a number.", partial(_data, task_id=17)),
    ("task_id", "two dots", "The task's id is `..`.", partial(_data, task_id="..")),
    ("task_id", "a line feed", "The task's id ends with a line feed.", lambda reply: _lengthen(reply, "\n")),
    ("task_id", "too long", "The task's id has more than 512 characters.", lambda reply: _lengthen(reply, "0" * 512)),
    ("task_id", "of no task", "The id is not that of the task.", lambda reply: _lengthen(reply, "0")),
    ("model_id", "with its provider", "`model_id` is the whole path.", lambda reply: _prefix(reply, "openai/")),
    ("model_id", "in capitals", "`model_id` is in capitals.",
     lambda reply: _data(reply, model_id=reply["data"]["model_id"].upper())),
)  # fmt: skip


def _lengthen(reply: Node, ending: str) -> None:
    reply["data"]["task_id"] += ending


def _prefix(reply: Node, beginning: str) -> None:
    reply["data"]["model_id"] = beginning + reply["data"]["model_id"]


def _addresses(document: Document) -> Iterator[tuple[str, str, str, Rewrite]]:
    """`get_result`, wrong in one way each; it is there even where the documented sample has none."""
    read = document.operation(GET_TASK)
    template = read.url.replace("{task_id}", "{}")
    server = urlsplit(read.url)
    for what, sentence, method, url in (
        ("by POST", "`get_result` asks for POST.", "POST", template),
        ("elsewhere", "`get_result` is on another host.", read.method, template.replace(server.netloc, "example.com")),
        ("plain http", "`get_result` has plain http.", read.method, template.replace("https://", "http://")),
        ("relative", "`get_result` has no host.", read.method, urlsplit(template).path),
        ("another task", "`get_result` reads another task.", read.method, f"{template}0"),
        ("another path", "`get_result` has another path.", read.method, template.replace("/{}", "/of/{}")),
    ):
        yield "get_result", what, sentence, partial(_readable, method, url)


def _readable(method: str, url: str, reply: Node) -> None:
    _data(reply, get_result={"method": method, "url": url.format(reply["data"]["task_id"])})


def _models(document: Document, operation: Operation) -> Iterator[tuple[str, str, str, Rewrite]]:
    for other in document.submissions:
        if other is not operation:
            model = other.path.strip("/").removesuffix("/async").rpartition("/")[2]
            yield "model_id", f"{model} instead", f"The model is called {model}.", partial(_data, model_id=model)


def _numbered(most: int, operation: Operation) -> None:
    """Ids begin again after so many submissions; the newest task of an id is the one that is read."""
    numbers = itertools.cycle(range(most))

    def make(submitted: Callable[[Any, Any, str], Node]) -> Callable[[Any, Any, str], Node]:
        def renamed(self: Any, asked: Any, origin: str) -> Node:
            reply = submitted(self, asked, origin)
            if asked.operation_id != operation.operation_id:
                return reply
            old, new = reply["data"]["task_id"], f"task-{operation.name}-{next(numbers)}"
            renewed: Node = json.loads(json.dumps(reply).replace(old, new))
            return renewed

        return renamed

    wrap("modellix.testing.tasks:TaskReplies.submitted", make)


def _remembered(operation: Operation) -> None:
    known: dict[bytes, Answer] = {}

    def make(accept: Callable[[StandIn, Any, Any, Any], Answer]) -> Callable[[StandIn, Any, Any, Any], Answer]:
        def accepted(self: StandIn, asked: Any, request: Any, body: Any) -> Answer:
            if asked.operation_id == operation.operation_id and request.body in known:
                task_id = known[request.body].json()["data"]["task_id"]
                self.submissions.append(Submission(asked.operation_id, body, True, task_id))
                return known[request.body]
            return known.setdefault(request.body, accept(self, asked, request, body))

        return accepted

    wrap("modellix.testing.core:StandIn._accept", make)


def _envelope(**members: Any) -> Callable[[Answer], Answer]:
    """A refusal with other members; None leaves one out."""

    def change(answer: Answer) -> Answer:
        told = {**answer.json(), **members}
        return json_answer(answer.status, {name: value for name, value in told.items() if value is not None})

    return change


def _of_status(status: int, change: Callable[[Answer], Answer]) -> Callable[[Answer], Answer]:
    return lambda answer: change(answer) if answer.status == status else answer


def _with_status(status: int) -> Callable[[Answer], Answer]:
    return lambda answer: json_answer(status, {**answer.json(), "code": status})


def _detail(answer: Answer) -> str:
    return str(answer.json()["message"].partition(": ")[2])


_REFUSALS: tuple[tuple[str, str, str, Callable[[Answer], Answer]], ...] = (
    ("refusal.envelope", "code 0", "The `code` of a refusal is 0.", _envelope(code=0)),
    ("refusal.envelope", "code 1001", "The `code` of a refusal is a number of its own.", _envelope(code=1001)),
    ("refusal.envelope", "no code", "A refusal has no `code`.", _envelope(code=None)),
    ("refusal.envelope", "no message", "A refusal has no `message`.", _envelope(message=None)),
    ("refusal.envelope", "code as text", "The `code` of a refusal is a text.",
     lambda answer: _envelope(code=str(answer.status))(answer)),
    ("refusal.envelope", "category alone", "The message of a refusal has no detail.",
     lambda answer: _envelope(message=answer.json()["message"].partition(":")[0])(answer)),
    ("refusal.envelope", "detail alone", "The message of a refusal has no category.",
     lambda answer: _envelope(message=_detail(answer))(answer)),
    ("refusal.envelope", "nested", "A refusal tells of itself in `error`.",
     lambda answer: json_answer(answer.status, {"error": answer.json()})),
    ("refusal.envelope", "plain text", "A refusal is plain text.",
     lambda answer: Answer(answer.status, {"Content-Type": "text/plain"}, answer.json()["message"].encode())),
    ("refusal.envelope", "HTML", "A refusal is called HTML.",
     lambda answer: Answer(answer.status, {"Content-Type": "text/html"}, answer.body)),
    ("refusal.envelope", "empty", "A refusal has no body.",
     lambda answer: Answer(answer.status, {"Content-Type": "application/json"}, b"")),
    ("refusal.category", "of 401", "A refused key is called Unauthorized.",
     _of_status(401, lambda answer: _envelope(message=f"Unauthorized: {_detail(answer)}")(answer))),
    ("refusal.category", "in small letters", "Categories are in small letters.",
     lambda answer: _envelope(message=answer.json()["message"].lower())(answer)),
)  # fmt: skip

_OF_SUBMISSIONS: tuple[tuple[str, str, str, Callable[[Answer], Answer]], ...] = (
    ("refusal.status", "422", "What breaks the contract is answered with 422.", _of_status(400, _with_status(422))),
    ("refusal.status", "413", "What breaks the contract is answered with 413.", _of_status(400, _with_status(413))),
    ("refusal.status", "200", "What breaks the contract is answered with 200, and a `code` of 400.",
     _of_status(400, lambda answer: json_answer(200, answer.json()))),
    ("refusal.category", "of 400", "What breaks the contract is called a Bad request.",
     _of_status(400, lambda answer: _envelope(message=f"Bad request: {_detail(answer)}")(answer))),
    ("refusal.free", "names a task", "A refusal names a task in `data`.", _envelope(data={"task_id": "task-1"})),
    ("refusal.free", "is a task", "A refusal names a task beside `code`.", _envelope(task_id="task-1")),
)  # fmt: skip

_FAILURES: tuple[tuple[str, Rewrite], ...] = (
    ("another code", lambda envelope: envelope.update(code=0)),
    ("no category", lambda envelope: envelope.update(message="try again later")),
)
"""What is wrong with an answer of the stand-in that a test has asked for."""
