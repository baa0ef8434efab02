"""Killed at any instant, a process leaves a journal that lists all it may have bought."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from contract_tests.model import good
from modellix import AsyncModellix, Modellix, SqliteJournal
from tests.support.clients import KEY
from tests.support.hostile_server import HostileServer, Wire, accepted, reply
from tests.support.journals import undelivered
from tests.support.marks import ON_SOCKETS
from tests.support.processes import FORK

pytestmark = [*ON_SOCKETS, pytest.mark.slow]

KILLS = 200


def submit_for_ever(url: str, path: str, name: str, is_async: bool) -> None:
    """What the child does until it is killed: submission after submission, each with a body of its own."""
    journal = SqliteJournal(path)
    if is_async:
        asyncio.run(_submit_for_ever(url, journal, name))
    with Modellix(KEY, base_url=url, journal=journal) as client:
        for number in range(1_000_000):
            client.openai.gpt_image_2(**good.words(f"lighthouse {name}-{number}"))


async def _submit_for_ever(url: str, journal: SqliteJournal, name: str) -> None:
    async with AsyncModellix(KEY, base_url=url, journal=journal) as client:
        for number in range(0, 1_000_000, 3):
            calls = [client.openai.gpt_image_2(**good.words(f"lighthouse {name}-{number + more}")) for more in range(3)]
            await asyncio.gather(*calls)


@pytest.fixture
def server() -> Iterator[HostileServer]:
    """A server of which only the parent's threads live on in a fork."""
    with HostileServer() as running:
        yield running.play(accepts_slowly)


def accepts_slowly(wire: Wire) -> bool:
    """A few milliseconds between accepting and telling, so that kills fall there too."""
    request = wire.read_request()
    task_id = wire.server.next_id(request)
    time.sleep(0.002)
    wire.send(reply(200, accepted(task_id)))
    return True


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # Python 3.12 on: threads and fork
@pytest.mark.parametrize("is_async", [False, True], ids=["Modellix", "AsyncModellix"])
def test_what_was_bought_lies_between_the_known_and_the_known_plus_the_unresolved(
    is_async: bool, server: HostileServer, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    path = tmp_path / "journal.db"
    dice = random.Random(20261121)
    for kill in range(KILLS // 2):
        child = FORK.Process(target=submit_for_ever, args=(server.url, str(path), f"kill {kill}", is_async))
        seen = len(server.bought)
        child.start()
        while len(server.bought) < seen + dice.randrange(3) and child.is_alive():
            time.sleep(0.0005)
        time.sleep(dice.random() * 0.02)
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)
        child.join()
        assert child.exitcode == -signal.SIGKILL
        check_books(server, SqliteJournal(path))
        child.close()
    request.node.user_properties.append(("kills", KILLS // 2))


def check_books(server: HostileServer, journal: SqliteJournal) -> None:
    """After each kill: known <= bought <= known + unresolved, every known id is real, nothing was bought twice."""
    quiet = -1
    while quiet != len(server.bought):  # what a killed child has sent may still be on its way
        quiet = len(server.bought)
        time.sleep(0.003)
    known, unresolved = undelivered(journal), journal.unresolved()
    journal.close()
    assert len(known) <= len(server.bought) <= len(known) + len(unresolved)
    assert set(known) <= set(server.bought)
    assert max(Counter(request.body for request in server.submissions).values(), default=1) == 1
