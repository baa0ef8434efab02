"""CPU of waiting: for each read of a task, and as a share of a core for very many."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Awaitable, Callable
from functools import partial

import httpx

from modellix import AsyncModellix, Modellix, WaitTimeout
from scripts.benchmark.bodies import HEADERS, KEY, TASKS
from scripts.benchmark.measuring import Scenario, cpu_seconds, rounds
from scripts.benchmark.service import service, tasks_read

TASKS_READ = 1000
VERY_MANY = 20_000
SECONDS = 4.0
SECONDS_OF_VERY_MANY = 10.0

Read = Callable[[str], Awaitable[object]]


def reads() -> Scenario:
    """Of tasks that do not end, each read less often the longer it takes; by hand in the same rhythm."""
    ways = {
        "modellix": _sync,
        "modellix, async": _async,
        "httpx by hand": _httpx,
        "aiohttp by hand": _aiohttp,
    }
    with service() as url:
        rows = rounds({name: partial(_each_read, way, url) for name, way in ways.items()}, "httpx by hand", 2)
    title = f"Waiting for {TASKS_READ:,} tasks"
    return Scenario("waiting", title, "µs of CPU for each read", "httpx by hand", rows)


def _each_read(way: Callable[[str, int, float], object], url: str) -> float:
    before = tasks_read(url)
    spent = cpu_seconds(partial(way, url, TASKS_READ, SECONDS))
    return spent / (tasks_read(url) - before) * 1e6


def very_many() -> Scenario:
    """The share of a core, beside one core."""
    with service() as url:
        measures = {
            name: partial(_share, way, url) for name, way in {"modellix": _sync, "modellix, async": _async}.items()
        }
        rows = rounds({**measures, "a whole core": lambda: 1.0}, "a whole core", 1)
    title = f"Waiting for {VERY_MANY:,} tasks"
    return Scenario("waiting-very-many", title, "seconds of CPU for each second", "a whole core", rows, aim=0.8)


def _share(way: Callable[[str, int, float], object], url: str) -> float:
    started = time.perf_counter()
    spent = cpu_seconds(partial(way, url, VERY_MANY, SECONDS_OF_VERY_MANY))
    return spent / (time.perf_counter() - started)


def _ids(count: int) -> list[str]:
    return [f"task-{number:012}" for number in range(count)]


def _sync(url: str, tasks: int, seconds: float) -> None:
    with Modellix(KEY, base_url=url) as client, contextlib.suppress(WaitTimeout):
        client.wait_all(_ids(tasks), timeout=seconds)


def _async(url: str, tasks: int, seconds: float) -> None:
    async def wait() -> None:
        async with AsyncModellix(KEY, base_url=url) as client:
            with contextlib.suppress(WaitTimeout):
                await client.wait_all(_ids(tasks), timeout=seconds)

    asyncio.run(wait())


def _httpx(url: str, tasks: int, seconds: float) -> None:
    async def wait() -> None:
        async with httpx.AsyncClient(headers=HEADERS, timeout=120.0, trust_env=False) as client:

            async def read(task: str) -> object:
                return (await client.get(f"{url}{TASKS}/{task}")).raise_for_status().json()

            await _by_hand(read, tasks, seconds)

    asyncio.run(wait())


def _aiohttp(url: str, tasks: int, seconds: float) -> None:
    from aiohttp import ClientSession

    async def wait() -> None:
        async with ClientSession(headers=HEADERS) as session:

            async def read(task: str) -> object:
                async with session.get(f"{url}{TASKS}/{task}", raise_for_status=True) as reply:
                    return await reply.json()

            await _by_hand(read, tasks, seconds)

    asyncio.run(wait())


async def _by_hand(read: Read, tasks: int, seconds: float) -> None:
    """A coroutine for each task, that reads it and sleeps, as one would write it."""
    until = time.monotonic() + seconds

    async def follow(task: str) -> None:
        interval = tasks / 400
        while time.monotonic() < until:
            await read(task)
            interval = min(1.5 * interval, 10.0)
            await asyncio.sleep(min(interval * random.uniform(0.8, 1.0), max(0.0, until - time.monotonic())))

    await asyncio.gather(*map(follow, _ids(tasks)))
