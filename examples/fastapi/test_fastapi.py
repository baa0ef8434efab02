"""The service in a process of its own, killed or left by its callers: no purchase is lost, and none made twice."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

import studio
from modellix import AsyncModellix, GptImage2Request, SqliteJournal
from modellix.testing import StandIn

HERE = Path(__file__).parent
ORDER = {"prompt": "A lighthouse in fog"}
PATIENCE = 120.0  # seconds


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[StandIn]:
    """A service that paints, for other processes, whose clocks nobody turns; and an empty folder."""
    monkeypatch.chdir(tmp_path)
    stand_in = StandIn(reads=1)
    with stand_in.serve() as url:
        monkeypatch.setenv("MODELLIX_API_KEY", stand_in.api_key)
        monkeypatch.setenv("MODELLIX_BASE_URL", url)
        yield stand_in


class Service:
    """uvicorn with the service; killed at the end of the block, if it has not ended before."""

    def __init__(self, *options: str) -> None:
        command = [sys.executable, "-m", "uvicorn", "service:app", "--port", "0", "--app-dir", str(HERE), *options]
        with Path("log").open("ab") as log:
            said = log.tell()
            self._process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        address = "Uvicorn running on "
        until(lambda: address in Path("log").read_bytes()[said:].decode() or self._process.poll() is not None)
        self.url = Path("log").read_bytes()[said:].decode().partition(address)[2].split()[0]
        until(lambda: is_open(self.url))  # with several workers it is told before one listens

    def end(self, how: signal.Signals = signal.SIGKILL) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, how)  # its workers, too
            self._process.wait(PATIENCE)

    def __enter__(self) -> httpx.Client:
        self._caller = httpx.Client(base_url=self.url, timeout=PATIENCE, trust_env=False)
        return self._caller

    def __exit__(self, *_: object) -> None:
        self._caller.close()
        self.end()


def until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)


def is_open(url: str) -> bool:
    target = httpx.URL(url)
    try:
        socket.create_connection((target.host, target.port or 80), PATIENCE).close()
    except ConnectionRefusedError:
        return False
    return True


def new_paths(count: int) -> list[str]:
    return [f"/pictures/{uuid.uuid4()}" for _ in range(count)]


def test_pictures_in_the_making_survive_that_the_service_is_killed(stand_in: StandIn) -> None:
    paths, is_killed = new_paths(5), threading.Event()
    stand_in.hang_next(count=1000, to="reads", when=lambda _: not is_killed.is_set())
    with Service() as caller:
        assert [caller.put(path, json=ORDER).status_code for path in paths] == [202] * 5
        assert [caller.get(path).json()["state"] for path in paths] == ["in the making"] * 5
    is_killed.set()
    with Service() as caller:
        until(lambda: all(caller.get(path).json()["state"] == "done" for path in paths))
        assert [caller.put(path, json=ORDER).status_code for path in paths] == [202] * 5
    assert len(stand_in.submissions) == 5


def test_a_service_killed_while_it_buys_does_not_buy_again(stand_in: StandIn) -> None:
    running, [path] = Service(), new_paths(1)
    stand_in.hang_next(to="submissions")
    with running, caller_who_leaves(running.url, path):
        until(lambda: bool(stand_in.submissions))
    with Service() as caller:
        assert caller.get(path).json()["state"] in ("ordered", "unclear")
    with SqliteJournal("purchases.db") as journal:
        assert [f"/pictures/{entry.reference}" for entry in journal.unresolved()] == [path]
    assert len(stand_in.submissions) == 1


def test_a_service_told_to_end_finishes_what_it_buys(stand_in: StandIn) -> None:
    running, [path] = Service(), new_paths(1)
    stand_in.delay_next(1.0, to="submissions")
    with running:
        with caller_who_leaves(running.url, path):
            until(lambda: bool(stand_in.submissions))
        running.end(signal.SIGTERM)
    with SqliteJournal("purchases.db") as journal:
        [entry] = journal.entries()
    assert (f"/pictures/{entry.reference}", entry.outcome) == (path, "accepted")
    assert len(stand_in.submissions) == 1


def test_several_processes_buy_each_order_once(stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OWNER", "web")
    paths = new_paths(5)
    workers = Service("--workers", "2", "--timeout-worker-healthcheck", f"{PATIENCE:.0f}")
    with workers as caller, ThreadPoolExecutor(10) as callers:
        answers = callers.map(lambda path: caller.put(path, json=ORDER).status_code, [*paths, *paths])
        assert list(answers) == [202] * 10
        until(lambda: all(caller.get(path).json()["state"] == "done" for path in paths))
    assert len(stand_in.submissions) == 5


def test_a_caller_who_goes_away_gets_the_picture_later(stand_in: StandIn) -> None:
    running, [path] = Service(), new_paths(1)
    stand_in.delay_next(1.0, to="submissions")
    with running as caller:
        with caller_who_leaves(running.url, path):
            until(lambda: bool(stand_in.submissions))
        until(lambda: caller.get(path).json()["state"] == "done")
    assert len(stand_in.submissions) == 1


def test_a_purchase_whose_handler_is_cancelled_comes_home(stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """As by a time limit, or by middleware that ends the handler when its caller goes away."""
    monkeypatch.setattr(studio, "SWEEP", 0.1)
    stand_in.delay_next(1.0, to="submissions")

    async def play(journal: SqliteJournal) -> None:
        async with AsyncModellix(journal=journal) as client:
            ours = studio.Studio(client, journal, Path("pictures"), owner=None)
            async with ours.open():
                buying = asyncio.create_task(ours.buy("order-1", GptImage2Request(prompt=ORDER["prompt"])))
                await asyncio.to_thread(until, lambda: bool(stand_in.submissions))
                buying.cancel()
                await asyncio.to_thread(until, lambda: ours.state("order-1") == "done")

    with SqliteJournal("purchases.db") as journal:
        asyncio.run(play(journal))
    assert len(stand_in.submissions) == 1


@contextmanager
def caller_who_leaves(url: str, path: str) -> Generator[None]:
    """Sends an order, and goes away without an answer at the end of the block."""
    target, body = httpx.URL(url), json.dumps(ORDER).encode()
    head = f"PUT {path} HTTP/1.1\r\nHost: {target.host}\r\nContent-Length: {len(body)}\r\n"
    with socket.create_connection((target.host, target.port or 80), PATIENCE) as connection:
        connection.sendall(head.encode() + b"Content-Type: application/json\r\n\r\n" + body)
        yield
