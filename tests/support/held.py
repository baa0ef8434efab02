"""What a test holds up until it lets it go on: answers, and the record of a submission."""

from __future__ import annotations

import datetime
import threading
import time

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


class HeldJournal:
    """In memory; each intent can be held up."""

    def __init__(self) -> None:
        self.outcomes: list[str | None] = []
        self.ids: list[str | None] = []
        self.goes_on = threading.Event()
        self.goes_on.set()
        self.began = threading.Event()

    def begin(self, operation: str, fingerprint: str, sent_at: object) -> int:
        self.began.set()
        assert self.goes_on.wait(20)
        self.outcomes.append(None)
        self.ids.append(None)
        return len(self.outcomes) - 1

    def end(self, entry: int, outcome: str, task_id: str | None) -> None:
        self.outcomes[entry], self.ids[entry] = outcome, task_id

    def finished(self, task_id: str) -> None:
        raise AssertionError

    def unfinished_ids(self) -> list[str]:
        raise AssertionError


class JournalInMemory:
    """A journal in memory. `slow` seconds for each intent; how many entries were open at most."""

    def __init__(self, slow: float = 0.0) -> None:
        self.slow = slow
        self.outcomes: list[str | None] = []
        self.most_open = 0
        self._lock = threading.Lock()

    def begin(self, operation: str, fingerprint: str, sent_at: datetime.datetime) -> int:
        time.sleep(self.slow)
        with self._lock:
            self.outcomes.append(None)
            self.most_open = max(self.most_open, self.outcomes.count(None))
            return len(self.outcomes) - 1

    def end(self, entry: int, outcome: str, task_id: str | None) -> None:
        with self._lock:
            self.outcomes[entry] = outcome

    def finished(self, task_id: str) -> None:
        raise AssertionError

    def unfinished_ids(self) -> list[str]:
        raise AssertionError
