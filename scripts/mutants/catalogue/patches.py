"""Where the stand-in can be changed: what it takes for the contract, what it judges, what goes in and comes out.

Each patch is for one operation, so that a fault of one model says nothing about another. Whether a request was
accepted is left to the stand-in wherever it can be, so that its own count of submissions stays true.
"""

from __future__ import annotations

import copy
import dataclasses
import itertools
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard
from urllib.parse import unquote, urlsplit

from contract_tests.model.document import Document, Node, Operation
from modellix._openapi import GET_TASK
from modellix.testing import StandIn
from modellix.testing.contract import shipped_contract
from modellix.testing.replies import Answer
from modellix.testing.tasks import task_of_result
from modellix_client.operations import document
from scripts.mutants.catalogue.limits import Change, opened, steps_of
from scripts.mutants.catalogue.rewrites import Rewrite, Story, rewritten
from scripts.mutants.changes import wrap
from scripts.mutants.edits import NotApplied


@dataclass
class Sent:
    """A request on its way into the stand-in; `headers` by lower-case name."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


Handle = Callable[[Sent], Answer]
"""How the stand-in answers by itself."""


def around(change: Callable[[StandIn, Sent, Handle], Answer]) -> None:
    """Has all requests answered by something that may ask the stand-in."""

    def make(handle: Callable[..., Answer]) -> Callable[..., Answer]:
        def changed(self: StandIn, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
            sent = Sent(method, path, {name.lower(): value for name, value in headers.items()}, body)
            return change(self, sent, lambda sent: handle(self, sent.method, sent.path, sent.headers, sent.body))

        return changed

    wrap("modellix.testing.core:StandIn.handle", make)


def before(operation: Operation, change: Callable[[Sent], None]) -> None:
    """Changes the requests of an operation before the stand-in sees them."""

    def changed(stand_in: StandIn, sent: Sent, handle: Handle) -> Answer:
        if is_asked(operation, sent):
            change(sent)
        return handle(sent)

    around(changed)


def after(operation: Operation, change: Callable[[StandIn, Sent, Answer], Answer]) -> None:
    """Changes the answers to the requests of an operation."""

    def changed(stand_in: StandIn, sent: Sent, handle: Handle) -> Answer:
        answer = handle(sent)
        return change(stand_in, sent, answer) if is_asked(operation, sent) else answer

    around(changed)


def is_asked(operation: Operation, sent: Sent) -> bool:
    """Whether a request is addressed to the operation."""
    template = re.sub(r"\\\{[^{}]*\\\}", "[^/]+", re.escape(urlsplit(operation.url).path))
    return sent.method == operation.method and re.fullmatch(template, urlsplit(sent.path).path) is not None


def calls(operation: Operation, where: str, change: Callable[..., Any]) -> None:
    """Has `change(function, *arguments)` called for a function of the stand-in where it is about the operation."""

    def make(function: Callable[..., Any]) -> Callable[..., Any]:
        def changed(*arguments: Any) -> Any:
            is_meant = any(getattr(one, "operation_id", None) == operation.operation_id for one in arguments)
            return change(function, *arguments) if is_meant else function(*arguments)

        return changed

    wrap(where, make)


def accepted(operation: Operation, rewrite: Rewrite) -> None:
    """Rewrites the reply to every submission that was accepted."""
    after(operation, lambda stand_in, sent, answer: rewritten(answer, rewrite) if answer.status == 200 else answer)


def refused(operation: Operation, status: int | None, rewrite: Rewrite) -> None:
    """Rewrites every refusal, or those of one status."""

    def change(stand_in: StandIn, sent: Sent, answer: Answer) -> Answer:
        is_meant = answer.status >= 400 if status is None else answer.status == status
        return rewritten(answer, rewrite) if is_meant else answer

    after(operation, change)


def reads(known: Document, operation: Operation, story: Story) -> None:
    """Rewrites what the reads of an operation's tasks tell."""
    numbers = Counter[str]()

    def changed(stand_in: StandIn, sent: Sent, answer: Answer) -> Answer:
        task_id = asked_id(sent)
        owners = {one.task_id: one.operation for one in stand_in.submissions}
        if answer.status != 200 or owners.get(task_id) != operation.operation_id:
            return answer
        numbers[task_id] += 1
        return rewritten(answer, lambda reply: story(reply, numbers[task_id]))

    after(known.operation(GET_TASK), changed)


def files(operation: Operation, change: Callable[[Sent, Answer, int], Answer]) -> None:
    """Changes the files of an operation's results, with how often each was fetched."""
    numbers = Counter[str | None]()

    def changed(stand_in: StandIn, sent: Sent, handle: Handle) -> Answer:
        answer = handle(sent)
        task_id = task_of_result(unquote(urlsplit(sent.path).path).split("/"))
        owners = {one.task_id: one.operation for one in stand_in.submissions}
        is_meant = task_id is not None and owners.get(task_id) == operation.operation_id
        numbers[task_id] += 1
        return change(sent, answer, numbers[task_id]) if is_meant else answer

    around(changed)


def now_and_then(operation: Operation, answer: Answer) -> None:
    """Has every tenth request of an operation answered like this."""
    numbers = itertools.count(1)
    after(operation, lambda stand_in, sent, usual: usual if next(numbers) % 10 or usual.status == 200 else answer)


def asked_id(sent: Sent) -> str:
    """The id of the task that a read asks for."""
    return unquote(urlsplit(sent.path).path.rpartition("/")[2])


def judged(operation: Operation, place: str, change: Callable[[Any], Any]) -> None:
    """Has the stand-in judge something else than what stands at a place of the body, `images[]` for each element."""

    def checked(check: Callable[..., Any], stand_in: StandIn, asked: Any, request: Any) -> Any:
        try:
            told = json.loads(request.body)
        except ValueError:
            return check(stand_in, asked, request)
        body = json.dumps(exchanged(told, steps_of(place), change)).encode()
        check(stand_in, asked, dataclasses.replace(request, body=body))
        return told

    calls(operation, "modellix.testing.core:StandIn._check", checked)


def exchanged(value: Any, steps: list[str], change: Callable[[Any], Any]) -> Any:
    """JSON data with whatever stands at a place exchanged, where anything does."""
    if not steps:
        return change(value)
    step, *rest = steps
    if step == "[]":
        return [exchanged(one, rest, change) for one in list_of(value)] if isinstance(value, list) else value
    fields = object_of(value)
    return {**fields, step: exchanged(fields[step], rest, change)} if step in fields else value


def list_of(value: Any) -> list[Any]:
    """The value if it is a list, else an empty one."""
    return value if _is_list(value) else []


def object_of(value: Any) -> Node:
    """The value if it is a JSON object, else an empty one."""
    return value if _is_object(value) else {}


def _is_list(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def _is_object(value: object) -> TypeGuard[Node]:
    return isinstance(value, dict)


def contract(operation: Operation, place: str, change: Change) -> None:
    """Has the stand-in alone read a document in which one schema, for this operation only, is another."""
    changed = restated(operation, place, change)

    def make(read: Callable[..., None]) -> Callable[..., None]:
        def changed_one(self: object, _: Node, **options: Any) -> None:
            read(self, changed, **options)

        return changed_one

    wrap("modellix.testing.contract:Contract.__init__", make)
    shipped_contract.cache_clear()


def restated(operation: Operation, place: str, change: Change, *, in_reply: bool = False) -> Node:
    """The document with another schema at a place of the request of one operation alone, or of its reply 200."""
    changed, original = document(), document()
    change(_opened(changed, operation, place, in_reply))
    _opened(original, operation, place, in_reply)
    if changed == original:
        raise NotApplied(f"{operation.name} {place}: the document stays as it was")
    return changed


def _opened(root: Node, operation: Operation, place: str, in_reply: bool) -> Node:
    known = Document(root)
    node = known.operation(operation.operation_id).node
    holder, key = (node["responses"], "200") if in_reply else (node, "requestBody")
    held = holder[key] = copy.deepcopy(known.resolve(holder[key]))
    return opened(held["content"]["application/json"], "schema", place, known.schema)


def read(changed: Node) -> None:
    """Has everybody read this document."""
    if changed == document():
        raise NotApplied("the document stays as it was")
    wrap("modellix_client.operations:document", lambda original: lambda: copy.deepcopy(changed))
