"""A service in process whose tasks are scripted read by read, and whose latency turns the clock."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any
from urllib.parse import unquote

import httpx

from tests.support.virtual_time import VirtualClock

ORIGIN = "https://api.example"
_TASKS = "/api/v1/tasks/"


@dataclass(frozen=True)
class Answer:
    """What one read gets. `body` is bytes, or a value sent as JSON; None stands for the service's own words."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: Any = None
    state: str = "success"  # of the task, told with status 200
    data: Mapping[str, Any] = field(default_factory=dict[str, Any])  # more of it
    lost: type[httpx.TransportError] | None = None  # raised before the head
    is_cut: bool = False  # lost inside the body
    seconds: float | None = None  # latency, None for the service's own
    is_dripped: bool = False  # the latency lies inside the body, so that no time-out between bytes ends it


Step = Answer | str | int  # a state, or the status of a refusal


def says(state: str, **data: Any) -> Answer:
    """The task is in this state."""
    return Answer(state=state, data=data)


def refuses(status: int, **headers: str) -> Answer:
    """A refusal, headers given as `retry_after="2"`."""
    return Answer(status=status, headers={name.replace("_", "-"): value for name, value in headers.items()})


def _as_answer(step: Step) -> Answer:
    if isinstance(step, Answer):
        return step
    return Answer(state=step) if isinstance(step, str) else Answer(status=step)


def _body(task_id: str, answer: Answer) -> bytes:
    if answer.body is not None:
        return answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
    if answer.status != 200:
        return json.dumps({"code": answer.status, "message": "Refused: as scripted"}).encode()
    data: dict[str, Any] = {"status": answer.state, "task_id": task_id, **answer.data}
    if answer.state == "success":
        data.setdefault("result", {"resources": [{"url": f"https://files.example/{task_id}.png", "type": "image"}]})
    return json.dumps({"code": 0, "message": "success", "data": data}).encode()


class _Slowly(httpx.SyncByteStream, httpx.AsyncByteStream):
    """The beginning of a body, a pause, and the rest, unless it is cut."""

    def __init__(self, body: bytes, clock: VirtualClock, seconds: float, is_cut: bool) -> None:
        self._body, self._clock, self._seconds, self._is_cut = body, clock, seconds, is_cut

    def __iter__(self) -> Iterator[bytes]:
        yield self._body[:9]
        self._clock.sleep(self._seconds)
        yield self._rest()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._body[:9]
        await self._clock.asleep(self._seconds)
        yield self._rest()

    def _rest(self) -> bytes:
        if self._is_cut:
            raise httpx.RemoteProtocolError("peer closed connection without sending complete message body")
        return self._body[9:]


@dataclass(frozen=True)
class SeenRead:
    """One request, as it came in."""

    at: float  # reading of the clock
    task_id: str
    limit: float  # seconds that the client allows for it


class Service:
    """Each read of a task takes the next step of its script; the last one stays. `latency` in seconds.

    `reads` in the order in which they came; `peak` the most that were under way at once.
    """

    def __init__(self, clock: VirtualClock, latency: float = 0.0) -> None:
        self.clock = clock
        self.latency = latency
        self.reads: list[SeenRead] = []
        self.peak = 0
        self.gate: Callable[[], object] | None = None  # reads in threads come back only after it
        self._scripts: dict[str, Sequence[Step]] = {}
        self._usual: Sequence[Step] = ("success",)
        self._seen: Counter[str] = Counter()
        self._under_way = 0
        self._lock = threading.Lock()

    def script(self, task_id: str, *steps: Step) -> None:
        self._scripts[task_id] = steps

    def script_others(self, *steps: Step) -> None:
        """What a task without a script of its own does."""
        self._usual = steps

    def times_of(self, task_id: str) -> list[float]:
        """When the task was read: readings of the clock."""
        return [read.at for read in self.reads if read.task_id == task_id]

    def pauses(self, task_id: str = "task-1") -> list[float]:
        """Seconds between one read of the task and the next."""
        times = self.times_of(task_id)
        return [later - earlier for earlier, later in pairwise(times)]

    def handle(self, request: httpx.Request) -> httpx.Response:
        """For httpx.MockTransport under httpx.Client."""
        read, answer = self._begin(request)
        try:
            if self.gate is not None:
                self.gate()
            seconds = self._seconds(answer)
            self.clock.turn_to(read.at + min(seconds, read.limit))
            if seconds > read.limit:
                raise httpx.ReadTimeout("as every transport does that is told a limit")
            return self._end(read, answer)
        finally:
            self._leave()

    async def handle_async(self, request: httpx.Request) -> httpx.Response:
        """For httpx.MockTransport under httpx.AsyncClient."""
        read, answer = self._begin(request)
        try:
            await self.clock.asleep(self._seconds(answer))
            return self._end(read, answer)
        finally:
            self._leave()

    def _seconds(self, answer: Answer) -> float:
        """Until the head arrives."""
        seconds = self.latency if answer.seconds is None else answer.seconds
        return 0.0 if answer.is_dripped else seconds

    def _begin(self, request: httpx.Request) -> tuple[SeenRead, Answer]:
        path = request.url.raw_path.decode()
        assert request.method == "GET"
        assert path.startswith(_TASKS)
        task_id = unquote(path.removeprefix(_TASKS))
        limit = request.extensions["timeout"]["read"]
        with self._lock:
            self._under_way += 1
            self.peak = max(self.peak, self._under_way)
            steps = self._scripts.get(task_id, self._usual)
            step = steps[min(self._seen[task_id], len(steps) - 1)]
            self._seen[task_id] += 1
            read = SeenRead(self.clock.now(), task_id, limit)
            self.reads.append(read)
        return read, _as_answer(step)

    def _end(self, read: SeenRead, answer: Answer) -> httpx.Response:
        if answer.lost is not None:
            raise answer.lost("as scripted")
        body = _body(read.task_id, answer)
        if answer.is_cut or answer.is_dripped:
            seconds = (answer.seconds or 0.0) if answer.is_dripped else 0.0
            stream = _Slowly(body, self.clock, seconds, answer.is_cut)
            return httpx.Response(answer.status, headers=answer.headers, stream=stream)
        return httpx.Response(answer.status, headers=answer.headers, content=body)

    def _leave(self) -> None:
        with self._lock:
            self._under_way -= 1
