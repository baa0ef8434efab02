"""How a kit that waits calls journals of both kinds: at once, within time, and those with async methods."""

from __future__ import annotations

import asyncio
import inspect
import sys
import threading
import time
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from typing import Any, cast

from modellix.errors import ConfigurationError
from modellix.journal.protocol import Journal, is_async, require_journal

LONGEST = 120.0  # seconds that one check may take, of which the longest makes five hundred calls


class Hung(AssertionError):
    """A journal did not answer. What it still holds may keep others from answering."""


def in_threads(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """What each returned or raised, each in a thread of its own. Raises Hung."""
    gate = threading.Barrier(len(calls))
    results: list[Future[Any]] = [Future() for _ in calls]

    def run(call: Callable[[], Any], result: Future[Any]) -> None:
        try:
            gate.wait(LONGEST)
            result.set_result(call())
        except BaseException as error:
            result.set_result(error)

    for call, result in zip(calls, results, strict=True):
        threading.Thread(target=run, args=(call, result), daemon=True).start()
    deadline = time.monotonic() + LONGEST
    return [_wait_for(one, deadline - time.monotonic()) for one in results]


@contextmanager
def _switching_often() -> Generator[None, None, None]:
    """Threads take turns so often that two steps which should be one are seen to be two."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)


def _wait_for(future: Future[Any], seconds: float) -> Any:
    try:
        return future.result(max(seconds, 0.0))
    except TimeoutError:
        if future.done():  # the call's own
            raise
        raise Hung(f"no answer within {LONGEST:g} seconds") from None


class Loop:
    """An event loop in a thread of its own."""

    def __init__(self) -> None:
        self._running: Future[asyncio.AbstractEventLoop] = Future()
        self._end = asyncio.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main()), daemon=True)
        self._thread.start()
        self._loop = self._running.result()

    async def _main(self) -> None:
        self._running.set_result(asyncio.get_running_loop())
        await self._end.wait()

    def run(self, call: Callable[[], Any]) -> Any:
        """What the call's awaitable brings; of what can be iterated, a list. Raises Hung."""

        async def wait() -> Any:
            made = call()
            found = await made if inspect.isawaitable(made) else made
            return [one async for one in found] if hasattr(found, "__aiter__") else found

        return _wait_for(asyncio.run_coroutine_threadsafe(wait(), self._loop), LONGEST)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(LONGEST)


class Blocking:
    """A journal with async methods, for callers that wait."""

    def __init__(self, journal: Any, loop: Loop) -> None:
        self.journal = journal
        self.loop = loop

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self.journal, name)
        return lambda *places, **names: self.loop.run(lambda: method(*places, **names))


def at_once(journals: Sequence[Journal], method: str, calls: Sequence[tuple[Any, ...]]) -> list[Any]:
    """What each call of the method returned or raised: in threads, or as tasks of one loop, by turns through the
    journals.
    """
    turns = [(journals[number % len(journals)], arguments) for number, arguments in enumerate(calls)]
    first = journals[0]
    if not isinstance(first, Blocking):
        with _switching_often():
            return in_threads([partial(getattr(one, method), *given) for one, given in turns])

    async def gather() -> list[Any]:
        tasks = [getattr(cast("Blocking", one).journal, method)(*given) for one, given in turns]
        return await asyncio.gather(*tasks, return_exceptions=True)

    return cast("list[Any]", first.loop.run(gather))


class Opener:
    """Opens journals, and keeps the loop of those with async methods."""

    def __init__(self) -> None:
        self._loop: Loop | None = None

    def open(self, factory: Callable[[], Any]) -> Journal:
        """A journal that blocks. Raises AssertionError for what is none."""
        made = factory()
        journal = self._run(made) if inspect.isawaitable(made) else made
        try:
            require_journal(journal, is_async_allowed=True)
        except ConfigurationError as error:
            raise AssertionError(str(error)) from None
        return cast("Journal", Blocking(journal, self._started()) if is_async(journal) else journal)

    def _run(self, awaitable: Any) -> Any:
        return self._started().run(lambda: awaitable)

    def _started(self) -> Loop:
        self._loop = self._loop or Loop()
        return self._loop

    def close(self) -> None:
        if self._loop is not None:
            self._loop.close()
