# ruff: noqa: E501 - one fault to a line, like a table
"""Faults of the stand-in in the life of tasks: states, ends, results, ids; and those that only a search finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from urllib.parse import unquote, urlsplit

from contract_tests.model.document import GET_TASK, Document, Node, Operation
from modellix.testing import StandIn
from modellix.testing.replies import Answer, json_answer
from scripts.mutants.catalogue import patches
from scripts.mutants.catalogue.choices import about
from scripts.mutants.catalogue.patches import Sent
from scripts.mutants.changes import wrap
from scripts.mutants.edits import edit, swap
from scripts.mutants.mutant import Mutant

FAILURES = "contract_tests/client/test_failures.py"
END = 3  # the read at which a task of the stand-in ends, unless it is told otherwise

Story = Callable[[Node, int], object]
"""What a read tells instead: the reply, to be changed in place, and how often the task was read."""


def mutants(document: Document, operation: Operation) -> Iterator[Mutant]:
    """The faults in the tasks of one submission."""
    for suffix, what, sentence, story in _STORIES:
        yield about(operation, f"task.{suffix}", what, sentence, partial(patches.told, document, operation, story))
    for suffix, what, sentence, apply in _SEARCHED:
        yield about(operation, suffix, what, sentence, partial(apply, operation))
    for suffix, what, sentence, change in _SCRIPTED:
        where, *exchange = change
        apply = partial(edit, where, swap(*exchange))
        yield about(operation, f"task.{suffix}", what, sentence, apply, files=(FAILURES,))


def mutants_of_reads(document: Document) -> Iterator[Mutant]:
    """The faults in which tasks are known."""
    read = document.operation(GET_TASK)
    for what, sentence, change in _UNKNOWN:
        apply = partial(patches.after, read, partial(_answered_by, change))
        yield about(read, "task_id.unknown", what, sentence, apply)
    for what, sentence, is_same in _NEARLY:
        yield about(read, "task_id.nearly", what, sentence, partial(patches.after, read, partial(_found, is_same)))


def _tell(first: int = 1, **members: Any) -> Story:
    """Other members of `data`, from that read on; None leaves one out, what is there alone is changed."""

    def story(reply: Node, number: int) -> None:
        if number >= first:
            told = {**reply["data"], **members}
            reply["data"] = {name: value for name, value in told.items() if value is not None}

    return story


def _resources(reply: Node) -> list[Node]:
    """The pictures that a reply names."""
    return patches.list_of(patches.object_of(reply["data"].get("result")).get("resources"))


def _resource(first: int = END, **members: Any) -> Story:
    """Other members of a picture; None leaves one out."""

    def story(reply: Node, number: int) -> None:
        for resource in _resources(reply) if number >= first else []:
            resource.update(members)
            for name in [name for name, value in members.items() if value is None]:
                del resource[name]

    return story


def _envelope(**members: Any) -> Story:
    def story(reply: Node, number: int) -> None:
        reply.update(members)
        for name in [name for name, value in members.items() if value is None]:
            del reply[name]

    return story


def _as(status: int, content_type: str = "application/json", first: int = 1) -> Story:
    def story(reply: Node, number: int) -> Answer | None:
        return json_answer(status, reply, {"Content-Type": content_type}) if number >= first else None

    return story


def _order(*statuses: str) -> Story:
    """These states, one a read, before the ones that the task would have told."""

    def story(reply: Node, number: int) -> None:
        if number <= len(statuses):
            _tell(status=statuses[number - 1], result=None, result_expires_at=None)(reply, number)

    return story


def _reworded(change: Callable[[str], str]) -> Story:
    return lambda reply, number: reply["data"].update(status=change(reply["data"]["status"]))


def _relocated(beginning: str) -> Story:
    def story(reply: Node, number: int) -> None:
        for resource in _resources(reply):
            resource["url"] = beginning + urlsplit(str(resource["url"])).path

    return story


_STORIES: tuple[tuple[str, str, str, Story], ...] = (
    ("read", "no code", "A read has no `code`.", _envelope(code=None)),
    ("read", "code as text", "The `code` of a read is a text.", _envelope(code="0")),
    ("read", "no message", "A read has no `message`.", _envelope(message=None)),
    ("read", "203", "A read is answered with 203.", _as(203)),
    ("read", "plain text", "A read is plain text.", _as(200, "text/plain")),
    ("read", "expiry as text", "The expiry is a text.", _tell(END, result_expires_at="2026-12-01T00:00:00Z")),
    ("read", "width as text", "The width of a picture is a text.", _resource(width="1024")),
    ("read", "duration as text", "The duration is a text.", _tell(END, duration="21 s")),
    ("identity", "another task", "A read names another task.", _tell(task_id="task-1")),
    ("identity", "another model", "A read names another model.", _tell(model_id="gpt-image-9")),
    ("states", "running", "A task in work is `running`.",
     _reworded(lambda status: status.replace("processing", "running"))),
    ("states", "queued", "A task that waits is `queued`.", _reworded(lambda status: status.replace("pending", "queued"))),
    ("states", "completed", "A task ends as `completed`.",
     _reworded(lambda status: status.replace("success", "completed"))),
    ("states", "in capitals", "States are in capitals.", _reworded(str.upper)),
    ("order", "back to pending", "A task in work is `pending` again.", _order("pending", "processing", "pending")),
    ("order", "the wrong way", "A task is in work before it waits.", _order("processing", "pending")),
    ("ends", "pending for ever", "A task waits for ever.", _order(*["pending"] * 1000)),
    ("ends", "processing for ever", "A task is in work for ever.", _order("pending", *["processing"] * 1000)),
    ("stable", "in work again", "A task that has ended is in work again.", _tell(END + 2, status="processing")),
    ("stable", "failed after all", "A task that has ended well fails.", _tell(END + 1, status="failed")),
    ("stable", "gone", "A task that has ended is gone.", _as(404, first=END + 1)),
    ("stable", "without its result", "The result is told once.", _tell(END + 1, result=None)),
    ("stable", "wider", "The picture grows with each look.", _resource(END + 2, width=4096)),
    ("stable", "another picture", "Another picture is named later.", _resource(END + 3, url="https://example.com/1.png")),
    ("result", "failed", "A valid request ends as `failed`.", _tell(END, status="failed", result=None)),
    ("result", "none", "A task ends without a result.", _tell(END, result=None)),
    ("result", "null", "The result is null.", lambda reply, number: number < END or reply["data"].update(result=None)),
    ("result", "empty", "The result names no picture.", _tell(END, result={"resources": []})),
    ("result", "no type", "A picture has no type.", _resource(type=None)),
    ("result", "no url", "A picture has no address.", _resource(url=None)),
    ("result", "empty url", "The address of a picture is empty.", _resource(url="")),
    ("urls", "plain http", "Pictures lie at plain http.", _relocated("http://cdn.example.com")),
    ("urls", "relative", "The address of a picture has no host.", _relocated("")),
    ("urls", "no scheme", "The address of a picture has no scheme.", _relocated("//cdn.example.com")),
    ("urls", "ftp", "Pictures lie at ftp.", _relocated("ftp://cdn.example.com")),
)  # fmt: skip


def _answered_by(change: Callable[[Answer], Answer], stand_in: StandIn, sent: Sent, answer: Answer) -> Answer:
    return change(answer)


def _invented(answer: Answer) -> Answer:
    if answer.status != 404:
        return answer
    return json_answer(200, {"code": 0, "message": "success", "data": {"status": "pending", "task_id": "task-1"}})


def _answered(status: int, code: int) -> Callable[[Answer], Answer]:
    return lambda answer: json_answer(status, {**answer.json(), "code": code}) if answer.status == 404 else answer


_UNKNOWN: tuple[tuple[str, str, Callable[[Answer], Answer]], ...] = (
    ("taken for a task", "A task that does not exist is `pending`.", _invented),
    ("400", "A task that does not exist is answered with 400.", _answered(400, 400)),
    ("410", "A task that does not exist is answered with 410.", _answered(410, 410)),
    ("200", "A task that does not exist is answered with 200, and a `code` of 404.", _answered(200, 404)),
)

_NEARLY: tuple[tuple[str, str, Callable[[str, str], bool]], ...] = (
    ("trimmed", "Blanks around an id are forgiven.", lambda known, asked: asked.strip() == known),
    ("in any case", "Ids are compared without case.", lambda known, asked: asked.lower() == known.lower()),
    ("by its beginning", "The beginning of an id will do.", lambda known, asked: known.startswith(asked)),
    ("and more", "What follows an id is not looked at.", lambda known, asked: asked.startswith(known)),
)


def _found(is_same: Callable[[str, str], bool], stand_in: StandIn, sent: Sent, answer: Answer) -> Answer:
    asked = unquote(urlsplit(sent.path).path.rpartition("/")[2])
    known = [one.task_id for one in stand_in.submissions if one.task_id is not None]
    return _invented(answer) if any(is_same(task_id, asked) for task_id in known) else answer


def _refuses(mark: str, operation: Operation) -> None:
    """Refuses every body with a field that holds such a text."""

    def change(body: Any) -> Any:
        texts = [value for value in patches.object_of(body).values() if isinstance(value, str)]
        return None if any(mark in text for text in texts) else body

    patches.judged(operation, "", change)


def _skips_full(operation: Operation) -> None:
    """Judges no body in which no field is left out."""
    from contract_tests.model.document import contract
    from contract_tests.model.samples import base_body

    names = set(contract().schema(contract().body_schema(operation))["properties"])
    good = base_body(contract(), operation)
    patches.judged(operation, "", lambda body: good if names <= set(patches.object_of(body)) else body)


def _at_each(where: str, change: Callable[[Any], None]) -> Callable[[Operation], None]:
    """Does something to the stand-in whenever one of its methods is called for the operation."""

    def apply(operation: Operation) -> None:
        def make(method: Callable[..., Any]) -> Callable[..., Any]:
            def changed(self: Any, asked: Any, *rest: Any) -> Any:
                if asked.operation_id == operation.operation_id:
                    change(self)
                return method(self, asked, *rest)

            return changed

        wrap(where, make)

    return apply


def _set_back(stand_in: Any) -> None:
    for task in stand_in._tasks.values():
        task.reads = 0 if not task.ended else task.reads


def _forget(stand_in: Any) -> None:
    stand_in._tasks.clear()


_SEARCHED: tuple[tuple[str, str, str, Callable[[Operation], None]], ...] = (
    ("body.valid", "no NUL", "A text with a NUL is refused.", partial(_refuses, "\0")),
    ("body.valid", "no address", "A text with an address in it is refused.", partial(_refuses, "https://")),
    ("body.broken", "full bodies not judged", "Limits are not looked at when no field is left out.", _skips_full),
    ("history", "set back", "A submission sets tasks that are in work back.",
     _at_each("modellix.testing.core:StandIn._accept", _set_back)),
    ("history", "forgotten", "A refused submission has earlier tasks forgotten.",
     _at_each("modellix.testing.core:StandIn._record_unaccepted", _forget)),
)  # fmt: skip

_TASK, _REPLIES = "modellix.testing.tasks:Task.read", "modellix.testing.tasks:TaskReplies.read"
_SCRIPTED = (
    ("failed", "ends well", "A task that is to fail ends well.",
     (_REPLIES, "status = task.read()", 'status = task.read().replace("failed", "success")')),
    ("failed", "without its error", "A failed task does not tell its error.",
     (_REPLIES, "data.update(task.script.final_data)", "pass")),
    ("failed", "begins anew", "A task that has ended begins anew.",
     (_TASK, "min(self.reads + 1, self.script.reads)", "self.reads % self.script.reads + 1")),
    ("expiry", "in seconds", "The expiry is in seconds.", (_TASK, "int(time.time() * 1000)", "int(time.time())")),
    ("expiry", "after a day", "Results expire after a day.", (_TASK, "+ RESULT_LIFETIME_MS", "+ RESULT_LIFETIME_MS // 7")),
    ("expiry", "in the past", "Results have expired already.", (_TASK, "+ RESULT_LIFETIME_MS", "- RESULT_LIFETIME_MS")),
    ("expiry", "not told", "The expiry is not told.", (_REPLIES, 'data["result_expires_at"] = task.expires_at_ms', 'data.pop("result_expires_at", None)')),
)  # fmt: skip
