"""Handles on submitted tasks, and what they end with."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, cast

from modellix._fork import no_fork
from modellix._values import require_task_id, when
from modellix.errors import ConfigurationError, DownloadError, ModellixError, TaskFailed

if TYPE_CHECKING:
    from modellix._core.download import Destination
    from modellix._core.download_session import Fresh, Manifest
    from modellix._core.observer import Observer
    from modellix._core.read_task import TaskSnapshot
    from modellix_client.models import Resource


class Client(Protocol):
    """What a Task asks of its client, which is a Modellix."""

    def refresh(self, task: Task) -> Task:
        """Read the task once, in place."""
        ...

    def poll(self, task: Task) -> TaskResult | TaskFailed | None:
        """Read the task once, in place, and say what it ended with."""
        ...

    def wait(self, task: Task, timeout: float, on_update: Callable[[Task], object] | None) -> TaskResult:
        """Read the task until it ends."""
        ...

    def delivered(self, task_id: str, *, is_lost: bool = False) -> None:
        """Tell the journals that there is nothing left to fetch: it is safe, or gone."""
        ...


class AsyncClient(Protocol):
    """What an AsyncTask asks of its client, which is an AsyncModellix."""

    async def refresh(self, task: AsyncTask) -> AsyncTask:
        """Read the task once, in place."""
        ...

    async def poll(self, task: AsyncTask) -> AsyncTaskResult | TaskFailed | None:
        """Read the task once, in place, and say what it ended with."""
        ...

    async def wait(
        self, task: AsyncTask, timeout: float, on_update: Callable[[AsyncTask], object] | None
    ) -> AsyncTaskResult:
        """Read the task until it ends."""
        ...

    async def delivered(self, task_id: str, *, is_lost: bool = False) -> None:
        """Tell the journals that there is nothing left to fetch: it is safe, or gone."""
        ...


C = TypeVar("C", bound=Client | AsyncClient)


class _Handle(Generic[C]):
    """What both kinds of task share: an id, what was last seen of it, and a client, which a copy has not."""

    def __init__(
        self,
        id: str,
        status: str | None = None,
        raw: dict[str, Any] | None = None,
        reference: str | None = None,
        is_new: bool = False,
        sent_at: datetime.datetime | None = None,
        operation: str | None = None,
        *,
        client: C | None = None,
    ) -> None:
        self.id = require_task_id(id)
        self.status = status
        self.raw = raw
        self.reference = reference
        self.is_new = is_new
        self.sent_at = sent_at
        self.operation = operation
        self._client = client

    def __repr__(self) -> str:
        return f"{type(self).__name__}(id={self.id!r}, status={self.status!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        named = self.reference, self.is_new, self.sent_at, self.operation
        return type(self), (self.id, self.status, self.raw, *named)

    def _connected(self) -> C:
        if self._client is None:
            what = f"this {type(self).__name__} is a copy and carries data only"
            raise ConfigurationError(f"{what}: use client.task({self.id!r}) to reach the API")
        return self._client

    def see(self, snapshot: TaskSnapshot) -> bool:
        """Take over what was read; True when the status is another than before."""
        changed, self.status, self.raw = snapshot.status != self.status, snapshot.status, snapshot.raw
        return changed


class Task(_Handle[Client]):
    """A submitted task. `id` is the service's name of it: `client.task(id)` makes it again, in any process.

    `status` is the last seen, None before the first poll; `raw` the reply it came in, a dict. `reference` is your own
    name for it, if it has one. `is_new` is True when this call bought it, and False when it was bought before.
    `operation` bought it, at `sent_at` (UTC); None where only the id is known.
    """

    def refresh(self) -> Task:
        """Read the task once (with repeats), in place. Raises APIError, ConnectionLostError, UnexpectedReplyError."""
        return self._connected().refresh(self)

    def poll(self) -> TaskResult | TaskFailed | None:
        """Read the task once (with repeats), in place: what it ended with, None while it runs.

        A failure is returned, as by `wait_all`: also for a task that cannot be read (404, an odd reply). Raises what
        keeps all tasks from being read, or only for now: other APIErrors, ConnectionLostError.
        """
        return self._connected().poll(self)

    def wait(self, timeout: float = 300.0, *, on_update: Callable[[Task], object] | None = None) -> TaskResult:
        """Read until the task ends, for at most `timeout` seconds; `on_update(task)` at each change of status.

        Raises TaskFailed (with `status` None the task could not be read: wait again), WaitTimeout (it goes on: wait
        again), AuthenticationError or PaymentRequiredError.
        """
        return self._connected().wait(self, timeout, on_update)

    def delivered(self) -> None:
        """Record in the journal that there is nothing left to fetch. `download` does so itself; a failure is logged."""
        self._connected().delivered(self.id)


class AsyncTask(_Handle[AsyncClient]):
    """The asynchronous twin of Task, with the same fields."""

    async def refresh(self) -> AsyncTask:
        """Read the task once (with repeats), in place. Raises as `Task.refresh` does."""
        return await self._connected().refresh(self)

    async def poll(self) -> AsyncTaskResult | TaskFailed | None:
        """Read the task once (with repeats), in place: what it ended with, None while it runs. As `Task.poll`."""
        return await self._connected().poll(self)

    async def wait(
        self, timeout: float = 300.0, *, on_update: Callable[[AsyncTask], object] | None = None
    ) -> AsyncTaskResult:
        """Read until the task ends. Raises as `Task.wait` does."""
        return await self._connected().wait(self, timeout, on_update)

    async def delivered(self) -> None:
        """Record in the journal that there is nothing left to fetch. As `Task.delivered`."""
        await self._connected().delivered(self.id)


class _Result(Generic[C]):
    """What a task that ended well has made.

    `task_id` and `status` are those of the task. `resources` has a Resource for each file, in the order of the reply;
    `expires_at` (UTC) when the service deletes them, None when it did not say; `raw` the reply as it came, `reference`
    your own name for the task, if it has one; `operation` bought it, if that is known.
    """

    def __init__(
        self,
        task_id: str,
        raw: dict[str, Any],
        api_origin: str = "",
        download_proxy: bool = False,
        reference: str | None = None,
        operation: str | None = None,
        *,
        client: C | None = None,
        observer: Observer | None = None,
    ) -> None:
        data = raw["data"]
        self.task_id = task_id
        self.status = str(data["status"])
        self.resources = _resources(data)
        self.expires_at: datetime.datetime | None = when(data.get("result_expires_at"))
        self.raw = raw
        self.reference = reference
        self.operation = operation
        self._api_origin = api_origin
        self._download_proxy = download_proxy
        self._client = client
        self._observer = observer
        self._picture: bytes | None = None

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}(task_id={self.task_id!r}, status={self.status!r}, {len(self.resources)} resources)"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        named = self.reference, self.operation
        return type(self), (self.task_id, self.raw, self._api_origin, self._download_proxy, *named)

    def _repr_png_(self) -> bytes | None:
        """For notebooks: the picture, if the result is one PNG."""
        return self._shown("PNG")

    def _repr_jpeg_(self) -> bytes | None:
        """For notebooks: the picture, if the result is one JPEG."""
        return self._shown("JPEG")

    def _shown(self, kind: str) -> bytes | None:
        """The only file, if it is of this kind. Fetched once, in the asynchronous client too: a notebook awaits nothing
        here. What cannot be had is not shown.
        """
        from modellix._core.image_format import HEAD_BYTES, kind_of
        from modellix._io.download_sync import read

        if self._picture is None and len(self.resources) == 1:
            self._picture = b""
            with contextlib.suppress(ModellixError), self._observed():
                self._picture = read(self._manifest(), 0, None)
        data = self._picture or b""
        found = kind_of(data[:HEAD_BYTES])
        return data if found is not None and found.name == kind else None

    def _observed(self) -> contextlib.AbstractContextManager[None]:
        """Around a download: its client's `on_event` is told."""
        if self._observer is None:
            return contextlib.nullcontext()
        return self._observer.download(task_id=self.task_id, reference=self.reference, operation=self.operation)

    def _manifest(self) -> Manifest:
        from modellix._core.download_session import Manifest  # a client that downloads nothing needs none of it

        urls = [resource.url for resource in self.resources]
        more = self.expires_at, self._download_proxy, self.reference
        return Manifest(self.task_id, urls, self._api_origin, *more)

    def _destination(self, folder: str | Path, name: str | None, overwrite: bool) -> Destination:
        from modellix._core.download import destination_of

        return destination_of(folder, self.task_id, name, overwrite)


class TaskResult(_Result[Client]):
    __doc__ = _Result.__doc__

    def download(self, folder: str | Path, *, name: str | None = None, overwrite: bool = False) -> list[Path]:
        """Fetch every file of the result into `folder`, which is made if need be. The key is never sent along.

        A file appears under its name (`row-1-0.png` for the first one of `name="row-1"`; without `name` it begins with
        the task's id) only when it is whole. One that is there already is kept, unless `overwrite`; under a `name`,
        only if it is the same picture. If one cannot be had the others are fetched all the same. Raises DownloadError.

        `name` may be any text. What is no plain part of a file's name (lower-case letters of ASCII, digits, `_`, `-`)
        is replaced, and a digest keeps different names apart.

        Once all files are safe on the disk, the client's journal learns that the task is delivered; or that it is lost,
        when its files are gone after the time for which the service keeps them (`DownloadError.is_gone`).
        """
        with no_fork():
            from modellix._io.download_sync import download

        try:
            with self._observed():
                paths = download(self._manifest(), self._destination(folder, name, overwrite), self._reader())
        except DownloadError as error:
            if self._client is not None and error.is_gone:
                self._client.delivered(self.task_id, is_lost=True)
            raise
        if self._client is not None:
            self._client.delivered(self.task_id)
        return paths

    def read(self, index: int = 0) -> bytes:
        """One file, whole and checked as for a download, in memory. Raises DownloadError."""
        with no_fork():
            from modellix._io.download_sync import read

        with self._observed():
            return read(self._manifest(), index, self._reader())

    @contextlib.contextmanager
    def open(self, index: int = 0) -> Generator[Iterator[bytes], None, None]:
        """`with result.open() as stream: for chunk in stream: …`: the bytes of one file, checked as for a download.

        Whether the file is whole is known when the iteration ends. Raises DownloadError, the iteration too.
        """
        with no_fork():
            from modellix._io.download_sync import open_stream

        with open_stream(self._manifest(), index, self._reader()) as stream:
            yield stream

    def _reader(self) -> Callable[[], Fresh] | None:
        """What reads the task again, for URLs that have expired; None for a copy."""
        client = self._client
        return None if client is None else lambda: files_of(client.refresh(Task(self.task_id, self.status)))


class AsyncTaskResult(_Result[AsyncClient]):
    __doc__ = _Result.__doc__

    async def download(self, folder: str | Path, *, name: str | None = None, overwrite: bool = False) -> list[Path]:
        """Fetch every file of the result into `folder`. As `TaskResult.download`, without blocking the event loop."""
        from modellix._io.download_async import download

        try:
            to = self._destination(folder, name, overwrite)
            with self._observed():
                paths = await download(self._manifest(), to, self._reader())
        except DownloadError as error:
            if self._client is not None and error.is_gone:
                await self._client.delivered(self.task_id, is_lost=True)
            raise
        if self._client is not None:
            await self._client.delivered(self.task_id)
        return paths

    async def read(self, index: int = 0) -> bytes:
        """One file, whole and checked as for a download, in memory. Raises DownloadError."""
        from modellix._io.download_async import read

        with self._observed():
            return await read(self._manifest(), index, self._reader())

    @contextlib.asynccontextmanager
    async def open(self, index: int = 0) -> AsyncGenerator[AsyncIterator[bytes], None]:
        """`async with result.open() as stream: async for chunk in stream: …`: as `TaskResult.open`."""
        from modellix._io.download_async import open_stream

        async with open_stream(self._manifest(), index, self._reader()) as stream:
            yield stream

    def _reader(self) -> Callable[[], Awaitable[Fresh]] | None:
        client = self._client
        if client is None:
            return None

        async def read() -> Fresh:
            return files_of(await client.refresh(AsyncTask(self.task_id, self.status)))

        return read


def files_of(task: _Handle[Any]) -> Fresh:
    """Where the files of a task are, as it was last read; no URLs while it has made nothing."""
    from modellix._core.download_session import Fresh  # as for the manifest

    data: dict[str, Any] = {} if task.raw is None else task.raw["data"]
    return Fresh([resource.url for resource in _resources(data)], when(data.get("result_expires_at")))


def _resources(data: dict[str, Any]) -> list[Resource]:
    from modellix_client.models import Resource  # imports its module when it is first used

    result = data.get("result")
    rows = cast("dict[str, Any]", result).get("resources") if isinstance(result, dict) else None
    items = cast("list[object]", rows) if isinstance(rows, list) else []
    found = [cast("dict[str, Any]", item) for item in items if isinstance(item, dict)]
    return [Resource.from_dict({"type": "unknown", **row}) for row in found if isinstance(row.get("url"), str)]


S = TypeVar("S", bound=_Handle[Any] | _Result[Any])


def success_of(outcome: S | ModellixError) -> S:
    """The task that was bought, or the result. Raises the error if it is one."""
    if isinstance(outcome, ModellixError):
        raise outcome
    return outcome
