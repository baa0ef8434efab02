"""What both clients are made of, checked on entry."""

from __future__ import annotations

import copy
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn, Self, TypeVar

from modellix._core.attempt import SubmissionContext, prepare_request
from modellix._core.budget import Budget, SpendGuard
from modellix._core.clock import Clock
from modellix._core.effects import Blocking, Rules
from modellix._core.polling import look, read_known
from modellix._core.read_task import Ending, Reader, TaskSnapshot, ending_of
from modellix._core.recorder import Recorder, tell_all, tell_lost
from modellix._core.submission import SubmissionAttempts
from modellix._core.task_status import is_end
from modellix._core.waits import Wait, warn_if_unknown
from modellix._fork import no_fork
from modellix._records import evolve
from modellix._values import require_count, require_seconds
from modellix.errors import ConfigurationError, ConstraintError, ModellixError, TaskFailed, shorten
from modellix.journal.protocol import require_journal, require_reference
from modellix.policies import PollPolicy, RetryPolicy
from modellix.settings import Settings, read_settings
from modellix_client import lazy
from modellix_client.namespaces import Submissions
from modellix_client.operations import SubmissionRequest

if TYPE_CHECKING:
    from modellix._core.rows import Rows

lazy.guard = no_fork  # an import that a fork cuts in two stays locked in the child

H = TypeVar("H", bound=Any)  # Task or AsyncTask
R = TypeVar("R", bound=Any)  # TaskResult or AsyncTaskResult
T = TypeVar("T")  # what `submit` returns

ARGUMENTS = """

    Every argument may be left out. `api_key` and `base_url` (an origin) fall back to MODELLIX_API_KEY and
    MODELLIX_BASE_URL; `timeout` (seconds) bounds each call as a whole: tries, pauses and queueing; a
    submission leaves while half of it is left, or not at all. `max_submissions` is the most submissions that may be
    sent, `max_in_flight` the most requests under way at a time, `journal` where submissions are recorded
    (SqliteJournal, SqlJournal). `http_client` is used for the API alone and never closed.

    The proxies of the environment (HTTPS_PROXY, ALL_PROXY, NO_PROXY) are honoured for the API, never for loopback.
    Downloads go direct, to addresses that were checked. `download_proxy=True` sends them through the proxies too, which
    resolve names unchecked; URLs that name a private address or localhost stay refused.
    Raises ConfigurationError for a setting that cannot be used.
"""


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
        root, secret = self.settings.api_root, self.settings.api_key
        self._is_async = is_async
        self.reference: str | None = None
        recorder = None if journal is None else self._recorder(journal)
        self.reader = Reader(root, secret, retry, clock, [] if recorder is None else [recorder])
        self.context = SubmissionContext(root, secret, self.timeout, retry, clock, self.guard, recorder)

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
            return (yield from read_known(task.id, self.reader, self.timeout, task.sent_at))

    def look(self, task: Any) -> Rules[TaskSnapshot | TaskFailed]:
        """The rules of reading it once, where one that cannot be read is a failure."""
        with naming(task.reference):
            seen = yield from look(task.id, self.reader, self.timeout, task.sent_at)
        if isinstance(seen, TaskSnapshot) and not is_end(seen.status):
            warn_if_unknown(self.reader, seen)
        else:
            self.reader.warned.pop(task.id, None)
        return seen

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


class ClientBase(Submissions[T]):
    """What both clients can do without I/O."""

    _parts: ClientParts
    _driver: Any
    _is_light = False

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self._parts.settings.origin!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__} clients cannot be pickled or copied: create one where it is used")

    def budget(self, n: int) -> Budget:
        """`with client.budget(n):` at most n submissions are sent inside the block, by the whole client.

        In asynchronous code `async with` does the same.
        """
        return self._parts.guard.budget(n)

    def submit(self, request: SubmissionRequest, *, reference: str | None = None) -> T:
        """Send a paid request, once."""
        raise NotImplementedError

    def with_options(self, *, reference: str | None = None, timeout: float | None = None) -> Self:
        """A light client for a few calls: it shares connections, budget and journal, and its `close` does nothing.

        `reference` is your own name for a purchase (it needs a journal): under it at most one picture is bought, by all
        who share the journal. `timeout` in seconds. What is not named is kept. Raises ConfigurationError.
        """
        light = type(self).__new__(type(self))
        super(ClientBase, light).__init__(light.submit)
        light._driver = self._driver  # and no namespace, each of which submits by the client that it was taken from
        light._parts, light._is_light = self._parts.with_options(reference, timeout), True
        return light

    def _results(self, kind: Callable[..., R]) -> Callable[[TaskSnapshot], R]:
        """What makes a result of a task that has ended well."""
        origin, proxy = self._parts.settings.origin, self._parts.download_proxy
        return lambda read: kind(read.task_id, read.raw, origin, proxy, client=self)


def end_of(handle: Any, seen: TaskSnapshot | TaskFailed, result_of: Callable[..., R]) -> R | TaskFailed | None:
    """What the task ended with, None while it runs. The handle takes over what was read."""
    end: Ending | None = seen
    if isinstance(seen, TaskSnapshot):
        handle.see(seen)
        end = ending_of(seen)
    outcome = result_of(end) if isinstance(end, TaskSnapshot) else end
    if outcome is not None:
        outcome.reference = handle.reference
    return outcome


def set_known(interruption: BaseException, known: object) -> None:
    """Set what is known of a submission on what keeps its caller from waiting for it: any exception may carry it."""
    interruption.modellix_submission = known  # type: ignore[attr-defined]


@contextmanager
def naming(reference: str | None) -> Generator[None, None, None]:
    """An error that leaves the block has the reference."""
    try:
        yield
    except (ModellixError, ConstraintError) as error:
        error.reference = reference
        raise
