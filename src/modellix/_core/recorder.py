"""What a client tells its journals. An end that could not be recorded is kept, and tried again. No I/O."""

from __future__ import annotations

import inspect
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from functools import partial
from typing import Any

from modellix._core.effects import Blocking, Rules
from modellix._core.log_fields import fields
from modellix._core.task_status import LOST
from modellix._entry import Entry, Intent
from modellix._fork import PerProcess, no_fork
from modellix.errors import JournalError, shorten
from modellix.journal.protocol import is_async

log = logging.getLogger("modellix")

End = tuple[Entry, str, str | None]


class Recorder:
    """Of one journal, which may be synchronous or not."""

    def __init__(self, journal: Any) -> None:
        self.journal = journal
        with no_fork():  # only who has a journal needs it
            from modellix.journal.stored import StoredJournal
        self._failures = JournalError if isinstance(journal, StoredJournal) else Exception
        self._is_async = is_async(journal)
        self._unwritten = PerProcess[deque[End]](deque)

    def ask(self, method: str, *values: Any) -> Blocking:
        """The effect that calls the journal."""
        call: Callable[..., Any] = getattr(self.journal, method)
        if inspect.isasyncgenfunction(call):
            return Blocking(partial(_listed, call, *values), self._is_async)
        return Blocking(partial(call, *values), self._is_async)

    def begin(self, intent: Intent, keep: Callable[[Entry], object]) -> Rules[None]:
        """`keep` gets the entry, granted or as it stands, even if this call is interrupted. Raises what the journal
        raises.
        """
        yield from self.catch_up()
        yield self._kept(self.ask("begin", intent), keep)

    def end(self, entry: Entry, outcome: str, task_id: str | None, keep: Callable[[None], object]) -> Rules[None]:
        """Record an end, now or later. `keep` is called once it is recorded, even if this call is interrupted."""
        effect = self._kept(self.ask("end", entry, outcome, task_id), keep)
        if not (yield from self._tell(effect, _what(entry, outcome, task_id), _fields(entry, outcome, task_id))):
            self._unwritten().append((entry, outcome, task_id))

    def _kept(self, effect: Blocking, keep: Callable[[Any], object]) -> Blocking:
        async def kept() -> None:
            keep(await effect.call())

        return Blocking(kept if effect.is_async else lambda: keep(effect.call()), effect.is_async)

    def catch_up(self) -> Rules[None]:
        """Record the ends that could not be recorded before, as far as that is possible now."""
        unwritten = self._unwritten()
        for _ in range(len(unwritten)):
            try:
                end = unwritten.popleft()
            except IndexError:  # others catch up at the same time
                return
            written: list[None] = []
            try:
                yield self._kept(self.ask("end", *end), written.append)
            except BaseException as error:
                if not written:
                    unwritten.appendleft(end)
                if self._is_own(error):
                    return
                raise
            log.info("journal: %s is recorded now", _what(*end), extra=_fields(*end))

    def give_up(self) -> None:
        """At the end of a client: tell what stays unrecorded."""
        unwritten = self._unwritten()
        while unwritten:
            end = unwritten.popleft()
            log.error("journal: %s was never recorded; settle it by hand", _what(*end), extra=_fields(*end))

    def ended(self, task_id: str, status: str, *, is_over: bool) -> Rules[None]:
        """The task has ended; `is_over` when there is nothing to fetch of it."""
        what, told = f"the end of task {shorten(task_id)}", fields(task_id=task_id, status=status)
        if (yield from self._tell(self.ask("ended", task_id, status), what, told)) and is_over:
            yield from self.delivered(task_id)

    def delivered(self, task_id: str) -> Rules[None]:
        """The files of the task are safe."""
        what, told = f"the delivery of task {shorten(task_id)}", fields(task_id=task_id)
        yield from self._tell(self.ask("delivered", task_id), what, told)

    def _tell(self, effect: Blocking, what: str, told: dict[str, Any]) -> Rules[bool]:
        """Was it recorded? A failure is logged."""
        yield from self.catch_up()
        try:
            yield effect
        except Exception as error:
            if not self._is_own(error):
                raise
            log.error("journal: %s could not be recorded (%s)", what, _why(error), extra=told)
            return False
        return True

    def _is_own(self, error: BaseException) -> bool:
        """Did the journal raise it? Ours fail by JournalError alone, all else is a signal handler's. Somebody else's
        may fail by any exception.
        """
        return isinstance(error, self._failures)


async def _listed(call: Callable[..., AsyncIterator[Any]], *values: Any) -> list[Any]:
    return [one async for one in call(*values)]


def tell_all(recorders: Iterable[Recorder], rules_of: Callable[[Recorder], Rules[None]]) -> Rules[None]:
    """The same for several journals."""
    for recorder in recorders:
        yield from rules_of(recorder)


def tell_lost(recorders: Iterable[Recorder], task_id: str) -> Rules[None]:
    """The task, or all that it made, is gone: there is nothing to fetch any more."""
    return tell_all(recorders, lambda recorder: recorder.ended(task_id, LOST, is_over=True))


def _why(error: Exception) -> str:
    """Only a JournalError is known to hold no secret of the journal's."""
    name = type(error).__name__
    return f"{name}: {shorten(str(error), 300)}" if isinstance(error, JournalError) else name


def _what(entry: Entry, outcome: str, task_id: str | None) -> str:
    reference = "" if entry.reference is None else f", reference {shorten(entry.reference)}"
    task = "" if task_id is None else f", task {shorten(task_id)}"
    return f"the end of entry {entry.id} ({outcome}{reference}{task})"


def _fields(entry: Entry, outcome: str, task_id: str | None) -> dict[str, Any]:
    return fields(operation=entry.operation, task_id=task_id, outcome=outcome, reference=entry.reference)
