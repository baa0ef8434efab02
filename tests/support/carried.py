"""A stand-in and a client of it, in process or over sockets: what a script does must not depend on the way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from modellix.testing import StandIn
from tests.support.clients import FACES, KEY, Face

ORIGIN = "https://api.modellix.ai"
CARRIERS = ("mocked", "served")


@dataclass
class Carried:
    """The stand-in, and a client that can reach it."""

    stand_in: StandIn
    face: Face
    url: str

    def bought(self) -> list[str | None]:
        """The ids of the tasks that were bought, in the order of the submissions; all that arrived count."""
        return [each.task_id if each.accepted else None for each in self.stand_in.submissions]

    def paths(self, method: str) -> list[str]:
        """Where requests went, one word each."""
        words = {"results": "result", "tasks": "task"}
        asked = [each.path.split("/") for each in self.stand_in.requests if each.method == method]
        return [next((word for part, word in words.items() if part in path), "submission") for path in asked]


@contextmanager
def carried(carrier: str, kind: str, *, reads: int = 1, rate: int | None = None, **options: Any) -> Iterator[Carried]:
    """A stand-in by that carrier, and a client of that kind with these options."""
    stand_in = StandIn(api_key=KEY, reads=reads, rate=rate)
    with ExitStack() as stack:
        if carrier == "mocked":
            stack.enter_context(stand_in.mock())
            url = ORIGIN
        else:
            url = stack.enter_context(stand_in.serve())
        yield Carried(stand_in, stack.enter_context(FACES[kind].to(url, **options)), url)
