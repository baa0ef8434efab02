"""A program that runs a batch, for tests that strike it down: KIND URL JOURNAL FOLDER ROWS."""

from __future__ import annotations

import asyncio
import sys

from modellix import AsyncModellix, Modellix, SqliteJournal
from tests.support.batches import QUICK, requests
from tests.support.clients import KEY

TIMEOUT = 8.0  # seconds; so long does the next run wait for what a killed one has left open


def run(url: str, journal: SqliteJournal, folder: str, rows: int) -> None:
    with Modellix(KEY, base_url=url, journal=journal, poll=QUICK, timeout=TIMEOUT) as client:
        for _ in client.run_all(requests(rows), folder=folder):
            pass


async def run_async(url: str, journal: SqliteJournal, folder: str, rows: int) -> None:
    async with AsyncModellix(KEY, base_url=url, journal=journal, poll=QUICK, timeout=TIMEOUT) as client:
        async for _ in client.run_all(requests(rows), folder=folder):
            pass


if __name__ == "__main__":
    kind, url, path, folder, rows = sys.argv[1:]
    with SqliteJournal(path) as journal:
        if kind == "Modellix":
            run(url, journal, folder, int(rows))
        else:
            asyncio.run(run_async(url, journal, folder, int(rows)))
