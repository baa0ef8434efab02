"""What a signal handler raises in the synchronous client: at once, or held until the reply to a paid request."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from contract_tests.model import good
from modellix import BadRequestError, Modellix, NeverSentError, RetryPolicy, SubmissionOutcomeUnknown, Task
from scripts.mutants.kills import kills, never, without
from tests.modellix.conftest import Serve
from tests.support.clients import KEY
from tests.support.held import HeldAnswer, HeldJournal
from tests.support.hostile_server import Wire, accepted, refused, reply
from tests.support.marks import ON_SOCKETS
from tests.support.scripts import nothing, stall_after

pytestmark = [
    *ON_SOCKETS,
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="Windows knows few signals"),
]
GOOD = reply(200, accepted())


class Alarm(TimeoutError):
    """As people make it to bound a call; the network's own time-outs are TimeoutErrors too."""


KINDS: list[type[BaseException]] = [KeyboardInterrupt, SystemExit, Alarm, TimeoutError, OSError, ValueError]


class Handler:
    """Raises a new exception at each signal, and keeps them."""

    def __init__(self, kind: type[BaseException]) -> None:
        self.kind = kind
        self.raised: list[BaseException] = []
        self.has_raised = threading.Event()
        self.is_over = threading.Event()

    def __call__(self, *_: object) -> None:
        if self.is_over.is_set():
            return
        self.raised.append(self.kind("from a handler"))
        self.has_raised.set()
        raise self.raised[-1]


@pytest.fixture
def handle() -> Iterator[Callable[..., Handler]]:
    """handle(kind) installs a handler for SIGUSR1, or for another signal."""
    with ExitStack() as stack:

        def install(kind: type[BaseException], number: int | None = None) -> Handler:
            handler, number = Handler(kind), number or signal.SIGUSR1
            stack.callback(signal.signal, number, signal.signal(number, handler))
            return handler

        yield install


def interrupted(client: Modellix, handler: Handler, meanwhile: Callable[[], object]) -> Any:
    """The exception that comes out of a submission, while a thread does something meanwhile."""
    thread = threading.Thread(target=meanwhile)
    thread.start()
    try:
        client.openai.gpt_image_2(**good.words())
    except BaseException as error:
        handler.is_over.set()
        return error
    finally:
        thread.join()
    raise AssertionError("nothing was raised")


def knock() -> None:
    ident = threading.main_thread().ident
    assert ident is not None
    signal.pthread_kill(ident, signal.SIGUSR1)


@kills(
    "Ctrl-C or an alarm during the wait for a paid reply loses the reply.",
    sync=("_io.deadline:DeadlineBackend.interrupted", never("can_be_held")),
    row="Alarm-plain",
)
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "TLS"])
@pytest.mark.parametrize("kind", KINDS)
def test_an_exception_during_the_wait_for_the_reply_is_held(
    kind: type[BaseException], tls: bool, serve: Serve, handle: Any
) -> None:
    held, journal, handler = HeldAnswer(), HeldJournal(), handle(kind)
    server = serve(held(GOOD), tls=tls)

    def meanwhile() -> None:
        server.wait_for(1, 20.0)
        time.sleep(0.05)  # so that the client waits by now, most probably
        knock()
        assert handler.has_raised.wait(20)
        time.sleep(0.05)
        held.opened.set()

    with Modellix(KEY, base_url=server.url, journal=journal, max_submissions=1) as client:
        error = interrupted(client, handler, meanwhile)
        assert client._parts.guard._limits[0].used == 1
    assert error is handler.raised[0]
    assert error.__context__ is None
    assert error.__cause__ is None
    assert isinstance(error.modellix_submission, Task)
    assert error.modellix_submission.id == "task-1"
    assert (journal.outcomes, journal.ids) == (["accepted"], ["task-1"])
    assert len(server.submissions) == 1


def test_a_timer_of_the_system_is_held_too(serve: Serve, handle: Any) -> None:
    held, handler = HeldAnswer(), handle(Alarm, signal.SIGALRM)
    server = serve(held(reply(400, refused(400))))

    def meanwhile() -> None:
        assert handler.has_raised.wait(20)
        held.opened.set()

    with Modellix(KEY, base_url=server.url, max_submissions=1) as client:
        signal.setitimer(signal.ITIMER_REAL, 0.5)
        error = interrupted(client, handler, meanwhile)
    assert error is handler.raised[0]
    assert isinstance(error.modellix_submission, BadRequestError | NeverSentError)


def test_what_is_held_is_raised_at_the_deadline(serve: Serve, handle: Any) -> None:
    journal, handler = HeldJournal(), handle(Alarm)
    server = serve(stall_after(Wire.read_request))

    def meanwhile() -> None:
        server.wait_for(1, 20.0)
        time.sleep(0.05)
        knock()

    with Modellix(KEY, base_url=server.url, journal=journal, timeout=3.0) as client:
        error = interrupted(client, handler, meanwhile)
    assert error is handler.raised[0]
    assert type(error.modellix_submission) is SubmissionOutcomeUnknown
    assert journal.outcomes == ["unknown"]


@kills(
    "The wait for a paid reply cannot be left.",
    sync=("_io.call:Call.hold", without("held is not None")),
    row="Alarm",
    is_about_ending=True,
)
@pytest.mark.parametrize("kind", KINDS)
def test_the_second_exception_goes_at_once(kind: type[BaseException], serve: Serve, handle: Any) -> None:
    journal, handler = HeldJournal(), handle(kind)
    server = serve(stall_after(Wire.read_request))

    def meanwhile() -> None:
        server.wait_for(1, 20.0)
        while not handler.is_over.wait(0.2):  # one that comes while the first is being raised replaces it
            knock()

    started = time.monotonic()
    with Modellix(KEY, base_url=server.url, journal=journal, max_submissions=1, timeout=60.0) as client:
        error = interrupted(client, handler, meanwhile)
        assert client._parts.guard._limits[0].used == 1
    assert error is handler.raised[-1]
    assert len(handler.raised) >= 2
    assert type(error.modellix_submission) is SubmissionOutcomeUnknown
    assert journal.outcomes == ["unknown"]
    assert time.monotonic() - started < 25


@kills(
    "A TimeoutError of a signal handler's counts as a lost connection, and the submission goes on.",
    sync=("_core.submission:SubmissionAttempts._send", never("_attempt")),
    row="Alarm-the handshake",
)
@pytest.mark.parametrize("tls", [False, True], ids=["the pause", "the handshake"])
@pytest.mark.parametrize("kind", KINDS)
def test_before_the_first_byte_an_exception_goes_at_once(
    kind: type[BaseException], tls: bool, serve: Serve, handle: Any
) -> None:
    journal, handler, paused = HeldJournal(), handle(kind), threading.Event()
    server = serve(stall_after(nothing), tls=tls, is_listening=tls)
    retry = RetryPolicy(connects=5, first_pause=8.0, on_retry=lambda *_: paused.set())

    def meanwhile() -> None:
        _until(lambda: server.connections if tls else paused.is_set())
        time.sleep(0.05)
        knock()

    started = time.monotonic()
    with Modellix(KEY, base_url=server.url, journal=journal, timeout=20.0, max_submissions=1, retry=retry) as client:
        error = interrupted(client, handler, meanwhile)
        assert client._parts.guard._limits[0].used == 0
    assert error is handler.raised[0]
    assert type(error.modellix_submission) is NeverSentError
    assert journal.outcomes == ["never sent"]
    assert server.submissions == []
    assert time.monotonic() - started < 7


def test_an_exception_in_the_queue_goes_at_once(serve: Serve, handle: Any) -> None:
    journal, handler = HeldJournal(), handle(Alarm)
    server = serve()

    def meanwhile() -> None:
        time.sleep(0.1)
        knock()

    with Modellix(KEY, base_url=server.url, journal=journal, max_in_flight=1) as client:
        slot = client._driver._means().slots.get()
        error = interrupted(client, handler, meanwhile)
        slot()
        assert type(error.modellix_submission) is NeverSentError
        assert client.openai.gpt_image_2(**good.words("another lighthouse")).id == "task-1"
    assert journal.outcomes == ["accepted"]


def test_a_read_is_interrupted_at_once(serve: Serve, handle: Any) -> None:
    server, handler = serve(stall_after(Wire.read_request)), handle(Alarm)

    def meanwhile() -> None:
        _until(lambda: server.reads)
        time.sleep(0.05)
        knock()

    thread = threading.Thread(target=meanwhile)
    with Modellix(KEY, base_url=server.url, timeout=60.0) as client:
        thread.start()
        with pytest.raises(Alarm) as caught:
            client.task("task-1").refresh()
        handler.is_over.set()
    thread.join()
    assert caught.value is handler.raised[0]
    assert len(server.reads) == 1


def _until(condition: Callable[[], object]) -> None:
    while not condition():
        time.sleep(0.005)


def test_a_reply_in_pieces_survives_an_exception_between_them(serve: Serve, handle: Any) -> None:
    handler = handle(KeyboardInterrupt)

    def script(wire: Wire) -> bool:
        wire.read_request()
        wire.send(GOOD[:-30])
        time.sleep(0.1)
        knock()
        assert handler.has_raised.wait(20)
        wire.send(GOOD[-30:])
        return True

    server = serve(script)
    with Modellix(KEY, base_url=server.url) as client:
        error = interrupted(client, handler, lambda: None)
    assert error.modellix_submission.id == "task-1"
    assert len(server.submissions) == 1
