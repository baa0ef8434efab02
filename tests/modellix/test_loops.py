"""The asynchronous client under trio, or driven by nothing: a clear error, and nothing is sent.

To a coroutine, trio is something that calls `send` while no loop of asyncio runs; as a guest of asyncio, while one runs
that has no task of its own at work.
"""

from __future__ import annotations

import asyncio
import gc
import warnings
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

from contract_tests.model import good
from modellix import AsyncModellix, AsyncTask, ConfigurationError, SqliteJournal, TaskFailed
from modellix.tasks import AsyncTaskResult
from modellix.testing import StandIn
from scripts.mutants.kills import kills, swap, without

PICTURES = [{"url": "https://pictures.example/1.png", "type": "image"}]


def driven_by_hand(make: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    coroutine = make()
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    finally:
        coroutine.close()
    raise AssertionError("it waits for something")


def as_a_guest(make: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    """What trio's guest mode does: coroutines are driven from callbacks of asyncio's loop."""

    async def host() -> Any:
        loop = asyncio.get_running_loop()
        told: asyncio.Future[Any] = loop.create_future()

        def step() -> None:
            try:
                told.set_result(driven_by_hand(make))
            except BaseException as error:
                told.set_exception(error)

        loop.call_soon(step)
        return await told

    return asyncio.run(host())


class Uses:
    """What a user might do, each a coroutine function."""

    def __init__(self, client: AsyncModellix, folder: Path) -> None:
        self.client = client
        self.folder = folder
        raw = {"data": {"status": "success", "result": {"resources": PICTURES}}}
        self.result = AsyncTaskResult("task-1", raw)

    async def enter(self) -> None:
        async with self.client:
            pass

    async def submit(self) -> None:
        await self.client.openai.gpt_image_2(**good.words())

    async def submit_within_a_budget(self) -> None:
        async with self.client.budget(1):
            await self.client.openai.gpt_image_2(**good.words())

    async def refresh(self) -> None:
        await self.client.task("task-1").refresh()

    async def poll(self) -> None:
        await self.client.task("task-1").poll()

    async def wait(self) -> None:
        await self.client.task("task-1").wait()

    async def wait_all(self) -> None:
        await self.client.wait_all(["task-1", "task-2"], progress=True)

    async def wait_for_none(self) -> None:
        await self.client.wait_all([])

    async def as_completed(self) -> None:
        async for _ in self.client.as_completed(["task-1"]):
            pass

    async def resume(self) -> None:
        await self.client.resume(SqliteJournal(self.folder / "journal.db"))

    async def download(self) -> None:
        await self.result.download(self.folder / "pictures")

    async def read(self) -> None:
        await self.result.read()

    async def open(self) -> None:
        async with self.result.open():
            pass


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    stand_in = StandIn(reads=1)
    with stand_in.mock():
        yield stand_in


@kills(
    "Code that another library drives within asyncio's loop is taken for asyncio's.",
    "_io.loops:running_loop",
    without("current_task"),
)
@kills(
    "Without an event loop the error is whatever asyncio raises.",
    "_io.loops:running_loop",
    swap("RuntimeError", "ZeroDivisionError"),
)
@pytest.mark.parametrize("drive", [driven_by_hand, as_a_guest])
@pytest.mark.parametrize("use", [name for name in vars(Uses) if not name.startswith("_")])
def test_what_needs_asyncio_says_so_and_sends_nothing(
    use: str, drive: Callable[..., Any], stand_in: StandIn, tmp_path: Path
) -> None:
    client = AsyncModellix("test-key", max_submissions=1)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with pytest.raises(ConfigurationError, match=r"asyncio\.run\(…\); under trio use Modellix in a thread"):
            drive(getattr(Uses(client, tmp_path), use))
        gc.collect()
    assert [str(each.message) for each in caught if "modellix" in str(each.message)] == []
    assert stand_in.submissions == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("drive", [driven_by_hand, as_a_guest])
def test_the_client_can_still_be_used_in_asyncio(drive: Callable[..., Any], stand_in: StandIn, tmp_path: Path) -> None:
    """Neither its budget nor its loop was used up."""
    client = AsyncModellix("test-key", max_submissions=1)
    with pytest.raises(ConfigurationError):
        drive(Uses(client, tmp_path).submit)

    async def main() -> AsyncTask:
        async with client:
            task = await client.openai.gpt_image_2(**good.words())
            assert isinstance(task, AsyncTask)
            return task

    task = asyncio.run(main())
    assert [submission.task_id for submission in stand_in.submissions] == [task.id]


@pytest.mark.parametrize("drive", [driven_by_hand, as_a_guest])
def test_what_needs_no_loop_works_everywhere(drive: Callable[..., Any], stand_in: StandIn) -> None:
    async def use() -> str:
        client = AsyncModellix("test-key")
        task = client.task("task-1")
        await client.aclose()
        return task.id

    assert drive(use) == "task-1"


def test_a_callback_that_a_task_runs_is_within_asyncio(stand_in: StandIn) -> None:
    """Loops that start tasks at once, and libraries on top of asyncio, have a task as well."""

    async def main() -> Any:
        if hasattr(asyncio, "eager_task_factory"):
            asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
        async with AsyncModellix("test-key") as client:
            task = await asyncio.create_task(client.openai.gpt_image_2(**good.words()))
            return await client.wait_all([task.id], timeout=60.0)

    [outcome] = asyncio.run(main())
    assert not isinstance(outcome, TaskFailed)
