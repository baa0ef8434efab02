"""Which event loop the asynchronous client works in: asyncio's, and no other."""

from __future__ import annotations

import asyncio

from modellix.errors import ConfigurationError


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
