"""CPU of one submission: alone, and many at once against a service that takes its time."""

from __future__ import annotations

import asyncio
import time
from functools import partial

from scripts.benchmark.measuring import Scenario, rounds
from scripts.benchmark.peers import ASYNC, SYNC, AsyncPeer, Peer
from scripts.benchmark.service import service

UNIT = "µs of CPU for each"
LATENCY = 0.2  # seconds, so that as many are under way at once as may
ALONE = 300  # submissions
CROWD = 400
ROUNDS = 5
ROUNDS_OF_CROWDS = 2
NOTE = (
    f"Each of the {CROWD:,} submissions is answered after {LATENCY:g} s. `modellix` has eight requests under way at a "
    "time, so that a service is not flooded with paid requests. That takes longer by the clock: see `max_in_flight`."
)


def one_after_another() -> Scenario:
    with service() as url:
        measures = {name: partial(_alone, peer, url) for name, peer in SYNC.items()}
        rows = rounds(measures, "httpx", ROUNDS)
    return Scenario("submit", "Submissions one after another, synchronous", UNIT, "httpx", rows, aim=1.0)


def _alone(peer: Peer, url: str) -> float:
    with peer(url) as submit:
        submit()
        started = time.process_time()
        for _ in range(ALONE):
            submit()
        return (time.process_time() - started) / ALONE * 1e6


def crowd(at_once: int, aim: float) -> Scenario:
    """Of that many coroutines, each of which submits again and again."""
    with service(LATENCY) as url:
        measures = {name: partial(_crowd, peer, url, at_once) for name, peer in ASYNC.items()}
        rows = rounds(measures, "httpx", ROUNDS_OF_CROWDS)
    title = f"Submissions by {at_once} coroutines at once"
    return Scenario(f"submit-{at_once}-at-once", title, UNIT, "httpx", rows, aim, is_timed=True, note=NOTE)


def _crowd(peer: AsyncPeer, url: str, at_once: int) -> float:
    return asyncio.run(_crowd_of(peer, url, at_once)) * 1e6


async def _crowd_of(peer: AsyncPeer, url: str, at_once: int) -> float:
    async with peer(url) as submit:
        await submit()

        async def share() -> None:
            for _ in range(CROWD // at_once):
                await submit()

        started = time.process_time()
        await asyncio.gather(*(share() for _ in range(at_once)))
        return (time.process_time() - started) / CROWD
