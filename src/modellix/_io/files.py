"""A picture on disk: under a temporary name while it grows, under its own once it is whole.

The temporary name is random and made by us alone (O_EXCL), and a name is given by `link` or `replace`, neither of
which follows a symlink; so nobody can lead the bytes elsewhere. Permissions are what the umask leaves. A process that
is killed may leave a file named `.modellix-….part`, which can be deleted.
"""

from __future__ import annotations

import contextlib
import errno
import filecmp
import os
import stat
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from modellix._core.download_effects import (
    CreateFile,
    DiscardFile,
    FileEffect,
    FindFile,
    FinishFile,
    MakeFolder,
    SyncFolder,
    WriteFile,
)
from modellix._core.image_format import KINDS
from modellix.errors import ConfigurationError, is_foreign

_ADVISE_BYTES = 256 * 1024
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


class Occupied(OSError):
    """Something that is not a picture has the name."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(errno.EEXIST, f"{path.name} exists already and is {what}")


class Files:
    """Carries out the effects on files, in any thread. `DiscardFile` always comes last, whatever happened before.

    Locked, because an asynchronous download may be thrown away while a thread is still at work for it.
    """

    def __init__(self) -> None:
        self._partial: PartialFile | None = None
        self._is_closed = False
        self._lock = threading.RLock()  # a signal handler's exception may leave it locked

    def perform(self, effect: FileEffect) -> Path | None:
        """Carry out one effect. Raises OSError, ValueError for a path that cannot be one, or Occupied."""
        with self._lock:
            return None if self._is_closed else self._perform(effect)

    def _perform(self, effect: FileEffect) -> Path | None:
        match effect:
            case MakeFolder(folder):
                folder.mkdir(parents=True, exist_ok=True)
            case FindFile(folder, stem):
                return _find(folder, stem)
            case CreateFile(folder):
                self._discard()
                self._partial = PartialFile(folder)
                self._partial.create()
            case WriteFile(chunks) if self._partial is not None:
                self._partial.write(chunks)
            case FinishFile(target, overwrite, must_match) if self._partial is not None:
                self._partial.finish(target, overwrite=overwrite, must_match=must_match)
                self._discard()
            case DiscardFile():
                self._discard()
            case SyncFolder(folder):
                _sync_folder(folder)
            case _:
                raise AssertionError("CreateFile comes first")
        return None

    def close(self) -> None:
        """Discard, and do nothing any more: a thread may still have an effect to carry out."""
        with self._lock:
            self._is_closed = True
            self._discard()

    def _discard(self) -> None:
        if self._partial is not None:
            self._partial.discard()
            self._partial = None


def _find(folder: Path, stem: str) -> Path | None:
    """The picture that has the name already. Only whole files ever get it. Raises Occupied."""
    return next((path for kind in KINDS if _is_there(path := folder / (stem + kind.suffix))), None)


def _is_there(path: Path) -> bool:
    try:
        found = path.lstat()
    except FileNotFoundError:
        return False
    if not stat.S_ISREG(found.st_mode):
        raise Occupied(path, "a symlink, which is not followed" if stat.S_ISLNK(found.st_mode) else "not a file")
    if found.st_size == 0:
        raise Occupied(path, "empty: overwrite=True replaces it")
    return True


def _sync_folder(folder: Path) -> None:
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)  # Windows refuses to open a folder
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _sync(descriptor: int) -> None:
    """Bring a file to the disk. On macOS `fsync` leaves it in the disk's own cache."""
    if sys.platform == "darwin":
        import fcntl

        with contextlib.suppress(OSError):  # file systems of other machines cannot
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
            return
    os.fsync(descriptor)


def contents(folder: Path) -> Iterator[tuple[str, bool]]:
    """The names in the folder, which is made if need be, each with whether it is a file that holds something. Raises
    ConfigurationError.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, "no file can be made in it")
        with os.scandir(folder) as entries:
            for entry in entries:
                found = entry.stat(follow_symlinks=False)
                yield entry.name, stat.S_ISREG(found.st_mode) and found.st_size > 0
    except (OSError, ValueError) as error:  # of an odd path
        if is_foreign(error):
            raise
        said = error.strerror if isinstance(error, OSError) else error
        raise ConfigurationError(f"the folder {folder} cannot be used: {type(error).__name__}: {said}") from error


class PartialFile:
    """A file that is not whole yet. `discard` always comes last, whatever happened before."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / f".modellix-{os.urandom(16).hex()}.part"
        self._descriptor: int | None = None
        self._written = 0  # bytes
        self._advised = 0  # of them, those that the disk was told of

    def create(self) -> None:
        """Make it, empty."""
        self._descriptor = os.open(self._path, _FLAGS, 0o666)

    def write(self, chunks: list[bytes]) -> None:
        """Append all of the chunks."""
        assert self._descriptor is not None
        for chunk in chunks:
            view = memoryview(chunk)
            while view:
                view = view[os.write(self._descriptor, view) :]
            self._written += len(chunk)
        if self._written - self._advised >= _ADVISE_BYTES:
            self._start_writing(self._descriptor)

    def _start_writing(self, descriptor: int) -> None:
        """Have the disk begin while more arrives, so that `fsync` finds most of its work done (4 MB: 0.4 ms, not 4)."""
        if sys.platform == "linux":
            with contextlib.suppress(OSError):
                os.posix_fadvise(descriptor, self._advised, self._written - self._advised, os.POSIX_FADV_DONTNEED)
        self._advised = self._written

    def finish(self, target: Path, *, overwrite: bool, must_match: bool = False) -> None:
        """Bring it safely to the disk and give it its name. Raises OSError, or Occupied.

        Without `overwrite` a picture that has the name is kept; with `must_match` only the same one.
        """
        assert self._descriptor is not None
        _sync(self._descriptor)
        self._close()
        if overwrite:
            self._path.replace(target)
        elif not self._link(target):
            self._check_kept(target, must_match)

    def _check_kept(self, target: Path, must_match: bool) -> None:
        if not _is_there(target):
            raise FileNotFoundError(errno.ENOENT, "a file of that name appeared and vanished meanwhile")
        if must_match and not filecmp.cmp(self._path, target, shallow=False):
            raise Occupied(target, "another picture: take another name, or overwrite=True to replace it")

    def _link(self, target: Path) -> bool:
        """Give it the name if nobody has it. On a file system without hard links (FAT), we look before we rename."""
        try:
            target.hardlink_to(self._path)
        except FileExistsError:
            return False
        except OSError:
            if _is_there(target):
                return False
            self._path.replace(target)
        return True

    def discard(self) -> None:
        """Close and remove what is left under the temporary name."""
        with contextlib.suppress(OSError):
            self._close()
        with contextlib.suppress(OSError):
            self._path.unlink()

    def _close(self) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)
