"""What a journal costs: a submission with one beside a submission without, and claims by many workers."""

from __future__ import annotations

import datetime
import tempfile
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from modellix import Intent, Modellix, SqliteJournal, SqlJournal
from scripts.benchmark.bodies import BODY, KEY, OPERATION
from scripts.benchmark.measuring import Measure, Scenario, rounds, wall_seconds
from scripts.benchmark.service import service

Open = Callable[[], Any]
WITHOUT = "modellix, no journal"
SUBMISSIONS = 200
TASKS = 300
ROUNDS = 2
LONG_AGO = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


def scenarios(others: Sequence[str]) -> list[Scenario]:
    """Of a new file of SQLite, and of the databases at those URLs."""
    with tempfile.TemporaryDirectory() as folder, service() as url:
        stores: dict[str, Open] = {"SQLite": lambda: SqliteJournal(f"{folder}/{uuid.uuid4().hex}.db")}
        stores |= {urlsplit(other).scheme: partial(SqlJournal, other) for other in others}
        bought: dict[str, Measure] = {f"modellix, {name}": partial(_each, url, opens) for name, opens in stores.items()}
        bought[WITHOUT] = partial(_each, url, None)
        title, unit = "A journal", "µs by the clock for each submission"
        journal = Scenario("journal", title, unit, WITHOUT, rounds(bought, WITHOUT, ROUNDS), note=SYNCED)
        shared = {"SQLite": lambda: SqliteJournal(f"{folder}/shared.db"), **dict(list(stores.items())[1:])}
        return [journal, *(_claims(name, opens) for name, opens in shared.items())]


SYNCED = "A journal is on the disk before the request leaves, so this is the time of the disk more than of the client."


def _each(url: str, opens: Open | None) -> float:
    if opens is None:
        return _submissions(url, None, None)
    with opens() as journal:
        return _submissions(url, journal, lambda: uuid.uuid4().hex)


def _submissions(url: str, journal: Any, reference: Callable[[], str] | None) -> float:
    with Modellix(KEY, base_url=url, journal=journal) as client:

        def work() -> None:
            for _ in range(SUBMISSIONS):
                named = client if reference is None else client.with_options(reference=reference())
                named.openai.gpt_image_2(**BODY)

        return wall_seconds(work) / SUBMISSIONS * 1e6


def _claims(name: str, opens: Open) -> Scenario:
    one, many = f"modellix, {name}, one worker", f"modellix, {name}, 50 workers"
    rows = rounds({many: partial(_claim, opens, 50), one: partial(_claim, opens, 1)}, one, ROUNDS)
    title = f"Workers that share tasks, {name}"
    return Scenario(f"claims-{name.lower()}", title, "µs by the clock for each task claimed and delivered", one, rows)


def _claim(opens: Open, workers: int) -> float:
    """Tasks that are claimed, ten at a time, and recorded as delivered, by workers with a journal each."""
    with opens() as journal:
        _accept(journal)

    def work(number: int) -> None:
        with opens() as journal:
            while found := journal.claim(f"worker {number} of {workers}", 3600.0, 10):
                for entry in found:
                    journal.delivered(entry.task_id)

    with ThreadPoolExecutor(workers) as threads:
        return wall_seconds(lambda: list(threads.map(work, range(workers)))) / TASKS * 1e6


def _accept(journal: Any) -> None:
    """Tasks that nobody has a lease of: they were settled by hand."""
    for _ in range(TASKS):
        entry = journal.begin(Intent(OPERATION.operation_id, "2:0", None, LONG_AGO, LONG_AGO))
        journal.settle(entry, task_id=uuid.uuid4().hex)
