"""The client: generated operations joined to submission, reading, waiting and downloading."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Self

from modellix._core.client_base import ARGUMENTS, ClientBase
from modellix._core.error_notes import naming, set_known
from modellix._fork import no_fork
from modellix._http import httpx
from modellix._io.progress import progress_bar
from modellix.errors import ModellixError, TaskFailed
from modellix.journal.protocol import Journal
from modellix.policies import PollPolicy, RetryPolicy
from modellix.tasks import Task, TaskResult, success_of
from modellix_client.operations import SubmissionRequest

if TYPE_CHECKING:
    from modellix._core.attempt import End, SubmissionError
    from modellix._core.rows import Outcome, Rows
    from modellix._core.waits import Wait
    from modellix._entry import Entry
    from modellix._io.sync_driver import SyncDriver
    from modellix.events import OnEvent


class Modellix(ClientBase[Task]):
    """A client for threads. One may be shared by all of them; it opens no connection before it is used.

    Ctrl-C, or what another signal handler raises, during the wait for a paid reply is held until the reply. With an
    injected `http_client`, and through an `https://` proxy (TLS within TLS), it cannot be held and goes at once.
    """

    _driver: SyncDriver

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
        journal: Journal | None = None,
        http_client: httpx.Client | None = None,
        download_proxy: bool = False,
        on_event: OnEvent | None = None,
    ) -> None:
        super().__init__(self.submit)
        with no_fork():  # not imported with this module: whoever makes no client pays for none of it
            from modellix._core.client_parts import ClientParts
            from modellix._io.clock import DriverClock
            from modellix._io.sync_driver import SyncDriver

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
            is_async=False,
        )
        self._parts = parts
        self._driver = SyncDriver(parts.settings, clock, parts.slots, http_client)

    def _outcome(self, end: End, reference: str | None) -> Task | SubmissionError:
        """What there is to tell of a submission: the task that was bought, or the error that it ended with."""
        if isinstance(end, ModellixError):
            return end
        return Task(*end.handle(reference), client=self)

    def submit(self, request: SubmissionRequest, *, reference: str | None = None) -> Task:
        """Send a paid request, once. The methods of the namespaces (`client.openai.…`) build the request and end
        here.

        Under one `reference`, your own name for the purchase, at most one picture is bought, by all that share the
        journal: a second call returns the first one's task (`is_new` is False), and waits for it if need be.

        Raises ConstraintError, BudgetExceeded, JournalError or ReferenceConflict (nothing was sent), NeverSentError (no
        byte left), APIError (refused, nothing bought), SubmissionOutcomeUnknown (it may have been bought).
        """
        submission = self._parts.submission(request, reference)
        try:
            outcome = self._outcome(self._driver.run(submission.rules()), submission.reference)
        except BaseException as interruption:
            set_known(interruption, self._outcome(submission.known(), submission.reference))
            raise
        return success_of(outcome)

    def task(self, task_id: str) -> Task:
        """A handle on a task submitted before, here or elsewhere. Nothing is sent."""
        return Task(task_id, client=self)

    def resume(
        self, journal: Journal, *, owner: str | None = None, seconds: float = 600.0, limit: int | None = None
    ) -> list[Task]:
        """The accepted tasks in the journal that are not delivered, oldest first: for a process that starts again.
        Nothing is sent.

        With an `owner`, a name of its own for each of several workers: at most `limit` tasks that no other owner has a
        lease of, least claimed first, leased to this one for that many seconds. For ten minutes what was just bought is
        leased to its buyer, who is no owner: so a worker that starts again first calls this without one. Raises
        JournalError.
        """
        from modellix._core.reference import handle_of

        entries: list[Entry] = self._driver.perform(self._parts.resume(journal, owner, seconds, limit))
        return [Task(*handle_of(entry), client=self) for entry in entries if entry.task_id is not None]

    def delivered(self, task_id: str, *, is_lost: bool = False) -> None:
        """Record in the journal that there is nothing left to fetch, because it is safe, or because it is gone.

        `task.delivered()` is the same as the first.
        """
        self._driver.run(self._parts.delivered(task_id, is_lost))

    def refresh(self, task: Task) -> Task:
        """Read the task once, in place. `task.refresh()` is the same."""
        task.see(self._driver.run(self._parts.read(task)))
        return task

    def poll(self, task: Task) -> TaskResult | TaskFailed | None:
        """Read the task once, in place: what it ended with, None while it runs. `task.poll()` is the same."""
        return self._parts.end_of(task, self._driver.run(self._parts.look(task)), self._results(TaskResult))

    def wait(self, task: Task, timeout: float = 300.0, on_update: Callable[[Task], object] | None = None) -> TaskResult:
        """Read the task until it ends. `task.wait()` is the same."""
        wait = self._wait([task], timeout, on_update)
        [(key, rules)] = wait.rules.items()
        with naming(task.reference):
            wait.take(key, self._driver.run(rules))
            return success_of(wait.results()[0])

    def wait_all(
        self,
        tasks_or_ids: Iterable[Task | str],
        *,
        timeout: float = 300.0,
        on_update: Callable[[Task], object] | None = None,
        progress: bool = False,
    ) -> list[TaskResult | TaskFailed]:
        """Read all tasks until they end, and return what they ended with in the order given. Failures are not raised.

        At most `timeout` seconds; `on_update(task)` at each change of status; `progress` draws a bar at a terminal and
        in notebooks. Raises WaitTimeout, which holds what has finished and the ids still pending, AuthenticationError
        or PaymentRequiredError.
        """
        wait = self._wait(tasks_or_ids, timeout, on_update)
        with progress_bar(progress) as show, contextlib.closing(self._driver.run_all(wait.rules.items())) as outcomes:
            show(*wait.progress)
            for key, outcome in outcomes:
                wait.take(key, outcome)
                show(*wait.progress)
        return wait.results()

    def as_completed(
        self, tasks_or_ids: Iterable[Task | str], *, timeout: float = 300.0
    ) -> Iterator[TaskResult | TaskFailed]:
        """What the tasks end with, as they end. The iterator raises WaitTimeout when some have not ended in time."""
        wait = self._wait(tasks_or_ids, timeout, None)
        return self._as_completed(wait)

    def _as_completed(self, wait: Wait[Task, TaskResult]) -> Iterator[TaskResult | TaskFailed]:
        with contextlib.closing(self._driver.run_all(wait.rules.items())) as outcomes:
            for key, outcome in outcomes:
                yield from wait.take(key, outcome)
        wait.check_complete()

    def run_all(
        self,
        requests: Mapping[str, SubmissionRequest],
        *,
        folder: str | Path | None = None,
        timeout: float = 300.0,
        progress: bool = False,
    ) -> Iterator[Outcome[Task, TaskResult]]:
        """Submit each request under its key as the reference, wait for its task, download its files to `folder` (the
        first one of `row-1` is `row-1-0.png`), and bring one Outcome a key, as they end. Needs a journal.

        Called again, after Ctrl-C or a crash, it buys nothing twice, fetches what is missing, and asks nothing about
        what is there. At most `timeout` seconds for each task, from when it was bought or found in the journal;
        `progress` draws a bar at a terminal and in notebooks. Nothing is sent before the first outcome is asked for.

        What goes wrong with a row is its `.error`. AuthenticationError, PaymentRequiredError, BudgetExceeded or
        JournalError at a submission end all submitting, and the rows not bought yet carry it. After a 429 all
        submissions pause. Whoever leaves the iterator waits for the paid requests under way, and nothing new begins.
        Raises ConfigurationError.
        """
        rows = self._parts.rows(requests, folder, timeout, partial(Task, client=self), self._results(TaskResult))
        return self._run_all(rows, progress)

    def _run_all(self, rows: Rows[Task, TaskResult], progress: bool) -> Iterator[Outcome[Task, TaskResult]]:
        from modellix._io.files import contents

        rows.look_into_folder(contents)
        with progress_bar(progress) as rows.tell:
            lanes = rows.lanes(self._parts.slots)
            with contextlib.closing(self._driver.run_all(rows.rules(), lanes, self._parts.slots)) as outcomes:
                for _, outcome in outcomes:
                    with rows.idling():
                        yield outcome

    def _wait(
        self, tasks_or_ids: Iterable[Task | str], timeout: float, on_update: Callable[[Task], object] | None
    ) -> Wait[Task, TaskResult]:
        return self._parts.wait(tasks_or_ids, timeout, on_update, self.task, self._results(TaskResult))

    def close(self) -> None:
        """Close the connections."""
        if self._is_light:
            return
        try:
            self._driver.run(self._parts.last_words())
        finally:
            self._driver.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


Modellix.__doc__ = f"{Modellix.__doc__}{ARGUMENTS}"
