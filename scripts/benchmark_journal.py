"""What a journal costs: a submission with one beside a submission without, and claims by many workers.

Part of `nox -s benchmark`; `-- --journal postgresql+psycopg://…` measures that journal beside a file of SQLite.
"""

from __future__ import annotations

import datetime
import statistics
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from modellix import Intent, Modellix
from modellix_client.models import GptImage2Request

Figure = tuple[str, float, float | None]
Open = Callable[[], Any]
ROUNDS = 5
LONG_AGO = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


def figures(name: str, opens: Open, client: Callable[..., Modellix], request: GptImage2Request) -> Iterator[Figure]:
    """Of the journals that `opens` opens, all of one store; `client(journal=…)` opens a client."""
    with opens() as journal:
        for at_once in (1, 8):
            figure = submissions(client, journal, request, at_once)
            yield f"submission with {name}, {at_once} at once, beside one without", figure, None
    one, fifty = (claims(opens, workers) for workers in (1, 50))
    yield f"claimed and delivered a second, {name}, 50 workers beside one", fifty / one, None
    yield f"claimed and delivered a second, {name}, 50 workers", fifty, None


def wall_seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def submissions(
    client: Callable[..., Modellix], journal: Any, request: GptImage2Request, at_once: int, count: int = 160
) -> float:
    """Wall time of submissions under references of their own, beside that of a client without a journal."""
    with client(journal=journal) as ours, client() as bare, ThreadPoolExecutor(at_once) as threads:

        def journaled(_: int) -> object:
            return ours.submit(request, reference=uuid.uuid4().hex)

        def plain(_: int) -> object:
            return bare.submit(request)

        def run(submit: Callable[[int], object]) -> float:
            return wall_seconds(lambda: list(threads.map(submit, range(count))))

        return statistics.median(run(journaled) / run(plain) for _ in range(ROUNDS))


def claims(opens: Open, workers: int, tasks: int = 1000) -> float:
    """Tasks a second that the workers claim, ten at a time, and record as delivered, each with a journal of its own."""
    with opens() as journal:
        accept(journal, tasks)

    def work(number: int) -> int:
        claimed = 0
        with opens() as journal:
            owner = f"worker {number} of {workers}"
            while found := journal.claim(owner, 3600.0, 10):
                claimed += len(found)
                for entry in found:
                    journal.delivered(entry.task_id)
        return claimed

    with ThreadPoolExecutor(workers) as threads:
        started = time.perf_counter()
        claimed = sum(threads.map(work, range(workers)))
    return claimed / (time.perf_counter() - started)


def accept(journal: Any, tasks: int) -> None:
    """Tasks that nobody has a lease of: they were settled by hand."""
    for _ in range(tasks):
        entry = journal.begin(Intent("gpt_image_2", "2:0", None, LONG_AGO, LONG_AGO))
        journal.settle(entry, task_id=uuid.uuid4().hex)
