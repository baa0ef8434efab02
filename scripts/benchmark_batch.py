"""A batch by `run_all`, beside what one would write by hand: asyncio.gather with a semaphore.

Both buy, wait and download under references, with one journal on SQLite. Each runs in a process of its own, because its
peak of memory is measured too.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from modellix import AsyncModellix, Modellix, PollPolicy, SqliteJournal
from modellix_client.models import GptImage2Request
from scripts.benchmark_journal import Figure

ROWS = 1000
ROUNDS = 3
AT_A_TIME = 50  # rows that a careful hand would let go on at once
KEY = "test-key"
POLL = PollPolicy(0.1, 1.0)
WAYS = ("run_all", "run_all, async")


def figures(url: str) -> Iterator[Figure]:
    """Wall time, CPU time and memory of each way beside the one by hand: the median of the rounds, in turn."""
    runs = [{way: _run(way, url) for way in (*WAYS, "by hand")} for _ in range(ROUNDS)]
    for way in WAYS:
        for number, what in enumerate(("wall time", "CPU", "memory")):
            if not runs[0]["by hand"][number]:
                continue
            value = statistics.median(run[way][number] / run["by hand"][number] for run in runs)
            yield f"{way}, {ROWS:,} rows, {what} beside a gather with a semaphore", value, None


def _run(way: str, url: str) -> list[float]:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "scripts.benchmark_batch", way, url, folder]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        assert len(list(Path(folder, "out").iterdir())) == ROWS
    found: list[float] = json.loads(done.stdout)
    return found


def _requests() -> dict[str, GptImage2Request]:
    return {f"row-{number}": GptImage2Request(prompt=f"A lighthouse, number {number}") for number in range(ROWS)}


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


def _peak() -> float:
    """The most memory so far, in units of the system; 0 on Windows, which has no such number for us."""
    if sys.platform == "win32":
        return 0.0
    import resource

    return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def main(way: str, url: str, folder: str) -> None:
    """Print wall time, CPU time and how much the peak of memory has grown."""
    before, started, used = _peak(), time.perf_counter(), time.process_time()
    with SqliteJournal(f"{folder}/journal.db") as journal:
        place = Path(folder, "out")
        if way == "run_all":
            _whole(url, journal, place)
        else:
            asyncio.run((_whole_async if way in WAYS else _by_hand)(url, journal, place))
    print(json.dumps([time.perf_counter() - started, time.process_time() - used, _peak() - before]))


if __name__ == "__main__":
    main(*sys.argv[1:])
