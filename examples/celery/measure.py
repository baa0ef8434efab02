"""What this machine and the database at DATABASE_URL can do, beside the stand-in: what README.md reckons with.

`python measure.py` takes about half a minute. It leaves its entries in the journal: give it a database of its own.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy import text

import shop
from modellix import GptImage2Request, Modellix, SqlJournal

SECONDS = 5.0
FORK = multiprocessing.get_context("fork")
REQUEST = GptImage2Request(prompt="A lighthouse in fog")
Step = Callable[[Modellix, SqlJournal], int]


def submit(client: Modellix, _: SqlJournal) -> int:
    client.submit(REQUEST, reference=str(uuid.uuid4()))
    return 1


def look(client: Modellix, _: SqlJournal, task_id: str = "") -> int:
    client.task(task_id).refresh()
    return 1


def claim(_: Modellix, journal: SqlJournal) -> int:
    """Ten tasks at a time, which the next one may have at once."""
    owner = str(uuid.uuid4())
    claimed = len(journal.claim(owner, 60.0, 10))
    journal.release(owner)
    return claimed


def work(step: Step, url: str, ready: Any, counts: Any, place: int) -> None:
    """One process that does it over and over, from the moment when all are ready."""
    with (
        SqlJournal(os.environ["DATABASE_URL"]) as journal,
        Modellix("test-key", base_url=url, journal=journal) as client,
    ):
        step(client, journal)  # connections are made
        ready.wait()
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            counts[place] += step(client, journal)


def rate(step: Step, processes: int, url: str) -> float:
    """How often a second, with so many processes."""
    ready, counts = FORK.Barrier(processes), FORK.Array("q", processes, lock=False)
    workers = [FORK.Process(target=work, args=(step, url, ready, counts, place)) for place in range(processes)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return sum(counts) / SECONDS


def end_leases() -> None:
    """What was just bought is its buyer's for ten minutes."""
    with shop.engine().begin() as database:
        database.execute(text("UPDATE modellix_submissions SET lease_until = NULL"))
    shop.engine().dispose()


def main() -> None:
    command = [sys.executable, "-m", "modellix.testing", "--reads", "1000000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as stand_in:
        try:
            url = stand_in.stdout.readline().split()[-1] if stand_in.stdout else ""
            print(f"{os.cpu_count()} cores")
            for processes in (1, 8):
                print(f"submissions a second, journaled, {processes} processes: {rate(submit, processes, url):.0f}")
            with Modellix("test-key", base_url=url) as client:
                task_id = client.submit(REQUEST).id
            end_leases()
            print(f"looks a second, 8 processes: {rate(partial(look, task_id=task_id), 8, url):.0f}")
            print(f"tasks claimed a second, 50 processes, 10 at a time: {rate(claim, 50, url):.0f}")
        finally:
            stand_in.terminate()


if __name__ == "__main__":
    main()
