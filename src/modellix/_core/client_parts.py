"""What both clients are made of, checked on entry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

from modellix._core.attempt import SubmissionContext
from modellix._core.budget import Budget, SpendGuard
from modellix._core.clock import Clock
from modellix._core.effects import Rules
from modellix._core.polling import look
from modellix._core.read_task import Reader, TaskSnapshot, ending_of, read_task
from modellix._core.waits import Wait
from modellix._values import require_count, require_seconds
from modellix.errors import ConfigurationError, TaskFailed
from modellix.journal import Journal
from modellix.policies import PollPolicy, RetryPolicy
from modellix.settings import Settings, read_settings
from modellix_client.namespaces import Submissions

H = TypeVar("H", bound=Any)  # Task or AsyncTask
R = TypeVar("R", bound=Any)  # TaskResult or AsyncTaskResult
T = TypeVar("T")  # what `submit` returns


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
    ) -> None:
        if not isinstance(retry, RetryPolicy) or not isinstance(poll, PollPolicy):
            raise ConfigurationError("retry must be a RetryPolicy and poll a PollPolicy")
        if journal is not None and not hasattr(journal, "begin"):
            raise ConfigurationError("journal must be a journal, such as SqliteJournal(path)")
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
        self.reader = Reader(root, secret, retry, clock, [] if journal is None else [journal])
        self.context = SubmissionContext(root, secret, self.timeout, retry, clock, self.guard, journal)

    def read(self, task_id: str) -> Rules[TaskSnapshot]:
        """The rules of reading a task once."""
        return read_task(task_id, self.reader, self.timeout)

    def look(self, task_id: str) -> Rules[TaskSnapshot | TaskFailed]:
        """The rules of reading it once, where one that cannot be read is a failure."""
        return look(task_id, self.reader, self.timeout)

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

    def resume(self, journal: Journal) -> list[str]:
        """The ids of the accepted tasks in the journal that nobody has seen end; it is told when they do."""
        if journal not in self.reader.journals:
            self.reader.journals.append(journal)
        return journal.unfinished_ids()


class ClientBase(Submissions[T]):
    """What both clients can do without I/O."""

    _parts: ClientParts

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self._parts.settings.origin!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__} clients cannot be pickled or copied: create one where it is used")

    def budget(self, n: int) -> Budget:
        """`with client.budget(n):` at most n submissions are sent inside the block, by the whole client.

        In asynchronous code `async with` does the same.
        """
        return self._parts.guard.budget(n)

    def _results(self, kind: Callable[..., R]) -> Callable[[TaskSnapshot], R]:
        """What makes a result of a task that has ended well."""
        origin, proxy = self._parts.settings.origin, self._parts.download_proxy
        return lambda read: kind(read.task_id, read.raw, origin, proxy, client=self)


def end_of(handle: H, seen: TaskSnapshot | TaskFailed, result_of: Callable[[TaskSnapshot], R]) -> R | TaskFailed | None:
    """What the task ended with, None while it runs. The handle takes over what was read."""
    if isinstance(seen, TaskFailed):
        return seen
    handle.see(seen)
    end = ending_of(seen)
    return result_of(end) if isinstance(end, TaskSnapshot) else end


def set_known(interruption: BaseException, known: object) -> None:
    """Set what is known of a submission on what keeps its caller from waiting for it: any exception may carry it."""
    interruption.modellix_submission = known  # type: ignore[attr-defined]
