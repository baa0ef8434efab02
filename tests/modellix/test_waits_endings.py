"""However a wait ends, early or by force, nothing of it stays behind and the client goes on."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from contract_tests.model import good
from modellix import AsyncModellix, Modellix, PollPolicy
from modellix.testing import Answer, StandIn
from modellix.testing.server import serve
from tests.modellix.conftest import OpenSide
from tests.support.clients import end_of, kind_of, tasks_left
from tests.support.interrupted import BEHIND_ANOTHER, KINDS, TASKS, WAYS
from tests.support.marks import VIRTUAL
from tests.support.stalls import PLACES, StallingServer
from tests.support.timing import LONG, SOON
from tests.support.virtual_clients import AsyncSide

pytestmark = VIRTUAL

ROOT = Path(__file__).parents[2]


def reading_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("modellix-work")]


# Iterations broken off


@pytest.mark.parametrize("most", [1, 2, 7])
def test_breaking_off_as_completed_leaves_nothing_behind(most: int, open_side: OpenSide) -> None:
    side = open_side(0.1)
    side.service.script("slow", "pending")
    assert len(side.as_completed(["slow", *(f"task-{number}" for number in range(30))], most)) == most
    assert side.left_behind() == []
    count = len(side.service.reads)
    assert side.wait("task-1").task_id == "task-1"
    assert len(side.service.reads) == count + 1


def test_an_iteration_never_begun_sends_nothing(open_side: OpenSide) -> None:
    side = open_side()

    async def close(outcomes: Any) -> None:
        await outcomes.aclose()

    outcomes = side.client.as_completed(["a", "b"])
    side.run(lambda: close(outcomes)) if side.kind == "AsyncModellix" else outcomes.close()
    assert side.service.reads == []
    assert side.left_behind() == []


@pytest.mark.usefixtures("real_time")
def test_breaking_off_while_the_service_stalls_is_prompt() -> None:
    with StallingServer("no answer") as server, Modellix("test-key", base_url=server.url) as client:
        for result in client.as_completed(["good", *TASKS]):
            assert result.task_id == "good"
            server.wait_for(len(TASKS))
            started = time.monotonic()
            break
        assert time.monotonic() - started < SOON
        assert reading_threads() == []
        assert client.wait_all(["good"])[0].task_id == "good"


@pytest.mark.usefixtures("real_time")
def test_breaking_off_does_not_cut_a_submission_that_uses_the_connection_by_now() -> None:
    stand_in = StandIn(reads=1)
    begun = threading.Event()

    def handle(method: str, path: str, headers: Any, body: bytes) -> Answer:
        answer = stand_in.handle(method, path, headers, body)
        if method == "POST" and len(stand_in.submissions) == 3:
            begun.set()
            time.sleep(0.2)
        elif path.endswith(ids[1]):
            time.sleep(0.05)
        return answer

    ids = ["", ""]
    with serve(handle, 0) as url, Modellix("test-key", base_url=url) as client:
        ids[:] = [client.openai.gpt_image_2(**good.words()).id for _ in range(2)]
        outcomes = client.as_completed(ids)
        next(iter(outcomes))
        time.sleep(0.15)  # the other read ends meanwhile, and gives its connection back
        bought: list[Any] = []
        buyer = threading.Thread(target=lambda: bought.append(end_of(client.openai.gpt_image_2, **good.words())))
        buyer.start()
        begun.wait(LONG)
        outcomes.close()  # type: ignore[attr-defined]  # a generator
        buyer.join()
    assert [kind_of(each) for each in bought] == ["Task"]


# Cancellation


async def _collect(client: AsyncModellix) -> None:
    async for _ in client.as_completed(["a", "b"]):
        pass


CANCELLED: dict[str, Callable[[AsyncModellix], Awaitable[Any]]] = {
    "wait": lambda client: client.task("a").wait(),
    "wait_all": lambda client: client.wait_all(["a", "b"]),
    "as_completed": _collect,
    "refresh": lambda client: client.task("a").refresh(),
}


@pytest.fixture
def async_side() -> Iterator[AsyncSide]:
    with AsyncSide(2.0, max_in_flight=2) as side:
        side.service.script_others("pending", "pending", "pending", "success")
        yield side


@pytest.mark.parametrize("after", [0.0, 1.0, 2.5, 3.7, 6.0])
@pytest.mark.parametrize("way", ["wait", "wait_all", "as_completed"])
def test_a_cancelled_wait_leaves_no_coroutine_behind(way: str, after: float, async_side: AsyncSide) -> None:
    side = async_side

    async def main() -> None:
        waiting = asyncio.ensure_future(CANCELLED[way](side.client))
        await side.clock.asleep(after)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    side.runner.run(main())
    assert side.clock.elapsed == pytest.approx(after)
    assert side.left_behind() == []
    assert [result.task_id for result in side.wait_all(["c", "d", "e"])] == ["c", "d", "e"]  # all slots are free again


def test_a_timeout_of_the_callers_own_ends_a_wait(async_side: AsyncSide) -> None:
    side = async_side

    async def main() -> None:
        async with asyncio.timeout(3.3):
            await side.client.wait_all(["a", "b", "c", "d"])

    assert kind_of(end_of(side.runner.run, main())) == "TimeoutError"
    assert side.clock.elapsed == pytest.approx(3.3)
    assert side.left_behind() == []


def test_a_wait_in_a_group_ends_with_the_group(async_side: AsyncSide) -> None:
    side = async_side

    async def fail() -> None:
        await side.clock.asleep(2.5)
        raise LookupError("mine")

    async def main() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(side.client.wait_all(["a", "b", "c"]))
            group.create_task(fail())

    assert kind_of(end_of(side.runner.run, main())) == "ExceptionGroup"
    assert side.left_behind() == []


@pytest.mark.usefixtures("real_time")
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("way", ["wait_all", "as_completed", "refresh"])
def test_cancelling_while_the_service_stalls_is_prompt(way: str, place: str) -> None:
    async def main(server: StallingServer) -> None:
        async with AsyncModellix("test-key", base_url=server.url, max_in_flight=2) as client:
            waiting = asyncio.ensure_future(CANCELLED[way](client))
            await asyncio.to_thread(server.wait_for, 1)
            started = time.monotonic()
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            assert time.monotonic() - started < SOON
            assert tasks_left() == []

    with StallingServer(place) as server:
        asyncio.run(main(server))


# Ctrl-C


@pytest.fixture(scope="module", autouse=True)
def interrupting() -> Iterator[subprocess.Popen[str]]:
    """A process whose waits get a real SIGINT, begun early because it takes a while."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-m", "tests.support.interrupted"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


@pytest.fixture(scope="module")
def interrupted(interrupting: subprocess.Popen[str]) -> dict[str, dict[str, Any]]:
    """What became of those waits."""
    rows: dict[str, dict[str, Any]] = json.loads(interrupting.communicate(timeout=300)[0])
    return rows


INTERRUPTED = [f"{kind}, {way}, {place}" for place in PLACES for kind in KINDS for way in WAYS]


@pytest.mark.parametrize("case", [*INTERRUPTED, BEHIND_ANOTHER])
def test_an_interrupt_ends_a_stalled_wait_promptly(case: str, interrupted: dict[str, dict[str, Any]]) -> None:
    row = interrupted[case]
    assert row["end"] == "KeyboardInterrupt"
    assert row["threads"] == []
    assert row["seconds"] < SOON


# Real sockets: deadlines


@pytest.mark.usefixtures("real_time")
@pytest.mark.parametrize("place", ["connecting", "inside the body"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_stalled_wait_ends_at_its_deadline(place: str, kind: str) -> None:
    with StallingServer(place) as server:
        started = time.monotonic()
        if kind == "Modellix":
            with Modellix("test-key", base_url=server.url, poll=PollPolicy(first=0.05)) as client:
                timeout = end_of(client.wait_all, TASKS, timeout=0.2)
        else:

            async def main() -> Any:
                async with AsyncModellix("test-key", base_url=server.url, poll=PollPolicy(first=0.05)) as client:
                    return await client.wait_all(TASKS, timeout=0.2)

            timeout = end_of(asyncio.run, main())
        assert 0.2 <= time.monotonic() - started < 0.2 + SOON
    assert (kind_of(timeout), timeout.pending) == ("WaitTimeout", TASKS)
    assert reading_threads() == []
