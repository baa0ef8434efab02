"""A program that tells how much memory a batch takes besides its requests: ROWS. No task ends before all are bought."""

from __future__ import annotations

import itertools
import json
import sys
import threading
from pathlib import Path

import httpx

from modellix import Modellix, PollPolicy
from tests.support.batches import requests
from tests.support.memory_journal import MemoryJournal, Store

TASKS = itertools.count()
LOCK = threading.Lock()
BOUGHT = [0]


def answer(request: httpx.Request, rows: int) -> httpx.Response:
    if request.method == "POST":
        with LOCK:
            BOUGHT[0] += 1
            number = next(TASKS)
        return httpx.Response(200, json={"code": 0, "data": {"status": "pending", "task_id": f"task-{number}"}})
    task_id = request.url.path.rpartition("/")[2]
    data: dict[str, object] = {"status": "pending", "task_id": task_id}
    if BOUGHT[0] == rows:
        url = f"https://files.example/{task_id}.png?signature={'x' * 200}"
        data.update(status="success", result={"resources": [{"url": url, "type": "image"}]})
    return httpx.Response(200, json={"code": 0, "data": data})


def resident() -> int:
    """Bytes of this process in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def main(rows: int) -> dict[str, int]:
    batch, store = requests(rows), Store()
    http = httpx.Client(transport=httpx.MockTransport(lambda request: answer(request, rows)))
    client = Modellix(
        "test-key",
        base_url="https://api.example",
        journal=MemoryJournal(store),
        poll=PollPolicy(2.0, 30.0),
        http_client=http,
    )
    before, most, outcomes = resident(), 0, 0
    for outcome in client.run_all(batch, timeout=3600.0):
        assert outcome.error is None
        outcomes += 1
        if outcomes % 100 == 1:
            most = max(most, resident())
    return {"outcomes": outcomes, "grown": most - before}


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
