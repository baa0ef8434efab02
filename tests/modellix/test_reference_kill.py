"""Killed at any step from a reference to its delivery, a process leaves a journal from which another one goes on.

Under the reference at most one picture is bought; what is known was bought, and what was bought is known or listed as
unresolved; what was accepted is offered until it is delivered.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from modellix import AsyncModellix, Modellix, SubmissionOutcomeUnknown
from modellix._core.attempt import Attempt
from modellix._core.read_task import _Reading
from modellix._core.submission import SubmissionAttempts
from modellix._io.driver import Driver
from modellix.journal.stored import StoredJournal
from tests.support.clients import FACES, KEY, PATHS
from tests.support.hostile_server import Wire, accepted, encode
from tests.support.marks import BOTH, ON_SOCKETS
from tests.support.pictures import TASK, PictureServer, left_in, reply, task_of
from tests.support.processes import FORK
from tests.support.references import REFERENCE, Shop, request
from tests.support.timing import LONG

pytestmark = [*ON_SOCKETS, BOTH, pytest.mark.slow]

# Where the child is killed: a function, and whether before or after its work.
BEFORE, AFTER = "before", "after"
Place = tuple[type[Any], str, str]

KILLS: dict[str, tuple[Place | None, str, int]] = {
    "before the journal is asked": ((StoredJournal, "begin", BEFORE), "none", 0),
    "before the intent is committed": ((StoredJournal, "_begin", AFTER), "none", 0),
    "after the intent is committed": ((StoredJournal, "begin", AFTER), "open", 0),
    "before the reservation": ((SubmissionAttempts, "_effect", BEFORE), "open", 0),
    "before the first byte": ((Driver, "_may_leave", BEFORE), "open", 0),
    "while the service works": (None, "open", 1),
    "after the reply": ((Attempt, "answered", BEFORE), "open", 1),
    "before the end is written": ((StoredJournal, "end", BEFORE), "open", 1),
    "before the end is committed": ((StoredJournal, "_end", AFTER), "open", 1),
    "after the end is committed": ((StoredJournal, "end", AFTER), "accepted", 1),
    "while polling": ((_Reading, "_judge", BEFORE), "accepted", 1),
    "before the task's end is written": ((StoredJournal, "ended", BEFORE), "accepted", 1),
    "after the task's end is written": ((StoredJournal, "ended", AFTER), "accepted", 1),
    "before the delivery is written": ((StoredJournal, "delivered", BEFORE), "accepted", 1),
    "after the delivery is written": ((StoredJournal, "delivered", AFTER), "delivered", 1),
}
"""By step: the place, what the journal then knows of the reference, and how many pictures were bought."""


class Service(PictureServer):
    """Sells tasks that have made one picture. Only the parent's threads live on in a fork."""

    def __init__(self) -> None:
        super().__init__()
        self.arrived = threading.Event()  # a submission whose answer is held up
        self.is_slow = False
        self.routes[PATHS["gpt_image_2"]] = self.sell
        self.routes[TASK] = task_of(f"{self.url}/picture")
        self.routes["/picture"] = reply()

    def sell(self, wire: Wire) -> None:
        task_id = self.next_id(self.submissions[-1])
        if self.is_slow:
            self.arrived.set()
            wire.stall()
        else:
            wire.send(reply(200, encode(accepted(task_id)), content_type="application/json"))


@pytest.fixture
def server() -> Iterator[Service]:
    with Service() as running:
        yield running


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def deadly(real: Callable[..., Any], when: str) -> Callable[..., Any]:
    def call(*values: Any, **named: Any) -> Any:
        if when == BEFORE:
            die()
        result = real(*values, **named)
        die()
        return result

    return call


def live(place: Place | None, url: str, open_stored: Any, folder: Path, is_async: bool) -> None:
    """What the child does, from the reference to the file, until it is killed."""
    with ExitStack() as stack:
        if place is not None:
            owner, name, when = place
            stack.enter_context(patch.object(owner, name, deadly(getattr(owner, name), when)))
        if is_async:
            asyncio.run(_live(url, open_stored, folder))
        else:
            with Modellix(KEY, base_url=url, journal=open_stored()) as client:
                client.submit(request(), reference=REFERENCE).wait().download(folder)
    os._exit(0)


async def _live(url: str, open_stored: Any, folder: Path) -> None:
    async with AsyncModellix(KEY, base_url=url, journal=open_stored()) as client:
        task = await client.submit(request(), reference=REFERENCE)
        await (await task.wait()).download(folder)


def run_and_kill(place: Place | None, server: Service, *arguments: Any) -> None:
    server.is_slow = place is None
    child = FORK.Process(target=live, args=(place, server.url, *arguments))
    child.start()
    if server.is_slow:
        assert server.arrived.wait(LONG)
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)
    child.join(LONG)
    assert child.exitcode == -signal.SIGKILL
    child.close()
    server.is_slow = False


def check_books(journal: Any, server: Service) -> None:
    """Known <= bought <= known and unresolved."""
    known = {entry.task_id for entry in journal.entries(outcome="accepted")}
    assert known <= set(server.bought)
    assert len(server.bought) <= len(known) + len(journal.unresolved())


def state_of(journal: Any) -> str:
    entry = journal.find(REFERENCE)
    if entry is None:
        return "none"
    return "delivered" if entry.delivered_at else entry.outcome or "open"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # Python 3.12 on: threads and fork
@pytest.mark.parametrize(("place", "state", "bought"), KILLS.values(), ids=list(KILLS))
def test_killed_at_each_step_another_process_goes_on(
    place: Place | None, state: str, bought: int, is_async: bool, server: Service, open_stored: Any, folder: Path
) -> None:
    run_and_kill(place, server, open_stored, folder, is_async)
    journal = open_stored()
    assert (state_of(journal), len(server.bought)) == (state, bought)
    check_books(journal, server)
    patience = 0.5 if state == "open" else LONG  # the entry stays open for as long as its sender had time
    with FACES["AsyncModellix" if is_async else "Modellix"].to(server.url, journal=journal, timeout=patience) as face:
        end = Shop(face, journal, server).buy()  # type: ignore[arg-type]
        if state == "open":  # it may have been bought, and nobody can tell
            assert type(end) is SubmissionOutcomeUnknown
            assert end.entry == journal.find(REFERENCE)
        else:
            assert (end.id, end.is_new) == ("task-1", state == "none")
        assert len(server.bought) == (1 if state == "none" else bought)
        check_books(journal, server)
        offered = face.run(lambda: face.client.resume(journal))
        assert [task.reference for task in offered] == ([] if state in ("open", "delivered") else [REFERENCE])
        for task in offered:
            result = face.wait(task)
            face.run(lambda result=result: result.download(folder))  # type: ignore[misc]
        assert face.run(lambda: face.client.resume(journal)) == []
    assert len(left_in(folder) if folder.exists() else []) == (state != "open")
    assert len(server.submissions) == len(server.bought) <= 1
