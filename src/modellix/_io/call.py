"""What the network layer knows of a call: until when each part of it may last, and the socket that it uses."""

from __future__ import annotations

import contextlib
import math
import socket
import threading
from collections.abc import Generator
from contextvars import ContextVar
from typing import Protocol

from modellix._records import define, field


class Trace(Protocol):
    """What has to be known of a paid request, whenever it is interrupted."""

    sent: bool  # the first byte of the request may have left
    raw: list[bytes]  # as received
    held: BaseException | None  # came out of the wait for the answer, and is raised after it


@define(eq=False)
class Call:
    """One call, or several in turn. Moments are monotonic seconds.

    With a trace the first byte must have left by `leaves_by`, and a step of connecting has `longest_connect` seconds.
    """

    deadline: float = math.inf
    leaves_by: float = math.inf
    longest_connect: float = math.inf
    trace: Trace | None = None
    is_pretended: bool = False  # by a mock, or over a client lent to us: whatever comes out of it is the network's
    foreign: BaseException | None = None  # came out of a wait, and not from the network: a signal handler's
    is_aborted: bool = False
    _connection: socket.socket | None = None  # in use right now
    _lock: threading.Lock = field(factory=threading.Lock, init=False, repr=False)

    def left(self, now: float) -> float:
        """Seconds for what is done next: a step of connecting, or the rest of the call. None are left when it is 0 or
        less.
        """
        if self.is_aborted:
            return 0.0
        is_connecting = self.trace is not None and not self.trace.sent
        return min(self.leaves_by - now, self.longest_connect) if is_connecting else self.deadline - now

    def use(self, connection: socket.socket | None) -> None:
        """What `abort` would end from now on."""
        self._connection = connection

    def hold(self, interruption: BaseException) -> bool:
        """Keep the first exception that comes after a paid request has left, to be raised after the answer."""
        if self.trace is None or not self.trace.sent or self.trace.held is not None:
            return False
        self.trace.held = interruption
        return True

    def abort(self) -> None:
        """End the call from another thread: what blocks on the connection returns, what would block next raises."""
        with self._lock:
            self.is_aborted = True
            if self._connection is not None:
                with contextlib.suppress(OSError):  # SSLSocket's own shutdown would unwrap it under the reader
                    socket.socket.shutdown(self._connection, socket.SHUT_RDWR)

    def let_go(self) -> None:
        """The call is over: its connection may serve another one by now, and must not be ended by `abort`."""
        with self._lock:
            self._connection = None


class Calls:
    """The calls of one piece of work, also those that begin later: another thread can end them all."""

    def __init__(self) -> None:
        self.is_aborted = False
        self._calls: list[Call] = []
        self._lock = threading.Lock()

    def add(self, call: Call) -> None:
        with self._lock:
            call.is_aborted = self.is_aborted
            self._calls.append(call)

    def abort(self) -> None:
        """As `Call.abort`, for each."""
        with self._lock:
            self.is_aborted = True
        for call in self._calls:
            call.abort()


_current: ContextVar[Call | None] = ContextVar("modellix_call", default=None)
_work: ContextVar[Calls | None] = ContextVar("modellix_calls", default=None)


@contextlib.contextmanager
def work_scope(calls: Calls) -> Generator[None, None, None]:
    """Within the block, in this thread and those that get its context, new calls belong to this piece of work."""
    token = _work.set(calls)
    try:
        yield
    finally:
        _work.reset(token)


def current_work() -> Calls | None:
    """The calls of the innermost block."""
    return _work.get()


def new_call() -> Call:
    """A call that ends with the work that it is part of, if it is part of any."""
    call, work = Call(), _work.get()
    if work is not None:
        work.add(call)
    return call


@contextlib.contextmanager
def deadline_scope(call: Call) -> Generator[None, None, None]:
    """Within the block, in this thread, no socket operation of a DeadlineBackend goes on beyond the call's deadline."""
    token = _current.set(call)
    try:
        yield
    finally:
        _current.reset(token)


def current_call() -> Call | None:
    """The call of the innermost block."""
    return _current.get()
