"""A program that interrupts its own waits with a real SIGINT while the service stalls, and prints what became of them.

A JSON object, a row for each wait: how it ended, how many seconds after the signal, which threads it left behind.
"""

from __future__ import annotations

import asyncio
import functools
import itertools
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from modellix import AsyncModellix, Modellix
from tests.support.stalls import PLACES, StallingServer

TASKS = ["a", "b", "c"]
TIMEOUT = 60.0  # seconds; one try gets a third, more than SOON
WAYS = ("wait", "wait_all", "as_completed")
MOMENT = 0.05  # seconds for what is under way to settle
BEHIND_ANOTHER = "Modellix, wait_all, behind another"
KINDS = ("Modellix", "AsyncModellix")


def wait(url: str, way: str) -> None:
    with Modellix("test-key", base_url=url, timeout=TIMEOUT) as client:
        if way == "wait":
            client.task("a").wait(TIMEOUT)
        elif way == "wait_all":
            client.wait_all(TASKS, timeout=TIMEOUT)
        else:
            list(client.as_completed(TASKS, timeout=TIMEOUT))


async def wait_async(url: str, way: str) -> None:
    async with AsyncModellix("test-key", base_url=url, timeout=TIMEOUT) as client:
        if way == "wait":
            await client.task("a").wait(TIMEOUT)
        elif way == "wait_all":
            await client.wait_all(TASKS, timeout=TIMEOUT)
        else:
            _ = [outcome async for outcome in client.as_completed(TASKS, timeout=TIMEOUT)]


def behind_another(server: StallingServer) -> None:
    """The only slot is taken by another wait, so that this one sends nothing."""
    with Modellix("test-key", base_url=server.url, timeout=TIMEOUT, max_in_flight=1) as client:
        threading.Thread(target=lambda: client.task("x").wait(TIMEOUT), name="other", daemon=True).start()
        server.wait_for(1)
        client.wait_all(TASKS, timeout=TIMEOUT)


def interrupt(server: StallingServer, count: int, call: Callable[[], object]) -> dict[str, Any]:
    """The row for one call that is interrupted once `count` reads hang."""
    sent: list[float] = []

    def strike() -> None:
        server.wait_for(count)
        time.sleep(MOMENT)
        sent.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    striker = threading.Thread(target=strike, name="striker", daemon=True)
    striker.start()
    try:
        call()
        end = "nothing"
    except BaseException as error:
        end = type(error).__name__
    seconds = time.monotonic() - sent[0] if sent else -1.0
    striker.join()
    left = [thread.name for thread in threading.enumerate() if thread.name.startswith(("modellix", "asyncio"))]
    return {"end": end, "seconds": seconds, "threads": left}


def rows() -> Iterator[tuple[str, dict[str, Any]]]:
    for place, kind, way in itertools.product(PLACES, KINDS, WAYS):
        with StallingServer(place) as server:
            count = 1 if way == "wait" else len(TASKS)
            call = wait if kind == "Modellix" else lambda url, way: asyncio.run(wait_async(url, way))
            yield f"{kind}, {way}, {place}", interrupt(server, count, functools.partial(call, server.url, way))
    with StallingServer("no answer") as server:
        yield BEHIND_ANOTHER, interrupt(server, 1, lambda: behind_another(server))


if __name__ == "__main__":
    json.dump(dict(rows()), sys.stdout)
