"""From a result's URLs to complete files, or no file: decided once for both clients (see download_session.py)."""

from __future__ import annotations

import functools
import logging
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from modellix._core.download_session import DownloadSession, Lost, Manifest, Steps
from modellix._core.effects import Blocking
from modellix._core.fetch import Picture
from modellix._core.foreign import is_foreign
from modellix._io.files import Occupied, PartialFile, find, stem_of, sync_folder
from modellix.errors import DownloadError

T = TypeVar("T")
log = logging.getLogger("modellix")

SLOTS = 4  # files of one result that are fetched at a time
_TRIES = 2  # of a file whose connection was lost; downloads are free


class Batch:
    """The files of one result: which is next, and what became of each.

    One that cannot be had does not keep the others from coming: they are there when the user tries again.
    """

    def __init__(self, manifest: Manifest, folder: Path, overwrite: bool) -> None:
        self.session = DownloadSession(manifest)
        self._folder = folder
        self._overwrite = overwrite
        self._left = deque(range(len(manifest.urls)))
        self._paths: dict[int, Path] = {}
        self._errors: dict[int, DownloadError] = {}

    @property
    def slots(self) -> int:
        """How many files to fetch at a time."""
        return min(SLOTS, len(self._left))

    def prepare(self) -> None:
        """Make the folder. Raises DownloadError."""
        self.session.check()
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except (OSError, ValueError) as error:
            if is_foreign(error):
                raise
            raise self.session.error("", self._folder, _said(error)) from error

    def next(self) -> tuple[int, Steps[Path]] | None:
        """The rules of a file to fetch now, and its number; None when all are done or under way."""
        try:
            index = self._left.popleft()
        except IndexError:
            return None
        return index, save(self.session, index, self._folder, self._overwrite)

    def ended(self, index: int, outcome: Path | DownloadError) -> None:
        """Note what became of a file."""
        if isinstance(outcome, DownloadError):
            self._errors[index] = outcome
        else:
            self._paths[index] = outcome

    def stop(self) -> None:
        """Hand out no further file."""
        self._left.clear()

    def finish(self) -> list[Path]:
        """All files in order. Raises the first DownloadError."""
        sync_folder(self._folder)
        if not self._errors:
            return [path for _, path in sorted(self._paths.items())]
        error = self._errors[min(self._errors)]
        if len(self._errors) > 1:
            error.add_note(f"{len(self._errors)} files of the result could not be had, {len(self._paths)} are complete")
        raise error


def save(session: DownloadSession, index: int, folder: Path, overwrite: bool) -> Steps[Path]:
    """The rules of one file: the one that is there, or a whole new one. Raises DownloadError."""
    stem = stem_of(session.manifest.task_id, index)
    picture = Picture(session, index, folder / stem)
    try:
        found = None if overwrite else (yield Blocking(functools.partial(find, folder, stem)))
        if isinstance(found, Path):
            return found
        return (yield from begin(picture, lambda: _write(picture, folder, stem, overwrite)))
    except (OSError, ValueError) as error:
        if is_foreign(error) and not isinstance(error, Occupied):
            raise
        raise picture.error(_said(error)) from error


def begin(picture: Picture, rules: Callable[[], Steps[T]]) -> Steps[T]:
    """Rules that may be run once more, from the start, when the connection is lost. Raises DownloadError."""
    for tries_left in reversed(range(_TRIES)):
        try:
            return (yield from rules())
        except Lost as lost:
            if not tries_left:
                raise picture.error(str(lost)) from lost.__cause__
            log.info("%s: the connection was lost, once more from the start", picture)
    raise AssertionError("the last try returns or raises")


def chunk_of(picture: Picture) -> Steps[bytes]:
    """The next bytes for somebody who already has those before them. Raises DownloadError."""
    try:
        return (yield from picture.more())
    except Lost as lost:
        raise picture.error(str(lost)) from lost.__cause__


def _write(picture: Picture, folder: Path, stem: str, overwrite: bool) -> Steps[Path]:
    """One try. The temporary file is made once the first bytes are a picture's, and never left."""
    yield from picture.start()
    picture.path = target = folder / (stem + picture.kind.suffix)
    partial = PartialFile(folder)
    try:
        partial.create()
        while chunk := (yield from picture.more()):
            partial.write(chunk)
        yield Blocking(functools.partial(partial.place, target, overwrite=overwrite))
    finally:
        partial.discard()
    log.debug("%s: whole, %d bytes", picture, picture.size)
    return target


def _said(error: OSError | ValueError) -> str:
    said = error.strerror if isinstance(error, OSError) else None
    return f"{type(error).__name__}: {said or error}"
