"""Both clients behind one face, so that every test is written once and runs on both."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from contract_tests.model import good
from contract_tests.model.document import contract
from modellix import AsyncModellix, Modellix, NeverSentError, RetryPolicy

KEY = "sk-canary-0123456789abcdef"
OPERATIONS = ("gpt_image_2", "gpt_image_2_edit")
PATHS = {name: f"/api/v1/openai/{name.replace('_', '-')}/async" for name in OPERATIONS}
QUICK = RetryPolicy(first_pause=0.01)


def body(operation: str, text: str = "a lighthouse") -> dict[str, Any]:
    """What is sent for the text."""
    one = contract().operation(operation)
    images = {good.PICTURES: good.images("https://pictures.example/in.png?signature=canary")}
    return {**good.body(one, text), **(images if one is good.EDIT else {})}


def arguments(operation: str, text: str = "a lighthouse") -> dict[str, Any]:
    """What the operation's method takes for that."""
    return good.arguments(body(operation, text), contract().operation(operation))


class Buyer:
    """A client under test. `submit` and `read` return what the client returns, or raise what it raises."""

    kind: str
    client: Any

    def __init__(self, url: str, **options: Any) -> None:
        raise NotImplementedError

    def submit(self, operation: str = "gpt_image_2", text: str = "a lighthouse") -> Any:
        raise NotImplementedError

    def submit_request(self, request: Any) -> Any:
        raise NotImplementedError

    def read(self, task_id: str = "task-1") -> Any:
        raise NotImplementedError

    def wait(self, task_id: str = "task-1", timeout: float = 5.0) -> Any:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError

    def attempt(self, operation: str = "gpt_image_2", text: str = "a lighthouse") -> Any:
        """The task, or the exception."""
        try:
            return self.submit(operation, text)
        except Exception as error:
            return error

    def attempt_request(self, request: Any) -> Any:
        """The task of a request model, or the exception."""
        try:
            return self.submit_request(request)
        except Exception as error:
            return error

    def attempt_read(self, task_id: str = "task-1") -> Any:
        """The task as read, or the exception."""
        try:
            return self.read(task_id)
        except Exception as error:
            return error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class SyncBuyer(Buyer):
    kind = "Modellix"

    def __init__(self, url: str, **options: Any) -> None:
        self.client = Modellix(**{"api_key": KEY, "base_url": url, "retry": QUICK, **options})

    def submit(self, operation: str = "gpt_image_2", text: str = "a lighthouse") -> Any:
        return getattr(self.client.openai, operation)(**arguments(operation, text))

    def submit_request(self, request: Any) -> Any:
        return self.client.submit(request)

    def read(self, task_id: str = "task-1") -> Any:
        return self.client.task(task_id).refresh()

    def wait(self, task_id: str = "task-1", timeout: float = 5.0) -> Any:
        return self.client.task(task_id).wait(timeout)

    def close(self) -> None:
        self.client.close()


class AsyncBuyer(Buyer):
    """Has an event loop of its own, which lives as long as the client."""

    kind = "AsyncModellix"

    def __init__(self, url: str, **options: Any) -> None:
        self.runner = asyncio.Runner()
        self.client = AsyncModellix(**{"api_key": KEY, "base_url": url, "retry": QUICK, **options})

    def submit(self, operation: str = "gpt_image_2", text: str = "a lighthouse") -> Any:
        return self.runner.run(getattr(self.client.openai, operation)(**arguments(operation, text)))

    def submit_request(self, request: Any) -> Any:
        return self.runner.run(self.client.submit(request))

    def read(self, task_id: str = "task-1") -> Any:
        return self.runner.run(self.client.task(task_id).refresh())

    def wait(self, task_id: str = "task-1", timeout: float = 5.0) -> Any:
        return self.runner.run(self.client.task(task_id).wait(timeout))

    def close(self) -> None:
        self.runner.run(self.client.aclose())
        self.runner.close()


BUYERS: dict[str, type[Buyer]] = {"Modellix": SyncBuyer, "AsyncModellix": AsyncBuyer}


def connected(attempt: Callable[[], Any]) -> Any:
    """The first end that is not NeverSentError, of five: a busy machine may miss a short time-out."""
    ends = (attempt() for _ in range(5))
    return next((end for end in ends if not isinstance(end, NeverSentError)), None)


def kind_of(end: Any) -> str:
    """The end's name, the same for both clients."""
    return type(end).__name__.removeprefix("Async")
