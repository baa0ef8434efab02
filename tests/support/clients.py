"""Both clients behind one face, so that every test is written once and runs on both."""

from __future__ import annotations

import asyncio
import copy
import pickle
from collections.abc import Callable, Iterable
from pathlib import Path
from types import CoroutineType, TracebackType
from typing import Any, ClassVar, Self

from contract_tests.model import good
from contract_tests.model.document import contract
from modellix import AsyncModellix, AsyncTask, Modellix, PollPolicy, RetryPolicy, Task
from modellix.tasks import AsyncTaskResult, TaskResult

KEY = "sk-canary-0123456789abcdef"
TASK_ID = "task-1"
OPERATIONS = ("gpt_image_2", "gpt_image_2_edit")
PATHS = {name: f"/api/v1/openai/{name.replace('_', '-')}/async" for name in OPERATIONS}
QUICK = RetryPolicy(first_pause=0.01)
OFTEN = PollPolicy(first=0.02, longest=0.1)
Change = Callable[[Any], Any]
COPIES: dict[str, Change] = {
    "pickled": lambda one: pickle.loads(pickle.dumps(one)),
    "copied": copy.copy,
    "deep-copied": copy.deepcopy,
}


def body(operation: str, text: str = "a lighthouse") -> dict[str, Any]:
    """What is sent for the text."""
    one = contract().operation(operation)
    images = {good.PICTURES: good.images("https://pictures.example/in.png?signature=canary")}
    return {**good.body(one, text), **(images if one is good.EDIT else {})}


def arguments(operation: str, text: str = "a lighthouse") -> dict[str, Any]:
    """What the operation's method takes for that."""
    return good.arguments(body(operation, text), contract().operation(operation))


def raw_result(*urls: str, task_id: str = TASK_ID, **more: Any) -> dict[str, Any]:
    """The reply that a result is made of."""
    rows = [{"url": url, "type": "image"} for url in urls]
    return {"code": 0, "data": {"status": "success", "task_id": task_id, "result": {"resources": rows}, **more}}


def same(result: Any) -> Any:
    """The change that changes nothing."""
    return result


class Face:
    """A client under test. What it is asked for is returned, or raised, as the client does; `attempt…` return both.

    Two methods differ between the clients: `run`, and `collect` for what comes one by one.
    """

    kind: ClassVar[str]
    opens: ClassVar[type[Any]]  # the class of the client
    result: ClassVar[type[Any]]  # the class of its results

    def __init__(self, client: Any = None) -> None:
        self.client = client

    @classmethod
    def to(cls, url: str, **options: Any) -> Self:
        """With a client of its own for the URL."""
        return cls(cls.opens(**{"api_key": KEY, "base_url": url, "retry": QUICK, "poll": OFTEN, **options}))

    def run(self, call: Callable[[], Any]) -> Any:
        """What the call returns, or what its coroutine does."""
        raise NotImplementedError

    def collect(self, items: Any, most: int | None = None) -> list[Any]:
        """What an iterator brings, broken off after `most`."""
        raise NotImplementedError

    def within(self, seconds: float) -> Self:
        """The same client with another time-out: a short one, where what never comes is not to be waited for."""
        other = copy.copy(self)
        other.client = self.client.with_options(timeout=seconds)
        return other

    def submit(self, operation: str = "gpt_image_2", text: str = "a lighthouse") -> Any:
        return self.run(lambda: getattr(self.client.openai, operation)(**arguments(operation, text)))

    def submit_request(self, request: Any) -> Any:
        return self.run(lambda: self.client.submit(request))

    def task(self, task_id: str = TASK_ID) -> Any:
        return self.client.task(task_id)

    def read(self, task: Any = TASK_ID) -> Any:
        task = task if isinstance(task, Task | AsyncTask) else self.task(task)
        return self.run(task.refresh)

    def poll(self, task: Any = TASK_ID) -> Any:
        task = task if isinstance(task, Task | AsyncTask) else self.task(task)
        return self.run(task.poll)

    def wait(self, task: Any = TASK_ID, **options: Any) -> Any:
        task = task if isinstance(task, Task | AsyncTask) else self.task(task)
        return self.run(lambda: task.wait(**options))

    def wait_all(self, tasks: Iterable[Any], **options: Any) -> Any:
        return self.run(lambda: self.client.wait_all(tasks, **options))

    def as_completed(self, tasks: Iterable[Any], most: int | None = None, **options: Any) -> list[Any]:
        return self.collect(lambda: self.client.as_completed(tasks, **options), most)

    def run_all(self, requests: Any, most: int | None = None, **options: Any) -> list[Any]:
        """The outcomes, broken off after `most`."""
        return self.collect(lambda: self.client.run_all(requests, **options), most)

    def download(
        self, raw: dict[str, Any], origin: str, folder: Path, *, change: Change = same, **options: Any
    ) -> list[Path]:
        """The files of a result of this reply, which belongs to no client."""
        result = change(self.result(raw["data"]["task_id"], raw, origin))
        paths: list[Path] = self.run(lambda: result.download(folder, **options))
        return paths

    @classmethod
    def wait_and_download(cls, url: str, folder: Path, change: Change = same, **options: Any) -> list[Path]:
        """The files of TASK_ID, by a client with such options."""
        with cls.to(url, **options) as face:
            result = change(face.wait())
            paths: list[Path] = face.run(lambda: result.download(folder))
        return paths

    def read_file(self, raw: dict[str, Any], origin: str, index: int = 0, **ties: Any) -> bytes:
        """All bytes of one file, by `read`."""
        result = self.result(TASK_ID, raw, origin, **ties)
        data: bytes = self.run(lambda: result.read(index))
        return data

    def stream(self, raw: dict[str, Any], origin: str, index: int = 0, **ties: Any) -> bytes:
        """All bytes of one file, by `open`."""
        raise NotImplementedError

    def attempt(self, operation: str = "gpt_image_2", text: str = "a lighthouse") -> Any:
        """The task, or the exception."""
        return end_of(self.submit, operation, text)

    def attempt_request(self, request: Any) -> Any:
        """The task of a request model, or the exception."""
        return end_of(self.submit_request, request)

    def attempt_read(self, task_id: str = TASK_ID) -> Any:
        """The task as read, or the exception."""
        return end_of(self.read, task_id)

    def close(self) -> None:
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class SyncFace(Face):
    kind = "Modellix"
    opens = Modellix
    result = TaskResult

    def run(self, call: Callable[[], Any]) -> Any:
        return call()

    def collect(self, items: Callable[[], Any], most: int | None = None) -> list[Any]:
        found: list[Any] = []
        for item in items():
            found.append(item)
            if len(found) == most:
                break
        return found

    def stream(self, raw: dict[str, Any], origin: str, index: int = 0, **ties: Any) -> bytes:
        with self.result(TASK_ID, raw, origin, **ties).open(index) as stream:
            return b"".join(stream)

    def close(self) -> None:
        if self.client is not None:
            self.client.close()


class AsyncFace(Face):
    """Has an event loop of its own, which lives as long as the client."""

    kind = "AsyncModellix"
    opens = AsyncModellix
    result = AsyncTaskResult

    def __init__(self, client: Any = None, loop: Callable[[], asyncio.AbstractEventLoop] | None = None) -> None:
        super().__init__(client)
        self.runner = asyncio.Runner(loop_factory=loop)

    def run(self, call: Callable[[], Any]) -> Any:
        async def main() -> Any:
            outcome = call()
            return await outcome if asyncio.iscoroutine(outcome) else outcome

        return self.runner.run(main())

    def collect(self, items: Callable[[], Any], most: int | None = None) -> list[Any]:
        async def main() -> list[Any]:
            found: list[Any] = []
            async for item in items():
                found.append(item)
                if len(found) == most:
                    break
            return found

        return list(self.runner.run(main()))

    def stream(self, raw: dict[str, Any], origin: str, index: int = 0, **ties: Any) -> bytes:
        async def read() -> bytes:
            async with self.result(TASK_ID, raw, origin, **ties).open(index) as stream:
                return b"".join([chunk async for chunk in stream])

        data: bytes = self.runner.run(read())
        return data

    def close(self) -> None:
        if self.client is not None:
            self.runner.run(self.client.aclose())
        self.runner.close()


FACES: dict[str, type[SyncFace] | type[AsyncFace]] = {"Modellix": SyncFace, "AsyncModellix": AsyncFace}


def end_of(call: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """What the call returns, or the exception that it raises."""
    try:
        return call(*arguments, **options)
    except Exception as error:
        return error


def tasks_left() -> list[asyncio.Task[Any]]:
    """The loop's tasks but the current one, and but those in which the loop itself closes a broken iteration."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    return [task for task in others if isinstance(task.get_coro(), CoroutineType)]


def kind_of(end: Any) -> str:
    """The end's name, the same for both clients."""
    return type(end).__name__.removeprefix("Async")
