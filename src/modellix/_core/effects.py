"""One request and its answer, and the two drivers that carry out what the rules ask for.

Rules (attempt.py, read_task.py) are generators without I/O: they yield a `SendRequest`, a `Pause` or a `Blocking`
call and are sent the outcome, or have the exception thrown into them. `SyncDriver` and `AsyncDriver` are the only
code that differs between the two clients, so a decision about money or time is written once. A driver says of each
exception whether it is the network's (`AttemptTrace.failure`): one that is not, a signal handler's, goes on unchanged.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any, TypeVar

import httpx
from attrs import define, field, frozen

from modellix._core.clock import Clock
from modellix._core.replies import Collector, Reply

if TYPE_CHECKING:
    from modellix.settings import Settings

T = TypeVar("T")


LEAST_TIME = 0.0005  # seconds


class DeadlinePassed(Exception):
    """The call's time is over; raised into the rules, never out of them."""


_NO_HEADERS = httpx.Headers()  # replaced, never changed


def _let_pass(is_first_byte: bool) -> None:
    """Until a driver says what each step must keep to."""


@define
class AttemptTrace:
    """What is known of one attempt, whenever it is interrupted."""

    handed_over: bool = False  # to the transport
    reports_steps: bool = False  # the transport reports its steps
    sent: bool = False  # the first byte of the request may have left
    status: int | None = None
    headers: httpx.Headers = field(default=_NO_HEADERS, repr=False)
    collector: Collector = field(factory=Collector, repr=False)
    raw: list[bytes] = field(factory=list[bytes], repr=False)  # as received, in the synchronous client
    connection: socket.socket | None = None  # in use right now, in the synchronous client
    is_aborted: bool = False
    lock: threading.Lock = field(factory=threading.Lock, repr=False)
    step: Callable[[bool], None] = field(default=_let_pass, repr=False)  # before each step; may raise to stop it
    is_whole: bool = False  # all of the answer has arrived
    held: BaseException | None = None  # came out of the wait for the answer, and is raised after it
    foreign: BaseException | None = None  # came out of a wait, and not from the network: a signal handler's
    is_pretended: bool = False  # by a mock, or over a client lent to us: whatever comes out of it is the network's
    failure: Exception | None = None  # of the network, or of time; all else that comes out is somebody else's

    @property
    def proves_unsent(self) -> bool:
        """Not handed over, or a transport that reports its steps has not reported sending."""
        return not self.handed_over or (self.reports_steps and not self.sent)

    def note_event(self, event: str, info: dict[str, Any]) -> None:
        """httpcore's trace extension. A proxy's CONNECT is not our request."""
        self.reports_steps = True
        if self.sent or not event.endswith(".started"):
            return
        is_first_byte = event.endswith("send_request_headers.started") and info["request"].method != b"CONNECT"
        self.step(is_first_byte)
        self.sent = is_first_byte

    def reply(self) -> Reply | None:
        """What has arrived so far, None before the status line."""
        fault = "" if self.is_whole else "cut"
        return None if self.status is None else self.collector.reply(self.status, self.headers, fault)

    def raw_reply(self) -> Reply:
        """What was received, whatever of it was taken in."""
        return Reply(0, self.headers, b"".join(self.raw), "cut", self.collector.secret)

    def abort(self) -> None:
        """End the attempt from another thread: what blocks on the connection returns, what would block next raises."""
        with self.lock:
            self.is_aborted = True
            if self.connection is not None:
                with contextlib.suppress(OSError):  # SSLSocket's own shutdown would unwrap it under the reader
                    socket.socket.shutdown(self.connection, socket.SHUT_RDWR)

    def let_go(self) -> None:
        """The attempt is over: its connection may serve another request by now, and must not be ended by `abort`."""
        with self.lock:
            self.connection = None

    async def note_event_async(self, event: str, info: dict[str, Any]) -> None:
        """The asynchronous twin of `note_event`."""
        self.note_event(event, info)


@frozen
class SendRequest:
    """Send the request once and read the whole answer, by `deadline` (monotonic seconds)."""

    method: str
    url: httpx.URL
    deadline: float
    trace: AttemptTrace
    content: bytes | None = None
    is_traced: bool = False  # whether the trace must tell if a byte of the request may have left
    latest: float | None = None  # when the first byte must have left, or it does not leave; None: in time to be read
    longest_connect: float | None = None  # seconds for each step of making a connection
    has_slot: bool = False  # in flight already; without one the driver takes it


@frozen
class WaitForSlot:
    """Wait for a slot, until then at most. What gives it back is put into `held`, by the driver at once:
    where an outcome might still be lost on its way.
    """

    until: float
    held: list[Callable[[], object]] = field(repr=False)


@frozen
class Pause:
    """Do nothing for that many seconds; `for_all`: nor should any other read of the same wait."""

    seconds: float
    for_all: bool = False


@frozen
class Blocking:
    """Call something that may block (the journal); a cancelled call still waits for its end."""

    call: Callable[[], Any]


Work = SendRequest | WaitForSlot | Blocking
Effect = Work | Pause
Rules = Generator[Effect, Any, T]


class Driver:
    """What both drivers share: the headers, and how a request is put together."""

    def __init__(self, settings: Settings, clock: Clock, slots: int, defaults: httpx.Headers | None) -> None:
        self.clock = clock
        self._slot_count = slots
        self._origin = settings.origin
        self._headers = httpx.Headers(defaults)
        self._headers.update(
            {
                "Authorization": f"Bearer {settings.api_key}",
                "Accept": "application/json",
                "Accept-Encoding": "identity",
                "User-Agent": _user_agent(),
            }
        )

    def _request(self, effect: SendRequest, hook: object, reports_steps: bool) -> httpx.Request:
        trace, now = effect.trace, self.clock.now()
        left, to_connect = effect.deadline - now, latest_start(effect) - now
        if to_connect <= 0:
            raise DeadlinePassed("no time was left to send the request")
        connect = to_connect if effect.longest_connect is None else min(to_connect, effect.longest_connect)
        limits = {"connect": connect, "read": left, "write": left, "pool": to_connect}
        extensions: dict[str, Any] = {"timeout": limits}
        if effect.is_traced:
            extensions["trace"] = hook
            trace.reports_steps = reports_steps
        request = httpx.Request(
            effect.method, effect.url, headers=self._headers, content=effect.content, extensions=extensions
        )
        if effect.content is not None:
            request.headers["Content-Type"] = "application/json"
        return request

    def _may_leave(self, effect: SendRequest) -> None:
        """Asked immediately before the first byte. Raises DeadlinePassed, and it does not leave."""
        if effect.trace.is_aborted or self.clock.now() >= latest_start(effect):
            raise DeadlinePassed("no time was left before the first byte")


def latest_start(effect: SendRequest) -> float:
    """When the first byte must have left."""
    return effect.deadline - LEAST_TIME if effect.latest is None else effect.latest


def _user_agent() -> str:
    import platform

    from modellix._version import __version__

    return f"modellix-client/{__version__} httpx/{httpx.__version__} Python/{platform.python_version()}"
