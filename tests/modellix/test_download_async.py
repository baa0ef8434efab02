"""An asynchronous download leaves the disk to threads: however slow it is, the event loop goes on."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import shutil
import ssl
import sys
import threading
import warnings
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from modellix import DownloadError
from modellix._io import public_network
from modellix.tasks import AsyncTaskResult
from scripts.mutants.kills import kills, swap
from tests.support.clients import raw_result, tasks_left
from tests.support.disk import Barrier, Disk, fail_at, is_in_loop
from tests.support.pictures import PNG, Answer, PictureServer, Wire, left_in, reply
from tests.support.timing import LONG, wait_until

LARGE = PNG[:8] + bytes(3 * 1024**2) + PNG[8:]
NAME = "task-1-0.png"


@pytest.fixture
def disk(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(folder, monkeypatch)


def _run(disk: Disk, work: Callable[[], Coroutine[Any, Any, Any]]) -> None:
    async def main() -> None:
        disk.loop = asyncio.get_running_loop()
        await work()

    try:
        asyncio.run(main())
    finally:
        disk.loop = None


def _result(server: PictureServer, *paths: str) -> AsyncTaskResult:
    return AsyncTaskResult("task-1", raw_result(*(f"{server.url}{path}" for path in paths)), server.url)


def _check(disk: Disk) -> None:
    assert disk.in_loop == []
    assert disk.blocked == []
    assert disk.is_all_closed


def test_that_the_disk_is_watched(server: PictureServer, folder: Path, disk: Disk) -> None:
    """Or all that follows would see nothing."""

    def mistake() -> None:
        folder.mkdir()

    async def work() -> None:
        mistake()

    _run(disk, work)
    assert disk.in_loop == ["mkdir"]


@kills(
    "The asynchronous client writes in its event loop.",
    asynchronous=(
        "_io.download_async:DownloadConnection._perform",
        swap("await in_thread(functools.partial(self._files.perform, ~))", "self._files.perform(~)"),
    ),
)
@pytest.mark.parametrize("overwrite", [False, True])
def test_files_are_written_in_threads(server: PictureServer, folder: Path, disk: Disk, overwrite: bool) -> None:
    server.routes |= {"/small": reply(), "/large": reply(200, LARGE)}
    _run(disk, lambda: _result(server, "/small", "/large", "/small").download(folder, overwrite=overwrite))
    _check(disk)
    assert disk.called["write"] >= 4
    assert disk.called["replace" if overwrite else "link"] == 3
    assert {"mkdir", "open", "fsync", "close"} <= disk.called.keys()
    assert [path.read_bytes() for path in sorted(folder.iterdir())] == [PNG, LARGE, PNG]


def test_what_is_there_is_found_in_a_thread(server: PictureServer, folder: Path, disk: Disk) -> None:
    server.routes["/p"] = reply()
    for _ in range(2):
        _run(disk, lambda: _result(server, "/p").download(folder))
    _check(disk)
    assert len(server.requests) == 1


def _cut(wire: Wire) -> None:
    wire.send(reply(200, LARGE)[:-500])
    wire.reset()


FAILURES: dict[str, tuple[Answer, Callable[[str], None] | None, str]] = {
    "no folder": (reply(), fail_at("mkdir", code=errno.EROFS), "Read-only file system"),
    "folder that nobody may look into": (reply(), fail_at("stat", "lstat", code=errno.EACCES), "Permission denied"),
    "no file": (reply(), fail_at("open", code=errno.EMFILE), "Too many open files"),
    "disk full": (reply(200, LARGE), fail_at("write", code=errno.ENOSPC), "No space left"),
    "failure of the disk": (reply(), fail_at("fsync"), "Input/output error"),
    "status": (reply(500), None, "status 500"),
    "not a picture": (reply(200, b"nothing" * 9), None, "not a picture"),
    "lost in the middle": (_cut, None, "Error"),
}


@pytest.mark.parametrize(("answer", "before", "reason"), FAILURES.values(), ids=FAILURES)
def test_failures_are_cleared_up_in_threads(
    server: PictureServer,
    folder: Path,
    disk: Disk,
    answer: Answer,
    before: Callable[[str], None] | None,
    reason: str,
) -> None:
    server.routes["/p"] = answer
    disk.before = before or disk.before

    async def work() -> None:
        with pytest.raises(DownloadError, match=reason):
            await _result(server, "/p").download(folder)

    _run(disk, work)
    _check(disk)
    disk.before = lambda name: None
    assert not folder.exists() or left_in(folder) == []


def test_certificates_are_read_in_a_thread(
    tls_server: PictureServer, folder: Path, certificate_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls_server.routes["/p"] = reply()
    unread = shutil.copy(str(certificate_file), str(tmp_path))
    monkeypatch.setenv("SSL_CERT_FILE", unread)
    in_loop: list[bool] = []
    real = public_network.tls_context

    def read(scheme: str) -> ssl.SSLContext:
        in_loop.append(is_in_loop())
        return real(scheme)

    monkeypatch.setattr(public_network, "tls_context", read)
    asyncio.run(_result(tls_server, "/p").download(folder))
    assert in_loop == [False]


def test_a_stream_touches_no_file(server: PictureServer, folder: Path, disk: Disk) -> None:
    server.routes["/p"] = reply()

    async def work() -> None:
        async with _result(server, "/p").open() as stream:
            assert b"".join([chunk async for chunk in stream]) == PNG

    _run(disk, work)
    assert not disk.called


#: The first call of each name in a download that goes well, and whether the file is whole by the end of its effect.
CALLS = [("mkdir", 1, False), ("open", 1, False), ("write", 1, False), ("fsync", 1, True), ("close", 1, True),
         ("link", 1, True), ("unlink", 1, True), ("open", 2, True), ("fsync", 2, True)]  # fmt: skip


async def _settle() -> None:
    """As many rounds of the loop as all that is done at once may take."""
    for _ in range(20):
        await asyncio.sleep(0)


async def _cancel(task: asyncio.Task[Any], times: int) -> None:
    for _ in range(times):
        task.cancel()
        await _settle()


@kills(
    "A cancelled download does not wait for its thread.",
    asynchronous=("_io.loops:to_its_end", swap("cancelled = error", "raise")),
    row="again and again-write",
)
@pytest.mark.parametrize(("call", "number", "is_whole"), CALLS)
@pytest.mark.parametrize("times", [1, 3], ids=["once", "again and again"])
def test_download_cancelled_at_the_disk_waits_for_it_and_leaves_no_half_file(
    server: PictureServer, folder: Path, disk: Disk, call: str, number: int, is_whole: bool, times: int
) -> None:
    server.routes["/p"] = reply(200, LARGE)
    disk.before = barrier = Barrier(call, number)

    async def work() -> None:
        task = asyncio.create_task(_result(server, "/p").download(folder))
        await asyncio.to_thread(barrier.is_there.wait, LONG)
        await _cancel(task, times)
        was_waited_for = not task.done()
        barrier.go_on.set()
        assert was_waited_for
        with pytest.raises(asyncio.CancelledError):
            await task
        assert tasks_left() == []

    _run(disk, work)
    _check(disk)
    assert left_in(folder) == ([NAME] if is_whole else [])
    assert not is_whole or (folder / NAME).read_bytes() == LARGE


def _half(wire: Wire) -> None:
    wire.send(reply(200, LARGE)[: -len(LARGE) // 2])
    wire.stall()


def test_clearing_up_after_a_cancellation_is_not_cancelled(server: PictureServer, folder: Path, disk: Disk) -> None:
    server.routes["/p"] = _half
    disk.before = barrier = Barrier("unlink")
    has_written = threading.Event()

    def before(name: str) -> None:
        has_written.set() if name == "write" else barrier(name)

    disk.before = before

    async def work() -> None:
        task = asyncio.create_task(_result(server, "/p").download(folder))
        await asyncio.to_thread(has_written.wait, LONG)
        await _cancel(task, 1)
        await asyncio.to_thread(barrier.is_there.wait, LONG)
        await _cancel(task, 3)
        was_waited_for = not task.done()
        barrier.go_on.set()
        assert was_waited_for
        with pytest.raises(asyncio.CancelledError):
            await task

    _run(disk, work)
    _check(disk)
    assert left_in(folder) == []


def _throw_away(tasks: set[asyncio.Task[Any]]) -> None:
    """What becomes of the coroutines of an event loop that has ended. Their sockets and httpcore's complain."""
    with warnings.catch_warnings(), pytest.MonkeyPatch.context() as patch:
        warnings.simplefilter("ignore")
        patch.setattr(sys, "unraisablehook", lambda unraisable: None)
        for task in tasks:
            coroutine = task.get_coro()
            assert isinstance(coroutine, Coroutine)
            with contextlib.suppress(RuntimeError):
                coroutine.close()
        tasks.clear()
        del task, coroutine
        gc.collect()


@pytest.mark.parametrize("call", ["read", "write"])
def test_download_thrown_away_with_its_event_loop_leaves_no_file(
    server: PictureServer, folder: Path, disk: Disk, call: str
) -> None:
    """It is given up while it waits for the network, or for a thread that still writes."""
    server.routes["/p"] = _half
    disk.before = barrier = Barrier("write")
    loop = asyncio.new_event_loop()

    async def work() -> set[asyncio.Task[Any]]:
        tasks: set[asyncio.Task[Any]] = {asyncio.create_task(_result(server, "/p").download(folder))}
        await asyncio.to_thread(barrier.is_there.wait, LONG)
        if call == "read":
            barrier.go_on.set()
            await asyncio.to_thread(wait_until, lambda: disk.called["write"] >= 2)
        return tasks | {task for task in asyncio.all_tasks() if task is not asyncio.current_task()}

    tasks = loop.run_until_complete(work())
    assert not disk.is_all_closed
    loop.close()
    barrier.go_on.set()
    _throw_away(tasks)
    assert disk.is_all_closed
    assert left_in(folder) == []
