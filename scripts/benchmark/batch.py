"""A batch by `run_all`, beside what one would write by hand: asyncio.gather with a semaphore.

Both buy, wait and download under references, with one journal on SQLite. Each runs in a process of its own, because its
peak of memory is measured too.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from modellix import AsyncModellix, Modellix, PollPolicy, SqliteJournal
from modellix_client.models import GptImage2Request
from scripts.benchmark.bodies import BODY, KEY
from scripts.benchmark.measuring import Row, Scenario, peak_of_memory, rounds
from scripts.benchmark.service import stand_in

ROWS = 300
ROUNDS = 2
AT_A_TIME = 50  # rows that a careful hand would let go on at once
POLL = PollPolicy(0.1, 1.0)
BY_HAND = "gather and semaphore"
WAYS = ("modellix, run_all", "modellix, run_all, async", BY_HAND)


def scenarios() -> list[Scenario]:
    """CPU and memory of each way beside the one by hand. No memory where the system does not tell it."""
    grown: dict[str, list[float]] = {way: [] for way in WAYS}
    with stand_in(reads=2) as url:

        def cpu(way: str) -> float:
            seconds, mebibytes = _run(way, url)
            grown[way].append(mebibytes)
            return seconds / ROWS * 1000

        rows = rounds({way: partial(cpu, way) for way in WAYS}, BY_HAND, ROUNDS)
    least = {way: min(each) for way, each in grown.items()}
    held = [Row(way, each, each / least[BY_HAND], 0.0) for way, each in least.items() if each]
    title = f"A batch of {ROWS} pictures with a journal"
    batch = Scenario("batch", title, "ms of CPU for each picture", BY_HAND, rows, is_timed=True)
    return [batch, Scenario("batch-memory", f"Memory of {title.lower()}", "MiB more than before", BY_HAND, held)]


def _run(way: str, url: str) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "scripts.benchmark.batch", way, url, folder]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
        assert len(list(Path(folder, "out").iterdir())) == ROWS
    seconds, mebibytes = json.loads(done.stdout)
    return seconds, mebibytes


def _requests() -> dict[str, GptImage2Request]:
    return {f"row-{number}": GptImage2Request(**BODY) for number in range(ROWS)}


def _whole(url: str, journal: SqliteJournal, folder: Path) -> None:
    with Modellix(KEY, base_url=url, journal=journal, poll=POLL) as client:
        for outcome in client.run_all(_requests(), folder=folder):
            assert outcome.error is None


async def _whole_async(url: str, journal: SqliteJournal, folder: Path) -> None:
    async with AsyncModellix(KEY, base_url=url, journal=journal, poll=POLL) as client:
        async for outcome in client.run_all(_requests(), folder=folder):
            assert outcome.error is None


async def _by_hand(url: str, journal: SqliteJournal, folder: Path) -> None:
    places = asyncio.Semaphore(AT_A_TIME)

    async def one(client: AsyncModellix, reference: str, request: GptImage2Request) -> None:
        async with places:
            task = await client.submit(request, reference=reference)
            await (await task.wait()).download(folder, name=reference)

    async with AsyncModellix(KEY, base_url=url, journal=journal, poll=POLL) as client:
        await asyncio.gather(*(one(client, *row) for row in _requests().items()))


def main(way: str, url: str, folder: str) -> None:
    """Print CPU time and how much the peak of memory has grown."""
    before, used = peak_of_memory(), time.process_time()
    with SqliteJournal(f"{folder}/journal.db") as journal:
        place = Path(folder, "out")
        if way == WAYS[0]:
            _whole(url, journal, place)
        else:
            asyncio.run((_whole_async if way in WAYS[:2] else _by_hand)(url, journal, place))
    print(json.dumps([time.process_time() - used, peak_of_memory() - before]))


if __name__ == "__main__":
    main(*sys.argv[1:])
