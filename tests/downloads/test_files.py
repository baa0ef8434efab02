"""Names, places and neighbours of a file: whole under its name, or not there at all."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modellix import DownloadError
from modellix._core.download import stem_of
from scripts.mutants.kills import always, kills, swap, without
from tests.timing import LONG

from .hostile import PNG, HostileServer, Wire, reply
from .takers import Taker, raw_result
from .test_replies import left_in

WINDOWS_FORBIDS = set('<>:"/\\|?*') | {chr(code) for code in range(32)}


@pytest.mark.parametrize(
    ("task_id", "stem"),
    [
        ("task_abc123xyz", "task_abc123xyz-0"),
        ("task-openai-abc123", "task-openai-abc123-0"),
        ("con", "con-0"),  # reserved on Windows only without the number
        ("a" * 80, "a" * 80 + "-0"),
        ("a" * 81, "a" * 40 + "~"),
        ("../../etc/passwd", "_etc_passwd~"),
        ("..", "_~"),
        ("/etc/passwd", "_etc_passwd~"),
        ("C:\\Windows", "c_windows~"),
        ("Task-1", "task_1~"),
        ("-rf", "_rf~"),
        ("trailing. ", "trailing_~"),
        (".hidden", "_hidden~"),
        ("nul.txt", "nul_txt~"),
        ("a\0b", "a_b~"),
        ("任务", "_~"),
        ("\ud800", "_~"),
        ("", "~"),
    ],
)
def test_name_of_a_task(task_id: str, stem: str) -> None:
    assert stem_of(task_id, 0).startswith(stem)


IDS = st.one_of(st.text(), st.text("aAbB-_~.01", max_size=6))


@given(IDS, IDS, st.integers(0, 300), st.integers(0, 300))
def test_different_files_have_different_names_even_without_case(a: str, b: str, i: int, j: int) -> None:
    assert (stem_of(a, i).casefold() == stem_of(b, j).casefold()) == ((a, i) == (b, j))


@given(st.text())
def test_name_suits_every_file_system(task_id: str) -> None:
    name = stem_of(task_id, 255) + ".webp"
    assert name.isascii()
    assert not WINDOWS_FORBIDS & set(name)
    assert len(name) < 143  # bytes that an encrypting file system leaves of 255
    assert name[0] not in ".- "
    assert Path(name).name == name


def test_files_are_in_the_order_of_the_result(server: HostileServer, taker: Taker, folder: Path) -> None:
    for index in range(12):
        server.routes[f"/{index}"] = reply(200, PNG + bytes([index]))
    paths = taker.download(raw_result(*(f"{server.url}/{index}" for index in range(12))), server.url, folder)
    assert [path.name for path in paths] == [f"task-1-{index}.png" for index in range(12)]
    assert [path.read_bytes()[-1] for path in paths] == list(range(12))


@kills("Five files of a result are fetched at a time.", "_core.download:Batch.slots", swap("SLOTS", "SLOTS + 1"))
def test_at_most_four_files_are_fetched_at_a_time(server: HostileServer, taker: Taker, folder: Path) -> None:
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
def test_file_has_the_permissions_that_the_umask_leaves(server: HostileServer, taker: Taker, folder: Path) -> None:
    server.routes["/p"] = reply()
    before = os.umask(0o027)
    try:
        [path] = taker.download(raw_result(f"{server.url}/p"), server.url, folder)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@kills("A file that is complete is fetched once more.", "_core.download:save", always("overwrite"))
def test_complete_file_is_not_fetched_again(server: HostileServer, taker: Taker, folder: Path) -> None:
    server.routes |= {"/1": reply(), "/2": [reply(500), reply()]}
    raw = raw_result(f"{server.url}/1", f"{server.url}/2")
    with pytest.raises(DownloadError, match="status 500"):
        taker.download(raw, server.url, folder)
    assert left_in(folder) == ["task-1-0.png"]
    assert len(taker.download(raw, server.url, folder)) == 2
    assert sorted(server.paths) == ["/1", "/2", "/2"]


def test_overwrite_fetches_again(server: HostileServer, taker: Taker, folder: Path) -> None:
    server.routes["/p"] = [reply(200, PNG + b"old"), reply(200, PNG + b"new")]
    raw = raw_result(f"{server.url}/p")
    taker.download(raw, server.url, folder)
    [path] = taker.download(raw, server.url, folder, overwrite=True)
    assert path.read_bytes().endswith(b"new")


def test_failed_overwrite_leaves_the_old_file(server: HostileServer, taker: Taker, folder: Path) -> None:
    server.routes["/p"] = [reply(), reply(length=len(PNG) + 1)]
    raw = raw_result(f"{server.url}/p")
    [path] = taker.download(raw, server.url, folder)
    with pytest.raises(DownloadError):
        taker.download(raw, server.url, folder, overwrite=True)
    assert path.read_bytes() == PNG
    assert left_in(folder) == ["task-1-0.png"]


@kills("A file that appeared meanwhile is replaced.", "_io.files:PartialFile.place", always("overwrite"))
def test_file_that_appears_meanwhile_is_kept(server: HostileServer, taker: Taker, folder: Path) -> None:
    def play(wire: Wire) -> None:
        (folder / "task-1-0.png").write_bytes(PNG + b"theirs")
        wire.send(reply())

    server.routes["/p"] = play
    [path] = taker.download(raw_result(f"{server.url}/p"), server.url, folder)
    assert path.read_bytes() == PNG + b"theirs"
    assert left_in(folder) == ["task-1-0.png"]


@kills(
    "When one file cannot be had the others are not fetched.",
    "_core.download:Batch.ended",
    swap("_errors[index] = outcome", "_errors[index] = outcome\n            self.stop()"),
)
def test_one_failure_does_not_keep_the_other_files_from_coming(
    server: HostileServer, taker: Taker, folder: Path
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
    server: HostileServer, taker: Taker, folder: Path, trap: Callable[[Path, Path], None], appears: str
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
    server: HostileServer, taker: Taker, folder: Path
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
    server: HostileServer, taker: Taker, folder: Path, monkeypatch: pytest.MonkeyPatch
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


def test_folder_may_be_a_symlink_of_the_user(server: HostileServer, taker: Taker, folder: Path) -> None:
    real = folder.with_name("real")
    real.mkdir()
    folder.symlink_to(real)
    server.routes["/p"] = reply()
    [path] = taker.download(raw_result(f"{server.url}/p"), server.url, folder)
    assert path == folder / "task-1-0.png"
    assert left_in(real) == ["task-1-0.png"]


@kills("A task's id with slashes leads out of the folder.", "_core.download:stem_of", always("_PLAIN_ID"))
def test_hostile_task_id_stays_in_the_folder(server: HostileServer, taker: Taker, folder: Path) -> None:
    server.routes["/p"] = reply()
    [path] = taker.download(raw_result(f"{server.url}/p", task_id="../../outside"), server.url, folder)
    assert path.resolve().parent == folder.resolve()


@pytest.mark.parametrize("name", ["file", "file/below", "dangling", "\0", "x" * 300], ids=repr)
def test_folder_that_cannot_be_made(server: HostileServer, taker: Taker, tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_bytes(b"mine")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    with pytest.raises(DownloadError) as caught:
        taker.download(raw_result(f"{server.url}/p"), server.url, tmp_path / name)
    assert isinstance(caught.value.__cause__, OSError | ValueError)
    assert caught.value.path == tmp_path / name
    assert server.connections == 0


@pytest.mark.parametrize("error", [errno.EACCES, errno.EROFS, errno.EMFILE], ids=errno.errorcode.get)
def test_folder_in_which_nothing_can_be_made(
    server: HostileServer, taker: Taker, folder: Path, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    """The tests may run as root, whom no mode stops, so the system's answer is made up."""
    real = os.open

    def refuse(path: Any, flags: int, *arguments: Any, **options: Any) -> int:
        if ".modellix-" in str(path):
            raise OSError(error, os.strerror(error), str(path))
        return real(path, flags, *arguments, **options)

    monkeypatch.setattr(os, "open", refuse)
    server.routes["/p"] = reply()
    with pytest.raises(DownloadError) as caught:
        taker.download(raw_result(f"{server.url}/p"), server.url, folder)
    assert os.strerror(error) in caught.value.reason
    assert caught.value.path == folder / "task-1-0.png"
    assert left_in(folder) == []


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KiB."""
    place = tmp_path / "tiny"
    place.mkdir()
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)], capture_output=True)
    if mount.returncode:
        pytest.skip("mounting needs root; the limit of the process is tested in any case")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_full_disk(server: HostileServer, taker: Taker, tiny_disk: Path) -> None:
    server.routes["/p"] = reply()
    with pytest.raises(DownloadError, match="No space left on device"):
        taker.download(raw_result(f"{server.url}/p"), server.url, tiny_disk)
    assert left_in(tiny_disk) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_limit_on_the_size_of_files(server: HostileServer, taker: Taker, folder: Path) -> None:
    import resource

    server.routes["/p"] = reply()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, before[1]))
    try:
        with pytest.raises(DownloadError, match="File too large"):
            taker.download(raw_result(f"{server.url}/p"), server.url, folder)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert left_in(folder) == []


@pytest.mark.parametrize("call", ["fsync", "link"])
def test_failure_at_the_very_end(
    server: HostileServer, taker: Taker, folder: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def fail(*arguments: Any, **options: Any) -> None:
        raise OSError(errno.EIO, "Input/output error")

    server.routes["/p"] = reply()
    monkeypatch.setattr(os, call, fail)
    if call == "link":
        monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(DownloadError, match="Input/output error"):
        taker.download(raw_result(f"{server.url}/p"), server.url, folder)
    assert left_in(folder) == []


@kills("A file has its name before its bytes are on the disk.", "_io.files:PartialFile.place", without("_sync"))
def test_bytes_are_on_the_disk_before_the_file_has_its_name(
    server: HostileServer, taker: Taker, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names: list[list[str]] = []
    real = os.fsync

    def note(descriptor: int) -> None:
        names.append([name for name in left_in(folder) if not name.startswith(".")])
        real(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    server.routes["/p"] = reply()
    taker.download(raw_result(f"{server.url}/p"), server.url, folder)
    assert names == [[], ["task-1-0.png"]]  # the file's, then the folder's


@pytest.mark.parametrize("is_taken", [False, True])
def test_file_system_without_hard_links(
    server: HostileServer, taker: Taker, folder: Path, monkeypatch: pytest.MonkeyPatch, is_taken: bool
) -> None:
    def refuse(*arguments: Any, **options: Any) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    def play(wire: Wire) -> None:
        if is_taken:
            (folder / "task-1-0.png").write_bytes(b"theirs")
        wire.send(reply())

    monkeypatch.setattr(os, "link", refuse)
    server.routes["/p"] = play
    [path] = taker.download(raw_result(f"{server.url}/p"), server.url, folder)
    assert path.read_bytes() == (b"theirs" if is_taken else PNG)
    assert left_in(folder) == ["task-1-0.png"]


def test_two_threads_may_download_the_same_result(server: HostileServer, taker: Taker, folder: Path) -> None:
    together = threading.Barrier(2)

    def play(wire: Wire) -> None:
        together.wait(LONG)
        wire.send(reply())

    server.routes["/p"] = play
    raw, outcomes = raw_result(f"{server.url}/p"), []
    threads = [
        threading.Thread(target=lambda: outcomes.append(taker.download(raw, server.url, folder))) for _ in range(2)
    ]
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


def test_two_processes_may_download_the_same_result(server: HostileServer, folder: Path) -> None:
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
