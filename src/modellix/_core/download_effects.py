"""What the rules of a download ask for.

As in effects.py, rules are generators without I/O: they yield an effect and are sent the outcome, or have the exception
thrown into them. A connection (`_io/download_sync.py`, `_io/download_async.py`) carries them out. It has one answer and
one unfinished file at a time, so no effect names either.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any, TypeVar

from modellix._http import httpx
from modellix._records import field, frozen

T = TypeVar("T")


class Lost(Exception):
    """The connection broke, or the answer ended too early: worth another try."""


class NetworkFailure(Exception):
    """Thrown into the rules around an error of the network, or about what may be asked of it. What else an effect
    raises is somebody else's, such as a signal handler's.
    """

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error


@frozen
class Get:
    """Ask for the URL, by `deadline` (monotonic seconds), through `proxy` if that is not None; the outcome is a Head.
    Ends the answer before it.
    """

    url: httpx.URL
    proxy: str | None = field(repr=False)
    deadline: float


@frozen
class Head:
    """The beginning of an answer."""

    status: int
    headers: httpx.Headers


@frozen
class Read:
    """The next bytes of the answer, by `deadline`; none at its end."""

    deadline: float


@frozen
class ReadTaskAgain:
    """Once for all files of a result. The outcome is what the task tells now, a Fresh, the error that the client
    raised, or None when the result belongs to no client.
    """


@frozen
class MakeFolder:
    """Make the folder and those above it, where they are not there yet."""

    folder: Path


@frozen
class FindFile:
    """The whole picture that has the name already, with the suffix of some format; None when there is none."""

    folder: Path
    stem: str


@frozen
class CreateFile:
    """Begin a file under a temporary name. However the rules end, it is removed, unless `FinishFile` gave it its name.
    Removes the one before it.
    """

    folder: Path


@frozen
class WriteFile:
    """Append to the file."""

    chunks: list[bytes] = field(repr=False)


@frozen
class FinishFile:
    """Bring the file safely to the disk and give it its name. Without `overwrite` a picture that has the name is kept;
    `must_match`: only if it is the same, byte for byte.
    """

    target: Path
    overwrite: bool
    must_match: bool = False


@frozen
class DiscardFile:
    """Remove the file, if it has not been finished."""


@frozen
class SyncFolder:
    """Make the names in the folder outlast a power cut, where the system can."""

    folder: Path


FileEffect = MakeFolder | FindFile | CreateFile | WriteFile | FinishFile | DiscardFile | SyncFolder
DownloadEffect = Get | Read | ReadTaskAgain | FileEffect
DownloadRules = Generator[DownloadEffect, Any, T]
