"""Calls of journals, many at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from tests.support.processes import FORK
from tests.support.timing import LONG

FORKS = "ignore:.*fork:DeprecationWarning"  # newer Pythons warn of a fork beside threads


def in_threads(count: int, work: Callable[[], Any]) -> list[Any]:
    """What each of them returned or raised, all at once."""
    gate, results = threading.Barrier(count), list[Any]()

    def run() -> None:
        gate.wait(LONG)
        results.append(end_of(work))

    threads = [threading.Thread(target=run, daemon=True) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONG)
    return results


def in_processes(count: int, work: Callable[[], Any]) -> list[Any]:
    """The same, of forked processes."""
    gate, pipes = FORK.Barrier(count), [FORK.Pipe(duplex=False) for _ in range(count)]

    def run(number: int) -> None:
        gate.wait(LONG)
        pipes[number][1].send(end_of(work))

    children = [FORK.Process(target=run, args=(number,)) for number in range(count)]
    for child in children:
        child.start()
    results = [reader.recv() if reader.poll(LONG) else "no answer" for reader, _ in pipes]
    for child in children:
        child.join(LONG)
    assert [child.exitcode for child in children] == [0] * count
    for pipe in pipes:
        for end in pipe:
            end.close()
    return results


def end_of(work: Callable[[], Any]) -> Any:
    """What it returns, or the exception."""
    try:
        return work()
    except Exception as error:
        return error


def granted(results: Sequence[Any]) -> list[Any]:
    """Those of the entries that may be sent. Fails for what raised."""
    errors = [one for one in results if isinstance(one, Exception)]
    assert not errors, errors[0]
    return [entry for entry in results if entry.granted]
