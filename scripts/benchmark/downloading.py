"""CPU of a large file, from the network to the disk."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import httpx

from modellix import AsyncModellix, Modellix
from scripts.benchmark.bodies import HEADERS, KEY
from scripts.benchmark.measuring import Scenario, cpu_seconds, rounds
from scripts.benchmark.service import service

MEGABYTES = 256
ROUNDS = 3


def files() -> Scenario:
    ways = {"modellix": _sync, "modellix, async": _async, "httpx by hand": _httpx, "aiohttp by hand": _aiohttp}
    with service(file_bytes=MEGABYTES * 2**20, ends=True) as url, tempfile.TemporaryDirectory() as folder:
        measures = {name: partial(_milliseconds, way, url, Path(folder)) for name, way in ways.items()}
        rows = rounds(measures, "httpx by hand", ROUNDS)
    title, unit = f"Download of a file of {MEGABYTES} MiB", "ms of CPU for 100 MiB"
    return Scenario("download", title, unit, "httpx by hand", rows, is_timed=True, note=NOTE)


NOTE = "`modellix` syncs the file to the disk before it gives it its name, the others leave that to the system."


def _milliseconds(way: Callable[[str, Path], object], url: str, folder: Path) -> float:
    return cpu_seconds(partial(way, url, folder)) / MEGABYTES * 100 * 1000


def _sync(url: str, folder: Path) -> None:
    with Modellix(KEY, base_url=url) as client:
        client.task("task").wait().download(folder, name="ours", overwrite=True)


def _async(url: str, folder: Path) -> None:
    async def download() -> None:
        async with AsyncModellix(KEY, base_url=url) as client:
            await (await client.task("task").wait()).download(folder, name="async", overwrite=True)

    asyncio.run(download())


def _httpx(url: str, folder: Path) -> None:
    with (
        httpx.Client(headers=HEADERS, trust_env=False) as client,
        client.stream("GET", f"{url}/file.png") as reply,
        (folder / "httpx").open("wb") as file,
    ):
        for chunk in reply.raise_for_status().iter_bytes():
            file.write(chunk)


def _aiohttp(url: str, folder: Path) -> None:
    from aiohttp import ClientSession

    async def download() -> None:
        async with ClientSession(headers=HEADERS) as session, session.get(f"{url}/file.png") as reply:
            with (folder / "aiohttp").open("wb") as file:
                async for chunk in reply.content.iter_any():
                    file.write(chunk)

    asyncio.run(download())
