"""Paid requests of the asynchronous client, each in a task of its own.

Whoever awaits one may be cancelled, as often as a cancel scope likes, and must not await anything then. So the
request, the journal and the log are left to the task: it goes on to its end if a byte may have left, and is cancelled
if not.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import Callable, Coroutine
from typing import Any

from modellix._core.attempt import End
from modellix._core.effects import Submission

Tell = Callable[[BaseException], object]
"""Sets what is known of a submission on an exception that keeps its caller from waiting for it."""


class Background:
    """The tasks under way, held here because the event loop holds them weakly."""

    def __init__(self) -> None:
        self._under_way: set[asyncio.Task[Any]] = set()
        self._orphans: set[asyncio.Task[Any]] = set()  # nobody waits for them any more

    async def run(self, submission: Submission, rules: Coroutine[Any, Any, End], tell: Tell) -> End:
        """What the rules of the submission end with. A cancellation goes on at once, and is told the end later."""
        work = self.start(rules)
        try:
            await asyncio.wait({work})
        except BaseException as interruption:
            self.leave(work, submission, functools.partial(tell, interruption))
            raise
        return work.result()

    def start(self, rules: Coroutine[Any, Any, End]) -> asyncio.Task[End]:
        """The task that carries them out."""
        work = asyncio.create_task(rules, name="modellix submission")
        self._under_way.add(work)
        work.add_done_callback(self._ended)
        return work

    def _ended(self, work: asyncio.Task[Any]) -> None:
        self._under_way.discard(work)
        self._orphans.discard(work)

    def leave(self, work: asyncio.Task[Any], submission: Submission, tell: Callable[[], object] = lambda: None) -> None:
        """Nobody waits for it any more; `tell` is called at its end. Nothing is awaited here."""

        def ended(work: asyncio.Task[Any]) -> None:
            tell()
            if not work.cancelled():
                work.exception()  # looked at, or asyncio complains

        goes_on = submission.stop()
        self._orphans.add(work)
        with contextlib.suppress(RuntimeError):  # the event loop has ended, and the coroutine is being thrown away
            work.add_done_callback(ended)
            if not goes_on:
                work.cancel()

    async def wait(self) -> None:
        """Until all have ended."""
        while self._under_way:
            await asyncio.wait(self._under_way)

    def cut(self) -> None:
        """End those that nobody waits for."""
        for work in self._orphans:
            work.cancel()
