"""What both clients are made of, checked on entry. Imported when the first client is made."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self, TypeVar

from modellix._core.attempt import SubmissionContext, prepare_request
from modellix._core.budget import SpendGuard
from modellix._core.clock import Clock
from modellix._core.effects import Blocking, Rules
from modellix._core.error_notes import naming
from modellix._core.observer import Observer, require_on_event
from modellix._core.polling import look, read_known
from modellix._core.read_task import Ending, Known, Reader, TaskSnapshot, ending_of, named
from modellix._core.recorder import Recorder, tell_all, tell_lost
from modellix._core.submission import SubmissionAttempts
from modellix._core.task_status import is_end
from modellix._core.waits import Wait, warn_if_unknown
from modellix._records import evolve
from modellix._values import require_count, require_seconds
from modellix.errors import ConfigurationError, TaskFailed, shorten
from modellix.journal.protocol import require_journal, require_reference
from modellix.policies import PollPolicy, RetryPolicy
from modellix.settings import Settings, read_settings
from modellix_client.operations import SubmissionRequest

if TYPE_CHECKING:
    from modellix._core.rows import Rows

H = TypeVar("H", bound=Any)  # Task or AsyncTask
R = TypeVar("R", bound=Any)  # TaskResult or AsyncTaskResult


class ClientParts:
    """The arguments of a client, and what its submissions and its reads have in common. Raises ConfigurationError."""

    def __init__(
        self,
        clock: Clock,
        api_key: str | None,
        base_url: str | None,
        timeout: float,
        retry: Any,
        poll: Any,
        max_submissions: int | None,
        max_in_flight: int,
        journal: Any,
        download_proxy: Any,
        on_event: Any,
        *,
        is_async: bool,
    ) -> None:
        if not isinstance(retry, RetryPolicy) or not isinstance(poll, PollPolicy):
            raise ConfigurationError("retry must be a RetryPolicy and poll a PollPolicy")
        if not isinstance(download_proxy, bool):
            raise ConfigurationError(f"download_proxy must be True or False, not {type(download_proxy).__name__}")
        self.download_proxy = download_proxy
        self.settings: Settings = read_settings(api_key, base_url)
        self.timeout = require_seconds("timeout", timeout)
        self.slots = require_count("max_in_flight", max_in_flight, 1)
        self.guard = SpendGuard(max_submissions)
        self.clock = clock
        self.poll = poll
        self.observer = Observer(require_on_event(on_event), clock)
        root, secret = self.settings.api_root, self.settings.api_key
        self._is_async = is_async
        self.reference: str | None = None
        recorder = None if journal is None else self._recorder(journal)
        self.reader = Reader(root, secret, retry, clock, [] if recorder is None else [recorder], self.observer)
        told = recorder, self.observer
        self.context = SubmissionContext(root, secret, self.timeout, retry, clock, self.guard, *told)

    def with_options(self, reference: str | None, timeout: float | None) -> Self:
        """The same but for what is named."""
        parts = copy.copy(self)
        if reference is not None:
            parts.reference = self._remembered(reference)
        if timeout is not None:
            parts.timeout = require_seconds("timeout", timeout)
            parts.context = evolve(self.context, timeout=parts.timeout)
        return parts

    def submission(self, request: SubmissionRequest, reference: str | None) -> SubmissionAttempts:
        """Raises ConfigurationError, ConstraintError, and BudgetExceeded where the journal need not be asked first."""
        reference = self.reference if reference is None else self._remembered(reference)
        with naming(reference):
            prepared = prepare_request(request, self.context)
        if reference is None:
            self.guard.check()
        return SubmissionAttempts(prepared, self.context, reference)

    def _remembered(self, reference: str) -> str:
        if self.context.recorder is None:
            raise ConfigurationError("a reference needs a journal that remembers it: journal=SqliteJournal(path)")
        return require_reference(reference)

    def _recorder(self, journal: Any) -> Recorder:
        return Recorder(require_journal(journal, is_async_allowed=self._is_async))

    def read(self, task: Any) -> Rules[TaskSnapshot]:
        """The rules of reading a task once."""
        with naming(task.reference):
            return (yield from read_known(self._known(task), self.reader, self.timeout))

    def look(self, task: Any) -> Rules[TaskSnapshot | TaskFailed]:
        """The rules of reading it once, where one that cannot be read is a failure."""
        with naming(task.reference):
            seen = yield from look(self._known(task), self.reader, self.timeout)
        if isinstance(seen, TaskSnapshot) and not is_end(seen.status):
            warn_if_unknown(self.reader, seen)
        else:
            self.reader.warned.pop(task.id, None)
        return seen

    def _known(self, task: Any) -> Known:
        return Known(task.id, self.clock.now(), task.reference, task.sent_at, task.operation, is_end(task.status))

    @staticmethod
    def end_of(handle: Any, seen: TaskSnapshot | TaskFailed, result_of: Callable[..., R]) -> R | TaskFailed | None:
        """What the task ended with, None while it runs. The handle takes over what was read."""
        end: Ending | None = seen
        if isinstance(seen, TaskSnapshot):
            handle.see(seen)
            end = ending_of(seen)
        outcome = result_of(end) if isinstance(end, TaskSnapshot) else end
        return None if outcome is None else named(outcome, handle)

    def wait(
        self,
        tasks_or_ids: object,
        timeout: float,
        on_update: Callable[[H], object] | None,
        handle_of: Callable[[str], H],
        result_of: Callable[[TaskSnapshot], R],
    ) -> Wait[H, R]:
        """One call of `wait`, `wait_all` or `as_completed`."""
        return Wait(tasks_or_ids, timeout, on_update, self.reader, self.poll, handle_of=handle_of, result_of=result_of)

    def rows(
        self,
        requests: object,
        folder: object,
        timeout: float,
        task_of: Callable[..., H],
        result_of: Callable[[TaskSnapshot], R],
    ) -> Rows[H, R]:
        """One call of `run_all`."""
        from modellix._core.rows import Rows  # a client that runs no batch needs none of it

        return Rows(requests, folder, timeout, self.context, self.reader, self.poll, task_of, result_of)

    def resume(self, journal: Any, owner: Any, seconds: float, limit: int | None) -> Blocking:
        """The effect that brings the entries to take up; the journal is told how they end."""
        recorder = next((each for each in self.reader.recorders if each.journal is journal), None)
        if recorder is None:
            recorder = self._recorder(journal)
            self.reader.recorders.append(recorder)
        if owner is None:
            if limit is not None:
                raise ConfigurationError("limit goes with owner, so that several share the tasks")
            return recorder.ask("undelivered")
        if not isinstance(owner, str) or not owner.strip():
            raise ConfigurationError(f"owner must be a name, another one for each worker, not {shorten(repr(owner))}")
        most = None if limit is None else require_count("limit", limit)
        return recorder.ask("claim", owner, require_seconds("seconds", seconds), most)

    def delivered(self, task_id: str, is_lost: bool) -> Rules[None]:
        """Tell the journals that the files of the task are safe, or gone."""
        if is_lost:
            return tell_lost(self.reader.recorders, task_id)
        return tell_all(self.reader.recorders, lambda recorder: recorder.delivered(task_id))

    def last_words(self) -> Rules[None]:
        """At the close of the client: record what could not be recorded before, or say so."""
        for recorder in self.reader.recorders:
            yield from recorder.catch_up()
            recorder.give_up()
