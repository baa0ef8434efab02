"""Each faulty journal with the beginning of the promise that it breaks."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable

from tests.support.memory_journal import MemoryJournal, Store

FAULTS: list[tuple[type[MemoryJournal], str]] = []


def breaks(promise: str) -> Callable[[type[MemoryJournal]], type[MemoryJournal]]:
    """The journal below breaks the promise that begins so."""

    def register(journal: type[MemoryJournal]) -> type[MemoryJournal]:
        FAULTS.append((journal, promise))
        return journal

    return register


def meet(store: Store, point: str) -> None:
    """While the kit calls at once, lets two callers come to the same point before either goes on."""
    if sys.getswitchinterval() > 1e-5:
        return
    gate = store.gates.setdefault(point, threading.Barrier(2))
    try:
        gate.wait(0.2)
    except threading.BrokenBarrierError:
        gate.reset()
