"""What a client tells a journal and asks it, and what makes two requests the same."""

from __future__ import annotations

import datetime
import hashlib
import inspect
import json
import unicodedata
from collections.abc import AsyncIterator, Iterator
from typing import Any, Protocol

from modellix._entry import Entry, Intent
from modellix.errors import ConfigurationError, shorten
from modellix_client.operations import Operation, SubmissionRequest

LONGEST_REFERENCE = 200  # characters
FRESH_LEASE = 600.0  # seconds for which a task that was just accepted counts as its submitter's


class Journal(Protocol):
    """The memory of submissions, for one process or for all that share it. Every call may block, and may raise
    JournalError.

    A submission is *free* under its reference while no attempt, or only refused and never sent ones, are known.
    """

    def begin(self, intent: Intent) -> Entry:
        """One atomic step, on disk when it returns. Without a reference: a new entry, granted.

        With one that is free: granted, as the entry's next attempt if there is an entry. Else the entry as it stands,
        not granted, and nothing is changed. Raises BudgetExceeded (only where it would be granted) and JournalError.
        """
        ...

    def end(self, entry: Entry, outcome: str, task_id: str | None) -> None:
        """Record how the granted attempt ended: `accepted`, `refused`, `never sent` or `unknown`.

        A task that is accepted counts as leased for ten minutes. The late end of an attempt that is not the entry's
        last overwrites nothing; its task id, if any, is kept as an unresolved entry of its own. An entry that is gone
        is made again.
        """
        ...

    def ended(self, task_id: str, status: str) -> None:
        """The task was seen to end, with that status. An id that is not known is passed over."""
        ...

    def delivered(self, task_id: str) -> None:
        """There is nothing left to fetch. The first time counts. An id that is not known is passed over."""
        ...

    def find(self, reference: str) -> Entry | None:
        """The entry under the reference, never granted."""
        ...

    def entries(
        self, *, reference: str | None = None, outcome: str | None = None, since: datetime.datetime | None = None
    ) -> Iterator[Entry]:
        """All entries that match, oldest first."""
        ...

    def unresolved(self) -> list[Entry]:
        """What may have been bought without anyone knowing, oldest first: no end recorded, or outcome unknown."""
        ...

    def undelivered(self) -> list[Entry]:
        """What was accepted and is not delivered, oldest first, whoever holds a lease."""
        ...

    def settle(self, entry: Entry, *, task_id: str | None = None, bought: bool = True) -> None:
        """Close an unresolved entry by hand: with the id of the task that it turned out to be, of which nobody has a
        lease, or `bought=False`, which makes it refused. Raises ValueError before the entry's `until`, and for one that
        is not unresolved.
        """
        ...

    def claim(self, owner: str, seconds: float, limit: int | None) -> list[Entry]:
        """Lease undelivered tasks to the owner, by the journal's own clock: those that nobody else has a lease of,
        least claimed first, at most `limit`. Two owners never get the same one at the same time.
        """
        ...

    def renew(self, owner: str, seconds: float) -> int:
        """Let all leases that the owner still has end that much from now. Returns how many these are."""
        ...

    def release(self, owner: str) -> None:
        """Give back all leases of the owner."""
        ...

    def spent(self, since: datetime.datetime | None = None) -> int:
        """How many submissions were bought or may have been: accepted, unknown and open ones."""
        ...

    def close(self) -> None:
        """Let go of what is open. A journal that is used again opens it again."""
        ...


class AsyncJournal(Protocol):
    """A journal whose methods are coroutines, for AsyncModellix alone. Each does what Journal's does."""

    async def begin(self, intent: Intent) -> Entry: ...
    async def end(self, entry: Entry, outcome: str, task_id: str | None) -> None: ...
    async def ended(self, task_id: str, status: str) -> None: ...
    async def delivered(self, task_id: str) -> None: ...
    async def find(self, reference: str) -> Entry | None: ...
    def entries(
        self, *, reference: str | None = None, outcome: str | None = None, since: datetime.datetime | None = None
    ) -> AsyncIterator[Entry]: ...
    async def unresolved(self) -> list[Entry]: ...
    async def undelivered(self) -> list[Entry]: ...
    async def settle(self, entry: Entry, *, task_id: str | None = None, bought: bool = True) -> None: ...
    async def claim(self, owner: str, seconds: float, limit: int | None) -> list[Entry]: ...
    async def renew(self, owner: str, seconds: float) -> int: ...
    async def release(self, owner: str) -> None: ...
    async def spent(self, since: datetime.datetime | None = None) -> int: ...
    async def close(self) -> None: ...


_CALLS: dict[str, tuple[tuple[Any, ...], tuple[str, ...]]] = {
    "begin": ((None,), ()),
    "end": ((None, "", None), ()),
    "ended": (("", ""), ()),
    "delivered": (("",), ()),
    "find": (("",), ()),
    "entries": ((), ("reference", "outcome", "since")),
    "unresolved": ((), ()),
    "undelivered": ((), ()),
    "settle": ((None,), ("task_id", "bought")),
    "claim": (("", 0.0, None), ()),
    "spent": ((), ("since",)),
    "close": ((), ()),
}
"""How each method must let itself be called: by place, and by name."""

_METHODS = (*_CALLS, "renew", "release")  # no client calls the last two


def require_journal(journal: Any, *, is_async_allowed: bool) -> Any:
    """The journal, if it has the whole protocol. Raises ConfigurationError, which names every method that is amiss."""
    faults = [fault for name in _METHODS if (fault := _fault(journal, name))]
    kinds = {name: _is_async(getattr(journal, name, None)) for name in _METHODS if name != "entries"}
    if not faults and len(set(kinds.values())) > 1:
        faults = [f"{name} is {'' if kinds[name] else 'not '}async" for name in kinds]
    if faults:
        raise ConfigurationError(
            f"journal must be a journal, such as SqliteJournal(path), and {type(journal).__name__} is none: "
            f"{shorten(', '.join(faults), 300)}"
        )
    if kinds["begin"] and not is_async_allowed:
        raise ConfigurationError(f"{type(journal).__name__} has async methods: use it with AsyncModellix")
    return journal


def _fault(journal: Any, name: str) -> str | None:
    method = getattr(journal, name, None)
    if isinstance(journal, type) or not callable(method):
        return f"it has no method {name}"
    if name not in _CALLS:
        return None
    places, names = _CALLS[name]
    try:
        inspect.signature(method).bind(*places, **dict.fromkeys(names))
    except TypeError as error:
        return f"{name} cannot be called ({error})"
    except ValueError:  # a callable that does not show its signature
        pass
    return None


def _is_async(method: object) -> bool:
    """One that lists entries may be an asynchronous generator too."""
    return inspect.iscoroutinefunction(method) or inspect.isasyncgenfunction(method)


def is_async(journal: Journal | AsyncJournal) -> bool:
    """Are its methods coroutines?"""
    return inspect.iscoroutinefunction(journal.begin)


def require_reference(value: object) -> str:
    """The reference, if it is one. Raises ConfigurationError."""
    text = str.__str__(value) if isinstance(value, str) else ""  # of an Enum its text, not its own name
    if not 1 <= len(text) <= LONGEST_REFERENCE or any(map(_is_forbidden, text)):
        raise ConfigurationError(
            f"a reference is a string of 1 to {LONGEST_REFERENCE} characters without white space, control characters "
            f"and surrogates, not {shorten(repr(value))}"
        )
    return text


def _is_forbidden(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) in ("Cc", "Cs", "Zs", "Zl", "Zp")


def fingerprint(request: SubmissionRequest) -> str:
    """What makes two requests the same: a digest of method, path and body, whatever the order of names.

    It begins with its version. Neither prompt nor images can be read from the digest (SHA-256), but somebody who
    guesses them can tell whether the guess is right. Raises ConstraintError for a request that breaks a limit.
    """
    from modellix_client.constraints import check_body  # there already: the request checks itself by it

    return fingerprint_of(request.OPERATION, check_body(request))


def fingerprint_of(operation: Operation, body: dict[str, Any]) -> str:
    """Of a body that is checked already."""
    return _second(operation, body)


def is_same_request(operation: Operation, body: dict[str, Any], entry: Entry) -> bool:
    """Was the entry made for this request? By the entry's own version; of one that is not known, nobody can say so."""
    version = entry.fingerprint.partition(":")[0] if ":" in entry.fingerprint else "1"
    make = _FINGERPRINTS.get(version)
    return make is not None and make(operation, body) == entry.fingerprint


def _second(operation: Operation, body: dict[str, Any]) -> str:
    canonical = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"2:{_digest(operation.method, operation.path, canonical)}"


def _first(operation: Operation, body: dict[str, Any]) -> str:
    """Of the clients that knew no references: of the operation's name and the bytes sent."""
    return _digest(operation.operation_id, json.dumps(body, ensure_ascii=False, separators=(",", ":")))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


_FINGERPRINTS = {"1": _first, "2": _second}
