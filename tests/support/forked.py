"""A service that holds up a request while a test forks, and what clients buy of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from contract_tests.model import good
from modellix import Modellix, PollPolicy, Task
from modellix.testing import StandIn
from modellix.testing.replies import Answer
from tests.support.clients import KEY

QUICK = PollPolicy(first=0.01, longest=0.1)


class Service(StandIn):
    """A stand-in that can hold up one request, the first whose method and path contain `held`."""

    def __init__(self) -> None:
        super().__init__(KEY, reads=1)
        self.asked: list[str] = []
        self.held = ""
        self.is_holding, self.goes_on = threading.Event(), threading.Event()

    def handle(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        self.asked.append(asked := f"{method} {path}")
        if self.held and self.held in asked:
            self.held = ""
            self.is_holding.set()
            assert self.goes_on.wait(60)
        return super().handle(method, path, headers, body)

    @contextmanager
    def holding(self, part: str, call: Callable[[], Any]) -> Generator[Callable[[], Any], None, None]:
        """Within the block another thread waits for the reply. What is yielded lets it go on, and gives its result."""
        self.held = part

        def go_on() -> Any:
            self.goes_on.set()
            return result.result(60)

        with ThreadPoolExecutor(1) as pool:
            result = pool.submit(call)
            try:
                assert self.is_holding.wait(60)
                yield go_on
            finally:
                self.goes_on.set()


def buy(client: Modellix, reference: str | None = None) -> Task:
    return client.with_options(reference=reference).openai.gpt_image_2(**good.words("a lighthouse"))
