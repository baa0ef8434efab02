"""Faults of the stand-in in how it answers: the reply to a submission, and refusals."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from contract_tests.model.document import Document, Node, Operation
from modellix._openapi import GET_TASK
from modellix.testing import StandIn
from modellix.testing.records import Submission
from modellix.testing.replies import Answer
from scripts.mutants.catalogue import patches
from scripts.mutants.catalogue.choices import about, tests_of
from scripts.mutants.catalogue.rewrites import GONE, Rewrite, answered, reworded, says
from scripts.mutants.mutant import Mutant

FAILURES = "contract_tests/client/test_failures.py"


def mutants(document: Document, operation: Operation) -> Iterator[Mutant]:
    """The faults of one operation."""
    is_submission = operation in document.submissions
    if is_submission:
        yield from _replies(document, operation)
    for suffix, what, sentence, status, rewrite in (*(_OF_SUBMISSIONS if is_submission else ()), *_REFUSALS):
        yield about(operation, suffix, what, sentence, partial(patches.refused, operation, status, rewrite))
    for status in (429, 503):
        page = Answer(status, {"Content-Type": "text/html"}, b"<h1>Too busy</h1>")
        sentence = f"Every tenth refusal is a page of HTML, with the status {status}."
        yield about(operation, f"failure.{status}", "a page", sentence, partial(patches.now_and_then, operation, page))
    for status in (402, 429, 500, 503):
        for what, rewrite in _FAILURES:
            sentence = f"A scripted {status} has {what}."
            apply = partial(patches.refused, operation, status, rewrite)
            yield about(operation, f"failure.{status}", what, sentence, apply, files=(FAILURES,))


def _replies(document: Document, operation: Operation) -> Iterator[Mutant]:
    for suffix, what, sentence, rewrite in (*_REPLIES, *_addresses(document), *_models(document, operation)):
        apply = partial(patches.accepted, operation, rewrite)
        sort = f"reply.{suffix}: {'another' if what.endswith(' instead') else what}"
        yield about(operation, f"reply.{suffix}", what, sentence, apply, sort=sort)
    for what, sentence, apply_to in (
        ("always the same", "Every task of a model has the same id.", partial(_numbered, 1)),
        ("anew after thirty", "Ids begin again after thirty submissions.", partial(_numbered, 30)),
        ("every other the same", "Every other submission gets the same id.", partial(_numbered, 2)),
        ("equal bodies alike", "An equal body gets the task that it got before.", _remembered),
    ):
        apply = partial(apply_to, operation)
        # The others submit every planned body, so that there are many ids to compare.
        tests = tests_of(f"{operation.name}.reply.unique", f"{operation.name}.body.valid")
        yield about(operation, "reply.unique", what, sentence, apply, choices=tests)


def _longer(ending: str) -> Rewrite:
    return reworded(lambda task_id: task_id + ending, "data", "task_id")


_REPLIES: tuple[tuple[str, str, str, Rewrite], ...] = (
    ("envelope", "no code", "The reply has no `code`.", says(code=GONE)),
    ("envelope", "code as text", "`code` is the text 0.", says(code="0")),
    ("envelope", "code false", "`code` is false.", says(code=False)),
    ("envelope", "code 200", "`code` is 200.", says(code=200)),
    ("envelope", "no message", "The reply has no `message`.", says(message=GONE)),
    ("envelope", "message null", "`message` is null.", says(message=None)),
    ("envelope", "201", "The status is 201.", answered(201)),
    ("envelope", "202", "The status is 202.", answered(202)),
    ("envelope", "another charset", "The content type says UTF-16, the body is in UTF-8.",
     answered(200, "application/json; charset=utf-16")),
    ("envelope", "plain text", "The content type is text/plain.", answered(200, "text/plain")),
    ("envelope", "no model_id", "`data` has no `model_id`.", says("data", model_id=GONE)),
    ("envelope", "no status", "`data` has no `status`.", says("data", status=GONE)),
    ("envelope", "model_id null", "`model_id` is null.", says("data", model_id=None)),
    ("envelope", "get_result without url", "`get_result` has no `url`.", says("data", get_result={"method": "GET"})),
    ("envelope", "get_result as text", "`get_result` is a text.", says("data", get_result="/tasks/1")),
    ("envelope", "data in a list", "`data` is a list.", lambda reply: reply.update(data=[reply["data"]])),
    ("status", "processing", "A fresh task is `processing`.", says("data", status="processing")),
    ("status", "success", "A fresh task is `success`.", says("data", status="success")),
    ("status", "queued", "A fresh task is `queued`.", says("data", status="queued")),
    ("status", "in capitals", "The status is `PENDING`.", says("data", status="PENDING")),
    ("task_id", "empty", "The task's id is empty.", says("data", task_id="")),
    ("task_id", "a number", "The task's id is a number.", says("data", task_id=17)),
    ("task_id", "two dots", "The task's id is `..`.", says("data", task_id="..")),
    ("task_id", "a line feed", "The task's id ends with a line feed.", _longer("\n")),
    ("task_id", "too long", "The task's id has more than 512 characters.", _longer("0" * 512)),
    ("task_id", "of no task", "The id is not that of the task.", _longer("0")),
    ("secret", "in the message", "The reply has the key in its message.", says(message="success for test-key")),
    ("secret", "in the address", "`get_result` has the key in its address.",
     says("data", get_result={"method": "GET", "url": "https://api.example.com/?key=test-key"})),
    ("model_id", "with its provider", "`model_id` is the whole path.",
     reworded(lambda model: f"openai/{model}", "data", "model_id")),
    ("model_id", "in capitals", "`model_id` is in capitals.", reworded(str.upper, "data", "model_id")),
)  # fmt: skip


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
    reply["data"]["get_result"] = {"method": method, "url": url.format(reply["data"]["task_id"])}


def _models(document: Document, operation: Operation) -> Iterator[tuple[str, str, str, Rewrite]]:
    for model in dict.fromkeys(map(_model, document.submissions)):  # several providers may call one the same
        if model != _model(operation):
            yield "model_id", f"{model} instead", f"The model is called {model}.", says("data", model_id=model)


def _model(operation: Operation) -> str:
    return operation.path.strip("/").removesuffix("/async").rpartition("/")[2]


def _numbered(most: int, operation: Operation) -> None:
    """Ids begin again after so many submissions; the newest task of an id is the one that is read."""
    numbers = itertools.cycle(range(most))

    def renamed(submitted: Callable[..., Node], *arguments: Any) -> Any:
        reply = submitted(*arguments)
        return json.loads(json.dumps(reply).replace(reply["data"]["task_id"], f"task-{operation.name}-{next(numbers)}"))

    patches.calls(operation, "modellix.testing.tasks:TaskReplies.submitted", renamed)


def _remembered(operation: Operation) -> None:
    known: dict[bytes, Answer] = {}

    def accepted(accept: Callable[..., Answer], stand_in: StandIn, asked: Any, request: Any, body: Any) -> Answer:
        if request.body in known:
            task_id = known[request.body].json()["data"]["task_id"]
            stand_in.submissions.append(Submission(asked.operation_id, body, True, task_id))
            return known[request.body]
        return known.setdefault(request.body, accept(stand_in, asked, request, body))

    patches.calls(operation, "modellix.testing.core:StandIn._accept", accepted)


def _message(change: Callable[[str], str]) -> Rewrite:
    return reworded(change, "message")


def _called(category: str) -> Rewrite:
    """The refusal under another category."""
    return _message(lambda message: f"{category}: {message.partition(': ')[2]}")


def _as(content_type: str, change: Callable[[Node], str]) -> Rewrite:
    """The refusal with another body; its `code` is its status."""
    return lambda reply: Answer(reply["code"], {"Content-Type": content_type}, change(reply).encode())


_Refusal = tuple[str, str, str, int | None, Rewrite]
"""The promise; in few words; as a sentence; the status of what is rewritten, None for all refusals; and how."""

_REFUSALS: tuple[_Refusal, ...] = (
    ("refusal.envelope", "code 0", "The `code` of a refusal is 0.", None, says(code=0)),
    ("refusal.envelope", "code 1001", "The `code` of a refusal is a number of its own.", None, says(code=1001)),
    ("refusal.envelope", "no code", "A refusal has no `code`.", None, says(code=GONE)),
    ("refusal.envelope", "no message", "A refusal has no `message`.", None, says(message=GONE)),
    ("refusal.envelope", "code as text", "The `code` of a refusal is a text.", None,
     lambda reply: reply.update(code=str(reply["code"]))),
    ("refusal.envelope", "category alone", "The message of a refusal has no detail.", None,
     _message(lambda message: message.partition(":")[0])),
    ("refusal.envelope", "detail alone", "The message of a refusal has no category.", None,
     _message(lambda message: message.partition(": ")[2])),
    ("refusal.envelope", "nested", "A refusal tells of itself in `error`.", None,
     _as("application/json", lambda reply: json.dumps({"error": reply}))),
    ("refusal.envelope", "plain text", "A refusal is plain text.", None,
     _as("text/plain", lambda reply: str(reply["message"]))),
    ("refusal.envelope", "HTML", "A refusal is called HTML.", None, _as("text/html", json.dumps)),
    ("refusal.envelope", "empty", "A refusal has no body.", None, _as("application/json", lambda reply: "")),
    ("reply.secret", "in a refusal", "A refusal of a key shows the right one.", 401,
     _message(lambda message: f"{message}; it should be TEST-KEY")),
    ("refusal.category", "of 401", "A refused key is called Unauthorized.", 401, _called("Unauthorized")),
    ("refusal.category", "in small letters", "Categories are in small letters.", None, _message(str.lower)),
)  # fmt: skip

_OF_SUBMISSIONS: tuple[_Refusal, ...] = (
    ("refusal.status", "422", "What breaks the contract is answered with 422.", 400, answered(422, code=422)),
    ("refusal.status", "413", "What breaks the contract is answered with 413.", 400, answered(413, code=413)),
    ("refusal.status", "200", "What breaks the contract is answered with 200, with a `code`.", 400, answered(200)),
    ("refusal.category", "of 400", "What breaks the contract is called a Bad request.", 400, _called("Bad request")),
    ("refusal.free", "names a task", "A refusal names a task in `data`.", None, says(data={"task_id": "task-1"})),
    ("refusal.free", "is a task", "A refusal names a task beside `code`.", None, says(task_id="task-1")),
)  # fmt: skip

_FAILURES: tuple[tuple[str, Rewrite], ...] = (
    ("another code", says(code=0)),
    ("no category", says(message="try again later")),
)
"""What is wrong with an answer of the stand-in that a test has asked for."""
