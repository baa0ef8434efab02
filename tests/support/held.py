"""What a test holds up until it lets it go on: answers, and the record of a submission."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

from modellix import Entry, Intent
from tests.support.hostile_server import Script, Wire


class HeldAnswer:
    """A script whose answer waits until it is opened."""

    def __init__(self) -> None:
        self.opened = threading.Event()

    def __call__(self, data: bytes) -> Script:
        def script(wire: Wire) -> bool:
            wire.read_request()
            while not self.opened.wait(0.01):
                if wire.server.stopping.is_set():
                    return False
            wire.send(data)
            return True

        return script


class _Outcomes:
    """A journal in memory that remembers how submissions ended, and is asked nothing else."""

    def __init__(self) -> None:
        self.outcomes: list[str | None] = []
        self.ids: list[str | None] = []
        self._lock = threading.Lock()

    def begin(self, intent: Intent) -> Entry:
        with self._lock:
            self.outcomes.append(None)
            self.ids.append(None)
            number = len(self.outcomes) - 1
        told = (intent.operation, intent.fingerprint, intent.reference, intent.sent_at, intent.until)
        return Entry(number, *told, granted=True)

    def end(self, entry: Entry, outcome: str, task_id: str | None) -> None:
        with self._lock:
            self.outcomes[entry.id], self.ids[entry.id] = outcome, task_id

    def ended(self, task_id: str, status: str) -> None:
        raise AssertionError

    def delivered(self, task_id: str) -> None:
        raise AssertionError

    def find(self, reference: str) -> Entry | None:
        raise AssertionError

    def entries(self, *, reference: object = None, outcome: object = None, since: object = None) -> Iterator[Entry]:
        raise AssertionError

    def unresolved(self) -> list[Entry]:
        raise AssertionError

    def undelivered(self) -> list[Entry]:
        raise AssertionError

    def settle(self, entry: Entry, *, task_id: str | None = None, bought: bool = True) -> None:
        raise AssertionError

    def claim(self, owner: str, seconds: float, limit: int | None) -> list[Entry]:
        raise AssertionError

    def renew(self, owner: str, seconds: float) -> int:
        raise AssertionError

    def release(self, owner: str) -> None:
        raise AssertionError

    def spent(self, since: object = None) -> int:
        raise AssertionError

    def close(self) -> None:
        raise AssertionError


class HeldJournal(_Outcomes):
    """Each intent can be held up."""

    def __init__(self) -> None:
        super().__init__()
        self.goes_on = threading.Event()
        self.goes_on.set()
        self.began = threading.Event()

    def begin(self, intent: Intent) -> Entry:
        self.began.set()
        assert self.goes_on.wait(20)
        return super().begin(intent)


class JournalInMemory(_Outcomes):
    """`slow` seconds for each intent; how many entries were open at most."""

    def __init__(self, slow: float = 0.0) -> None:
        super().__init__()
        self.slow = slow
        self.most_open = 0

    def begin(self, intent: Intent) -> Entry:
        time.sleep(self.slow)
        entry = super().begin(intent)
        self.most_open = max(self.most_open, self.outcomes.count(None))
        return entry
