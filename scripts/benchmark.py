"""What the client costs beside bare httpx, as ratios from one run. `nox -s benchmark`.

CPU time of this process per submission, beside `httpx.Client.post(json=…).json()`; wall time of the import, beside
`import httpx`; CPU share of waiting for a thousand tasks. The service is the stand-in in a process of its own. Machines
and their load differ, so only the ratios mean something, and the median of several rounds is told.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Generator, Iterator
from functools import partial
from urllib.parse import urlsplit

import httpx

from modellix import AsyncModellix, AsyncTask, Modellix, SqliteJournal, SqlJournal, Task, WaitTimeout
from modellix_client.models import GptImage2Request
from modellix_client.operations import document
from scripts import benchmark_batch
from scripts.benchmark_journal import Figure, Open, figures
from scripts.console import take_any_output

KEY = "test-key"
CONTENT = document()["paths"]["/openai/gpt-image-2/async"]["post"]["requestBody"]["content"]["application/json"]
BODY = max((example["value"] for example in CONTENT["examples"].values()), key=len)  # as many options as are shown
ROUNDS = 5
PATH = "/api/v1/openai/gpt-image-2/async"


@contextlib.contextmanager
def stand_in(reads: int = 1_000_000) -> Generator[str, None, None]:
    """The URL of a stand-in whose tasks end at that read: by default never within a benchmark."""
    command = [sys.executable, "-m", "modellix.testing", "--api-key", KEY, "--reads", str(reads)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()[-1]
        finally:
            process.terminate()


def cpu_seconds(work: Callable[[], object]) -> float:
    """CPU time that this process spends on the work."""
    gc.collect()
    started = time.process_time()
    work()
    return time.process_time() - started


def ratio(
    ours: Callable[[], object], theirs: Callable[[], object], measure: Callable[..., float] = cpu_seconds
) -> float:
    """Ours divided by theirs: the median of the rounds, the two in turn."""
    return statistics.median(measure(ours) / measure(theirs) for _ in range(ROUNDS))


def submit_sync(url: str, count: int = 500) -> float:
    """One after another, on one kept-alive connection."""
    with (
        Modellix(KEY, base_url=url) as client,
        httpx.Client(headers={"Authorization": f"Bearer {KEY}"}, trust_env=False) as bare,
    ):

        def ours() -> None:
            for _ in range(count):
                client.submit(GptImage2Request.from_dict(BODY))

        def theirs() -> None:
            for _ in range(count):
                bare.post(url + PATH, json=BODY).json()

        return ratio(ours, theirs)


def submit_async(url: str, submitters: int, count: int = 1000) -> float:
    """That many coroutines at once; our client lets 8 requests be under way."""

    async def share(submit: Callable[[], Awaitable[object]]) -> None:
        async def one() -> None:
            for _ in range(count // submitters):
                await submit()

        await asyncio.gather(*(one() for _ in range(submitters)))

    async def ours() -> None:
        async with AsyncModellix(KEY, base_url=url, timeout=120.0) as client:
            await share(lambda: client.submit(GptImage2Request.from_dict(BODY)))

    async def theirs() -> None:
        async with httpx.AsyncClient(
            headers={"Authorization": f"Bearer {KEY}"}, timeout=120.0, trust_env=False
        ) as bare:
            await share(lambda: bare.post(url + PATH, json=BODY))

    return ratio(lambda: asyncio.run(ours()), lambda: asyncio.run(theirs()))


def import_time(statement: str) -> float:
    """Wall time of a fresh interpreter that imports ours, beside one that imports httpx."""

    def run(code: str) -> float:
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        return time.perf_counter() - started

    return statistics.median(run(statement) / run("import httpx") for _ in range(2 * ROUNDS))


def wait_sync(url: str, tasks: int, seconds: float) -> float:
    """CPU seconds per second of waiting for tasks that never end."""
    with Modellix(KEY, base_url=url) as client:
        handles = [
            Task(client.submit(GptImage2Request.from_dict(BODY)).id, "pending", client=client) for _ in range(tasks)
        ]

        def work() -> None:
            with contextlib.suppress(WaitTimeout):
                client.wait_all(handles, timeout=seconds)

        return cpu_seconds(work) / seconds


def wait_async(url: str, tasks: int, seconds: float) -> float:
    """The same in one event loop."""

    async def work() -> float:
        async with AsyncModellix(KEY, base_url=url) as client:
            ids = [(await client.submit(GptImage2Request.from_dict(BODY))).id for _ in range(tasks)]
            started = time.process_time()
            with contextlib.suppress(WaitTimeout):
                await client.wait_all([AsyncTask(each, "pending", client=client) for each in ids], timeout=seconds)
            return time.process_time() - started

    return asyncio.run(work()) / seconds


def journals(url: str, others: list[str]) -> Iterator[Figure]:
    """Of a new file of SQLite, and of the databases at those URLs."""
    request = GptImage2Request.from_dict(BODY)
    with tempfile.TemporaryDirectory() as folder:
        stores: dict[str, Open] = {"SQLite": lambda: SqliteJournal(f"{folder}/journal.db")}
        stores |= {urlsplit(other).scheme: partial(SqlJournal, other) for other in others}
        for name, opens in stores.items():
            yield from figures(name, opens, partial(Modellix, KEY, base_url=url), request)


def main() -> int:
    """Print each figure with the most that it should be."""
    parser = argparse.ArgumentParser(prog="python -m scripts.benchmark", description=__doc__)
    parser.add_argument("--journal", metavar="URL", action="append", default=[], help="a database to measure, too")
    options = parser.parse_args()
    with stand_in() as url, stand_in(reads=2) as quick:
        measured = [
            ("submission, sync, CPU beside httpx", submit_sync(url), 1.25),
            ("submission, 50 at once, CPU beside httpx", submit_async(url, 50), 0.75),
            ("submission, 200 at once, CPU beside httpx", submit_async(url, 200), 0.60),
            ("import modellix, beside import httpx", import_time("import modellix"), 1.25),
            ("from modellix import Modellix, beside import httpx", import_time("from modellix import Modellix"), None),
            ("waiting for 1,000 tasks, sync, share of a core", wait_sync(url, 1000, 20.0), 0.3),
            ("waiting for 1,000 tasks, async, share of a core", wait_async(url, 1000, 20.0), 0.3),
            *journals(url, options.journal),
            *benchmark_batch.figures(quick),
        ]
    if hasattr(os, "getloadavg"):  # not on Windows
        print(f"load average {os.getloadavg()[0]:.1f}")
    for name, value, most in measured:
        print(f"{name:72} {value:6.2f}" + (f"   at most {most:.2f}" if most is not None else ""))
    return 0


if __name__ == "__main__":
    take_any_output()
    sys.exit(main())
