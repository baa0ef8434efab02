"""Work in forked children: each starts from what the parent has loaded, and changes nothing of it."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import selectors
import signal
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

GRACE = 5.0  # seconds beyond its own limit, after which a child is killed

Send = Callable[[Any], None]


@dataclass(frozen=True)
class Job:
    """Something to do in a child, which hands its outcome, a JSON value, to `send`. `seconds` is its own limit."""

    key: int
    work: Callable[[Send], None]
    seconds: float


@dataclass
class _Child:
    job: Job
    process: int
    pipe: int
    deadline: float
    received: bytearray = field(default_factory=bytearray)


def run(jobs: Iterable[Job], at_once: int) -> Iterator[tuple[int, Any]]:
    """The outcomes as they come, by the keys of their jobs; None for a child that died or had to be killed."""
    waiting = deque(jobs)
    children: dict[int, _Child] = {}
    gc.freeze()  # so that no child looks through, and thereby copies, what it has from its parent
    with selectors.DefaultSelector() as selector:
        try:
            while waiting or children:
                while waiting and len(children) < at_once:
                    child = _start(waiting.popleft())
                    children[child.pipe] = child
                    selector.register(child.pipe, selectors.EVENT_READ)
                nearest = min(child.deadline for child in children.values())
                ready = {key.fd for key, _ in selector.select(max(0.0, nearest - time.monotonic()))}
                for child in [one for one in children.values() if _is_over(one, one.pipe in ready)]:
                    selector.unregister(child.pipe)
                    del children[child.pipe]
                    _end(child)
                    yield child.job.key, _outcome(child)
        finally:
            for child in children.values():
                _end(child)


def _start(job: Job) -> _Child:
    reader, writer = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(reader)
        _live(job, writer)
    os.close(writer)
    return _Child(job, process, reader, time.monotonic() + job.seconds + GRACE)


def _live(job: Job, writer: int) -> None:
    """The whole life of a child. It has a process group of its own, so that all it starts can be ended with it."""

    def send(outcome: Any) -> None:
        text = json.dumps(outcome).encode() + b"\n"
        while text:
            text = text[os.write(writer, text) :]

    try:
        os.setsid()
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nowhere, stream)
        job.work(send)
    except BaseException as error:
        send({"problem": "".join(traceback.format_exception_only(error)).strip()})
    finally:
        os._exit(0)


def _is_over(child: _Child, is_ready: bool) -> bool:
    """Takes in what a child has sent. Its own children may hold the pipe open, so a line is all that is waited for."""
    if not is_ready:
        return time.monotonic() >= child.deadline
    received = os.read(child.pipe, 65536)
    child.received += received
    return not received or child.received.endswith(b"\n")


def _outcome(child: _Child) -> Any:
    return json.loads(child.received) if child.received.endswith(b"\n") else None


def _end(child: _Child) -> None:
    os.close(child.pipe)
    for end in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            end(child.process, signal.SIGKILL)
    os.waitpid(child.process, 0)
