"""What all tests of this room share."""

from __future__ import annotations

import signal
import socket
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.postgres import Postgres


def pytest_configure(config: pytest.Config) -> None:
    """Lets Ctrl-C reach the programs that tests start, also where pytest runs in the background, which ignores it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port of loopback on which nobody listens: it is taken, so that nobody else gets it while the test lasts."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@pytest.fixture
def free_port() -> Iterator[int]:
    """A port of loopback for a server, kept from everybody else where the system lets the server share it: on Linux."""
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        if sys.platform != "linux":
            held.close()
        yield port


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server for the whole run; `postgres.database()` starts it again when a test left it down."""
    from tests.support.postgres import Postgres  # with psycopg, which the usual run does without

    with Postgres() as server:
        yield server


@pytest.fixture
def database(postgres: Postgres) -> Iterator[str]:
    """The name of a fresh database on it."""
    with postgres.database() as name:
        yield name
