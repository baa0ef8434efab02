"""A connection to PostgreSQL on which no answer is waited for for ever."""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any

import psycopg

ANSWER_SECONDS = 7.0  # the client hangs up; longer than the database itself gives a statement


class BoundedConnection(psycopg.Connection[Any]):
    """Gives up on a server that does not answer, such as a machine that stands still or is cut off.

    psycopg waits for each answer by a generator, and asks it several times a second whether it has all it wants.
    """

    def wait(self, gen: Generator[Any, Any, Any], *arguments: Any, **options: Any) -> Any:
        """What the generator returns. Raises OperationalError."""
        return super().wait(_bounded(gen, time.monotonic() + ANSWER_SECONDS), *arguments, **options)


def connect(_dialect: Any, _record: Any, places: Any, options: Any) -> BoundedConnection:
    """What SQLAlchemy asks for, of this kind."""
    return BoundedConnection.connect(*places, **options)


def _bounded(gen: Generator[Any, Any, Any], end: float) -> Generator[Any, Any, Any]:
    try:
        wanted = next(gen)
        while True:
            wanted = gen.send((yield wanted))
            if time.monotonic() > end:
                raise psycopg.OperationalError(f"no answer within {ANSWER_SECONDS:g} s")
    except StopIteration as stop:
        return stop.value
