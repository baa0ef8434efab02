"""A disk that refuses, is full or fails: the error says so, and no half file is left."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from modellix import DownloadError
from scripts.mutants.kills import kills, without
from tests.support.clients import Face, raw_result
from tests.support.pictures import PNG, PictureServer, Wire, left_in, reply


@pytest.mark.parametrize("name", ["file", "file/below", "dangling", "\0", "x" * 300], ids=repr)
def test_folder_that_cannot_be_made(server: PictureServer, taker: Face, tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_bytes(b"mine")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    with pytest.raises(DownloadError) as caught:
        taker.download(raw_result(f"{server.url}/p"), server.url, tmp_path / name)
    assert isinstance(caught.value.__cause__, OSError | ValueError)
    assert caught.value.path == tmp_path / name
    assert server.connections == 0


@pytest.mark.parametrize("error", [errno.EACCES, errno.EROFS, errno.EMFILE], ids=errno.errorcode.get)
def test_folder_in_which_nothing_can_be_made(
    server: PictureServer, taker: Face, folder: Path, monkeypatch: pytest.MonkeyPatch, error: int
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


def test_full_disk(server: PictureServer, taker: Face, tiny_disk: Path) -> None:
    server.routes["/p"] = reply()
    with pytest.raises(DownloadError, match="No space left on device"):
        taker.download(raw_result(f"{server.url}/p"), server.url, tiny_disk)
    assert left_in(tiny_disk) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_limit_on_the_size_of_files(server: PictureServer, taker: Face, folder: Path) -> None:
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
    server: PictureServer, taker: Face, folder: Path, monkeypatch: pytest.MonkeyPatch, call: str
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


@kills("A file has its name before its bytes are on the disk.", "_io.files:PartialFile.finish", without("_sync"))
def test_bytes_are_on_the_disk_before_the_file_has_its_name(
    server: PictureServer, taker: Face, folder: Path, monkeypatch: pytest.MonkeyPatch
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
    server: PictureServer, taker: Face, folder: Path, monkeypatch: pytest.MonkeyPatch, is_taken: bool
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
