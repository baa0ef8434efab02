"""A batch in one call: each row from its key to its files, and one Outcome for each, always. No I/O (see effects.py).

A row asks the journal first. What was bought before is never bought again, and a file counts only if the journal knows
that it was delivered. Rows begin as there is room for submissions, so ten thousand of them take no memory before that.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar

from modellix._core.attempt import Accepted, End, PreparedRequest, SubmissionContext, prepare_request
from modellix._core.effects import Enter, Fetch, Lane, Pause, Rules, Submit
from modellix._core.folder import Folder
from modellix._core.log_fields import fields
from modellix._core.polling import TaskPoller
from modellix._core.read_task import Known, Reader, TaskSnapshot, named
from modellix._core.recorder import Recorder
from modellix._core.reference import FREE, handle_of, require_same
from modellix._core.submission import SubmissionAttempts
from modellix._core.task_status import is_end
from modellix._core.waits import pace, warn_if_unknown
from modellix._entry import Entry
from modellix._records import define, field, frozen
from modellix._values import require_seconds
from modellix.errors import (
    AuthenticationError,
    BudgetExceeded,
    ConfigurationError,
    ConstraintError,
    DownloadError,
    JournalError,
    ModellixError,
    PaymentRequiredError,
    RateLimitError,
    TaskFailed,
    WaitTimeout,
    shorten,
)
from modellix.journal.protocol import require_reference
from modellix.policies import PollPolicy
from modellix_client.operations import SubmissionRequest

log = logging.getLogger("modellix")

DOWNLOADS = 4  # rows whose files are fetched at a time

H = TypeVar("H", bound=Any)  # Task or AsyncTask
R = TypeVar("R", bound=Any)  # TaskResult or AsyncTaskResult


@frozen
class Outcome(Generic[H, R]):
    """What became of one row of `run_all`.

    `task` is None when nothing is known to have been bought. `paths` are the files in order, none without a folder.
    `result` is what the task has made, None also when the files were there already and nobody was asked. `error` is
    None when all is well.
    """

    reference: str
    task: H | None = None
    paths: list[Path] = field(factory=list[Path])
    result: R | None = None
    error: Exception | None = None


@define
class _Counts:
    """How far the rows have come."""

    total: int
    submitted: int = 0
    ended: int = 0
    downloaded: int = 0
    failed: int = 0
    over: int = 0


class Rows(Generic[H, R]):
    """What all rows of one call have in common. Raises ConfigurationError.

    `task_of` makes a task of its fields, `result_of` a result of a task that has ended well.
    """

    def __init__(
        self,
        requests: Any,
        folder: Any,
        timeout: float,
        context: SubmissionContext,
        reader: Reader,
        poll: PollPolicy,
        task_of: Callable[..., H],
        result_of: Callable[[TaskSnapshot], R],
    ) -> None:
        if not isinstance(requests, Mapping):
            raise ConfigurationError(f"run_all takes a mapping of references to requests, not {shorten(requests)}")
        if context.recorder is None:
            raise ConfigurationError(
                "run_all needs a journal, which remembers what was bought: Modellix(journal=SqliteJournal(path))"
            )
        self._requests: Mapping[str, SubmissionRequest] = requests
        self.folder = None if folder is None else Folder(folder)
        self.timeout = require_seconds("timeout", timeout)
        self.context = context
        self.recorder: Recorder = context.recorder
        self.reader = reader
        self.poll = poll
        self.task_of = task_of
        self.result_of = result_of
        self.counts = _Counts(len(self._requests))
        self.tell: Callable[[int, int, str], object] = lambda total, over, text: None  # at each step that counts
        self.idle = 0.0  # seconds for which nobody asked for the next outcome
        self._stopped_by: ModellixError | None = None

    def rules(self) -> Iterator[tuple[int, Rules[Outcome[H, R]]]]:
        """One rule generator a row, made when it is asked for."""
        self.count()
        for number, (reference, request) in enumerate(self._requests.items()):
            yield number, _Row(self, reference, request).rules()

    def look_into_folder(self, contents: Callable[[Path], Iterable[tuple[str, bool]]]) -> None:
        """Note what is there already. Blocks; raises ConfigurationError."""
        if self.folder is not None:
            self.folder.take(contents(self.folder.path))

    def lanes(self, slots: int) -> dict[Lane, int]:
        """How many rows may be submitted, read and downloaded at a time. All begin in the first lane."""
        return {Lane.SUBMIT: slots, Lane.READ: slots, Lane.DOWNLOAD: DOWNLOADS}

    @contextmanager
    def idling(self) -> Generator[None, None, None]:
        """While an outcome is looked at, nobody looks at the tasks: that time does not count against any row."""
        began = self.context.clock.now()
        try:
            yield
        finally:
            self.idle += self.context.clock.now() - began

    def count(self, **steps: int) -> None:
        """Some row has come further."""
        for name, more in steps.items():
            setattr(self.counts, name, getattr(self.counts, name) + more)
        counts = self.counts
        parts = [f"{counts.submitted} submitted", f"{counts.ended} ended"]
        parts += [f"{counts.downloaded} downloaded"] * (self.folder is not None)
        parts += [f"{counts.failed} failed"] * (counts.failed > 0)
        self.tell(counts.total, counts.over, ", ".join(parts))

    def stop(self, error: ModellixError) -> None:
        """Submit nothing more."""
        if self._stopped_by is None:
            self._stopped_by = error
            told = fields(status=getattr(error, "status", None))
            log.warning("batch: nothing more is submitted (%s)", type(error).__name__, extra=told)

    def check_open(self, attempt: int) -> None:
        """Raises what has stopped all submissions, for the row that asks. One that was refused for a while had its part
        of the budget, and asks for it again.
        """
        if self._stopped_by is not None and not (attempt > 1 and isinstance(self._stopped_by, BudgetExceeded)):
            error = copy.copy(self._stopped_by)
            error.reference = None  # of the row that it came to first
            raise error from self._stopped_by.__cause__


@define
class _Row(Generic[H, R]):
    """One row under way."""

    rows: Rows[H, R]
    reference: str
    request: Any
    task: H | None = None
    paths: list[Path] = field(factory=list[Path])
    result: R | None = None

    def rules(self) -> Rules[Outcome[H, R]]:
        """What became of it."""
        try:
            prepared = self._prepare()
        except (ConfigurationError, ConstraintError, TypeError) as error:  # a TypeError is about the request here
            return self._outcome(error)
        try:
            task = yield from self._buy(prepared)
            del prepared
            if not self.paths:
                yield from self._fetch(task)
        except ModellixError as error:
            return self._outcome(error)
        return self._outcome(None)

    def _outcome(self, error: Exception | None) -> Outcome[H, R]:
        """An error is a value here: without the frames that it went through, which hold requests."""
        if error is not None:
            error = error.with_traceback(None)
        if isinstance(error, ModellixError | ConstraintError) and error.reference is None:
            error.reference = self.reference
        self.rows.count(over=1, failed=int(error is not None))
        return Outcome(self.reference, self.task, self.paths, self.result, error)

    def _prepare(self) -> PreparedRequest:
        require_reference(self.reference)
        request, self.request = self.request, None
        return prepare_request(request, self.rows.context)

    def _buy(self, prepared: PreparedRequest) -> Rules[H]:
        """The task, and its files if they are there. What was bought before is only looked up."""
        entry = yield from self._look_up()
        if entry is None or entry.outcome != "accepted" or entry.task_id is None:
            self._require_no_file(entry)
            end = yield from self._submit(prepared)
            return self._take(*end.handle(self.reference))
        require_same(prepared, entry)
        task = self._take(*handle_of(entry))
        if entry.delivered_at is not None and self.rows.folder is not None:
            self.paths = self.rows.folder.whole(self.reference)
            self.rows.count(ended=int(bool(self.paths)), downloaded=int(bool(self.paths)))
        return task

    def _look_up(self) -> Rules[Entry | None]:
        try:
            entry: Entry | None = yield self.rows.recorder.ask("find", self.reference)
        except JournalError as error:
            self.rows.stop(error)
            raise
        return entry

    def _require_no_file(self, entry: Entry | None) -> None:
        """A picture that nobody bought under the reference would be taken for the one that is bought now."""
        if self.rows.folder is None or (entry is not None and entry.outcome not in FREE):
            return
        path = self.rows.folder.any(self.reference)
        if path is not None:
            raise DownloadError(
                f"{path} is there, and the journal knows of no purchase under the reference {shorten(self.reference)}; "
                "nothing was bought: move the file away, or take another folder or reference",
                task_id="",
                url="",
                path=path,
                reason="a file of that name is there, and was not bought under this reference",
            )

    def _submit(self, prepared: PreparedRequest) -> Rules[Accepted]:
        """What is bought. A refusal for a while holds up all submissions, and then this one is sent again."""
        clock, attempt = self.rows.context.clock, 1
        began = clock.now()
        while True:
            yield Pause(0.0)  # behind a pause that another row asked for meanwhile
            self.rows.check_open(attempt)
            end = yield from self._send(prepared)
            if isinstance(end, Accepted):
                return end
            if not isinstance(end, RateLimitError) or clock.now() - began >= self.rows.timeout:
                raise end
            pause = end.retry_after or self.rows.context.retry.pause(attempt) or 0.0
            told = fields(operation=end.operation, status=end.status, outcome="refused", reference=self.reference)
            log.warning("batch: status %d, no submissions for %.1f s", end.status, pause, extra=told)
            yield Pause(pause, for_all=True)
            attempt += 1

    def _send(self, prepared: PreparedRequest) -> Rules[End]:
        rows = self.rows
        try:
            end: End = yield Submit(SubmissionAttempts(prepared, rows.context, self.reference))
        except (BudgetExceeded, JournalError) as error:
            rows.stop(error)
            raise
        if isinstance(end, AuthenticationError | PaymentRequiredError):
            rows.stop(end)
        return end

    def _take(self, *fields: Any) -> H:
        self.task = task = self.rows.task_of(*fields)
        self.rows.count(submitted=1)
        return task

    def _fetch(self, task: H) -> Rules[None]:
        """Wait for the task, and have its files fetched."""
        yield Enter(Lane.READ)
        self.result = yield from self._wait(task)
        if self.rows.folder is not None:
            yield Enter(Lane.DOWNLOAD)
            fetch = partial(self.result.download, self.rows.folder.path, name=self.reference, overwrite=True)
            self.paths = yield Fetch(fetch)  # what the journal does not vouch for is replaced
            self.rows.count(downloaded=1)

    def _wait(self, task: H) -> Rules[R]:
        """Raises TaskFailed, or WaitTimeout after `timeout` seconds from now."""
        rows = self.rows
        until = rows.context.clock.now() + rows.timeout - rows.idle

        def see(snapshot: TaskSnapshot) -> None:
            warn_if_unknown(rows.reader, snapshot)
            task.see(snapshot)

        paced = pace(rows.poll, rows.counts.submitted - rows.counts.ended)
        since = rows.context.clock.now()
        known = Known(task.id, since, self.reference, task.sent_at, task.operation, is_end(task.status))
        poller = TaskPoller(known, rows.reader, paced, lambda: until + rows.idle, see)
        ending = yield from poller.run(poll_at_once=not task.is_new)
        rows.reader.warned.pop(task.id, None)
        rows.count(ended=int(ending is not None))
        if isinstance(ending, TaskSnapshot):
            result: R = named(rows.result_of(ending), known)
            return result
        if isinstance(ending, TaskFailed):
            raise named(ending, known)
        raise WaitTimeout(
            f"task {shorten(task.id)} has not ended after {rows.timeout:g} s; it goes on: run the batch again, which "
            "waits for it and buys nothing twice",
            finished=[],
            pending=[task.id],
            last_seen={task.id: task.status},
        ) from poller.missed
