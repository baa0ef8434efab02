"""The asynchronous client, the twin of `client.py`. A module of its own: asyncio takes long to import."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from modellix._core.client_base import ARGUMENTS, ClientBase
from modellix._core.error_notes import naming, set_known
from modellix._fork import no_fork
from modellix._http import httpx
from modellix._io.progress import progress_bar
from modellix.errors import ModellixError, TaskFailed
from modellix.journal.protocol import AsyncJournal, Journal
from modellix.policies import PollPolicy, RetryPolicy
from modellix.tasks import AsyncTask, AsyncTaskResult, success_of
from modellix_client.operations import SubmissionRequest

if TYPE_CHECKING:
    from modellix._core.attempt import End, SubmissionError
    from modellix._core.rows import Outcome, Rows
    from modellix._core.waits import Wait
    from modellix._entry import Entry
    from modellix._io.async_driver import AsyncDriver
    from modellix.events import OnEvent


class AsyncModellix(ClientBase[Coroutine[Any, Any, AsyncTask]]):
    """A client for one event loop. It opens no connection before it is used."""

    _driver: AsyncDriver

    def __init__(
        self,
        api_key: str | None = None,
        *,
        base_url: str | None = None,
        timeout: float = 30.0,
        retry: RetryPolicy = RetryPolicy(),
        poll: PollPolicy = PollPolicy(),
        max_submissions: int | None = None,
        max_in_flight: int = 8,
        journal: Journal | AsyncJournal | None = None,
        http_client: httpx.AsyncClient | None = None,
        download_proxy: bool = False,
        on_event: OnEvent | None = None,
    ) -> None:
        super().__init__(self.submit)
        with no_fork():  # not imported with this module: whoever makes no client pays for none of it
            from modellix._core.client_parts import ClientParts
            from modellix._io.async_driver import AsyncDriver
            from modellix._io.clock import DriverClock

        clock = DriverClock()
        parts = ClientParts(
            clock,
            api_key,
            base_url,
            timeout,
            retry,
            poll,
            max_submissions,
            max_in_flight,
            journal,
            download_proxy,
            on_event,
            is_async=True,
        )
        self._parts = parts
        self._driver = AsyncDriver(parts.settings, clock, parts.slots, http_client)

    def _outcome(self, end: End, reference: str | None) -> AsyncTask | SubmissionError:
        """What there is to tell of a submission: the task that was bought, or the error that it ended with."""
        if isinstance(end, ModellixError):
            return end
        return AsyncTask(*end.handle(reference), client=self)

    async def submit(self, request: SubmissionRequest, *, reference: str | None = None) -> AsyncTask:
        """Send a paid request, once. As `Modellix.submit`."""
        self._driver.bind()
        submission = self._parts.submission(request, reference)

        def tell(interruption: BaseException) -> None:
            set_known(interruption, self._outcome(submission.known(), submission.reference))

        try:
            outcome = self._outcome(await self._driver.submit(submission, tell), submission.reference)
        except BaseException as interruption:
            tell(interruption)
            raise
        return success_of(outcome)

    def task(self, task_id: str) -> AsyncTask:
        """A handle on a task submitted before, here or elsewhere. Nothing is sent."""
        return AsyncTask(task_id, client=self)

    async def resume(
        self,
        journal: Journal | AsyncJournal,
        *,
        owner: str | None = None,
        seconds: float = 600.0,
        limit: int | None = None,
    ) -> list[AsyncTask]:
        """The accepted tasks in the journal that are not delivered. As `Modellix.resume`."""
        from modellix._core.reference import handle_of

        entries: list[Entry] = await self._driver.perform(self._parts.resume(journal, owner, seconds, limit))
        return [AsyncTask(*handle_of(entry), client=self) for entry in entries if entry.task_id is not None]

    async def delivered(self, task_id: str, *, is_lost: bool = False) -> None:
        """Record in the journal that there is nothing left to fetch, because it is safe, or because it is gone.

        `task.delivered()` is the same as the first.
        """
        await self._driver.tell(self._parts.delivered(task_id, is_lost))

    async def refresh(self, task: AsyncTask) -> AsyncTask:
        """Read the task once, in place. `task.refresh()` is the same."""
        task.see(await self._driver.run(self._parts.read(task)))
        return task

    async def poll(self, task: AsyncTask) -> AsyncTaskResult | TaskFailed | None:
        """Read the task once, in place: what it ended with, None while it runs. `task.poll()` is the same."""
        return self._parts.end_of(task, await self._driver.run(self._parts.look(task)), self._results(AsyncTaskResult))

    async def wait(
        self, task: AsyncTask, timeout: float = 300.0, on_update: Callable[[AsyncTask], object] | None = None
    ) -> AsyncTaskResult:
        """Read the task until it ends. `task.wait()` is the same."""
        wait = self._wait([task], timeout, on_update)
        [(key, rules)] = wait.rules.items()
        with naming(task.reference):
            wait.take(key, await self._driver.run(rules))
            return success_of(wait.results()[0])

    async def wait_all(
        self,
        tasks_or_ids: Iterable[AsyncTask | str],
        *,
        timeout: float = 300.0,
        on_update: Callable[[AsyncTask], object] | None = None,
        progress: bool = False,
    ) -> list[AsyncTaskResult | TaskFailed]:
        """Read all tasks until they end. As `Modellix.wait_all`."""
        wait = self._wait(tasks_or_ids, timeout, on_update)
        with progress_bar(progress) as show:
            show(*wait.progress)
            async with contextlib.aclosing(self._driver.run_all(wait.rules.items())) as outcomes:
                async for key, outcome in outcomes:
                    wait.take(key, outcome)
                    show(*wait.progress)
        return wait.results()

    def as_completed(
        self, tasks_or_ids: Iterable[AsyncTask | str], *, timeout: float = 300.0
    ) -> AsyncIterator[AsyncTaskResult | TaskFailed]:
        """What the tasks end with, as they end. As `Modellix.as_completed`."""
        wait = self._wait(tasks_or_ids, timeout, None)
        return self._as_completed(wait)

    async def _as_completed(
        self, wait: Wait[AsyncTask, AsyncTaskResult]
    ) -> AsyncGenerator[AsyncTaskResult | TaskFailed, None]:
        async with contextlib.aclosing(self._driver.run_all(wait.rules.items())) as outcomes:
            async for key, outcome in outcomes:
                for each in wait.take(key, outcome):
                    yield each
        wait.check_complete()

    def run_all(
        self,
        requests: Mapping[str, SubmissionRequest],
        *,
        folder: str | Path | None = None,
        timeout: float = 300.0,
        progress: bool = False,
    ) -> AsyncIterator[Outcome[AsyncTask, AsyncTaskResult]]:
        """Submit, wait and download under the keys as references. As `Modellix.run_all`; leave it by `aclose` of the
        iterator (`contextlib.aclosing`), or let the event loop do that.
        """
        results = self._results(AsyncTaskResult)
        rows = self._parts.rows(requests, folder, timeout, partial(AsyncTask, client=self), results)
        return self._run_all(rows, progress)

    async def _run_all(
        self, rows: Rows[AsyncTask, AsyncTaskResult], progress: bool
    ) -> AsyncGenerator[Outcome[AsyncTask, AsyncTaskResult], None]:
        from modellix._io.files import contents

        await self._driver.in_thread(lambda: rows.look_into_folder(contents))
        with progress_bar(progress) as rows.tell:
            lanes = rows.lanes(self._parts.slots)
            async with contextlib.aclosing(self._driver.run_all(rows.rules(), lanes, self._parts.slots)) as outcomes:
                async for _, outcome in outcomes:
                    with rows.idling():
                        yield outcome

    def _wait(
        self, tasks_or_ids: Iterable[AsyncTask | str], timeout: float, on_update: Callable[[AsyncTask], object] | None
    ) -> Wait[AsyncTask, AsyncTaskResult]:
        return self._parts.wait(tasks_or_ids, timeout, on_update, self.task, self._results(AsyncTaskResult))

    async def aclose(self) -> None:
        """Close the connections. Waits for submissions under way, also for those whose callers were cancelled; when it
        is cancelled itself, these are cut, and their outcome is unknown.
        """
        if not self._is_light:
            await self._driver.aclose(self._parts.last_words())

    async def __aenter__(self) -> Self:
        self._driver.bind()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


AsyncModellix.__doc__ = f"{AsyncModellix.__doc__}{ARGUMENTS}"
