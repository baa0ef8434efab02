# ruff: noqa: E501 - one fault to a line, like a table
"""Faults of the stand-in in the history of tasks: states, ends, results, ids; and those that only a search finds."""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from contract_tests.model.cases import UNIONS
from contract_tests.model.document import Document, Node, Operation, contract
from contract_tests.model.samples import base_body
from modellix._openapi import GET_TASK, types_of
from modellix.testing import StandIn
from modellix.testing.pictures import picture
from modellix.testing.replies import Answer, json_answer
from scripts.mutants.catalogue import patches
from scripts.mutants.catalogue.choices import about, tests_of
from scripts.mutants.catalogue.patches import Sent
from scripts.mutants.catalogue.rewrites import GONE, Rewrite, Story, answered, reworded, rewritten, says, since
from scripts.mutants.edits import edit, swap
from scripts.mutants.mutant import Mutant

FAILURES = "contract_tests/client/test_failures.py"
END = 3  # the read at which a task of the stand-in ends, unless it is told otherwise


def mutants(document: Document, operation: Operation) -> Iterator[Mutant]:
    """The faults in the tasks of one submission."""
    for suffix, what, sentence, story in _STORIES:
        yield about(operation, f"task.{suffix}", what, sentence, partial(patches.reads, document, operation, story))
    for suffix, what, sentence, file in _FILES:
        yield about(operation, f"task.{suffix}", what, sentence, partial(patches.files, operation, file))
    has_free_texts = _has_free_texts(document, document.body_schema(operation))
    for suffix, what, sentence, apply in _SEARCHED:
        if suffix != "body.valid" or has_free_texts:
            # The tests of valid bodies submit every planned one, so that there are tasks to compare.
            choices = tests_of(f"{operation.name}.{suffix}", f"{operation.name}.body.valid")
            chosen = choices if suffix == "task.result" else ()
            yield about(operation, suffix, what, sentence, partial(apply, operation), choices=chosen)
    for suffix, what, sentence, change in _SCRIPTED:
        where, *exchange = change
        apply = partial(edit, where, swap(*exchange))
        yield about(operation, f"task.{suffix}", what, sentence, apply, files=(FAILURES,))


def mutants_of_reads(document: Document) -> Iterator[Mutant]:
    """The faults in which tasks are known."""
    read = document.operation(GET_TASK)
    for what, sentence, rewrite in _UNKNOWN:
        apply = partial(patches.refused, read, 404, rewrite)
        yield about(read, "task_id.unknown", what, sentence, apply)
    coded = b64encode(b"Bearer test-key").decode()
    yield about(read, "reply.secret", "in a header", "Replies have the key in a header, encoded.",
                partial(patches.after, read, lambda stand_in, sent, answer: replace(answer, headers={**answer.headers, "X-Caller": coded})))  # fmt: skip
    for what, sentence, is_same in _NEARLY:
        yield about(read, "task_id.near_miss", what, sentence, partial(patches.after, read, partial(_found, is_same)))


def _data(first: int = 1, **members: Any) -> Story:
    """Other members of `data`, from that read on."""
    return since(first, says("data", **members))


def _pictures(reply: Node) -> list[Node]:
    """The pictures that a reply names."""
    return patches.list_of(patches.object_of(reply["data"].get("result")).get("resources"))


def _picture(first: int = END, **members: Any) -> Story:
    """Other members of a picture, from that read on."""
    return _each_picture(first, says(**members))


def _each_picture(first: int, rewrite: Rewrite) -> Story:
    def rewrite_all(reply: Node) -> None:
        for one in _pictures(reply):
            rewrite(one)

    return since(first, rewrite_all)


def _order(*statuses: str) -> Story:
    """These states, one a read, before the ones that the task would have told."""
    told = [says("data", status=status, result=GONE, result_expires_at=GONE) for status in statuses]
    return lambda reply, number: told[number - 1](reply) if number <= len(told) else None


def _status(change: Callable[[str], str]) -> Story:
    return since(1, reworded(change, "data", "status"))


def _relocated(beginning: str) -> Story:
    return _each_picture(1, reworded(lambda url: beginning + urlsplit(url).path, "url"))


_STORIES: tuple[tuple[str, str, str, Story], ...] = (
    ("read", "no code", "A read has no `code`.", since(1, says(code=GONE))),
    ("read", "code as text", "The `code` of a read is a text.", since(1, says(code="0"))),
    ("read", "no message", "A read has no `message`.", since(1, says(message=GONE))),
    ("read", "203", "A read is answered with 203.", since(1, answered(203))),
    ("read", "plain text", "A read is plain text.", since(1, answered(200, "text/plain"))),
    ("read", "expiry as text", "The expiry is a text.", _data(END, result_expires_at="2026-12-01T00:00:00Z")),
    ("read", "width as text", "The width of a picture is a text.", _picture(width="1024")),
    ("read", "duration as text", "The duration is a text.", _data(END, duration="21 s")),
    ("identity", "another task", "A read names another task.", _data(task_id="task-1")),
    ("identity", "another model", "A read names another model.", _data(model_id="gpt-image-9")),
    ("states", "running", "A task in work is `running`.",
     _status(lambda status: status.replace("processing", "running"))),
    ("states", "queued", "A task that waits is `queued`.", _status(lambda status: status.replace("pending", "queued"))),
    ("states", "completed", "A task ends as `completed`.",
     _status(lambda status: status.replace("success", "completed"))),
    ("states", "in capitals", "States are in capitals.", _status(str.upper)),
    ("order", "back to pending", "A task in work is `pending` again.", _order("pending", "processing", "pending")),
    ("order", "the wrong way", "A task is in work before it waits.", _order("processing", "pending")),
    ("ends", "pending for ever", "A task waits for ever.", _order(*["pending"] * 1000)),
    ("ends", "processing for ever", "A task is in work for ever.", _order("pending", *["processing"] * 1000)),
    ("stable", "in work again", "A task that has ended is in work again.", _data(END + 2, status="processing")),
    ("stable", "failed after all", "A task that has ended well fails.", _data(END + 1, status="failed")),
    ("stable", "in work again late", "A task is in work again some time after its end.", _data(END + 4, status="processing")),
    ("stable", "gone late", "A task is gone some time after its end.", since(END + 4, answered(404))),
    ("expiry", "told in seconds", "The expiry is in seconds.", _data(END, result_expires_at=1_900_000_000)),
    ("expiry", "told in nanoseconds", "The expiry is in nanoseconds.", _data(END, result_expires_at=1_900_000_000 * 10**9)),
    ("expiry", "told when over", "The expiry was an hour ago.",
     since(END, lambda reply: says("data", result_expires_at=int(time.time() - 3600) * 1000)(reply))),
    ("numbers", "before it began", "A task takes less than no time.", _data(END, duration=-1)),
    ("numbers", "flat", "A picture has no height.", _picture(height=0)),
    ("stable", "gone", "A task that has ended is gone.", since(END + 1, answered(404))),
    ("stable", "without its result", "The result is told once.", _data(END + 1, result=GONE)),
    ("stable", "wider", "The picture grows with each look.", _picture(END + 2, width=4096)),
    ("stable", "another picture", "Another picture is named later.", _picture(END + 3, url="https://example.com/1.png")),
    ("result", "none", "A task ends without a result.", _data(END, result=GONE)),
    ("result", "null", "The result is null.", _data(END, result=None)),
    ("result", "empty", "The result names no picture.", _data(END, result={"resources": []})),
    ("result", "no type", "A picture has no type.", _picture(type=GONE)),
    ("result", "no url", "A picture has no address.", _picture(url=GONE)),
    ("result", "empty url", "The address of a picture is empty.", _picture(url="")),
    ("urls", "plain http", "Pictures lie at plain http.", _relocated("http://cdn.example.com")),
    ("urls", "relative", "The address of a picture has no host.", _relocated("")),
    ("urls", "no scheme", "The address of a picture has no scheme.", _relocated("//cdn.example.com")),
    ("file", "called a video", "A picture is called a video.", _picture(type="video")),
    ("file", "called a JPEG", "A PNG is called a JPEG.", _picture(format="jpeg")),
    ("expiry", "told as now", "Results expire when they are made.",
     since(END, lambda reply: says("data", result_expires_at=int(time.time() * 1000))(reply))),
    ("urls", "a blank", "The address of a picture has a blank in it.", _relocated("https://cdn.example.com/a b")),
    ("urls", "ftp", "Pictures lie at ftp.", _relocated("ftp://cdn.example.com")),
)  # fmt: skip


_File = Callable[[Sent, Answer, int], Answer]


def _bytes(change: Callable[[bytes], bytes], first: int = 1) -> _File:
    """Other bytes, from that fetch on."""
    return lambda sent, answer, number: replace(answer, body=change(answer.body)) if number >= first else answer


def _gone(status: int, first: int = 1) -> _File:
    refusal = json_answer(status, {"code": status, "message": "No: no"})
    return lambda sent, answer, number: refusal if number >= first else answer


def _leads(place: str) -> _File:
    return lambda sent, answer, number: Answer(302, {"Location": place or sent.path}, b"")


def _only_with_key(sent: Sent, answer: Answer, number: int) -> Answer:
    return answer if "authorization" in sent.headers else _gone(403)(sent, answer, number)


_FILES: tuple[tuple[str, str, str, _File], ...] = (
    ("file", "half", "The file of a result ends in the middle.", _bytes(lambda data: data[: len(data) // 2])),
    ("file", "without its end", "The last bytes of a result's file are missing.", _bytes(lambda data: data[:-12])),
    ("file", "damaged", "Some bytes of a result's file are others.", _bytes(lambda data: data.replace(data[60:64], b"....", 1))),
    ("file", "empty", "The file of a result is empty.", _bytes(lambda data: b"")),
    ("file", "a page", "A page of HTML lies in the place of a result.", _bytes(lambda data: b"<!doctype html><p>Gone")),
    ("file", "404", "The file of a result is not there.", _gone(404)),
    ("file", "403", "The file of a result is only for those with a key.", _only_with_key),
    ("file", "in a circle", "The address of a result leads to itself.", _leads("")),
    ("file", "to plain http", "The address of a result leads to plain http.", _leads("http://cdn.example.com/0.png")),
    ("kept", "once", "The file of a result can be fetched once.", _gone(404, 2)),
    ("kept", "another", "The file of a result is another picture later.", _bytes(lambda data: picture(8, 8), 2)),
)  # fmt: skip
"""What is wrong with the files of results."""

_INVENTED: Node = {"code": 0, "message": "success", "data": {"status": "pending", "task_id": "task-1"}}

_UNKNOWN: tuple[tuple[str, str, Rewrite], ...] = (
    ("taken for a task", "A task that does not exist is `pending`.", answered(200, **_INVENTED)),
    ("400", "A task that does not exist is answered with 400.", answered(400, code=400)),
    ("410", "A task that does not exist is answered with 410.", answered(410, code=410)),
    ("200", "A task that does not exist is answered with 200, and a `code` of 404.", answered(200)),
)

_NEARLY: tuple[tuple[str, str, Callable[[str, str], bool]], ...] = (
    ("trimmed", "Blanks around an id are forgiven.", lambda known, asked: asked.strip() == known),
    ("by its beginning", "The beginning of an id will do.", lambda known, asked: known.startswith(asked)),
    ("and more", "What follows an id is not looked at.", lambda known, asked: asked.startswith(known)),
    ("by the rest", "An id will do without its first part.", lambda known, asked: known.partition("-")[2] == asked),
    ("other separators", "A separator is as good as another.", lambda known, asked: known == asked.replace("_", "-")),
)


def _found(is_same: Callable[[str, str], bool], stand_in: StandIn, sent: Sent, answer: Answer) -> Answer:
    known = [one.task_id for one in stand_in.submissions if one.task_id is not None]
    is_taken = answer.status == 404 and any(is_same(task_id, patches.asked_id(sent)) for task_id in known)
    return json_answer(200, _INVENTED) if is_taken else answer


def _refuses(mark: str, operation: Operation) -> None:
    """Refuses every body with such a text anywhere."""
    patches.judged(operation, "", lambda body: None if any(mark in text for text in _texts_in(body)) else body)


def _fails(operation: Operation) -> None:
    """The task of every body but the plainest fails."""
    plainest = base_body(contract(), operation)

    def changed(stand_in: StandIn, sent: Sent, answer: Answer) -> Answer:
        asked = next((one for one in stand_in.submissions if one.task_id == patches.asked_id(sent)), None)
        if asked is None or asked.operation != operation.operation_id or asked.body == plainest:
            return answer
        return rewritten(answer, says("data", status="failed", result=GONE))

    patches.after(contract().operation(GET_TASK), changed)


def _texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for inner in (*patches.list_of(value), *patches.object_of(value).values()):
        yield from _texts_in(inner)


def _has_free_texts(document: Document, node: Any) -> bool:
    """Whether a schema takes a text of any kind somewhere."""
    schema = document.schema(node)
    parts = [*schema.get("properties", {}).values(), *(schema[one] for one in ("items",) if one in schema)]
    parts += [part for union in UNIONS for part in schema.get(union, [])]
    is_free = "string" in types_of(schema) and not {"enum", "const", "pattern"} & schema.keys()
    return is_free or any(_has_free_texts(document, part) for part in parts)


def _skips_full(operation: Operation) -> None:
    """Judges no body in which no field is left out."""
    names = set(contract().schema(contract().body_schema(operation))["properties"])
    good = base_body(contract(), operation)
    patches.judged(operation, "", lambda body: good if names <= set(patches.object_of(body)) else body)


def _set_back(operation: Operation) -> None:
    """A submission sets the tasks that are in work back."""

    def accept(method: Callable[..., Any], stand_in: Any, *rest: Any) -> Any:
        for task in stand_in._tasks.values():
            task.reads = 0 if not task.ended else task.reads
        return method(stand_in, *rest)

    patches.calls(operation, "modellix.testing.core:StandIn._accept", accept)


def _forgets(operation: Operation) -> None:
    """A refused submission has all tasks forgotten."""

    def record(method: Callable[..., Any], stand_in: Any, *rest: Any) -> Any:
        stand_in._tasks.clear()
        return method(stand_in, *rest)

    patches.calls(operation, "modellix.testing.core:StandIn._record_unaccepted", record)


_SEARCHED: tuple[tuple[str, str, str, Callable[[Operation], None]], ...] = (
    ("body.valid", "no NUL", "A text with a NUL is refused.", partial(_refuses, "\0")),
    ("body.valid", "no hash", "A text with a `#` in it is refused.", partial(_refuses, "#")),
    ("body.valid", "no path", "A text with `../` in it is refused.", partial(_refuses, "../")),
    ("body.valid", "no template", "A text with `{{` in it is refused.", partial(_refuses, "{{")),
    ("task.result", "failed", "The task of every body but the plainest fails.", _fails),
    ("body.broken", "full bodies not judged", "Limits are not looked at when no field is left out.", _skips_full),
    ("history", "set back", "A submission sets tasks that are in work back.", _set_back),
    ("history", "forgotten", "A refused submission has earlier tasks forgotten.", _forgets),
)  # fmt: skip

_TASK, _REPLIES = "modellix.testing.tasks:Task.read", "modellix.testing.tasks:TaskReplies.read"
_SCRIPTED = (
    ("failed", "ends well", "A task that is to fail ends well.",
     (_REPLIES, "status = task.read()", 'status = task.read().replace("failed", "success")')),
    ("failed", "without its error", "A failed task does not tell its error.",
     (_REPLIES, "data.update(task.script.final_data)", "pass")),
    ("failed", "begins anew", "A task that has ended begins anew.",
     (_TASK, "min(self.reads + 1, self.script.reads)", "self.reads % self.script.reads + 1")),
    ("expiry", "in seconds", "The expiry is in seconds.", (_TASK, "_now_ms() +", "_now_ms() // 1000 +")),
    ("expiry", "after a day", "Results expire after a day.", (_TASK, "+ RESULT_LIFETIME_MS", "+ RESULT_LIFETIME_MS // 7")),
    ("expiry", "in the past", "Results have expired already.", (_TASK, "+ RESULT_LIFETIME_MS", "- RESULT_LIFETIME_MS")),
    ("expiry", "not told", "The expiry is not told.", (_REPLIES, 'data["result_expires_at"] = task.expires_at_ms', 'data.pop("result_expires_at", None)')),
)  # fmt: skip
