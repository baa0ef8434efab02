"""What a process must not share with a child that it forks.

Only the forking thread lives on in a child. A lock that another one held stays locked there for ever, a count includes
what nobody will give back, and a connection is still the parent's. So every lock, pool, queue and count that outlives
a call is kept in a PerProcess. What belongs to one call alone needs none: the call goes on in the parent.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class PerProcess(Generic[T]):
    """Called, it gives this process's own one, made at the first call. A parent's is kept, so that nothing closes it.

    It goes by the process's id, as some servers fork without Python's hooks.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._made: dict[int, T] = {}

    def __call__(self) -> T:
        process = os.getpid()
        if process not in self._made:
            self._made.setdefault(process, self._make())  # in one step: of two threads that made one, one is used
        return self._made[process]
