"""The driver of the synchronous client: carries out what the rules ask for, in the calling thread."""

from __future__ import annotations

import contextlib
import contextvars
import inspect
import os
import threading
import weakref
from collections.abc import Callable, Generator, Iterable, Mapping
from functools import partial
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from modellix._core.effects import (
    Blocking,
    DeadlinePassed,
    Effect,
    Fetch,
    Lane,
    Pause,
    Rules,
    SendRequest,
    Submit,
    WaitForSlot,
    Work,
)
from modellix._core.replies import Reply
from modellix._fork import PerProcess, no_fork
from modellix._http import httpx
from modellix._io.call import Call, Calls, current_work, deadline_scope, new_call, work_scope
from modellix._io.clock import DriverClock
from modellix._io.driver import Driver, noting
from modellix._io.failures import is_proxys
from modellix.errors import ConfigurationError
from modellix.settings import Settings

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

    from modellix._io.transports import Opener

QUEUE_STEP = 0.1  # seconds

E = TypeVar("E")
K = TypeVar("K")
T = TypeVar("T")


def drive(rules: Generator[E, Any, T], perform: Callable[[E], Any]) -> T:
    """The rules' result, or the exception they end with. `perform` carries out what they ask for.

    The rules see what a signal handler raises between two effects too.
    """
    outcome: Any = None
    failure: BaseException | None = None
    while True:
        try:
            while True:
                # Thrown out here, so that it is not the context of what the rules raise: it may quote the key.
                effect = rules.send(outcome) if failure is None else rules.throw(failure)
                outcome, failure = None, None
                try:
                    outcome = perform(effect)
                except BaseException as error:
                    failure = error
        except StopIteration as end:
            result: T = end.value
            return result
        except BaseException as interruption:
            if inspect.getgeneratorstate(rules) == inspect.GEN_CLOSED:
                raise
            failure = interruption


class _Workers(Generic[K]):
    """Work under way in a pool of threads, and what has come back from it. A child that was forked meanwhile has no
    threads to go on with: there it raises ConfigurationError.
    """

    def __init__(self, driver: SyncDriver, pool: ThreadPoolExecutor) -> None:
        self._driver = driver
        self._pool = pool
        self._process = os.getpid()
        self._under_way: dict[K, tuple[Work, Calls]] = {}
        self._finished: SimpleQueue[tuple[K, Any, BaseException | None]] = SimpleQueue()

    def start(self, key: K, work: Work) -> None:
        self._require_own_process()
        calls = Calls()
        self._under_way[key] = work, calls
        context = contextvars.copy_context()  # so that tracing sees the caller's span
        self._pool.submit(context.run, self._carry_out, key, work, calls)

    def _carry_out(self, key: K, work: Work, calls: Calls) -> None:
        try:
            with work_scope(calls):
                self._finished.put((key, self._driver.perform(work), None))
        except BaseException as error:
            self._finished.put((key, None, error))

    def finished(self, seconds: float | None) -> list[tuple[K, Any, BaseException | None]]:
        """Everything that has come back, after waiting at most that long for the first."""
        self._require_own_process()
        with contextlib.suppress(Empty):
            back = [self._finished.get(timeout=seconds)]
            while not self._finished.empty():
                back.append(self._finished.get())
            for key, _, _ in back:
                del self._under_way[key]
            return back
        return []

    def close(self) -> None:
        """End everything but a paid request of which a byte may have left, and leave no thread behind. A child leaves
        all of it to its parent.
        """
        if self._process != os.getpid():
            return
        for work, calls in self._under_way.values():
            if isinstance(work, Submit):
                work.submission.stop()
            calls.abort()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _require_own_process(self) -> None:
        if self._process != os.getpid():
            raise ConfigurationError("this wait goes on in the parent process: begin one of your own after a fork")


class _Slot:
    """A slot for a request under way. Called, it goes back to the others."""

    def __init__(self, others: SimpleQueue[_Slot]) -> None:
        self._others = others

    def __call__(self) -> None:
        self._others.put(self)


class _Means:
    """What the driver has of its own in each process. `lent_to` is the process that got the injected client."""

    def __init__(self, slots: int, injected: httpx.Client | None, lent_to: int) -> None:
        if injected is not None and lent_to != os.getpid():
            from modellix._io.transports import require_no_connections

            require_no_connections(injected)
        self.lock = threading.Lock()
        self.slots: SimpleQueue[_Slot] = SimpleQueue()
        for _ in range(slots):
            _Slot(self.slots)()
        self.idle: list[httpx.BaseTransport] = []
        weakref.finalize(self, _close, self.idle, os.getpid())  # of a client that nobody closes, at exit too
        self.opener: Opener | None = None  # a thread left behind may hold a lock in its TLS context
        self.is_ready = False


def _close(idle: list[httpx.BaseTransport], process: int) -> None:
    """A child leaves them to its parent."""
    while idle and process == os.getpid():
        with contextlib.suppress(Exception):
            idle.pop().close()


class SyncDriver(Driver):
    """One for all threads of a client; its connections are opened at the first request.

    Each request under way has a transport of its own, the one used last is used next. An injected client lends its own.
    """

    def __init__(self, settings: Settings, clock: DriverClock, slots: int, injected: httpx.Client | None) -> None:
        super().__init__(settings, clock, slots, injected, httpx.Client)
        self._injected = injected
        self._is_closed = False
        self._means = PerProcess(partial(_Means, slots, injected, os.getpid()))

    def run(self, rules: Rules[T]) -> T:
        """The rules' result, or the exception they end with."""
        return drive(rules, self.perform)

    def run_all(
        self,
        rules: Iterable[tuple[K, Rules[T]]],
        lanes: Mapping[Lane, int] | None = None,
        crowd: float = float("inf"),
    ) -> Generator[tuple[K, T], None, None]:
        """The results of many rules as they end, the rules themselves run in this thread, their work in a few others.
        `lanes` and `crowd` as the Scheduler has them; by default all only read.

        However the iteration ends, no thread is left behind: what was sent and paid for is waited for, all else is cut.
        """
        with no_fork():  # what a single request does not need
            from concurrent.futures import ThreadPoolExecutor

            from modellix._core.scheduler import Scheduler

        lanes = {Lane.READ: self._slot_count} if lanes is None else lanes
        scheduler: Scheduler[K, T] = Scheduler(rules, lanes, self.clock, crowd)
        pool = ThreadPoolExecutor(sum(lanes.values()), "modellix-work")
        workers: _Workers[K] = _Workers(self, pool)
        try:
            while not scheduler.is_over:
                while (work := scheduler.next_due()) is not None:
                    workers.start(*work)
                if scheduler.ended:
                    yield scheduler.ended.pop(0)
                elif scheduler.in_flight:
                    for key, outcome, error in workers.finished(self.clock.patience(scheduler.patience)):
                        more = scheduler.resume(key, outcome, error)
                        if more is not None:
                            workers.start(key, more)
                elif not scheduler.is_over:
                    self.clock.sleep(scheduler.patience)
        finally:
            workers.close()

    def perform(self, effect: Effect) -> Any:
        """Carry out one effect. As part of a piece of work (`work_scope`) another thread may end it."""
        if isinstance(effect, SendRequest):
            return self._send_request(effect, Call() if effect.is_traced else new_call())
        if isinstance(effect, WaitForSlot):
            return self._wait_for_slot(effect, new_call())
        if isinstance(effect, Pause):
            return self._pause(effect)
        if isinstance(effect, Submit):
            return drive(effect.submission.rules(), self.perform)
        assert isinstance(effect, Blocking | Fetch)
        return effect.call()

    def _pause(self, pause: Pause) -> None:
        """In steps, if it is part of work that may be over."""
        work, until = current_work(), self.clock.now() + pause.seconds
        if work is None:
            self.clock.sleep(pause.seconds, is_real=pause.is_real)
            return
        while not work.is_aborted and (left := until - self.clock.now()) > 0:
            self.clock.sleep(min(left, QUEUE_STEP), is_real=pause.is_real)

    def _send_request(self, effect: SendRequest, call: Call) -> Reply:
        try:
            return self._send_in_slot(effect, call)
        except Exception as error:
            is_networks = isinstance(error, httpx.HTTPError | DeadlinePassed) or is_proxys(error)
            if (is_networks or call.is_pretended) and error is not call.foreign:
                effect.trace.failure = error
            raise

    def _send_in_slot(self, effect: SendRequest, call: Call) -> Reply:
        if effect.has_slot:
            return self._send(effect, call)
        held: list[Callable[[], object]] = []
        try:
            self._wait_for_slot(WaitForSlot(effect.deadline, held), call)
            return self._send(effect, call)
        finally:
            for give_back in held:
                give_back()

    def _wait_for_slot(self, effect: WaitForSlot, call: Call) -> None:
        """In steps, because nothing else tells a queueing thread that the wait it belongs to is over."""
        slots = self._means().slots
        while not call.is_aborted:
            left = max(0.0, effect.until - self.clock.now())
            with contextlib.suppress(Empty):  # one step: no signal handler comes between getting and keeping
                effect.held.extend(map(slots.get, (True,), (min(left, QUEUE_STEP),)))
                return
            if left <= QUEUE_STEP:
                break
        raise DeadlinePassed("no slot became free in time")

    def _send(self, effect: SendRequest, call: Call) -> Reply:
        transport = self._take(effect.url)
        try:
            reply = self._send_through(transport, effect, call)
        except BaseException:
            self._discard(transport)
            raise
        finally:
            call.let_go()
        self._give_back(transport)
        return reply

    def _send_through(self, transport: httpx.BaseTransport, effect: SendRequest, call: Call) -> Reply:
        from modellix._io.transports import quiet_scope, reports_steps

        trace, is_reporting = effect.trace, reports_steps(transport)
        call.deadline, call.leaves_by, call.longest_connect = effect.deadline, effect.leaves_by, effect.longest_connect
        call.trace = trace if effect.is_traced else None
        call.is_pretended = self._injected is not None or not is_reporting
        note = noting(trace, lambda is_first_byte: self._may_leave(effect) if is_first_byte else None)
        request = self._request(effect, note, is_reporting)
        with quiet_scope(), deadline_scope(call):
            trace.handed_over = True
            response = transport.handle_request(request)
            trace.status, trace.headers = response.status_code, response.headers
            try:
                fault = self._read(response, effect)
                trace.is_whole = not fault
                return trace.collector.reply(response.status_code, response.headers, fault)
            finally:
                response.close()

    def _read(self, response: httpx.Response, effect: SendRequest) -> str:
        assert isinstance(response.stream, httpx.SyncByteStream)
        for chunk in response.stream:
            if not effect.trace.collector.add(chunk):
                return "too large"
            if self.clock.now() > effect.deadline:
                raise DeadlinePassed("the reply was too slow")
        return ""

    def _take(self, url: httpx.URL) -> httpx.BaseTransport:
        means = self._means()
        if not means.is_ready:
            with no_fork():
                self._make_ready(means)
        from modellix._io.transports import transport_for

        with means.lock:
            if self._is_closed:
                raise ConfigurationError("this client is closed")
            if self._injected is not None:
                return transport_for(self._injected, url)
            if means.idle:
                return means.idle.pop()
            assert means.opener is not None
            return means.opener.open()

    def _make_ready(self, means: _Means) -> None:
        """For the first request of this process: what a child that is forked meanwhile would wait for in vain."""
        from modellix._io.transports import Opener

        "".encode("idna")  # each name of a host goes through this
        with means.lock:
            if means.opener is None and self._injected is None:
                means.opener = Opener(self._origin, self.clock)
            means.is_ready = True

    def _give_back(self, transport: httpx.BaseTransport) -> None:
        from modellix._io.transports import has_leftovers

        if self._injected is not None:
            return
        if has_leftovers(transport):
            self._discard(transport)
            return
        means = self._means()
        with means.lock:
            if not self._is_closed:
                means.idle.append(transport)
                return
        transport.close()

    def _discard(self, transport: httpx.BaseTransport) -> None:
        """After a failure: httpcore can be left with a connection neither open nor closed, and its pool full."""
        if self._injected is None:
            with contextlib.suppress(Exception):
                transport.close()

    def close(self) -> None:
        """Close our own connections, those in use when they are given back; an injected client stays open."""
        self._is_closed = True
        if self._injected is not None:
            return
        means = self._means()
        with means.lock:
            transports = [*means.idle]
            means.idle.clear()
        for transport in transports:
            transport.close()
