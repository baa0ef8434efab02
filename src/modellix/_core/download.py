"""From a result's URLs to complete files, or no file: decided once for both clients (see download_effects.py)."""

from __future__ import annotations

import functools
import hashlib
import logging
import re
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from modellix._core.download_effects import (
    CreateFile,
    DiscardFile,
    DownloadRules,
    FileEffect,
    FindFile,
    FinishFile,
    Lost,
    MakeFolder,
    SyncFolder,
    WriteFile,
)
from modellix._core.download_session import DownloadSession
from modellix._core.fetch import Picture
from modellix._records import frozen
from modellix.errors import ConfigurationError, DownloadError, is_foreign, shorten

T = TypeVar("T")
log = logging.getLogger("modellix")

SLOTS = 4  # files of one result that are fetched at a time
_TRIES = 2  # of a file whose connection was lost; downloads are free
_WRITE_BYTES = 1024**2  # at once: the asynchronous client goes to a thread and back for each write
_PLAIN_NAME = re.compile(r"[a-z0-9_][a-z0-9_-]{0,79}")  # as it stands, a part of a name on every file system


@frozen
class Destination:
    """Where the files of one result go. `name` may be any text: it never becomes a path (see `stem_of`).

    A file that has the task's own name already is the task's. One that `is_given` may be of another task.
    """

    folder: Path
    name: str
    overwrite: bool
    is_given: bool = False


def destination_of(folder: str | Path, task_id: str, name: Any, overwrite: bool) -> Destination:
    """Raises ConfigurationError for a name that is no text."""
    if name is None:
        return Destination(Path(folder), task_id, overwrite)
    if not isinstance(name, str):
        raise ConfigurationError(f"the name of a result's files must be a string, not {shorten(name)}")
    return Destination(
        Path(folder), str.__str__(name), overwrite, is_given=True
    )  # of an Enum its text, not its own name


class Batch:
    """The files of one result, and what became of each. Raises DownloadError for a result without files.

    One that cannot be had does not keep the others from coming: they are there when the user tries again.
    """

    def __init__(self, session: DownloadSession, destination: Destination) -> None:
        session.check()
        self.session = session
        self._destination = destination
        self._left = deque(range(len(session.manifest.urls)))
        self._paths: dict[int, Path] = {}
        self._errors: dict[int, DownloadError] = {}

    @property
    def slots(self) -> int:
        """How many files to fetch at a time."""
        return min(SLOTS, len(self._left))

    def prepare(self) -> DownloadRules[None]:
        """Make the folder. Raises DownloadError."""
        folder = self._destination.folder
        error_of = functools.partial(self.session.error, "", folder)
        yield from _on_disk(MakeFolder(folder), error_of, (OSError, ValueError))  # of an odd path

    def work(self) -> DownloadRules[None]:
        """Fetch one file after another, until none is left. As many can be at work as there are slots."""
        while (index := self._next()) is not None:
            try:
                self._paths[index] = yield from save(self.session, index, self._destination)
            except DownloadError as error:
                self._errors[index] = error
                yield DiscardFile()

    def _next(self) -> int | None:
        try:
            return self._left.popleft()
        except IndexError:
            return None

    def stop(self) -> None:
        """Hand out no further file."""
        self._left.clear()

    def finish(self) -> DownloadRules[list[Path]]:
        """All files in order. Raises the first DownloadError."""
        yield SyncFolder(self._destination.folder)
        if not self._errors:
            return [path for _, path in sorted(self._paths.items())]
        error = self._errors[min(self._errors)]
        error.is_gone = all(each.is_gone for each in self._errors.values())
        if len(self._errors) > 1:
            error.add_note(f"{len(self._errors)} files of the result could not be had, {len(self._paths)} are complete")
        raise error


def save(session: DownloadSession, index: int, to: Destination) -> DownloadRules[Path]:
    """The rules of one file: the one that is there, or a whole new one. Raises DownloadError."""
    stem = stem_of(to.name, index)
    picture = Picture(session, index, to.folder / stem)
    found: Path | None = None
    if not to.overwrite and not to.is_given:
        found = yield from _on_disk(FindFile(to.folder, stem), picture.error)
    return found or (yield from begin(picture, lambda: _write(picture, stem, to)))


def begin(picture: Picture, rules: Callable[[], DownloadRules[T]]) -> DownloadRules[T]:
    """Rules that may be run once more, from the start, when the connection is lost. Raises DownloadError."""
    for tries_left in reversed(range(_TRIES)):
        try:
            return (yield from rules())
        except Lost as lost:
            if not tries_left:
                raise picture.error(str(lost)) from lost.__cause__
            log.info("%s: the connection was lost, once more from the start", picture, extra=picture.fields())
    raise AssertionError("the last try returns or raises")


def whole(picture: Picture) -> DownloadRules[bytes]:
    """All bytes of the file, in one try. Raises DownloadError, or Lost."""
    yield from picture.start()
    chunks: list[bytes] = []
    while chunk := (yield from picture.more()):
        chunks.append(chunk)
    return b"".join(chunks)


def chunk_of(picture: Picture) -> DownloadRules[bytes]:
    """The next bytes for somebody who already has those before them. Raises DownloadError."""
    try:
        return (yield from picture.more())
    except Lost as lost:
        raise picture.error(str(lost)) from lost.__cause__


def _write(picture: Picture, stem: str, to: Destination) -> DownloadRules[Path]:
    """One try. The temporary file is made once the first bytes are a picture's."""
    yield from picture.start()
    picture.path = target = to.folder / (stem + picture.kind.suffix)
    yield from _on_disk(CreateFile(to.folder), picture.error)
    while chunks := (yield from _next_chunks(picture)):
        yield from _on_disk(WriteFile(chunks), picture.error)
    yield from _on_disk(FinishFile(target, to.overwrite, to.is_given), picture.error)
    log.debug("%s: whole, %d bytes", picture, picture.size, extra=picture.fields(outcome="whole"))
    return target


def _next_chunks(picture: Picture) -> DownloadRules[list[bytes]]:
    """Enough for one write, less at the end, none after it."""
    chunks: list[bytes] = []
    size = 0
    while size < _WRITE_BYTES and (chunk := (yield from picture.more())):
        chunks.append(chunk)
        size += len(chunk)
    return chunks


def _on_disk(
    effect: FileEffect, error_of: Callable[[str], DownloadError], kinds: tuple[type[Exception], ...] = (OSError,)
) -> DownloadRules[Any]:
    """The outcome. What the disk raises becomes a DownloadError; a signal handler's exception goes on unchanged."""
    try:
        return (yield effect)
    except kinds as error:
        if is_foreign(error):
            raise
        said = error.strerror if isinstance(error, OSError) else None
        raise error_of(f"{type(error).__name__}: {said or error}") from error


def stem_of(name: str, index: int) -> str:
    """The file's name without its suffix: no two names share one, on file systems that ignore case either.

    A name (mostly the task's id) that is not plain gets a digest, after a `~`, which no plain name holds.
    """
    if _PLAIN_NAME.fullmatch(name):
        return f"{name}-{index}"
    plain = re.sub(r"[^a-z0-9_]+", "_", name[:40].lower())
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{plain}~{digest}-{index}"
