"""Both clients behind one face, on a virtual clock, so that every test is written once and runs on both."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any, Self
from unittest.mock import patch

import httpx

from modellix import AsyncModellix, Modellix
from tests.support.virtual_service import ORIGIN, Service, Step
from tests.support.virtual_time import ThreadClock, VirtualClock, VirtualLoop

KEY = "test-key"


class Side:
    """A client, the service that it reads from, and the clock of both.

    `read`, `wait`, `wait_all` and `collect` (as_completed to its end) return what the client returns, or raise it.
    """

    kind: str
    clock: VirtualClock
    client: Any

    def __init__(self, latency: float = 0.0, **options: Any) -> None:
        self.service = Service(self.clock, latency)
        with patch("modellix.client.DriverClock", return_value=self.clock):  # the client's only source of time
            self.client = self._open(**{"api_key": KEY, "base_url": ORIGIN, **options})

    def script(self, task_id: str, *steps: Step) -> Self:
        self.service.script(task_id, *steps)
        return self

    def task(self, task_id: str = "task-1") -> Any:
        return self.client.task(task_id)

    def read(self, task: Any = "task-1") -> Any:
        task = self.task(task) if isinstance(task, str) else task
        return self.run(task.refresh)

    def wait(self, task: Any = "task-1", **options: Any) -> Any:
        task = self.task(task) if isinstance(task, str) else task
        return self.run(lambda: task.wait(**options))

    def wait_all(self, tasks: Any, **options: Any) -> Any:
        return self.run(lambda: self.client.wait_all(tasks, **options))

    def _open(self, **options: Any) -> Any:
        raise NotImplementedError

    def run(self, call: Callable[[], Any]) -> Any:
        """What the call returns, or what its coroutine does."""
        raise NotImplementedError

    def collect(self, tasks: Any, most: int | None = None, **options: Any) -> list[Any]:
        """What as_completed brings, broken off after `most`."""
        raise NotImplementedError

    def left_behind(self) -> list[str]:
        """Names of threads or coroutines that still read."""
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class SyncSide(Side):
    kind = "Modellix"

    def __init__(self, latency: float = 0.0, **options: Any) -> None:
        self.clock = ThreadClock()
        super().__init__(latency, **options)

    def _open(self, **options: Any) -> Any:
        transport = httpx.MockTransport(self.service.handle)
        self._http = httpx.Client(transport=transport, trust_env=False)
        return Modellix(http_client=self._http, **options)

    def run(self, call: Callable[[], Any]) -> Any:
        return call()

    def collect(self, tasks: Any, most: int | None = None, **options: Any) -> list[Any]:
        found: list[Any] = []
        for outcome in self.client.as_completed(tasks, **options):
            found.append(outcome)
            if len(found) == most:
                break
        return found

    def left_behind(self) -> list[str]:
        return [thread.name for thread in threading.enumerate() if thread.name.startswith("modellix-read")]

    def close(self) -> None:
        self.client.close()
        self._http.close()


class AsyncSide(Side):
    """Has an event loop of its own, which lives as long as the client."""

    kind = "AsyncModellix"

    def __init__(self, latency: float = 0.0, **options: Any) -> None:
        self.clock = VirtualClock()
        self.runner = asyncio.Runner(loop_factory=lambda: VirtualLoop(self.clock))
        super().__init__(latency, **options)

    def _open(self, **options: Any) -> Any:
        transport = httpx.MockTransport(self.service.handle_async)
        self._http = httpx.AsyncClient(transport=transport, trust_env=False)
        return AsyncModellix(http_client=self._http, **options)

    def run(self, call: Callable[[], Any]) -> Any:
        async def main() -> Any:
            outcome = call()
            return await outcome if asyncio.iscoroutine(outcome) else outcome

        return self.runner.run(main())

    def collect(self, tasks: Any, most: int | None = None, **options: Any) -> list[Any]:
        async def main() -> list[Any]:
            found: list[Any] = []
            async for outcome in self.client.as_completed(tasks, **options):
                found.append(outcome)
                if len(found) == most:
                    break
            return found

        return list(self.runner.run(main()))

    def left_behind(self) -> list[str]:
        async def main() -> list[str]:
            await asyncio.sleep(0)  # a broken iteration is closed by the loop in its next rounds
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            return [str(task) for task in asyncio.all_tasks() if task is not asyncio.current_task()]

        return list(self.runner.run(main()))

    def close(self) -> None:
        self.runner.run(self.client.aclose())
        self.runner.run(self._http.aclose())
        self.runner.close()


SIDES: dict[str, type[Side]] = {"Modellix": SyncSide, "AsyncModellix": AsyncSide}


def kind_of(end: Any) -> str:
    """The end's name, the same for both clients."""
    return type(end).__name__.removeprefix("Async")


def end_of(call: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """What the call returns, or the exception that it raises."""
    try:
        return call(*arguments, **options)
    except Exception as error:
        return error
