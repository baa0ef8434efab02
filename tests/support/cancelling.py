"""The ways in which people cancel: each returns the exception that came out of the submission."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any

import anyio
import pytest
from starlette.responses import StreamingResponse

Call = Coroutine[Any, Any, Any]
Ready = Callable[[], Awaitable[object]]


async def by_timeout(call: Call, ready: Ready) -> BaseException:
    timer = asyncio.timeout(None)

    async def expire() -> None:
        await ready()
        timer.reschedule(asyncio.get_running_loop().time())

    expiring = asyncio.create_task(expire())
    with pytest.raises(TimeoutError) as caught:
        async with timer:
            await call
    await expiring
    assert isinstance(caught.value.__cause__, asyncio.CancelledError)
    return caught.value.__cause__


async def by_hand(call: Call, ready: Ready) -> BaseException:
    task = asyncio.create_task(call)
    await ready()
    task.cancel("enough")
    with pytest.raises(asyncio.CancelledError) as caught:
        await task
    assert caught.value.args == ("enough",)
    return caught.value


async def by_hand_twice(call: Call, ready: Ready) -> BaseException:
    task = asyncio.create_task(call)
    await ready()
    task.cancel()
    task.cancel()
    with pytest.raises(asyncio.CancelledError) as caught:
        await task
    task.cancel()
    return caught.value


async def _keep(call: Call, kept: list[BaseException]) -> None:
    try:
        await call
    except BaseException as error:
        kept.append(error)
        raise


async def by_a_sibling(call: Call, ready: Ready) -> BaseException:
    kept: list[BaseException] = []

    async def fail() -> None:
        await ready()
        raise ZeroDivisionError

    with pytest.raises(ExceptionGroup) as caught:  # noqa: PT012 - the block is what a user writes
        async with asyncio.TaskGroup() as group:
            group.create_task(_keep(call, kept))
            group.create_task(fail())
    assert caught.group_contains(ZeroDivisionError)
    assert isinstance(kept[0], asyncio.CancelledError)
    return kept[0]


async def by_gather(call: Call, ready: Ready) -> BaseException:
    kept: list[BaseException] = []
    both = asyncio.gather(_keep(call, kept), asyncio.sleep(30))
    await ready()
    both.cancel()
    with pytest.raises(asyncio.CancelledError):
        await both
    return kept[0]


async def by_a_cancel_scope(call: Call, ready: Ready) -> BaseException:
    """anyio cancels again at every await, so none of ours may come after the first."""
    kept: list[BaseException] = []
    with anyio.CancelScope() as scope:

        async def cancel() -> None:
            await ready()
            scope.cancel()

        cancelling = asyncio.create_task(cancel())
        await _keep(call, kept)
    await cancelling
    assert scope.cancelled_caught
    return kept[0]


async def by_a_client_that_disconnects(call: Call, ready: Ready) -> BaseException:
    """Starlette then cancels the scope in which it awaits what the endpoint streams."""
    kept: list[BaseException] = []

    async def stream() -> AsyncIterator[bytes]:
        await _keep(call, kept)
        yield b""

    async def receive() -> dict[str, str]:
        await ready()
        return {"type": "http.disconnect"}

    async def send(message: object) -> None:
        """To a client that takes anything."""

    await StreamingResponse(stream())({"type": "http", "asgi": {"spec_version": "2.3"}}, receive, send)
    return kept[0]


WAYS = [by_timeout, by_hand, by_hand_twice, by_a_sibling, by_gather, by_a_cancel_scope, by_a_client_that_disconnects]
