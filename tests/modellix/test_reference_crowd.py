"""Fifty callers of one reference: one purchase, fifty tasks of one id."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from modellix import AsyncModellix, Modellix
from scripts.mutants.kills import kills, never
from tests.modellix.conftest import Serve
from tests.support.buyers import PATIENT, Bought, together, together_async
from tests.support.clients import KEY
from tests.support.hostile_server import HostileServer, Wire, accepted, healthy, refused, reply
from tests.support.marks import BOTH, ON_SOCKETS
from tests.support.references import REFERENCE, request
from tests.support.stores import Opening

pytestmark = ON_SOCKETS

CALLERS = 50


def slowly(wire: Wire) -> bool:
    """Time enough for all others to come."""
    request = wire.read_request()
    wire.server.stopping.wait(0.2)
    wire.send(reply(200, accepted(wire.server.next_id(request))))
    return True


def check(bought: Bought, server: HostileServer, callers: int = CALLERS) -> None:
    """One purchase, and everybody knows it."""
    assert len(server.submissions) == 1
    assert Counter(task_id for task_id, _ in bought) == {"task-1": callers}
    assert sum(is_new for _, is_new in bought) == 1


@kills(
    "Whoever is not granted sends all the same.",
    "_core.submission:SubmissionAttempts._begin",
    never("self._entry is None"),
    row="memory",
)
@BOTH
def test_in_one_client(is_async: bool, serve: Serve, open_journal: Opening) -> None:
    server, journal = serve(slowly), open_journal()
    if is_async:
        bought = asyncio.run(together_async(server.url, journal, REFERENCE, CALLERS))
    else:
        bought = together(server.url, journal, REFERENCE, CALLERS)
    check(bought, server)


@BOTH
def test_each_with_a_client_of_its_own(is_async: bool, serve: Serve, open_journal: Opening) -> None:
    server, journals = serve(slowly), [open_journal() for _ in range(CALLERS)]

    def one(journal: Any) -> tuple[str, bool]:
        with Modellix(KEY, base_url=server.url, journal=journal, timeout=PATIENT) as client:
            task = client.submit(request(), reference=REFERENCE)
            return task.id, task.is_new

    async def one_async(journal: Any) -> tuple[str, bool]:
        async with AsyncModellix(KEY, base_url=server.url, journal=journal, timeout=PATIENT) as client:
            task = await client.submit(request(), reference=REFERENCE)
            return task.id, task.is_new

    async def all_async() -> Bought:
        return list(await asyncio.gather(*map(one_async, journals)))

    if is_async:
        bought = asyncio.run(all_async())
    else:
        with ThreadPoolExecutor(CALLERS) as pool:
            bought = list(pool.map(one, journals))
    check(bought, server)


@BOTH
def test_after_a_refusal_the_next_one_sends_and_again_only_one(
    is_async: bool, serve: Serve, open_journal: Opening
) -> None:
    """Twice nothing is bought, each caller who was refused is told so, and the others share what the third one buys."""
    server, journal = serve(refuses_slowly, refuses_slowly, healthy), open_journal()

    async def main() -> list[Any]:
        async with AsyncModellix(KEY, base_url=server.url, journal=journal, timeout=PATIENT) as client:
            calls = (client.submit(request(), reference=REFERENCE) for _ in range(CALLERS))
            return list(await asyncio.gather(*calls, return_exceptions=True))

    if is_async:
        ends = asyncio.run(main())
    else:
        with (
            Modellix(KEY, base_url=server.url, journal=journal, timeout=PATIENT) as client,
            ThreadPoolExecutor(CALLERS) as pool,
        ):
            calls = [pool.submit(client.submit, request(), reference=REFERENCE) for _ in range(CALLERS)]
            ends = [call.exception() or call.result() for call in calls]
    assert Counter(type(end).__name__.removeprefix("Async") for end in ends) == {"BadRequestError": 2, "Task": 48}
    assert {end.id for end in ends if hasattr(end, "id")} == {"task-1"}
    assert {end.reference for end in ends} == {REFERENCE}
    [entry] = journal.entries()
    assert (entry.attempt, entry.outcome, len(server.submissions)) == (3, "accepted", 3)


def refuses_slowly(wire: Wire) -> bool:
    wire.read_request()
    wire.server.stopping.wait(0.1)
    wire.send(reply(400, refused(400)))
    return True


# Processes and machines


def start(url: str, place: str, callers: int, home: Path, *kind: str) -> subprocess.Popen[str]:
    """A buyer on a machine of its own: its group of processes, home, temporary folder and current folder."""
    for name in ("home", "tmp", "work"):
        (home / name).mkdir(parents=True, exist_ok=True)
    own = {
        "HOME": str(home / "home"),
        "TMPDIR": str(home / "tmp"),
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }
    command = [sys.executable, "-m", "tests.support.buyers", url, place, REFERENCE, str(callers), *kind]
    return subprocess.Popen(
        command, env={**os.environ, **own}, cwd=home / "work", stdout=subprocess.PIPE, text=True, start_new_session=True
    )


def bought_by(buyers: list[subprocess.Popen[str]]) -> Bought:
    told = [buyer.communicate(timeout=2 * PATIENT)[0] for buyer in buyers]
    assert [buyer.returncode for buyer in buyers] == [0] * len(buyers)
    return [(task_id, is_new) for one in told for task_id, is_new in json.loads(one)]


@pytest.mark.slow
def test_in_ten_processes(serve: Serve, open_stored: Any, tmp_path: Path) -> None:
    server = serve(slowly)
    kinds = [("async",), ()] * 5
    buyers = [start(server.url, open_stored.place, 5, tmp_path / "one", *kind) for kind in kinds]
    check(bought_by(buyers), server)
    [entry] = open_stored().entries()
    assert (entry.attempt, entry.outcome, entry.task_id) == (1, "accepted", "task-1")


@pytest.mark.slow
def test_on_two_machines(serve: Serve, open_stored: Any, tmp_path: Path) -> None:
    server = serve(slowly)
    buyers = [start(server.url, open_stored.place, 13, tmp_path / name) for name in ("one", "two") for _ in range(2)]
    check(bought_by(buyers), server, 52)
    for name in ("one", "two"):
        left = [path for place in ("home", "tmp", "work") for path in (tmp_path / name / place).iterdir()]
        assert left == []
