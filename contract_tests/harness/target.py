"""Where the API-facing tests send their requests: past the generated client, with nothing but httpx."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from contract_tests.harness.blame import check
from contract_tests.harness.budget_transport import BudgetTransport
from contract_tests.harness.picture_gate import PictureGate
from contract_tests.harness.response_checks import answer_in, data_of, has_ended, member, task_id_of
from contract_tests.harness.result_files import ResultFiles, Ways
from contract_tests.harness.whose_fault import NotTheBody, WhoseFault
from contract_tests.model.contents import json_text
from contract_tests.model.document import Document, Operation
from contract_tests.model.http_habits import HABITS, PLAIN
from contract_tests.model.pictures import Pictures
from modellix._core.task_status import Meaning, meaning_of
from modellix._openapi import GET_TASK, PATH_PARAMETER

ONCE_STUCK = 1.0  # seconds to wait for a task at least, after others did not end: the run has failed by then
STEADY = 10  # looks at a task before the pauses grow
GROWTH, LEAST_PAUSE, LONGEST_PAUSE = 1.3, 0.01, 10.0  # then; the vendor's clients go up to 10 s as well
LEAST_LOOKS = 30  # within the patience, so that without any there is no pause
LATE = 2.5  # seconds after the end of a task that it is looked at once more

BySizes = dict[frozenset[tuple[int, int] | None], list[Any]]
"""Results, by their sizes in pixels."""


@dataclass(frozen=True)
class Polling:
    """How long a task may take: at least `rounds` reads and `seconds` in all, `pause` seconds between two reads. After
    some reads the pauses grow.
    """

    rounds: int = 50
    seconds: float = 0.0
    pause: float = 0.0


class Target:
    """An API that should keep the contract: the stand-in in process, or a live one. Both answer at `origin`.

    `http` is the client through whose transport every request of every tool goes; `account` is what that transport has
    counted, `recent` its last replies, `watch` what it saw in all of them, `session` the headers with which a caller
    comes back who kept what good ones set. `ways` lead to hosts where results may lie. `pictures` stand in whatever
    `send` sends; `read_before` are the reads of tasks that have shown whether those of the document will do.
    """

    def __init__(
        self,
        document: Document,
        http: httpx.Client,
        transport: BudgetTransport,
        *,
        origin: str,
        api_key: str,
        polling: Polling | None = None,
        is_live: bool = False,
        ways: Ways | None = None,
        gate: PictureGate | None = None,
        whose_fault: WhoseFault | None = None,
    ) -> None:
        self.http = http
        self._way: httpx.BaseTransport = whose_fault or gate or transport
        self.pictures = gate.pictures if gate is not None else Pictures(document)
        self.read_before = gate.reads if gate is not None else {}
        self.account = transport.account
        self.recent = transport.recent
        self.watch = transport.watch
        self.session = transport.session
        self.origin = origin
        self.base_url = origin + document.prefix
        self.api_key = api_key
        self.is_live = is_live
        self._document = document
        self._polling = polling or Polling()
        self._stuck = 0  # how often tasks were given up
        self._slowest = 0.0  # seconds that a task took to its end
        self.files = ResultFiles(http, origin, self.watch.look, ways, pause=1.0 if is_live else 0.0)
        self._whose_fault = whose_fault
        if whose_fault is not None:
            whose_fault.send, whose_fault.follow = self.send, self.follow

    def send(
        self,
        operation: Operation,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        *,
        parameters: Mapping[str, str] | None = None,
        query: str = "",
        habit: str = PLAIN,
    ) -> httpx.Response:
        """One request. `body` is a JSON value, or bytes sent as they are; operations without a request body send none.

        `headers` replaces the header that carries the key. `parameters` fill the path, `query` follows it. `habit`
        is one of `HABITS`.
        """
        path = PATH_PARAMETER.sub(lambda found: quote((parameters or {})[found[1]], safe=""), operation.path)
        url = self.base_url + path + query
        sent = self.authorization() if headers is None else headers
        content = None
        if self._document.body(operation):
            pictured = self.pictures.put_into_text if isinstance(body, bytes) else self.pictures.put_into
            filled = pictured(operation, body)
            content = filled if isinstance(filled, bytes) else json_text(filled)
            sent = {"Content-Type": "application/json", **sent}
        request = self._request(operation.method, url, sent, content)
        HABITS[habit](request)
        return self._way.handle_request(request)

    def _request(self, method: str, url: str, headers: Mapping[str, str], content: bytes | None) -> httpx.Request:
        """As the client makes it. It is sent past the rest of the client: cookies, redirects and so on take time."""
        named = {*map(str.lower, headers)}
        usual = [(name, value) for name, value in self.http.headers.raw if name.decode().lower() not in named]
        extensions = {"timeout": self.http.timeout.as_dict()}
        return httpx.Request(
            method, _parsed(url), headers=[*usual, *_encoded(headers)], content=content, extensions=extensions
        )

    def read(self, task_id: str) -> httpx.Response:
        """One read of a task."""
        return self.send(self._document.operation(GET_TASK), parameters={"task_id": task_id})

    def read_late(self, task_id: str, end: httpx.Response) -> httpx.Response:
        """The read of a task when its end was told some time ago."""
        if self.is_live:
            time.sleep(max(0.0, end.extensions["received"] + LATE - time.monotonic()))
        return self.read(task_id)

    def follow(self, task_ids: list[str], reads_after_end: int = 0) -> dict[str, list[httpx.Response]]:
        """Every read of some tasks, in turns, until each has ended or the time is up, and a few reads after that. What
        has ended before is not waited for.
        """
        told: dict[str, list[httpx.Response]] = {task_id: [] for task_id in task_ids}
        before = self.read_before if reads_after_end else {}
        over = {task_id for task_id in told if any(map(has_ended, before.get(task_id, [])))}
        going = self._follow_to_ends({task_id: reads for task_id, reads in told.items() if task_id not in over})
        self._stuck += bool(going)
        ended = [task_id for task_id in told if task_id not in going]
        for _ in range(reads_after_end if ended else 0):
            self._read_all(ended, told, self._polling.pause)
        return told

    def _follow_to_ends(self, told: dict[str, list[httpx.Response]]) -> list[str]:
        """Reads tasks in turns, less and less often. Returns those that did not end in time."""
        began, patience, pause, rounds = time.monotonic(), self._patience(), self._polling.pause, 0
        going = list(told)
        while going and (rounds < self._polling.rounds or time.monotonic() < began + patience):
            rounds += 1
            self._read_all(going, told, pause)
            ended = {task_id for task_id in going if has_ended(told[task_id][-1])}
            self._slowest = max(self._slowest, time.monotonic() - began) if ended else self._slowest
            going = [task_id for task_id in going if task_id not in ended]
            if rounds >= STEADY:
                pause = max(pause, min(max(pause, LEAST_PAUSE) * GROWTH, LONGEST_PAUSE, patience / LEAST_LOOKS))
        return going

    def _patience(self) -> float:
        """Seconds for tasks to end. Each time that some do not, a tenth, but enough for those like the others."""
        if not self._stuck:
            return self._polling.seconds
        return min(self._polling.seconds, max(ONCE_STUCK, 3 * self._slowest, self._polling.seconds / 10**self._stuck))

    def size_of(self, resource: Any) -> tuple[int, int] | None:
        """Width and height of a picture, in pixels: as the reply has them, else as the file has them. None when neither
        can be seen, which the test of the file tells.
        """
        told = resource.get("width"), resource.get("height")
        return self.size_of_file(resource) if None in told else told

    def size_of_file(self, resource: Any) -> tuple[int, int] | None:
        """Width and height of the file itself."""
        try:
            return self.files.get(resource["url"], resource.get("type")).size
        except (AssertionError, pytest.skip.Exception):
            return None

    def failure_of(self, task_id: str) -> str | None:
        """What a task that failed says of the API; None when it says nothing. NotConcluded when nothing follows."""
        return f"task {task_id} failed" if self._whose_fault is None else self._whose_fault.of_task(task_id)

    def is_the_body(self, refused: NotTheBody) -> bool:
        """Whether a refusal turns out to be the fault of its body, now that others were accepted."""
        return self._whose_fault is not None and self._whose_fault.is_the_body(refused)

    def check_sizes(self, promise: str, size: str | None, submitted: httpx.Response, end: httpx.Response) -> None:
        """Checks the size of the pictures that a task's last read names, where it can be seen. `promise` is of it."""
        shown, status = (submitted, end), data_of(end).get("status")
        if meaning_of(status) is Meaning.FAILED:
            failure = self.failure_of(str(task_id_of(submitted)))
            check(failure is None, str(failure), *shown, promise="task.result")
            return
        was_read, is_lost = end.status_code == 200, end.status_code == 404
        check(was_read, answer_in(end), submitted, end, promise="reply.task_id" if is_lost else "task.read")
        resources = member(data_of(end).get("result"), "resources")
        is_good = status == "success" and isinstance(resources, list)
        check(is_good, f"the task ended as {status!r}", *shown, promise="task.result")
        told = self.pictures_in(resources)
        is_asked = size is None or not told or sized(size) in told
        check(is_asked, f"{size} was asked for, and {listed(told)} came", *shown, promise=promise)

    def pictures_in(self, resources: list[Any]) -> BySizes:
        """The pictures among results whose size can be seen, by their sizes: each role for itself.

        What was asked for are the pictures of one role. Nobody promises that every file is: a thumbnail says by its
        role that it is something else.
        """
        by_role: dict[str, list[Any]] = {}
        for one in [one for one in resources if member(one, "type") == "image"] or resources:
            by_role.setdefault(str(member(one, "role")), []).append(one)
        found = {frozenset(map(self.size_of, pictures)) - {None}: pictures for pictures in by_role.values()}
        return {sizes: pictures for sizes, pictures in found.items() if sizes}

    def authorization(self) -> dict[str, str]:
        """The header that carries the key."""
        return {"Authorization": f"Bearer {self.api_key}"}

    def _read_all(self, task_ids: list[str], told: dict[str, list[httpx.Response]], pause: float) -> None:
        time.sleep(pause)
        for task_id in task_ids:
            told[task_id].append(self.read(task_id))


_parsed = lru_cache(maxsize=256)(httpx.URL)
"""Addresses, which are few and take long to read."""


def _encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """As they are sent; httpx alone would refuse what is beyond ASCII."""
    return [(name.encode(), value.encode()) for name, value in headers.items()]


def sized(size: str) -> frozenset[tuple[int, int]]:
    """The sizes of pictures that all have the size `1024x1024`."""
    return frozenset({pixels(size)})


def listed(told: BySizes) -> str:
    """The sizes of pictures in words."""
    return " beside ".join(str(sorted(map(str, sizes))) for sizes in told)


def pixels(size: str) -> tuple[int, int]:
    """Width and height of `1024x1024`."""
    width, height = size.split("x")
    return int(width), int(height)
