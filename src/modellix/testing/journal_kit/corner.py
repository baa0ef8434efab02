"""What a check works with: two journals of one store, names of its own, and what it says when a promise is broken."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn

import attrs

from modellix._entry import Entry, Intent
from modellix.errors import shorten
from modellix.journal.protocol import Journal
from modellix.testing.journal_kit.calls import at_once

CALLERS = 12  # at once
AN_HOUR = datetime.timedelta(hours=1)
DIGEST = "2:" + "0" * 64


class Corner:
    """Two journals of one store. What a check begins has a reference and a task id that nobody else uses."""

    def __init__(self, one: Journal, two: Journal, limited: Callable[[int], Journal] | None = None) -> None:
        self.one = one
        self.two = two
        self.limited = limited
        self.prefix = uuid.uuid4().hex[:12]
        self._count = 0
        self._latest = datetime.datetime.now(datetime.UTC)

    def name(self) -> str:
        """A new one, for a reference, an owner or a task."""
        self._count += 1
        return f"{self.prefix}-{self._count}"

    def now(self) -> datetime.datetime:
        """Later than before, whatever becomes of the clock: oldest first is one order, by entry and by time."""
        self._latest = max(datetime.datetime.now(datetime.UTC), self._latest + datetime.timedelta(microseconds=1))
        return self._latest

    def long_ago(self) -> datetime.datetime:
        """So that the sender's deadline is past too."""
        return self.now() - 48 * AN_HOUR

    def intent(self, reference: str | None = None, **changes: Any) -> Intent:
        """Sent just now, with an hour to go."""
        sent_at = changes.get("sent_at", self.now())
        usual: dict[str, Any] = {
            "operation": "kit",
            "fingerprint": DIGEST,
            "sent_at": sent_at,
            "until": sent_at + AN_HOUR,
        }
        return Intent(reference=reference, **{**usual, **changes})

    def begun(self, reference: str | None = None, **changes: Any) -> Entry:
        """A granted entry."""
        intent = self.intent(reference, **changes)
        return granted(self.one.begin(intent), intent)

    def ended(self, outcome: str, task_id: str | None = None, **changes: Any) -> Entry:
        """An entry with that end, as the other journal finds it."""
        entry = self.begun(self.name(), **changes)
        self.one.end(entry, outcome, task_id)
        return self.found(entry)

    def accepted(self, **changes: Any) -> Entry:
        return self.ended("accepted", self.name(), **changes)

    def settled(self) -> Entry:
        """An accepted entry that nobody has a lease of, as it was settled by hand."""
        entry = self.begun(self.name(), sent_at=self.long_ago())
        self.one.settle(entry, task_id=self.name())
        return self.found(entry)

    def found(self, entry: Entry) -> Entry:
        """The entry as the other journal has it now."""
        found = self.two.find(entry.reference or "")
        return found if found is not None else fail(f"find({entry.reference!r}) gave None after begin")

    def at_once(self, method: str, calls: Sequence[tuple[Any, ...]]) -> list[Any]:
        """What each call of the method returned, all at the same time, through both journals. None may raise."""
        results = at_once((self.one, self.two), method, calls)
        raised = [told(one) for one in results if isinstance(one, BaseException)]
        return fail(f"{len(raised)} of {len(calls)} calls at once raised: {raised[0]}") if raised else results

    def tidy(self) -> None:
        """Leave nothing to claim: nobody comes for these tasks."""
        for entry in self.one.undelivered():
            if self.prefix in (entry.task_id or ""):
                self.one.delivered(entry.task_id or "")

    def close(self) -> None:
        self.one.close()
        self.two.close()


PROMISES: list[tuple[str, Callable[[Corner], None]]] = []
"""Each sentence, and the check that fails when it is broken."""


def promise(sentence: str) -> Callable[[Callable[[Corner], None]], None]:
    """The function below checks the sentence, in the order of the files."""

    def register(check: Callable[[Corner], None]) -> None:
        PROMISES.append((sentence, check))

    return register


def ids(entries: Iterable[Entry], own: Sequence[Entry]) -> list[int]:
    """The ids of the check's own, in the order in which the journal gave them."""
    known = {entry.id for entry in own}
    return [entry.id for entry in entries if entry.id in known]


def fail(seen: str) -> NoReturn:
    raise AssertionError(seen)


def told(error: BaseException) -> str:
    return str(error) if isinstance(error, AssertionError) else f"{type(error).__name__}: {error}"


def granted(entry: Entry, intent: Intent) -> Entry:
    """The entry, which must be granted and say what the intent says."""
    same(entry.granted, True, "granted")
    for name in ("operation", "fingerprint", "reference", "sent_at", "until"):
        same(getattr(entry, name), getattr(intent, name), name)
    return entry


def refused(entry: Entry, standing: Entry) -> None:
    """The entry must be the one that stands, and not granted."""
    same(entry, attrs.evolve(standing, granted=False), "what begin gave")


def same(seen: object, expected: object, what: str) -> None:
    """Raises AssertionError with what differs; of two entries only their differing fields."""
    if seen == expected:
        return
    if isinstance(seen, Entry) and isinstance(expected, Entry):
        named = [
            one.name for one in attrs.fields(Entry) if one.eq and getattr(seen, one.name) != getattr(expected, one.name)
        ]
        fail(
            "; ".join(
                f"{name} of {what} was {_show(getattr(seen, name))}, not {_show(getattr(expected, name))}"
                for name in named
            )
        )
    fail(f"{what} was {_show(seen)}, not {_show(expected)}")


def _show(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime.datetime) else shorten(repr(value), 120)
