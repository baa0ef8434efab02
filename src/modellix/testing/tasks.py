"""Tasks of the stand-in: how they move on as they are read, and what a read answers."""

import json
import re
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from modellix._core.task_status import Meaning, meaning_of
from modellix._openapi import GET_TASK, PATH_PARAMETER, object_at
from modellix.testing.contract import Contract, Operation
from modellix.testing.pictures import pixels_of
from modellix.testing.scripts import ScriptedTask

RESULT_LIFETIME_MS = 7 * 24 * 60 * 60 * 1000  # about what the service keeps results for
DEFAULT_SIZE = (1024, 1024)  # pixels, where neither body nor document states a size
LARGEST_SIDE = 4096  # pixels; a larger picture would cost a test more than it tells


@dataclass
class Task:
    """One accepted submission on its way."""

    task_id: str
    model_id: Any
    size: tuple[int, int]  # width and height in pixels
    body: Any  # of the submission
    script: ScriptedTask
    reads: int = 0
    expires_at_ms: int | None = None  # milliseconds since 1970, fixed when the task ends, or expires
    is_expired: bool = False

    @property
    def ended(self) -> bool:
        """Whether a read has told the last status."""
        return self.reads >= self.script.reads

    @property
    def has_result(self) -> bool:
        """Whether the picture can be fetched."""
        return self.ended and meaning_of(self.script.statuses[-1]) is Meaning.SUCCEEDED

    def read(self) -> str:
        """Moves on by one read and returns the status it tells."""
        self.reads = min(self.reads + 1, self.script.reads)
        if self.ended and self.expires_at_ms is None:
            self.expires_at_ms = _now_ms() + RESULT_LIFETIME_MS
        return self.script.status_at(self.reads)

    def expire(self) -> None:
        """From now on the picture is gone."""
        self.is_expired, self.expires_at_ms = True, _now_ms()


def _now_ms() -> int:
    return int(time.time() * 1000)


def usual_course(reads: int, last: str = "success", final_data: Mapping[str, Any] | None = None) -> ScriptedTask:
    """Pending, then processing, each for half of the reads before the end."""
    return ScriptedTask(("pending", "processing", last), reads, final_data or {})


def size_of(body: Any, operation: Operation) -> tuple[int, int]:
    """Width and height asked for, else the document's default, else 1024 x 1024.

    Where the document states no sizes, any text of the body that reads as one is what was asked for.
    """
    given = object_at(body)
    fields = operation.size_fields
    for text in [given.get(name) for name in fields] + [*fields.values()] if fields else given.values():
        size = pixels_of(text)
        if size and max(size) <= LARGEST_SIDE:
            return size
    return DEFAULT_SIZE


def task_of_result(segments: Sequence[str]) -> str | None:
    """The id of the task whose picture has this path, given in percent-decoded segments."""
    match segments:
        case ["", "results", task_id, "0.png"]:
            return task_id
        case _:
            return None


class TaskReplies:
    """Replies about tasks, written over the examples in the document."""

    def __init__(self, contract: Contract) -> None:
        self._get_task = contract.operation(GET_TASK)
        # Kept as JSON text: reading it again is the fastest deep copy.
        self._templates: dict[str, str] = {}
        for example in self._get_task.examples.get(200, ()) if self._get_task else ():
            self._templates.setdefault(str(object_at(example, "data").get("status")), json.dumps(example))

    def submitted(self, operation: Operation, origin: str) -> dict[str, Any]:
        """The reply to an accepted submission, under a fresh id."""
        reply = _submission_template(operation)
        data = reply["data"]
        data["task_id"] = task_id = _fresh_id(str(data["task_id"]))
        if isinstance(data.get("get_result"), dict):
            data["get_result"]["url"] = self._url_of(task_id, origin)
        return reply

    def read(self, task: Task, origin: str) -> dict[str, Any]:
        """The reply to one read of a task, which moves on by it."""
        status = task.read()
        reply: dict[str, Any] = json.loads(self._templates.get(status, '{"code":0,"message":"success","data":{}}'))
        data = reply["data"]
        data.update(status=status, task_id=task.task_id, model_id=task.model_id)
        if task.has_result:
            data["result"] = {"resources": [_resource(data.get("result"), task, origin)]}
            data["result_expires_at"] = task.expires_at_ms
        if task.ended:
            data.update(task.script.final_data)
        return reply

    def _url_of(self, task_id: str, origin: str) -> str:
        path = self._get_task.path if self._get_task else "/tasks/{task_id}"
        return origin + PATH_PARAMETER.sub(quote(task_id, safe=""), path)


def _submission_template(operation: Operation) -> dict[str, Any]:
    plain = {"status": operation.first_status, "task_id": "task-", "model_id": _model_in(operation.path)}
    shown = [example for example in operation.examples.get(200, ()) if object_at(example, "data")]
    copy: dict[str, Any] = json.loads(json.dumps(shown[0])) if shown else {}
    return {"code": 0, "message": "success", **copy, "data": {**plain, **copy.get("data", {})}}


def _model_in(path: str) -> str:
    """The segment before the last `async`, or the last one."""
    segments = path.strip("/").split("/")
    return segments[-2] if segments[-1] == "async" and len(segments) > 1 else segments[-1]


def _fresh_id(shown: str) -> str:
    """An id never given before, with the beginning of the one shown: up to its last `-` or `_`."""
    beginning = re.match(r".*[-_]", shown, re.DOTALL)
    return (beginning[0] if beginning else "task-") + secrets.token_hex(8)


def _resource(shown: Any, task: Task, origin: str) -> dict[str, Any]:
    """The picture of a task, written over the first resource shown in an example."""
    resources: list[Any] = object_at(shown).get("resources") or [{}]
    width, height = task.size
    url = f"{origin}/results/{quote(task.task_id, safe='')}/0.png"
    return {**object_at(resources[0]), "url": url, "type": "image", "width": width, "height": height, "format": "png"}
