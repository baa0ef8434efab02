"""The shell of the asynchronous client: carries out what the rules ask for, in one event loop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import httpx

from modellix.clock import Clock
from modellix.errors import ConfigurationError
from modellix.exchange import DeadlinePassed, Effect, Exchange, Pause, Rules, Shell
from modellix.replies import Reply

if TYPE_CHECKING:
    from modellix.settings import Settings

T = TypeVar("T")


async def _finish(work: asyncio.Future[T]) -> T:
    """The work's result. A cancellation meanwhile is passed on when the work has ended, so that its effect is known."""
    cancelled: asyncio.CancelledError | None = None
    while not work.done():
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError as error:
            cancelled = error
        except Exception:
            break  # the work's own failure, raised below
    if cancelled is not None:
        raise cancelled
    return work.result()


class AsyncShell(Shell):
    """Tied to the event loop of its first use; its connections are opened at the first request."""

    def __init__(self, settings: Settings, clock: Clock, places: int, injected: httpx.AsyncClient | None) -> None:
        super().__init__(settings, clock, places)
        self._client = injected
        self._is_own = injected is None
        self._is_closed = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._places: asyncio.Semaphore | None = None

    async def run(self, rules: Rules[T]) -> T:
        """The rules' result, or the exception they end with."""
        self.bind()
        try:
            effect = next(rules)
            while True:
                try:
                    outcome = await self._perform(effect)
                except GeneratorExit:  # the coroutine is being thrown away; there is nobody to tell
                    raise
                except BaseException as error:
                    effect = rules.throw(error)
                else:
                    effect = rules.send(outcome)
        except StopIteration as end:
            result: T = end.value
            return result

    def bind(self) -> asyncio.Semaphore:
        """Tie the client to the running event loop. Raises ConfigurationError in a second one."""
        loop = asyncio.get_running_loop()
        if self._loop is None or self._places is None:
            self._loop, self._places = loop, asyncio.Semaphore(self._places_count)
        if self._loop is not loop:
            raise ConfigurationError("this client belongs to another event loop: create one AsyncModellix in each")
        return self._places

    async def _perform(self, effect: Effect) -> Any:
        if isinstance(effect, Exchange):
            return await self._exchange(effect)
        if isinstance(effect, Pause):
            return await self.clock.asleep(effect.seconds)
        return await self.in_thread(effect.call)

    async def in_thread(self, call: Callable[[], T]) -> T:
        """The call's result, without blocking the event loop."""
        return await _finish(asyncio.get_running_loop().run_in_executor(None, call))

    async def _exchange(self, effect: Exchange) -> Reply:
        timer = asyncio.timeout(max(0.0, effect.deadline - self.clock.now()))
        try:
            async with timer, self.bind():
                return await self._send(effect)
        except TimeoutError as error:
            if not timer.expired():
                raise
            raise DeadlinePassed("the call took too long") from error

    async def _send(self, effect: Exchange) -> Reply:
        from modellix.sockets import async_transport_for, quiet_scope

        client, evidence = self._open(), effect.evidence
        transport = async_transport_for(client, effect.url)
        request = self._request(effect, evidence.trace_async, client.headers)
        with quiet_scope():
            evidence.handed_over = True
            response = await transport.handle_async_request(request)
            evidence.status, evidence.headers = response.status_code, response.headers
            try:
                fault = await self._read(response, effect)
                return evidence.collector.reply(response.status_code, response.headers, fault)
            finally:
                await response.aclose()

    async def _read(self, response: httpx.Response, effect: Exchange) -> str:
        assert isinstance(response.stream, httpx.AsyncByteStream)
        async for chunk in response.stream:
            if not effect.evidence.collector.add(chunk):
                return "too large"
        return ""

    def _open(self) -> httpx.AsyncClient:
        if self._is_closed:
            raise ConfigurationError("this client is closed")
        if self._client is None:
            from modellix.sockets import open_async_client

            self._client = open_async_client(self._origin, self._places_count)
        return self._client

    async def aclose(self) -> None:
        """Close our own connections; an injected client stays open."""
        client, self._is_closed = self._client, True
        if self._is_own and client is not None:
            with contextlib.suppress(RuntimeError):  # connections of an event loop that has ended are gone already
                await client.aclose()
