"""Both clients' ways to take a result's files, behind one face."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from modellix import AsyncModellix, Modellix
from modellix.tasks import AsyncTaskResult, TaskResult

TASK_ID = "task-1"


def raw_result(*urls: str, task_id: str = TASK_ID, **more: Any) -> dict[str, Any]:
    """The reply that a result is made of."""
    rows = [{"url": url, "type": "image"} for url in urls]
    return {"code": 0, "data": {"status": "success", "task_id": task_id, "result": {"resources": rows}, **more}}


class Taker(Protocol):
    """Downloads and streams a result, as one of the clients does."""

    def download(
        self, raw: dict[str, Any], origin: str, folder: Path, *, overwrite: bool = False, change: Change = ...
    ) -> list[Path]: ...

    def stream(self, raw: dict[str, Any], origin: str, index: int = 0) -> bytes:
        """All bytes of one file, by `open`."""

    def wait_and_download(self, base_url: str, folder: Path, change: Change = ..., **options: Any) -> list[Path]:
        """The files of TASK_ID, by a client with such options."""


Change = Callable[[Any], Any]


def same(result: Any) -> Any:
    return result


class SyncTaker:
    def download(
        self, raw: dict[str, Any], origin: str, folder: Path, *, overwrite: bool = False, change: Change = same
    ) -> list[Path]:
        result: TaskResult = change(TaskResult(raw["data"]["task_id"], raw, origin))
        return result.download(folder, overwrite=overwrite)

    def stream(self, raw: dict[str, Any], origin: str, index: int = 0) -> bytes:
        with TaskResult(TASK_ID, raw, origin).open(index) as stream:
            return b"".join(stream)

    def wait_and_download(self, base_url: str, folder: Path, change: Change = same, **options: Any) -> list[Path]:
        with Modellix("secret-key", base_url=base_url, **options) as client:
            result: TaskResult = change(client.task(TASK_ID).wait())
            return result.download(folder)


class AsyncTaker:
    def download(
        self, raw: dict[str, Any], origin: str, folder: Path, *, overwrite: bool = False, change: Change = same
    ) -> list[Path]:
        result: AsyncTaskResult = change(AsyncTaskResult(raw["data"]["task_id"], raw, origin))
        return asyncio.run(result.download(folder, overwrite=overwrite))

    def stream(self, raw: dict[str, Any], origin: str, index: int = 0) -> bytes:
        async def read() -> bytes:
            async with AsyncTaskResult(TASK_ID, raw, origin).open(index) as stream:
                return b"".join([chunk async for chunk in stream])

        return asyncio.run(read())

    def wait_and_download(self, base_url: str, folder: Path, change: Change = same, **options: Any) -> list[Path]:
        async def run() -> list[Path]:
            async with AsyncModellix("secret-key", base_url=base_url, **options) as client:
                result: AsyncTaskResult = change(await client.task(TASK_ID).wait())
                return await result.download(folder)

        return asyncio.run(run())


TAKERS: dict[str, type[SyncTaker] | type[AsyncTaker]] = {"sync": SyncTaker, "async": AsyncTaker}
