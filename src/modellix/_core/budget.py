"""The spend guard: how many submissions may still be sent."""

from __future__ import annotations

import threading

from modellix._fork import PerProcess
from modellix._records import define, field
from modellix._values import require_count
from modellix.errors import BudgetExceeded


@define
class _Count:
    number: int = 0


@define(eq=False)
class _Limit:
    """One bound on submissions, the client's or a block's, and how much of it is taken."""

    name: str
    most: int
    kept: int = 0  # by submissions that were bought, or may have been
    under_way: PerProcess[_Count] = field(factory=lambda: PerProcess(_Count), repr=False)

    @property
    def used(self) -> int:
        """Kept, or reserved by submissions under way."""
        return self.kept + self.under_way().number


Reservation = list[_Limit]


class SpendGuard:
    """Counts the submissions of one client, all its threads and coroutines together.

    A reservation is made immediately before a submission is sent, and given back when it was refused or never sent.
    When all are taken a further submitter is refused: it does not wait for one that may never come back.

    A child that was forked goes on with what was bought until then. Reservations stay with the parent, which alone
    learns what becomes of them.
    """

    def __init__(self, max_submissions: int | None) -> None:
        self._lock = PerProcess(threading.Lock)
        self._limits: list[_Limit] = []
        if max_submissions is not None:
            self._limits.append(_Limit("max_submissions", require_count("max_submissions", max_submissions)))

    def check(self) -> None:
        """Refuse what no submission under way can make room for, so that it need not queue. Raises BudgetExceeded."""
        with self._lock():
            for limit in self._limits:
                _require(limit, limit.kept)

    def take(self) -> Reservation:
        """One submission under every limit in force. Raises BudgetExceeded."""
        with self._lock():
            reservation = list(self._limits)
            for limit in reservation:
                _require(limit, limit.used)
            for limit in reservation:
                limit.under_way().number += 1
        return reservation

    def keep(self, reservation: Reservation) -> None:
        """The submission was bought, or may have been."""
        with self._lock():
            for limit in reservation:
                limit.kept += 1
                limit.under_way().number -= 1

    def give_back(self, reservation: Reservation) -> None:
        """The submission cost nothing."""
        with self._lock():
            for limit in reservation:
                limit.under_way().number -= 1

    def budget(self, most: int) -> Budget:
        """A further limit for the length of a block."""
        return Budget(self, require_count("budget", most))

    def add(self, limit: _Limit) -> None:
        with self._lock():
            self._limits.append(limit)

    def remove(self, limit: _Limit) -> None:
        with self._lock():
            self._limits.remove(limit)


def _require(limit: _Limit, used: int) -> None:
    if used >= limit.most:
        raise BudgetExceeded(
            f"{limit.name} allows {limit.most} submissions and all are used or under way; nothing was sent"
        )


class Budget:
    """`with client.budget(n):` or `async with …`: at most n submissions are sent inside the block, by the whole
    client.
    """

    def __init__(self, guard: SpendGuard, most: int) -> None:
        self._guard = guard
        self._most = most
        self._open: list[_Limit] = []

    def __enter__(self) -> None:
        limit = _Limit("budget", self._most)
        self._open.append(limit)
        self._guard.add(limit)

    def __exit__(self, *_: object) -> None:
        self._guard.remove(self._open.pop())

    async def __aenter__(self) -> None:
        self.__enter__()

    async def __aexit__(self, *_: object) -> None:
        self.__exit__()
