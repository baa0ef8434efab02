"""What a process must not share with a child that it forks.

Only the forking thread lives on in a child. A lock that another one held stays locked there for ever, a count includes
what nobody will give back, and a connection is still the parent's. So every lock, pool, queue and count that outlives
a call is kept in a PerProcess. What belongs to one call alone needs none: the call goes on in the parent.
"""

from __future__ import annotations

import logging as logging  # its hooks first, so that ours run before them: what is imported may ask for a logger
import os
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Generic, TypeVar

T = TypeVar("T")

_LONGEST = 10.0  # seconds for which a fork waits for others


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


_gate = PerProcess(threading.RLock)
_forking = threading.local()


@contextmanager
def no_fork() -> Generator[None, None, None]:
    """Within the block nobody forks this process: for what takes locks that are not ours and that a child never gets,
    such as the import of a module, or what OpenSSL does first.
    """
    with _gate():
        yield


def _before_fork() -> None:
    _forking.is_held = _gate().acquire(timeout=_LONGEST)


def _after_fork() -> None:
    if _forking.is_held:
        _gate().release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork)
