"""Handles on submitted tasks, and what they end with."""

from __future__ import annotations

import datetime
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from modellix.downloads import download, download_async
from modellix.errors import ConfigurationError, TaskFailed, shorten
from modellix.reading import FAILED, RUNNING, SUCCEEDED, View, check_task_id, when
from modellix_client.models import Resource

if TYPE_CHECKING:
    from modellix.client import AsyncModellix, Modellix

log = logging.getLogger("modellix")

_DETACHED = "this {} is a copy and carries data only: use client.task({!r}) to reach the API"


class _Handle:
    """What both kinds of task share: an id, and what was last seen of it."""

    def __init__(self, id: str, status: str | None = None, raw: dict[str, Any] | None = None) -> None:
        self.id = check_task_id(id)
        self.status = status
        self.raw = raw

    def __repr__(self) -> str:
        return f"{type(self).__name__}(id={self.id!r}, status={self.status!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.id, self.status, self.raw)

    def see(self, view: View) -> bool:
        """Take over what was read; True when the status is another than before."""
        changed, self.status, self.raw = view.status != self.status, view.status, view.raw
        if changed and view.status not in SUCCEEDED | FAILED | RUNNING:
            log.warning("task %s: unknown status %s, waiting on", shorten(self.id), shorten(view.status))
        return changed


class Task(_Handle):
    """A submitted task. `status` is the last seen, None before the first look; `raw` the reply it came in."""

    def __init__(
        self,
        id: str,
        status: str | None = None,
        raw: dict[str, Any] | None = None,
        *,
        client: Modellix | None = None,
    ) -> None:
        super().__init__(id, status, raw)
        self._client = client

    def _connected(self) -> Modellix:
        if self._client is None:
            raise ConfigurationError(_DETACHED.format("Task", self.id))
        return self._client

    def refresh(self) -> Task:
        """Read the task once (with repeats), in place. Raises APIError, ConnectionLostError, UnexpectedReplyError."""
        return self._connected().refresh(self)

    def wait(self, timeout: float = 300.0, *, on_update: Callable[[Task], object] | None = None) -> TaskResult:
        """Read until the task ends, for at most `timeout` seconds; `on_update(task)` at each change of status.

        Raises TaskFailed, WaitTimeout (the task goes on: wait again), AuthenticationError or PaymentRequiredError.
        """
        return self._connected().wait(self, timeout, on_update)


class AsyncTask(_Handle):
    """The asynchronous twin of Task."""

    def __init__(
        self,
        id: str,
        status: str | None = None,
        raw: dict[str, Any] | None = None,
        *,
        client: AsyncModellix | None = None,
    ) -> None:
        super().__init__(id, status, raw)
        self._client = client

    def _connected(self) -> AsyncModellix:
        if self._client is None:
            raise ConfigurationError(_DETACHED.format("AsyncTask", self.id))
        return self._client

    async def refresh(self) -> AsyncTask:
        """Read the task once (with repeats), in place. Raises as `Task.refresh` does."""
        return await self._connected().refresh(self)

    async def wait(
        self, timeout: float = 300.0, *, on_update: Callable[[AsyncTask], object] | None = None
    ) -> AsyncTaskResult:
        """Read until the task ends. Raises as `Task.wait` does."""
        return await self._connected().wait(self, timeout, on_update)


class _Result:
    """What a task that ended well has made.

    `resources` in the order of the reply; `expires_at` (UTC) when the service deletes them, None when it did not say;
    `raw` the reply as it came.
    """

    def __init__(self, task_id: str, raw: dict[str, Any], api_origin: str = "") -> None:
        data = raw["data"]
        self.task_id = task_id
        self.status = str(data["status"])
        self.resources = _resources(data)
        self.expires_at: datetime.datetime | None = when(data.get("result_expires_at"))
        self.raw = raw
        self._api_origin = api_origin

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}(task_id={self.task_id!r}, status={self.status!r}, {len(self.resources)} resources)"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.task_id, self.raw, self._api_origin)


class TaskResult(_Result):
    __doc__ = _Result.__doc__

    def download(self, folder: str | Path, *, overwrite: bool = False) -> list[Path]:
        """Fetch every file of the result into `folder`, which is made if need be. The key is never sent along.

        A file appears under its name only when it is whole. One that is there already is kept, unless `overwrite`.
        Raises DownloadError.
        """
        return download(self.task_id, self.resources, Path(folder), self._api_origin, overwrite)


class AsyncTaskResult(_Result):
    __doc__ = _Result.__doc__

    async def download(self, folder: str | Path, *, overwrite: bool = False) -> list[Path]:
        """Fetch every file of the result into `folder`. As `TaskResult.download`, without blocking the event loop."""
        return await download_async(self.task_id, self.resources, Path(folder), self._api_origin, overwrite)


def _resources(data: dict[str, Any]) -> list[Resource]:
    result = data.get("result")
    rows = result.get("resources") if isinstance(result, dict) else None
    found = [row for row in (rows if isinstance(rows, list) else []) if isinstance(row, dict)]
    return [Resource.from_dict({"type": "unknown", **row}) for row in found if isinstance(row.get("url"), str)]


R = TypeVar("R", bound=_Result)


def success_of(outcome: R | TaskFailed) -> R:
    """The result. Raises the failure if it is one."""
    if isinstance(outcome, TaskFailed):
        raise outcome
    return outcome


def outcome_of(view: View, kind: type[R], api_origin: str) -> R | TaskFailed | None:
    """What the task ended with, None while it runs. An unknown status is not an end."""
    if view.status in SUCCEEDED:
        return kind(view.task_id, view.raw, api_origin)
    if view.status not in FAILED:
        return None
    error = view.data.get("error")
    said = f": {shorten(error, 200)}" if error is not None else ""
    return TaskFailed(
        f"task {shorten(view.task_id)} ended as {view.status}{said}; it made nothing, submit again to retry",
        task_id=view.task_id,
        status=view.status,
        error=error,
        raw=view.raw,
    )
