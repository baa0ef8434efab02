"""Which event loop the asynchronous client works in, asyncio's and no other, and what it leaves to a thread."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from typing import TypeVar

from modellix.errors import ConfigurationError

T = TypeVar("T")


def running_loop() -> asyncio.AbstractEventLoop:
    """The event loop that runs this coroutine. Raises ConfigurationError under trio, or when nothing of asyncio does.

    Where another library runs inside a loop of asyncio, as trio can, there is a loop but no task.
    """
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        loop = None
    if loop is None or asyncio.current_task(loop) is None:
        raise ConfigurationError(
            "AsyncModellix and its results work in asyncio alone, and nothing of asyncio runs this coroutine: use "
            "asyncio.run(…); under trio use Modellix in a thread, such as trio.to_thread.run_sync gives"
        )
    return loop


async def in_thread(call: Callable[[], T]) -> T:
    """The call's result, without blocking the event loop, with the caller's context variables. A cancellation meanwhile
    is passed on when the call has ended, so that its effect is known and nothing is done behind the caller's back.
    """
    return await to_its_end(running_loop().run_in_executor(None, contextvars.copy_context().run, call))


async def to_its_end(work: asyncio.Future[T]) -> T:
    """The outcome of work under way. A cancellation meanwhile is passed on when it has ended."""
    cancelled: asyncio.CancelledError | None = None
    while not work.done():
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError as error:
            cancelled = error
        except Exception:
            break  # the call's own failure, raised below
    if cancelled is not None:
        raise cancelled
    return work.result()
