"""The stand-in as a process that takes its time over submissions: `python -m tests.support.slow_stand_in SEED`.

It takes up to a second, before the purchase or after it, so that somebody who dies meanwhile dies with a submission
under way. `GET /bought` tells the requests and ids of what was bought, `GET /under-way` how many submissions wait.
"""

from __future__ import annotations

import random
import signal
import sys
import time
from collections.abc import Mapping

from modellix.testing import StandIn
from modellix.testing.replies import Answer, json_answer
from modellix.testing.server import serve

LONGEST = 0.5  # seconds, before the purchase and after it


class SlowStandIn:
    """One pause before each purchase and one after it, drawn from the seed."""

    def __init__(self, seed: int) -> None:
        self._stand_in = StandIn()
        self._random = random.Random(seed)
        self._under_way: set[object] = set()

    def handle(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        if path == "/bought":
            bought = [each for each in self._stand_in.submissions if each.accepted]
            return json_answer(200, [(each.body, each.task_id) for each in bought])
        if path == "/under-way":
            return json_answer(200, len(self._under_way))
        if method != "POST":
            return self._stand_in.handle(method, path, headers, body)
        self._under_way.add(one := object())
        time.sleep(self._random.uniform(0, LONGEST))
        answer = self._stand_in.handle(method, path, headers, body)
        time.sleep(self._random.uniform(0, LONGEST))
        self._under_way.remove(one)
        return answer


def main() -> None:
    with serve(SlowStandIn(int(sys.argv[1])).handle, 0) as url:
        print(url, flush=True)
        signal.sigwait({signal.SIGTERM, signal.SIGINT})


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    main()
