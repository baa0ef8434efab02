"""A service that batches buy from: the stand-in on loopback, with what it saw, and ways to hold it up or refuse."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from contract_tests.model import good
from modellix import PollPolicy
from modellix.testing import Answer, StandIn
from modellix.testing.replies import json_answer
from modellix.testing.server import serve
from modellix_client.models import GptImage2Request
from tests.support.clients import KEY, kind_of

QUICK = PollPolicy(0.02, 0.1)
Hook = Callable[[str], Answer | None]


def request(text: str) -> GptImage2Request:
    return GptImage2Request(**good.words(text))


def requests(count: int) -> dict[str, GptImage2Request]:
    """`row-0` and so on, each with a text of its own."""
    return {f"row-{number}": request(f"lighthouse {number}") for number in range(count)}


def texts(count: int) -> list[str]:
    """Those of `requests`, as they are sent."""
    return [good.body(text=f"lighthouse {number}")[good.TEXT] for number in range(count)]


def refusal(status: int, **headers: str) -> Answer:
    """Headers given as `retry_after="2"`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return json_answer(status, {"code": status, "message": "Refused: as scripted"}, named)


class Shop:
    """The stand-in and what came to it. `on_post`, `on_read` and `on_picture` may answer in its place, or wait."""

    url: str

    def __init__(self, reads: int = 1) -> None:
        self.stand_in = StandIn(KEY, reads=reads)
        self.posts: list[str] = []  # texts, whatever became of them
        self.reads: Counter[str] = Counter()  # by task id
        self.pictures = 0
        self.on_post: Hook = lambda text: None
        self.on_read: Hook = lambda task_id: None
        self.on_picture: Hook = lambda path: None
        self._lock = threading.Lock()

    @property
    def bought(self) -> list[str]:
        """The texts of what was accepted."""
        return [submission.body[good.TEXT] for submission in self.stand_in.submissions if submission.accepted]

    @property
    def requests(self) -> int:
        """All that came."""
        return len(self.posts) + sum(self.reads.values()) + self.pictures

    def handle(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        return self._note(method, path, body) or self.stand_in.handle(method, path, headers, body)

    def _note(self, method: str, path: str, body: bytes) -> Answer | None:
        if method == "POST":
            text = json.loads(body)[good.TEXT]
            with self._lock:
                self.posts.append(text)
            return self.on_post(text)
        name = path.rpartition("/")[2]
        if "/tasks/" in path:
            with self._lock:
                self.reads[name] += 1
            return self.on_read(name)
        with self._lock:
            self.pictures += 1
        return self.on_picture(path)


@contextmanager
def open_shop(**options: Any) -> Generator[Shop, None, None]:
    """A shop at an address of its own."""
    shop = Shop(**options)
    with serve(shop.handle, 0) as shop.url:
        yield shop


def threads_left() -> list[str]:
    """Names of our threads that still work."""
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("modellix")]


def by_key(outcomes: list[Any]) -> dict[str, Any]:
    """The outcomes; each key has one."""
    found = {outcome.reference: outcome for outcome in outcomes}
    assert len(found) == len(outcomes)
    return found


def kinds(outcomes: list[Any]) -> Counter[str]:
    """How many ended well, and with which errors."""
    return Counter("fine" if outcome.error is None else kind_of(outcome.error) for outcome in outcomes)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
