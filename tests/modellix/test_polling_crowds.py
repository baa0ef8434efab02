"""A thousand tasks on real sockets, and one client shared by threads."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest

from contract_tests.model import good
from modellix import AsyncModellix, Modellix, PollPolicy
from modellix.testing import Answer, StandIn
from modellix.testing.server import serve
from tests.support.marks import VIRTUAL

pytestmark = [*VIRTUAL, pytest.mark.usefixtures("real_time")]

QUICK = PollPolicy(first=0.05, longest=0.5)


class Counted:
    """The stand-in, every read counted; `peak` the most that were under way at once."""

    def __init__(self, reads: int) -> None:
        self.reads: Counter[str] = Counter()
        self.peak = 0
        self._under_way = 0
        self._lock = threading.Lock()
        self._stand_in = StandIn(reads=reads)

    def tasks(self, count: int) -> list[str]:
        """Ids of tasks that have just been submitted."""
        headers = {"Authorization": "Bearer test-key", "Content-Type": "application/json"}
        body = json.dumps(good.body()).encode()
        for _ in range(count):
            assert self._stand_in.handle("POST", "/api/v1/openai/gpt-image-2/async", headers, body).status == 200
        return [str(submission.task_id) for submission in self._stand_in.submissions]

    def handle(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        with self._lock:
            self._under_way += 1
            self.peak = max(self.peak, self._under_way)
            self.reads[path.rpartition("/")[2]] += 1
        try:
            return self._stand_in.handle(method, path, headers, body)
        finally:
            with self._lock:
                self._under_way -= 1


@pytest.fixture
def counted() -> Counted:
    return Counted(reads=2)


@pytest.fixture
def url(counted: Counted) -> Iterator[str]:
    with serve(counted.handle, 0) as address:
        yield address


@pytest.mark.slow
def test_a_thousand_tasks_succeed(counted: Counted, url: str) -> None:
    ids = counted.tasks(1000)
    with Modellix("test-key", base_url=url, poll=QUICK) as client:
        results = client.wait_all(ids, timeout=60)
    check(counted, ids, [(result.task_id, result.status) for result in results])


@pytest.mark.slow
def test_a_thousand_tasks_succeed_in_coroutines(counted: Counted, url: str) -> None:
    ids = counted.tasks(1000)

    async def main() -> list[tuple[str, str | None]]:
        async with AsyncModellix("test-key", base_url=url, poll=QUICK) as client:
            return [(result.task_id, result.status) for result in await client.wait_all(ids, timeout=60)]

    check(counted, ids, asyncio.run(main()))


def check(counted: Counted, ids: list[str], results: list[tuple[str, str | None]]) -> None:
    assert results == [(name, "success") for name in ids]
    assert counted.reads == dict.fromkeys(ids, 2)
    assert counted.peak <= 8


@pytest.mark.slow
def test_threads_share_a_client(counted: Counted, url: str) -> None:
    ids = counted.tasks(400)
    shares = [ids[number::8] for number in range(8)]
    with Modellix("test-key", base_url=url, poll=QUICK) as client, ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda share: client.wait_all(share, timeout=60), shares))
    assert [[outcome.task_id for outcome in outcomes] for outcomes in found] == shares
    assert {outcome.status for outcomes in found for outcome in outcomes} == {"success"}
    assert counted.reads == dict.fromkeys(ids, 2)
    assert counted.peak <= 8


@pytest.mark.slow
def test_coroutines_share_a_client(counted: Counted, url: str) -> None:
    ids = counted.tasks(80)
    shares = [ids[number::8] for number in range(8)]

    async def main() -> list[list[str]]:
        async with AsyncModellix("test-key", base_url=url, poll=QUICK) as client:
            found = await asyncio.gather(*(client.wait_all(share, timeout=60) for share in shares))
            return [[outcome.task_id for outcome in outcomes] for outcomes in found]

    assert asyncio.run(main()) == shares
    assert counted.reads == dict.fromkeys(ids, 2)
    assert counted.peak <= 8
