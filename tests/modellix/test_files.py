"""A file and what stands beside it: whole under its name, or not there at all."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from modellix import DownloadError
from scripts.mutants.kills import always, kills, swap
from tests.support.clients import Face, raw_result
from tests.support.pictures import PNG, PictureServer, Wire, left_in, reply
from tests.support.timing import LONG


def test_files_are_in_the_order_of_the_result(server: PictureServer, taker: Face, folder: Path) -> None:
    for index in range(12):
        server.routes[f"/{index}"] = reply(200, PNG + bytes([index]))
    paths = taker.download(raw_result(*(f"{server.url}/{index}" for index in range(12))), server.url, folder)
    assert [path.name for path in paths] == [f"task-1-{index}.png" for index in range(12)]
    assert [path.read_bytes()[-1] for path in paths] == list(range(12))


@kills("Five files of a result are fetched at a time.", "_core.download:Batch.slots", swap("SLOTS", "SLOTS + 1"))
def test_at_most_four_files_are_fetched_at_a_time(server: PictureServer, taker: Face, folder: Path) -> None:
    lock, now, most = threading.Lock(), 0, 0
    together, fifth = threading.Barrier(4), threading.Event()

    def play(wire: Wire) -> None:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
            if now > 4:
                fifth.set()
        together.wait(LONG)
        fifth.wait(0.3)  # once, for whoever is one too many
        fifth.set()
        with lock:
            now -= 1
        wire.send(reply())

    server.routes["/p"] = play
    assert len(taker.download(raw_result(*[f"{server.url}/p"] * 12), server.url, folder)) == 12
    assert most == 4


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no umask worth the name")
def test_file_has_the_permissions_that_the_umask_leaves(server: PictureServer, taker: Face, folder: Path) -> None:
    server.routes["/p"] = reply()
    before = os.umask(0o027)
    try:
        [path] = taker.download(raw_result(f"{server.url}/p"), server.url, folder)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@kills(
    "A file that is complete is fetched once more.",
    "_core.download:save",
    swap("if not to.overwrite and not to.is_given", "if False"),
)
def test_complete_file_is_not_fetched_again(server: PictureServer, taker: Face, folder: Path) -> None:
    server.routes |= {"/1": reply(), "/2": [reply(500), reply()]}
    raw = raw_result(f"{server.url}/1", f"{server.url}/2")
    with pytest.raises(DownloadError, match="status 500"):
        taker.download(raw, server.url, folder)
    assert left_in(folder) == ["task-1-0.png"]
    assert len(taker.download(raw, server.url, folder)) == 2
    assert sorted(server.paths) == ["/1", "/2", "/2"]


def test_overwrite_fetches_again(server: PictureServer, taker: Face, folder: Path) -> None:
    server.routes["/p"] = [reply(200, PNG + b"old"), reply(200, PNG + b"new")]
    raw = raw_result(f"{server.url}/p")
    taker.download(raw, server.url, folder)
    [path] = taker.download(raw, server.url, folder, overwrite=True)
    assert path.read_bytes().endswith(b"new")


def test_failed_overwrite_leaves_the_old_file(server: PictureServer, taker: Face, folder: Path) -> None:
    server.routes["/p"] = [reply(), reply(length=len(PNG) + 1)]
    raw = raw_result(f"{server.url}/p")
    [path] = taker.download(raw, server.url, folder)
    with pytest.raises(DownloadError):
        taker.download(raw, server.url, folder, overwrite=True)
    assert path.read_bytes() == PNG
    assert left_in(folder) == ["task-1-0.png"]


@kills("A file that appeared meanwhile is replaced.", "_io.files:PartialFile.finish", always("overwrite"))
def test_file_that_appears_meanwhile_is_kept(server: PictureServer, taker: Face, folder: Path) -> None:
    def play(wire: Wire) -> None:
        (folder / "task-1-0.png").write_bytes(PNG + b"theirs")
        wire.send(reply())

    server.routes["/p"] = play
    [path] = taker.download(raw_result(f"{server.url}/p"), server.url, folder)
    assert path.read_bytes() == PNG + b"theirs"
    assert left_in(folder) == ["task-1-0.png"]


@kills(
    "When one file cannot be had the others are not fetched.",
    "_core.download:Batch.work",
    swap("_errors[~] = ~", "_errors[~] = ~\n                self.stop()"),
)
def test_one_failure_does_not_keep_the_other_files_from_coming(
    server: PictureServer, taker: Face, folder: Path
) -> None:
    for index in range(8):
        server.routes[f"/{index}"] = reply(500 if index in (1, 4) else 200)
    with pytest.raises(DownloadError) as caught:
        taker.download(raw_result(*(f"{server.url}/{index}" for index in range(8))), server.url, folder)
    assert caught.value.url == f"{server.url}/1"
    assert caught.value.__notes__ == ["2 files of the result could not be had, 6 are complete"]
    assert len(left_in(folder)) == 6


def _symlink(target: Path, elsewhere: Path) -> None:
    target.symlink_to(elsewhere)


def _dangling(target: Path, elsewhere: Path) -> None:
    target.symlink_to(elsewhere.with_name("nowhere"))


def _folder(target: Path, elsewhere: Path) -> None:
    target.mkdir()


def _empty(target: Path, elsewhere: Path) -> None:
    target.touch()


TRAPS = {"symlink": _symlink, "dangling symlink": _dangling, "folder": _folder, "empty file": _empty}


@pytest.mark.parametrize("trap", TRAPS.values(), ids=TRAPS)
@pytest.mark.parametrize("appears", ["before", "meanwhile"])
def test_what_is_not_a_picture_under_the_name_is_neither_followed_nor_replaced(
    server: PictureServer, taker: Face, folder: Path, trap: Callable[[Path, Path], None], appears: str
) -> None:
    folder.mkdir()
    target, elsewhere = folder / "task-1-0.png", folder.with_name("elsewhere")
    elsewhere.write_bytes(b"precious")

    def play(wire: Wire) -> None:
        if appears == "meanwhile":
            trap(target, elsewhere)
        wire.send(reply())

    server.routes["/p"] = play
    if appears == "before":
        trap(target, elsewhere)
    with pytest.raises(DownloadError, match="exists already and is"):
        taker.download(raw_result(f"{server.url}/p"), server.url, folder)
    assert len(server.requests) == (appears == "meanwhile")
    assert elsewhere.read_bytes() == b"precious"
    assert not folder.with_name("nowhere").exists()
    assert left_in(folder) == ["task-1-0.png"]


def test_overwrite_replaces_a_symlink_and_not_what_it_points_to(
    server: PictureServer, taker: Face, folder: Path
) -> None:
    folder.mkdir()
    elsewhere = folder.with_name("elsewhere")
    elsewhere.write_bytes(b"precious")
    (folder / "task-1-0.png").symlink_to(elsewhere)
    server.routes["/p"] = reply()
    [path] = taker.download(raw_result(f"{server.url}/p"), server.url, folder, overwrite=True)
    assert not path.is_symlink()
    assert path.read_bytes() == PNG
    assert elsewhere.read_bytes() == b"precious"


def test_symlink_at_the_temporary_name_is_not_followed(
    server: PictureServer, taker: Face, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name is random; here it is known beforehand."""
    monkeypatch.setattr(os, "urandom", bytes)
    folder.mkdir()
    elsewhere = folder.with_name("elsewhere")
    (folder / f".modellix-{'00' * 16}.part").symlink_to(elsewhere)
    server.routes["/p"] = reply()
    with pytest.raises(DownloadError, match="FileExistsError"):
        taker.download(raw_result(f"{server.url}/p"), server.url, folder)
    assert not elsewhere.exists()


def test_folder_may_be_a_symlink_of_the_user(server: PictureServer, taker: Face, folder: Path) -> None:
    real = folder.with_name("real")
    real.mkdir()
    folder.symlink_to(real)
    server.routes["/p"] = reply()
    [path] = taker.download(raw_result(f"{server.url}/p"), server.url, folder)
    assert path == folder / "task-1-0.png"
    assert left_in(real) == ["task-1-0.png"]


@kills("A task's id with slashes leads out of the folder.", "_core.download:stem_of", always("_PLAIN_NAME"))
def test_hostile_task_id_stays_in_the_folder(server: PictureServer, taker: Face, folder: Path) -> None:
    server.routes["/p"] = reply()
    [path] = taker.download(raw_result(f"{server.url}/p", task_id="../../outside"), server.url, folder)
    assert path.resolve().parent == folder.resolve()


def test_two_threads_may_download_the_same_result(server: PictureServer, taker: Face, folder: Path) -> None:
    together = threading.Barrier(2)

    def play(wire: Wire) -> None:
        together.wait(LONG)
        wire.send(reply())

    server.routes["/p"] = play
    raw, outcomes = raw_result(f"{server.url}/p"), []

    def download() -> None:
        with type(taker)() as face:
            outcomes.append(face.download(raw, server.url, folder))

    threads = [threading.Thread(target=download) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONG)
    assert outcomes == [[folder / "task-1-0.png"]] * 2
    assert (folder / "task-1-0.png").read_bytes() == PNG
    assert left_in(folder) == ["task-1-0.png"]


PROCESS = """
import json, sys
from modellix.tasks import TaskResult
raw, origin, folder = json.loads(sys.argv[1])
print(*TaskResult("task-1", raw, origin).download(folder))
"""


def test_two_processes_may_download_the_same_result(server: PictureServer, folder: Path) -> None:
    import json

    together = threading.Barrier(2)

    def play(wire: Wire) -> None:
        together.wait(LONG)
        wire.send(reply())

    server.routes["/p"] = play
    order = json.dumps([raw_result(f"{server.url}/p"), server.url, str(folder)])
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    processes = [
        subprocess.Popen([sys.executable, "-c", PROCESS, order], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [process.communicate(timeout=LONG)[0].strip() for process in processes]
    assert said == [str(folder / "task-1-0.png")] * 2
    assert (folder / "task-1-0.png").read_bytes() == PNG
    assert left_in(folder) == ["task-1-0.png"]
