"""Killed between a file and the record of the delivery, a process leaves a task that is offered again; after the
record, one that is not.
"""

from __future__ import annotations

import asyncio
import functools
import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from contract_tests.model import good
from modellix import AsyncModellix, Modellix
from modellix._core.download_effects import CreateFile, FinishFile, SyncFolder
from modellix._io.files import Files
from tests.support.clients import FACES, KEY, PATHS
from tests.support.hostile_server import accepted, encode
from tests.support.marks import BOTH, ON_SOCKETS
from tests.support.pictures import PNG, TASK, PictureServer, left_in, reply, task_of
from tests.support.processes import FORK
from tests.support.stores import Opening

pytestmark = [*ON_SOCKETS, BOTH, pytest.mark.slow]

NUMBER = 3  # of files


@pytest.fixture
def server() -> Iterator[PictureServer]:
    """Sells one task with files of its own. Only the parent's threads live on in a fork."""
    with PictureServer() as server:
        server.routes[PATHS["gpt_image_2"]] = reply(200, encode(accepted("task-1")), content_type="application/json")
        server.routes[TASK] = task_of(*(f"{server.url}/{number}" for number in range(NUMBER)))
        server.routes |= {f"/{number}": reply() for number in range(NUMBER)}
        yield server


def buy_and_download(url: str, open_journal: Opening, folder: Path, is_async: bool) -> None:
    if is_async:
        asyncio.run(_buy_and_download(url, open_journal, folder))
        return
    with Modellix(KEY, base_url=url, journal=open_journal()) as client:
        client.openai.gpt_image_2(**good.words()).wait().download(folder)


async def _buy_and_download(url: str, open_journal: Opening, folder: Path) -> None:
    async with AsyncModellix(KEY, base_url=url, journal=open_journal()) as client:
        task = await client.openai.gpt_image_2(**good.words())
        await (await task.wait()).download(folder)


def die(*_: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def killed_at(kind: type[Any], count: int) -> Callable[..., None]:
    """The child, killed when the effect has been carried out that many times."""

    def run(*arguments: Any) -> None:
        perform, lock, seen = Files.perform, threading.Lock(), 0

        def counting(files: Files, effect: Any) -> Any:
            nonlocal seen
            done = perform(files, effect)
            with lock:
                seen += isinstance(effect, kind)
                return die() if seen == count else done

        with patch.object(Files, "perform", counting):
            buy_and_download(*arguments)

    return run


def killed_after_the_record(*arguments: Any) -> None:
    buy_and_download(*arguments)
    die()


#: Each with the number of files that are there at least.
KILLS: dict[str, tuple[Callable[..., None], int]] = {
    "before the first file": (killed_at(CreateFile, 1), 0),
    "after the first file": (killed_at(FinishFile, 1), 1),
    "after the last file": (killed_at(FinishFile, NUMBER), NUMBER),
    "after the last sync": (killed_at(SyncFolder, 1), NUMBER),
}


def run_and_be_killed(
    child: Callable[..., None], server: PictureServer, open_journal: Opening, folder: Path, is_async: bool
) -> None:
    process = FORK.Process(target=child, args=(server.url, open_journal, folder, is_async))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL


def resumed(server: PictureServer, open_journal: Opening, folder: Path, is_async: bool) -> list[list[Path]]:
    """What a new process downloads of what the journal offers it."""
    journal = open_journal()
    with FACES["AsyncModellix" if is_async else "Modellix"].to(server.url, journal=journal) as face, journal:
        tasks = face.run(lambda: face.client.resume(journal))
        return [face.run(functools.partial(face.wait(task).download, folder)) for task in tasks]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # Python 3.12 on: threads and fork
@pytest.mark.parametrize(("child", "least"), KILLS.values(), ids=KILLS)
def test_killed_before_the_record_it_is_offered_until_it_is_there(
    child: Callable[..., None], least: int, is_async: bool, server: PictureServer, open_stored: Opening, folder: Path
) -> None:
    run_and_be_killed(child, server, open_stored, folder, is_async)
    whole = len([name for name in left_in(folder) if name.endswith(".png")])
    assert whole >= least
    [entry] = open_stored().undelivered()
    assert (entry.task_id, entry.delivered_at) == ("task-1", None)
    asked_before = server.paths
    [paths] = resumed(server, open_stored, folder, is_async)
    assert [found.read_bytes() for found in paths] == [PNG] * NUMBER
    asked = [asked for asked in server.paths[len(asked_before) :] if asked != TASK]
    assert len(asked) == NUMBER - whole
    assert resumed(server, open_stored, folder, is_async) == []
    assert len(server.submissions) == 1


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_killed_after_the_record_it_is_not_offered(
    is_async: bool, server: PictureServer, open_stored: Opening, folder: Path
) -> None:
    run_and_be_killed(killed_after_the_record, server, open_stored, folder, is_async)
    assert len(left_in(folder)) == NUMBER
    assert open_stored().undelivered() == []
    [entry] = open_stored().entries()
    assert entry.delivered_at is not None
    assert resumed(server, open_stored, folder, is_async) == []
