"""One call of `wait`, `wait_all` or `as_completed`: which tasks, in which order, and what became of them."""

from __future__ import annotations

import functools
import logging
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Generic, TypeVar, cast

from modellix._core.effects import Rules
from modellix._core.log_fields import fields
from modellix._core.polling import TaskPoller
from modellix._core.read_task import Ending, Known, Reader, TaskSnapshot, named
from modellix._core.task_status import is_end, meaning_of
from modellix._values import require_seconds
from modellix.errors import ConfigurationError, ModellixError, TaskFailed, WaitTimeout, shorten
from modellix.policies import PollPolicy

log = logging.getLogger("modellix")

POLLS_PER_SECOND = 400  # at the start of a wait for very many tasks; later their age makes it fewer
STATUSES_TOLD = 5  # in the message of a WaitTimeout

H = TypeVar("H", bound=Any)  # Task or AsyncTask
R = TypeVar("R", bound=Any)  # TaskResult or AsyncTaskResult


class Wait(Generic[H, R]):
    """Handles and ids in the order given; a task has one poller, however often it was named.

    `handle_of` makes a handle of an id, `result_of` a result of a task that has ended well.
    """

    def __init__(
        self,
        tasks_or_ids: Any,
        timeout: float,
        on_update: Callable[[H], object] | None,
        reader: Reader,
        poll: PollPolicy,
        *,
        handle_of: Callable[[str], H],
        result_of: Callable[[TaskSnapshot], R],
    ) -> None:
        if isinstance(tasks_or_ids, str | bytes) or not isinstance(tasks_or_ids, Iterable):
            raise ConfigurationError(f"a list of tasks or ids is needed, not {shorten(tasks_or_ids)}")
        self._timeout = require_seconds("timeout", timeout)
        self._on_update = on_update
        self._handle_of = handle_of
        self._result_of = result_of
        self._warned = reader.warned
        self._handles: dict[str, list[H]] = {}
        self._order: list[str] = [self._enlist(item) for item in cast("Iterable[H | str]", tasks_or_ids)]
        self._times_named = Counter(self._order)
        self._outcomes: dict[str, R | TaskFailed] = {}
        self._failed = 0
        until = reader.clock.now() + self._timeout
        paced = pace(poll, len(self._handles))
        self._pollers = {key: self._poller(key, reader, paced, until) for key in self._handles}

    def _enlist(self, item: H | str) -> str:
        handle: Any = self._handle_of(item) if isinstance(item, str) else item
        if not isinstance(getattr(handle, "id", None), str):
            raise ConfigurationError(f"a task or the id of one is needed, not {shorten(item)}")
        handles = self._handles.setdefault(handle.id, [])
        if handle not in handles:
            handles.append(handle)
        return str(handle.id)

    def _poller(self, key: str, reader: Reader, poll: PollPolicy, until: float) -> TaskPoller:
        def see(snapshot: TaskSnapshot) -> None:
            warn_if_unknown(reader, snapshot)
            changed = [handle for handle in self._handles[key] if handle.see(snapshot)]
            if changed and self._on_update is not None:
                self._on_update(changed[0])

        first = functools.partial(self._first, key)
        is_over = any(is_end(handle.status) for handle in self._handles[key])
        now = reader.clock.now()
        known = Known(key, now, first("reference"), first("sent_at"), first("operation"), is_over)
        return TaskPoller(known, reader, poll, lambda: until, see)

    def _first(self, key: str, name: str) -> Any:
        """What the handles of a task know; a plain id knows nothing."""
        known = (getattr(handle, name, None) for handle in self._handles[key])
        return next((value for value in known if value is not None), None)

    @property
    def rules(self) -> dict[str, Rules[Ending | None]]:
        """One rule generator a task. The first pause is left out for one never polled, or seen to have ended."""
        return {
            key: poller.run(poll_at_once=any(_is_to_be_read(handle.status) for handle in self._handles[key]))
            for key, poller in self._pollers.items()
        }

    def take(self, key: str, ending: Ending | None) -> list[R | TaskFailed]:
        """Keep what a task ended with; the outcomes to hand on, one for each time that the task was named."""
        if ending is None:
            return []
        made = ending if isinstance(ending, TaskFailed) else self._result_of(ending)
        outcome: R | TaskFailed = named(made, self._pollers[key].task)
        self._outcomes[key] = outcome
        self._failed += isinstance(outcome, TaskFailed)
        self._warned.pop(key, None)
        return [outcome] * self._times_named[key]

    @property
    def progress(self) -> tuple[int, int, str]:
        """Tasks in all, ended, and what there is to tell."""
        told = f"waiting, {self._failed} failed" if self._failed else "waiting"
        return len(self._pollers), len(self._outcomes), told

    def results(self) -> list[R | TaskFailed]:
        """The outcomes in the order given. Raises WaitTimeout when some are missing."""
        self.check_complete()
        return [self._outcomes[key] for key in self._order]

    def check_complete(self) -> None:
        """Raises WaitTimeout, caused by the last failure to read, when a task has not ended."""
        pending = [key for key in self._handles if key not in self._outcomes]
        if not pending:
            return
        last_seen = {key: self._first(key, "status") for key in pending}
        text = (
            f"{len(pending)} of {len(self._handles)} tasks have not ended after {self._timeout:g} s "
            f"({_told(last_seen)}); they go on: wait again with the ids in .pending"
        )
        finished = [self._outcomes[key] for key in dict.fromkeys(self._order) if key in self._outcomes]
        missed = self._last_missed(pending)
        raise WaitTimeout(text, finished=finished, pending=pending, last_seen=last_seen) from missed

    def _last_missed(self, pending: list[str]) -> ModellixError | None:
        pollers = [self._pollers[key] for key in pending if self._pollers[key].missed is not None]
        return max(pollers, key=lambda poller: poller.missed_at).missed if pollers else None


def _is_to_be_read(status: str | None) -> bool:
    """Whether the first pause is left out: nobody has polled the task, or it was seen to have ended."""
    return status is None or is_end(status)


def _told(last_seen: dict[str, str | None]) -> str:
    """A few tasks, each with its last status."""
    first = list(last_seen.items())[:STATUSES_TOLD]
    told = [f"{shorten(key, 40)}: {'not seen' if status is None else shorten(status, 40)}" for key, status in first]
    return ", ".join(told) + (", …" if len(last_seen) > len(first) else "")


def pace(poll: PollPolicy, tasks: int) -> PollPolicy:
    """Slower at the start, when very many are waited for."""
    first = min(poll.longest, tasks / POLLS_PER_SECOND)
    return poll if first <= poll.first else replace(poll, first=first)


def warn_if_unknown(reader: Reader, snapshot: TaskSnapshot) -> None:
    """Once for each task and status, in later waits of the client as well."""
    task_id, status = snapshot.task_id, snapshot.status
    if meaning_of(status) is None and status not in reader.warned.setdefault(task_id, set()):
        reader.warned[task_id].add(status)
        told = fields(task_id=task_id, status=status)
        log.warning("task %s: unknown status %s, waiting on", shorten(task_id), shorten(status), extra=told)
