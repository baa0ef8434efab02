"""How often a server that closes idle connections makes an unknown outcome: `python -m tests.support.measure_idle`.

The server closes a connection that was idle for `IDLE` seconds; the client submits, pauses for up to twice as
long, and submits again. A stale connection that is trusted with a paid request is the commonest false unknown.
"""

from __future__ import annotations

import random
import select
import sys
from collections import Counter

from tests.support.clients import FACES, kind_of
from tests.support.hostile_server import Gone, HostileServer, Wire, healthy

IDLE = 0.025  # seconds, far shorter than any real server's, so that the worst moment is met often


def closes_when_idle(wire: Wire) -> bool:
    """Answer well, then close unless the next request comes in time."""
    healthy(wire)
    if not select.select([wire.sock], [], [], IDLE)[0]:
        raise Gone
    return True


def measure(kind: str, count: int) -> tuple[float, str]:
    """The share of unknown outcomes, and a sentence about it."""
    dice = random.Random(count)
    with HostileServer().play(closes_when_idle) as server, FACES[kind].to(server.url) as buyer:
        ends: Counter[str] = Counter()
        for number in range(count):
            ends[kind_of(buyer.attempt(text=f"lighthouse {number}"))] += 1
            server.stopping.wait(dice.uniform(0, 2 * IDLE))
        lost = count - len(server.bought)
        text = f"{kind}: {dict(ends)}, {server.connections} connections, {lost} that the server never saw"
    return ends["SubmissionOutcomeUnknown"] / count, text


def main() -> int:
    for kind in FACES:
        print(measure(kind, 1000)[1])
    return 0


if __name__ == "__main__":
    sys.exit(main())
