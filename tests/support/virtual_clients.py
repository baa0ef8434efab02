"""Both clients on a virtual clock, with a service in process."""

from __future__ import annotations

import asyncio
import threading
from typing import Any, Self

import httpx

from tests.support.clients import AsyncFace, Face, SyncFace
from tests.support.timing import wait_until
from tests.support.virtual_service import ORIGIN, Service, Step
from tests.support.virtual_time import ThreadClock, VirtualClock, VirtualLoop, living_by

KEY = "test-key"


class Side(Face):
    """A client, the service that it reads from, and the clock of both."""

    clock: VirtualClock
    service: Service
    _http: httpx.Client | httpx.AsyncClient

    def script(self, task_id: str, *steps: Step) -> Self:
        self.service.script(task_id, *steps)
        return self

    def left_behind(self) -> list[str]:
        """Names of threads or coroutines that still read."""
        raise NotImplementedError

    def close(self) -> None:
        self.run(self._http.close if isinstance(self._http, httpx.Client) else self._http.aclose)
        super().close()

    def _open(self, **options: Any) -> None:
        with living_by(self.clock):
            settings = {"api_key": KEY, "base_url": ORIGIN, **options}
            self.client = self.opens(http_client=self._http, **settings)


class SyncSide(Side, SyncFace):
    clock: ThreadClock

    def __init__(self, latency: float = 0.0, **options: Any) -> None:
        super().__init__()
        self.clock = ThreadClock()
        self.service = Service(self.clock, latency)
        self._http = httpx.Client(transport=httpx.MockTransport(self.service.handle), trust_env=False)
        self._open(**options)

    def hold_first_reads(self) -> None:
        """They come back when each thread that the client has started for one is in it: so `peak` counts them all."""
        opened = threading.Event()

        def gate() -> None:
            wait_until(lambda: opened.is_set() or self._all_are_reading())
            opened.set()

        self.service.gate = gate

    def _all_are_reading(self) -> bool:
        return self.clock.is_waited_for and self.service.peak == len(self.left_behind())

    def left_behind(self) -> list[str]:
        return [thread.name for thread in threading.enumerate() if thread.name.startswith("modellix-work")]


class AsyncSide(Side, AsyncFace):
    def __init__(self, latency: float = 0.0, **options: Any) -> None:
        self.clock = VirtualClock()
        AsyncFace.__init__(self, loop=lambda: VirtualLoop(self.clock))
        self.service = Service(self.clock, latency)
        self._http = httpx.AsyncClient(transport=httpx.MockTransport(self.service.handle_async), trust_env=False)
        self._open(**options)

    def left_behind(self) -> list[str]:
        async def main() -> list[str]:
            for _ in range(3):  # a broken iteration is closed by the loop in its next rounds
                await asyncio.sleep(0)
            return [str(task) for task in asyncio.all_tasks() if task is not asyncio.current_task()]

        return list(self.runner.run(main()))


SIDES: dict[str, type[SyncSide] | type[AsyncSide]] = {"Modellix": SyncSide, "AsyncModellix": AsyncSide}
