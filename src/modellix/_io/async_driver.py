"""The driver of the asynchronous client: carries out what the rules ask for, in one event loop."""

from __future__ import annotations

import asyncio
import contextlib
import weakref
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from modellix._core.attempt import End
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
from modellix._core.submission import SubmissionAttempts
from modellix._fork import PerProcess, no_fork
from modellix._http import httpx
from modellix._io.background import Background, Tell
from modellix._io.clock import DriverClock
from modellix._io.driver import Driver, noting
from modellix._io.loops import in_thread, running_loop, to_its_end
from modellix.errors import ConfigurationError
from modellix.settings import Settings

if TYPE_CHECKING:
    from modellix._io.transports import Opener

E = TypeVar("E")
K = TypeVar("K")
T = TypeVar("T")


async def drive(rules: Generator[E, Any, T], perform: Callable[[E], Awaitable[Any]]) -> T:
    """The rules' result, or the exception they end with. `perform` carries out what they ask for."""
    try:
        effect = next(rules)
        while True:
            outcome, failure = None, None
            try:
                outcome = await perform(effect)
            except GeneratorExit:  # the coroutine is being thrown away; there is nobody to tell
                raise
            except BaseException as error:
                failure = error
            # Thrown out here, so that it is not the context of what the rules raise: it may quote the key.
            effect = rules.send(outcome) if failure is None else rules.throw(failure)
    except StopIteration as end:
        result: T = end.value
        return result


async def _closing(idle: list[httpx.AsyncBaseTransport]) -> AsyncGenerator[None, None]:
    """Closes the connections of a client that nobody closes: an event loop that ends closes its generators, and so does
    one that goes on when nobody has the client any more.
    """
    try:
        yield
    finally:
        while idle:
            with contextlib.suppress(Exception):
                await idle.pop().aclose()


def _let_go(closing: AsyncGenerator[None, None]) -> None:
    """The last to hold it: its event loop closes it."""


class AsyncDriver(Driver):
    """Tied to the event loop of its first use; its connections are opened at the first request.

    Each request under way has a transport of its own, the one used last is used next. An injected client lends its own.
    """

    def __init__(self, settings: Settings, clock: DriverClock, slots: int, injected: httpx.AsyncClient | None) -> None:
        super().__init__(settings, clock, slots, injected, httpx.AsyncClient)
        self._injected = injected
        self._opener: Opener | None = None
        self._idle = PerProcess[list[httpx.AsyncBaseTransport]](list)
        self._closing = PerProcess[list[AsyncGenerator[None, None]]](list)  # one, once there is a connection
        self._is_closed = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._slots: asyncio.Semaphore | None = None
        self._background = Background()

    async def submit(self, submission: SubmissionAttempts, tell: Tell) -> End:
        """What became of it. A caller who is cancelled is told the end later."""
        return await self._background.run(submission, self.run(submission.rules()), tell)

    async def run(self, rules: Rules[T]) -> T:
        """The rules' result, or the exception they end with."""
        self.bind()
        return await drive(rules, self.perform)

    async def tell(self, rules: Rules[T]) -> T:
        """As `run`, for rules that send nothing: in any event loop."""
        running_loop()
        return await drive(rules, self.perform)

    def bind(self) -> asyncio.Semaphore:
        """Tie the client to the running event loop. Raises ConfigurationError in a second one, or without one."""
        loop = running_loop()
        if self._loop is None or self._slots is None:
            self._loop, self._slots = loop, asyncio.Semaphore(self._slot_count)
        if self._loop is not loop:
            raise ConfigurationError("this client belongs to another event loop: create one AsyncModellix in each")
        return self._slots

    async def run_all(
        self,
        rules: Iterable[tuple[K, Rules[T]]],
        lanes: Mapping[Lane, int] | None = None,
        crowd: float = float("inf"),
    ) -> AsyncGenerator[tuple[K, T], None]:
        """The results of many rules as they end. `lanes` and `crowd` as the Scheduler has them; by default all only
        read.

        However the iteration ends, no task is left behind: what was sent and paid for is waited for, all else is cut.
        """
        with no_fork():  # what a single request does not need
            from modellix._core.scheduler import Scheduler
        self.bind()
        lanes = {Lane.READ: self._slot_count} if lanes is None else lanes
        scheduler: Scheduler[K, T] = Scheduler(rules, lanes, self.clock, crowd)
        under_way: dict[asyncio.Task[Any], tuple[K, Work]] = {}

        def start(key: K, work: Work) -> None:
            under_way[self._start(work)] = key, work

        try:
            while not scheduler.is_over:
                while (due := scheduler.next_due()) is not None:
                    start(*due)
                if scheduler.ended:
                    yield scheduler.ended.pop(0)
                elif scheduler.in_flight:
                    patience = self.clock.patience(scheduler.patience)
                    done, _ = await asyncio.wait(under_way, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
                    for task in done:
                        (key, _), error = under_way.pop(task), task.exception()
                        more = scheduler.resume(key, None if error is not None else task.result(), error)
                        if more is not None:
                            start(key, more)
                elif not scheduler.is_over:
                    await self.clock.asleep(scheduler.patience)
        finally:
            await self._leave({task: work for task, (_, work) in under_way.items()})

    def _start(self, work: Work) -> asyncio.Task[Any]:
        if isinstance(work, Submit):
            return self._background.start(self.run(work.submission.rules()))
        return asyncio.create_task(self.perform(work))

    async def _leave(self, under_way: dict[asyncio.Task[Any], Work]) -> None:
        """Nobody wants the outcomes any more. A paid request of which a byte may have left is waited for; if we are
        cancelled again, it goes on in the background.
        """
        for task, work in under_way.items():
            if isinstance(work, Submit):
                self._background.leave(task, work.submission)
            else:
                task.cancel()
        others = [task for task, work in under_way.items() if not isinstance(work, Submit)]
        await asyncio.gather(*others, return_exceptions=True)
        if len(others) < len(under_way):
            await asyncio.wait(under_way)

    async def perform(self, effect: Effect) -> Any:
        """Carry out one effect."""
        if isinstance(effect, SendRequest):
            try:
                return await self._send_request(effect)
            except ConfigurationError:
                raise
            except Exception as error:
                effect.trace.failure = error
                raise
        if isinstance(effect, WaitForSlot):
            return await self._wait_for_slot(effect)
        if isinstance(effect, Pause):
            return await self.clock.asleep(effect.seconds, is_real=effect.is_real)
        if isinstance(effect, Fetch):
            return await effect.call()
        assert isinstance(effect, Blocking)
        return await (to_its_end(asyncio.ensure_future(effect.call())) if effect.is_async else in_thread(effect.call))

    in_thread = staticmethod(in_thread)

    async def _wait_for_slot(self, effect: WaitForSlot) -> None:
        slots = self.bind()
        if not slots.locked():
            await slots.acquire()  # at once
        else:
            try:
                async with asyncio.timeout(self._seconds_to(effect.until)):
                    await slots.acquire()
            except TimeoutError:
                raise DeadlinePassed("no slot became free in time") from None
        effect.held.append(slots.release)

    async def _send_request(self, effect: SendRequest) -> Reply:
        timer = asyncio.timeout(self._seconds_to(effect.deadline))
        try:
            async with timer:
                if effect.has_slot:
                    return await self._send(effect, timer)
                async with self.bind():
                    return await self._send(effect, timer)
        except TimeoutError as error:
            if not timer.expired():
                raise
            raise DeadlinePassed("the call took too long") from error

    def _seconds_to(self, moment: float) -> float:
        return max(0.0, moment - self.clock.now())

    def _step(self, effect: SendRequest, timer: asyncio.Timeout, is_first_byte: bool) -> None:
        """The time for what is done next: for a step of connecting, or from the first byte to the end."""
        if is_first_byte:
            self._may_leave(effect)
            seconds = self._seconds_to(effect.deadline)
        else:
            seconds = min(self._seconds_to(effect.leaves_by), effect.longest_connect)
        self._allow(timer, seconds)

    def _allow(self, timer: asyncio.Timeout, seconds: float) -> None:
        timer.reschedule(asyncio.get_running_loop().time() + seconds)

    async def _send(self, effect: SendRequest, timer: asyncio.Timeout) -> Reply:
        transport = self._take(effect.url)
        try:
            reply = await self._send_through(transport, effect, timer)
        except BaseException:
            await self._discard(transport)
            raise
        await self._give_back(transport)
        return reply

    async def _send_through(
        self, transport: httpx.AsyncBaseTransport, effect: SendRequest, timer: asyncio.Timeout
    ) -> Reply:
        from modellix._io.transports import quiet_scope, reports_steps

        trace = effect.trace
        note = noting(trace, lambda is_first_byte: self._step(effect, timer, is_first_byte))

        async def hook(event: str, info: dict[str, Any]) -> None:
            note(event, info)

        request = self._request(effect, hook, reports_steps(transport))
        if trace.reports_steps:
            self._allow(timer, self._seconds_to(effect.leaves_by))  # until the first byte is about to leave
        with quiet_scope():
            trace.handed_over = True
            response = await transport.handle_async_request(request)
            trace.status, trace.headers = response.status_code, response.headers
            try:
                fault = await self._read(response, effect)
                trace.is_whole = not fault
                return trace.collector.reply(response.status_code, response.headers, fault)
            finally:
                await response.aclose()

    async def _read(self, response: httpx.Response, effect: SendRequest) -> str:
        assert isinstance(response.stream, httpx.AsyncByteStream)
        async for chunk in response.stream:
            if not effect.trace.collector.add(chunk):
                return "too large"
        return ""

    def _take(self, url: httpx.URL) -> httpx.AsyncBaseTransport:
        from modellix._io.transports import Opener, async_transport_for

        if self._is_closed:
            raise ConfigurationError("this client is closed")
        if self._injected is not None:
            return async_transport_for(self._injected, url)
        if self._idle():
            return self._idle().pop()
        if self._opener is None:
            self._opener = Opener(self._origin, self.clock)
        return self._opener.open_async()

    async def _give_back(self, transport: httpx.AsyncBaseTransport) -> None:
        from modellix._io.transports import has_leftovers

        if self._injected is not None:
            return
        if self._is_closed or has_leftovers(transport):
            await self._discard(transport)
            return
        self._idle().append(transport)
        if not self._closing():
            closing = _closing(self._idle())
            self._closing().append(closing)
            await anext(closing)
            # Held there until nobody has the client, lest the garbage collector takes the connections at the same time.
            weakref.finalize(self, _let_go, closing).atexit = False

    async def _discard(self, transport: httpx.AsyncBaseTransport) -> None:
        """After a failure: httpcore can be left with a connection neither open nor closed, and its pool full."""
        if self._injected is None:
            with contextlib.suppress(Exception):
                await transport.aclose()

    async def aclose(self, last_words: Rules[None]) -> None:
        """Close our own connections, those in use when they are given back; an injected client stays open.

        Waits for the submissions under way. Cancelled meanwhile, it cuts those that nobody waits for any more.
        """
        self._is_closed = True
        try:
            while self._idle():
                with contextlib.suppress(RuntimeError):  # connections of an event loop that has ended are gone already
                    await self._idle().pop().aclose()
            for closing in self._closing():
                await closing.aclose()
            if self._loop is not None and self._loop is running_loop():
                await self._background.wait()
                await drive(last_words, self.perform)
        except BaseException:
            self._background.cut()
            raise
