"""The rules of a journal that is kept in a database, once for all databases.

Each method is one transaction. What a database says in its own way stands in a `Dialect`.
"""

from __future__ import annotations

import datetime
import json
import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from modellix._entry import Entry, Intent
from modellix._records import evolve
from modellix._values import is_usable_id, require_count, require_seconds
from modellix.errors import BudgetExceeded, shorten
from modellix.journal.protocol import FRESH_LEASE

T = TypeVar("T")

_UNTIL = "COALESCE(until, sent_at)"  # older clients wrote none
_BUSY_UNTIL = "COALESCE(busy_until, sent_at)"  # `until` by the database's clock, as clocks of machines differ
_COLUMNS = (
    f"entry, operation, fingerprint, reference, sent_at, {_UNTIL}, attempt, outcome, task_id, status, delivered_at, "
    "token"
)
_FREE = ("refused", "never sent")  # such an entry stands in nobody's way
_UNRESOLVED = "(outcome IS NULL OR outcome = 'unknown')"
_UNDELIVERED = "outcome = 'accepted' AND delivered_at IS NULL"
_PAGE = 1000  # entries read at a time
_ALL = 2**62


class Execute(Protocol):
    """Carries out one statement with named values and returns all of its rows."""

    def __call__(self, sql: str, /, **values: Any) -> list[Any]: ...


@dataclass(frozen=True)
class Dialect:
    """`now` is the database's clock, `later` what it shows after `:seconds`. `lock` keeps a row that was read for this
    transaction, `skip_locked` passes over the rows of others; both are empty where one transaction at a time writes.
    """

    table: str
    now: str
    later: str
    lock: str
    skip_locked: str
    time_in: Callable[[datetime.datetime], Any]
    time_out: Callable[[Any], datetime.datetime]


class StoredJournal(ABC):
    """A journal in a database. Every method raises JournalError when the database cannot be used."""

    _dialect: Dialect

    def __init__(self, max_submissions: int | None) -> None:
        self._most = None if max_submissions is None else require_count("max_submissions", max_submissions)

    @abstractmethod
    def _run(self, purpose: str, work: Callable[[Execute], T], *, is_writing: bool = True) -> T:
        """What `work` returns, within one transaction; none of it is kept when it raises. It may be run again, when the
        connection was lost: each work here comes to the same the second time.
        """

    @abstractmethod
    def _lock_book(self, execute: Execute) -> None:
        """Let nobody else count what was spent, until the end of the transaction."""

    def begin(self, intent: Intent) -> Entry:
        """Record an intent: granted, or the entry that stands under its reference.

        Raises BudgetExceeded or JournalError; then nothing was recorded.
        """
        token = secrets.token_hex(16)
        return self._run("record the intent, so nothing was sent", lambda execute: self._begin(execute, intent, token))

    def _begin(self, execute: Execute, intent: Intent, token: str) -> Entry:
        if self._most is not None:
            self._lock_book(execute)
        same, values = "reference = :reference OR token = :token", {"reference": intent.reference, "token": token}
        entry = self._one(execute, same, **values) or self._insert(execute, _granted(intent, token), intent.options)
        entry = entry or self._one(execute, same, **values)  # somebody else's, who was first
        assert entry is not None
        if entry.token != token:
            if entry.outcome not in _FREE:
                return entry
            entry = self._grant_again(execute, entry, intent, token)
        if self._most is not None and self._spent(execute, self._most + 1) > self._most:
            raise BudgetExceeded(
                f"the journal allows {self._most} submissions, over all runs and processes, and all are bought, under "
                "way or unresolved; nothing was sent: allow more, or settle what is unresolved"
            )
        return evolve(entry, granted=True)

    def _insert(self, execute: Execute, entry: Entry, options: Mapping[str, Any]) -> Entry | None:
        """The new entry; None when its reference or its token is there already."""
        sql = (
            f"INSERT INTO {self._dialect.table} (operation, fingerprint, reference, sent_at, until, busy_until, "
            "attempt, options, token) VALUES (:operation, :fingerprint, :reference, :sent_at, :until, "
            f"{self._dialect.later}, :attempt, :options, :token) ON CONFLICT DO NOTHING RETURNING entry"
        )
        rows = execute(sql, **self._values(entry, options))
        return evolve(entry, id=rows[0][0]) if rows else None

    def _grant_again(self, execute: Execute, found: Entry, intent: Intent, token: str) -> Entry:
        entry = evolve(_granted(intent, token), id=found.id, attempt=found.attempt + 1)
        sql = (
            f"UPDATE {self._dialect.table} SET operation = :operation, fingerprint = :fingerprint, sent_at = :sent_at, "
            f"until = :until, busy_until = {self._dialect.later}, attempt = :attempt, options = :options, "
            "token = :token, outcome = NULL, task_id = NULL, status = NULL, delivered_at = NULL "
            "WHERE reference = :reference"
        )
        execute(sql, **self._values(entry, intent.options))
        return entry

    def _values(self, entry: Entry, options: Mapping[str, Any]) -> dict[str, Any]:
        values = {name: getattr(entry, name) for name in ("operation", "fingerprint", "reference", "attempt", "token")}
        times = {name: self._dialect.time_in(getattr(entry, name)) for name in ("sent_at", "until")}
        left = (entry.until - _utc()).total_seconds()  # by the clock that `until` is of
        return {**values, **times, "seconds": max(0.0, left), "options": json.dumps(dict(options))}

    def end(self, entry: Entry, outcome: str, task_id: str | None) -> None:
        """Record how a granted attempt ended: `accepted`, `refused`, `never sent` or `unknown`."""
        self._run("record an end", lambda execute: self._end(execute, entry, outcome, task_id))

    def _end(self, execute: Execute, entry: Entry, outcome: str, task_id: str | None) -> None:
        if self._set_outcome(execute, entry, outcome, task_id):
            return
        same = "token = :token OR (entry = :entry AND reference = :reference)"
        known = self._one(execute, same, token=entry.token, entry=entry.id, reference=entry.reference)
        if known is None and self._insert(execute, entry, {}) is not None:  # the database lost it
            self._set_outcome(execute, entry, outcome, task_id)
        elif task_id is not None and self._one(execute, "task_id = :task_id", task_id=task_id) is None:
            stray = evolve(entry, reference=None, token=secrets.token_hex(16))
            self._insert(execute, stray, {})
            self._set_outcome(execute, stray, "unknown", task_id)

    def _set_outcome(self, execute: Execute, entry: Entry, outcome: str, task_id: str | None) -> bool:
        """Of the attempt itself, and not over what is known better: was it done?"""
        lease = f", lease_owner = NULL, lease_until = {self._dialect.later}" if outcome == "accepted" else ""
        better = "outcome <> 'accepted'" if outcome == "accepted" else "outcome = 'unknown'"
        values = {"seconds": FRESH_LEASE} if lease else {}
        sql = (
            f"UPDATE {self._dialect.table} SET outcome = :outcome, task_id = :task_id{lease} "
            f"WHERE token = :token AND attempt = :attempt AND (outcome IS NULL OR {better}) RETURNING entry"
        )
        return bool(execute(sql, outcome=outcome, task_id=task_id, token=entry.token, attempt=entry.attempt, **values))

    def ended(self, task_id: str, status: str) -> None:
        """The task was seen to end, with that status. What was delivered keeps its own: it is not lost later."""
        sql = (
            f"UPDATE {self._dialect.table} SET status = :status "
            "WHERE task_id = :task_id AND (status IS NULL OR (status <> :status AND delivered_at IS NULL))"
        )
        self._run("record the end of a task", lambda execute: execute(sql, status=status, task_id=task_id))

    def delivered(self, task_id: str) -> None:
        """There is nothing left to fetch of the task: it is not resumed again."""
        sql = (
            f"UPDATE {self._dialect.table} SET delivered_at = {self._dialect.now}, lease_owner = NULL, "
            "lease_until = NULL WHERE task_id = :task_id AND delivered_at IS NULL"
        )
        self._run("record a delivery", lambda execute: execute(sql, task_id=task_id))

    def find(self, reference: str) -> Entry | None:
        """The entry under the reference."""
        found = self._select("reference = :reference", reference=reference)
        return found[0] if found else None

    def entries(
        self, *, reference: str | None = None, outcome: str | None = None, since: datetime.datetime | None = None
    ) -> Iterator[Entry]:
        """All entries that match, oldest first; `since` is a time of sending."""
        wanted = {"reference": reference, "outcome": outcome, "since": since and self._dialect.time_in(since)}
        values = {name: value for name, value in wanted.items() if value is not None}
        conditions = [f"{name} = :{name}" if name != "since" else "sent_at >= :since" for name in values]
        return self._pages(" AND ".join([*conditions, "entry > :after"]), values)

    def _pages(self, condition: str, values: dict[str, Any]) -> Iterator[Entry]:
        page = self._select(condition, limit=_PAGE, after=-1, **values)
        while page:
            yield from page
            page = self._select(condition, limit=_PAGE, after=page[-1].id, **values)

    def unresolved(self) -> list[Entry]:
        """What may have been bought without anyone knowing, oldest first: no end recorded, or outcome unknown.

        A submission that is just under way is among them.
        """
        return self._select(_UNRESOLVED)

    def undelivered(self) -> list[Entry]:
        """The accepted tasks whose files nobody has recorded as safe, oldest first, whoever holds a lease."""
        return self._select(_UNDELIVERED)

    def settle(self, entry: Entry, *, task_id: str | None = None, bought: bool = True) -> None:
        """Close an unresolved entry by hand: with the id of the task that it turned out to be, or `bought=False`.

        Raises ValueError for one that is not unresolved, or whose sender may still be at work (`until`).
        """
        if (task_id is None) == bought:
            raise ValueError("settle takes either task_id=… or bought=False")
        if task_id is not None and not is_usable_id(task_id):
            raise ValueError(f"not a task id: {shorten(task_id)}")
        outcome = "accepted" if task_id is not None else "refused"
        sql = (
            f"UPDATE {self._dialect.table} SET outcome = :outcome, task_id = :task_id WHERE entry = :entry "
            f"AND attempt = :attempt AND {_UNRESOLVED} AND {_BUSY_UNTIL} <= {self._dialect.now} RETURNING entry"
        )
        values = {"outcome": outcome, "task_id": task_id, "entry": entry.id, "attempt": entry.attempt}
        if not self._run("be settled", lambda execute: execute(sql, **values)):
            raise ValueError(self._why_not_settled(entry))

    def _why_not_settled(self, entry: Entry) -> str:
        found = self._select(f"entry = :entry AND attempt = :attempt AND {_UNRESOLVED}", **_which(entry))
        if not found:
            return f"entry {entry.id} is not unresolved"
        return (
            f"entry {entry.id} may be under way until {found[0].until.isoformat(' ', 'seconds')}: settle it after that"
        )

    def claim(self, owner: str, seconds: float, limit: int | None) -> list[Entry]:
        """Lease undelivered tasks to the owner, by the database's clock: what nobody else has a lease of, least claimed
        first. Two owners never hold the same one at the same time.
        """
        table, dialect = self._dialect.table, self._dialect
        sql = (
            f"WITH due AS MATERIALIZED (SELECT entry FROM {table} WHERE {_UNDELIVERED} AND (lease_until IS NULL "
            f"OR lease_until <= {dialect.now} OR lease_owner = :owner) ORDER BY claims, entry LIMIT :limit "
            f"{dialect.skip_locked}) UPDATE {table} SET lease_owner = :owner, lease_until = {dialect.later}, "
            f"claims = claims + 1 WHERE entry IN (SELECT entry FROM due) RETURNING claims, {_COLUMNS}"
        )
        most = _ALL if limit is None else require_count("limit", limit)
        values = {"owner": owner, "seconds": require_seconds("seconds", seconds), "limit": most}
        rows = self._run("lease tasks", lambda execute: execute(sql, **values))
        return [self._entry(row[1:]) for row in sorted(rows, key=lambda row: (row[0], row[1]))]

    def renew(self, owner: str, seconds: float) -> int:
        """Let all leases that the owner still has end that much from now. Returns how many these are."""
        sql = (
            f"UPDATE {self._dialect.table} SET lease_until = {self._dialect.later} WHERE lease_owner = :owner "
            f"AND lease_until > {self._dialect.now} RETURNING entry"
        )
        values = {"owner": owner, "seconds": require_seconds("seconds", seconds)}
        return len(self._run("renew leases", lambda execute: execute(sql, **values)))

    def release(self, owner: str) -> None:
        """Give back all leases of the owner."""
        sql = f"UPDATE {self._dialect.table} SET lease_owner = NULL, lease_until = NULL WHERE lease_owner = :owner"
        self._run("release leases", lambda execute: execute(sql, owner=owner))

    def spent(self, since: datetime.datetime | None = None) -> int:
        """How many submissions were bought or may have been: accepted, unknown and open ones."""
        return self._run("be read", lambda execute: self._spent(execute, _ALL, since), is_writing=False)

    def _spent(self, execute: Execute, most: int, since: datetime.datetime | None = None) -> int:
        """Up to `most`."""
        recent = "" if since is None else " AND sent_at >= :since"
        values = {} if since is None else {"since": self._dialect.time_in(since)}
        sql = (
            f"SELECT COUNT(*) FROM (SELECT 1 FROM {self._dialect.table} WHERE (outcome IS NULL OR outcome IN "
            f"('accepted', 'unknown')){recent} LIMIT :most) AS counted"
        )
        [[count]] = execute(sql, most=most, **values)
        return int(count)

    @abstractmethod
    def close(self) -> None:
        """Let go of what is open. It is opened again when needed."""

    def _one(self, execute: Execute, condition: str, **values: Any) -> Entry | None:
        """The entry, kept for this transaction."""
        sql = f"SELECT {_COLUMNS} FROM {self._dialect.table} WHERE {condition} {self._dialect.lock}"
        rows = execute(sql, **values)
        return self._entry(rows[0]) if rows else None

    def _select(self, condition: str, limit: int = _ALL, **values: Any) -> list[Entry]:
        sql = f"SELECT {_COLUMNS} FROM {self._dialect.table} WHERE {condition} ORDER BY entry LIMIT :limit"
        rows = self._run("be read", lambda execute: execute(sql, limit=limit, **values), is_writing=False)
        return list(map(self._entry, rows))

    def _entry(self, row: Any) -> Entry:
        time = self._dialect.time_out
        number, operation, digest, reference, sent_at, until, attempt, outcome, task_id, status, delivered, token = row
        return Entry(
            number, operation, digest, reference, time(sent_at), time(until), attempt, False, outcome, task_id, status,
            None if delivered is None else time(delivered), token or "",
        )  # fmt: skip


def _utc() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def _granted(intent: Intent, token: str) -> Entry:
    told = (intent.operation, intent.fingerprint, intent.reference, intent.sent_at, intent.until)
    return Entry(0, *told, token=token, granted=True)


def _which(entry: Entry) -> dict[str, Any]:
    return {"entry": entry.id, "attempt": entry.attempt}
