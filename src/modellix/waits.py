"""One call of `wait`, `wait_all` or `as_completed`: which tasks, in which order, and what became of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

from modellix.errors import ConfigurationError, ModellixError, TaskFailed, WaitTimeout, shorten
from modellix.exchange import Rules
from modellix.policies import PollPolicy, require_seconds
from modellix.polling import Watch
from modellix.reading import Reader, View

H = TypeVar("H", bound=Any)  # Task or AsyncTask
R = TypeVar("R", bound=Any)  # TaskResult or AsyncTaskResult


class Wait(Generic[H, R]):
    """Handles and ids in the order given, each task watched once, however often it was named.

    `outcome_of` says what a reading means (a result, TaskFailed, None while the task goes on).
    """

    def __init__(
        self,
        tasks_or_ids: Iterable[H | str],
        *,
        timeout: float,
        on_update: Callable[[H], object] | None,
        reader: Reader,
        poll: PollPolicy,
        handle: Callable[[str], H],
        outcome_of: Callable[[View], R | TaskFailed | None],
    ) -> None:
        if isinstance(tasks_or_ids, str):
            raise ConfigurationError(f"a list of tasks or ids is needed, not one string ({shorten(tasks_or_ids)})")
        self._timeout = require_seconds("timeout", timeout)
        self._on_update = on_update
        self._handle_of = handle
        self._outcome_of = outcome_of
        self._handles: dict[str, list[H]] = {}
        self._order: list[str] = [self._enlist(item) for item in tasks_or_ids]
        self._outcomes: dict[str, R | TaskFailed] = {}
        deadline = reader.clock.now() + self._timeout
        self._watches = {key: self._watch(key, reader, poll, deadline) for key in self._handles}

    def _enlist(self, item: H | str) -> str:
        handle: Any = self._handle_of(item) if isinstance(item, str) else item
        handles = self._handles.setdefault(handle.id, [])
        if handle not in handles:
            handles.append(handle)
        return str(handle.id)

    def _watch(self, key: str, reader: Reader, poll: PollPolicy, deadline: float) -> Watch:
        def see(view: View) -> None:
            for handle in self._handles[key]:
                if handle.see(view) and self._on_update is not None:
                    self._on_update(handle)

        return Watch(key, reader, poll, deadline, see, self._outcome_of)

    @property
    def jobs(self) -> dict[str, Rules[R | TaskFailed | None]]:
        """One rule generator a task; one seen for the first time is looked at without a pause."""
        return {
            key: watch.run(look_at_once=all(handle.status is None for handle in self._handles[key]))
            for key, watch in self._watches.items()
        }

    def take(self, key: str, outcome: R | TaskFailed | None) -> list[R | TaskFailed]:
        """Keep what a job ended with; the outcomes to hand on, one for each time that the task was named."""
        if outcome is None:
            return []
        self._outcomes[key] = outcome
        return [outcome] * self._order.count(key)

    @property
    def counts(self) -> tuple[int, int, int]:
        """Tasks in all, ended, and failed."""
        failed = sum(isinstance(outcome, TaskFailed) for outcome in self._outcomes.values())
        return len(self._watches), len(self._outcomes), failed

    def results(self) -> list[R | TaskFailed]:
        """The outcomes in the order given. Raises WaitTimeout when some are missing."""
        self.check_complete()
        return [self._outcomes[key] for key in self._order]

    def check_complete(self) -> None:
        """Raises WaitTimeout, caused by the last failure to read, when a task has not ended."""
        pending = [key for key in self._handles if key not in self._outcomes]
        if not pending:
            return
        text = (
            f"{len(pending)} of {len(self._handles)} tasks have not ended after {self._timeout:g} s "
            f"({shorten(', '.join(pending))}); they go on: wait again with the ids in .pending"
        )
        finished = [self._outcomes[key] for key in dict.fromkeys(self._order) if key in self._outcomes]
        raise WaitTimeout(text, finished=finished, pending=pending) from self._last_missed(pending)

    def _last_missed(self, pending: list[str]) -> ModellixError | None:
        missed = [self._watches[key].missed for key in pending]
        return next((error for error in reversed(missed) if error is not None), None)
