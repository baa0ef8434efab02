"""What the rules ask for: effects, which the two drivers carry out.

Rules (submission.py, read_task.py) are generators without I/O: they yield a `SendRequest`, a `Pause` or another effect
and are sent the outcome, or have the exception thrown into them. `_io/sync_driver.py` and `_io/async_driver.py` alone
differ between the two clients, so a decision about money or time is written once. A driver says of each exception
whether it is the network's (`AttemptTrace.failure`): one that is not, a signal handler's, goes on unchanged.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from enum import Enum
from typing import Any, Protocol, TypeVar

from modellix._core.replies import Collector, Reply
from modellix._http import httpx
from modellix._records import define, field, frozen

T = TypeVar("T")

LEAST_TIME = 0.0005  # seconds

_NO_HEADERS = httpx.Headers()  # replaced, never changed


class DeadlinePassed(Exception):
    """The call's time is over; raised into the rules, never out of them."""


@define
class AttemptTrace:
    """What is known of one attempt at every moment: a driver notes it, the rules judge by it."""

    handed_over: bool = False  # to the transport
    reports_steps: bool = False  # the transport does, before each
    sent: bool = False  # the first byte of the request may have left
    status: int | None = None
    headers: httpx.Headers = field(default=_NO_HEADERS, repr=False)
    collector: Collector = field(factory=Collector, repr=False)
    raw: list[bytes] = field(factory=list[bytes], repr=False)  # as received, in the synchronous client
    is_whole: bool = False  # all of the answer has arrived
    is_stopped: bool = False  # nobody waits any more: what has not left must not leave
    held: BaseException | None = None  # came out of the wait for the answer, and is raised after it
    failure: Exception | None = None  # of the network, or of time; all else that comes out is somebody else's

    @property
    def proves_unsent(self) -> bool:
        """Not handed over, or a transport that reports its steps has not reported sending."""
        return not self.handed_over or (self.reports_steps and not self.sent)

    def reply(self) -> Reply | None:
        """What has arrived so far, None before the status line."""
        fault = "" if self.is_whole else "cut"
        return None if self.status is None else self.collector.reply(self.status, self.headers, fault)

    def raw_reply(self) -> Reply:
        """What was received, whatever of it was taken in."""
        return Reply(0, self.headers, b"".join(self.raw), "cut", self.collector.secret)


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
    longest_connect: float = float("inf")  # seconds for each step of making a connection
    has_slot: bool = False  # already; without one the driver takes it

    @property
    def leaves_by(self) -> float:
        """When the first byte must have left."""
        return self.deadline - LEAST_TIME if self.latest is None else self.latest


@frozen
class WaitForSlot:
    """Wait for a slot, until then at most. What gives it back is put into `held`, by the driver at once: where an
    outcome might still be lost on its way.
    """

    until: float
    held: list[Callable[[], object]] = field(repr=False)


@frozen
class Pause:
    """Do nothing for that many seconds; `for_all`: nor should any others in the same lane. `is_real`: something goes on
    meanwhile, so the time cannot be skipped.
    """

    seconds: float
    for_all: bool = False
    is_real: bool = False


@frozen
class Blocking:
    """Call something that may block (the journal); a cancelled call still waits for its end. `is_async`: it returns a
    coroutine.
    """

    call: Callable[[], Any]
    is_async: bool = False


class Lane(Enum):
    """What many rules do side by side, each kind with places of its own."""

    SUBMIT = "submit"
    READ = "read"
    DOWNLOAD = "download"


@frozen
class Enter:
    """Go on in another lane, as soon as it has a place."""

    lane: Lane


class Submission(Protocol):
    """A SubmissionAttempts."""

    def rules(self) -> Generator[Any, Any, Any]:
        """What became of it."""
        ...

    def stop(self) -> bool:
        """Nobody waits any more. Is there a request that must go on?"""
        ...


@frozen
class Submit:
    """Carry out a whole submission; the outcome is its end. Once a byte may have left it goes on, whoever leaves."""

    submission: Submission = field(repr=False)


@frozen
class Fetch:
    """Call something that fetches files, and returns their paths; in the asynchronous client it is awaited."""

    call: Callable[[], Any] = field(repr=False)


Work = SendRequest | WaitForSlot | Blocking | Submit | Fetch
Effect = Work | Pause | Enter
Rules = Generator[Effect, Any, T]
