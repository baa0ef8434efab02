"""A program that submits many times at once under one reference, and prints the ids that it got, as JSON.

`python -m tests.support.buyers URL PLACE REFERENCE CALLERS [async]`: in one client, threads or tasks.
"""

from __future__ import annotations

import asyncio
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from modellix import AsyncModellix, Modellix
from tests.support.clients import KEY
from tests.support.references import request
from tests.support.stores import Stored

Bought = list[tuple[str, bool]]
"""Id of the task, and whether this call bought it."""
PATIENT = 120.0  # seconds; what is tested is who buys, not how soon


def together(url: str, journal: Any, reference: str, callers: int) -> Bought:
    """In threads."""
    with Modellix(KEY, base_url=url, journal=journal, timeout=PATIENT) as client, ThreadPoolExecutor(callers) as pool:
        calls = [pool.submit(client.submit, request(), reference=reference) for _ in range(callers)]
        return [(task.id, task.is_new) for task in (call.result() for call in calls)]


async def together_async(url: str, journal: Any, reference: str, callers: int) -> Bought:
    async with AsyncModellix(KEY, base_url=url, journal=journal, timeout=PATIENT) as client:
        tasks = await asyncio.gather(*(client.submit(request(), reference=reference) for _ in range(callers)))
    return [(task.id, task.is_new) for task in tasks]


def buy(url: str, place: str, reference: str, callers: int, is_async: bool) -> Bought:
    with Stored(place)() as journal:
        if is_async:
            return asyncio.run(together_async(url, journal, reference, callers))
        return together(url, journal, reference, callers)


if __name__ == "__main__":
    address, where, name, count, *kind = sys.argv[1:]
    json.dump(buy(address, where, name, int(count), bool(kind)), sys.stdout)
