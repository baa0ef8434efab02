"""The system's calls on the files below one folder, seen and made to wait on demand."""

from __future__ import annotations

import asyncio
import errno
import os
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.timing import LONG

#: All that a download asks of the system about files, where there is such a call.
CALLS = ("mkdir", "stat", "lstat", "open", "write", "posix_fadvise", "fsync", "close", "link", "replace", "unlink")


class Disk:
    """Each call is noted with its thread, and within a running event loop it waits until the loop has run something."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.before: Callable[[str], object] = lambda name: None  # called ahead of each call, in its thread
        self.loop: asyncio.AbstractEventLoop | None = None
        self.called: Counter[str] = Counter()
        self.in_loop: list[str] = []  # calls that were made in the thread of the event loop
        self.blocked: list[str] = []  # calls during which the event loop did nothing
        self._folder = str(folder)
        self._descriptors: dict[int, str] = {}
        for name in CALLS:
            if hasattr(os, name):
                monkeypatch.setattr(os, name, self._watched(name, getattr(os, name)))

    @property
    def is_all_closed(self) -> bool:
        return self._descriptors == {}

    def _watched(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            if not self._is_ours(arguments[0]):
                return real(*arguments, **options)
            self._note(name)
            if name == "close":
                del self._descriptors[arguments[0]]
            result = real(*arguments, **options)
            if name == "open":
                self._descriptors[result] = str(arguments[0])
            return result

        return call

    def _is_ours(self, subject: Any) -> bool:
        return subject in self._descriptors if isinstance(subject, int) else str(subject).startswith(self._folder)

    def _note(self, name: str) -> None:
        self.called[name] += 1
        if self.loop is not None and not self.loop.is_closed():
            has_run = threading.Event()
            if is_in_loop():
                self.in_loop.append(name)
            else:
                self.loop.call_soon_threadsafe(has_run.set)
                if not has_run.wait(LONG):
                    self.blocked.append(name)
        self.before(name)


class Barrier:
    """For `Disk.before`: the call of that name, or the second one and so on, waits until it may `go_on`."""

    def __init__(self, name: str, number: int = 1) -> None:
        self.is_there = threading.Event()
        self.go_on = threading.Event()
        self._name = name
        self._left = number

    def __call__(self, name: str) -> None:
        self._left -= name == self._name
        if self._left == 0 and name == self._name:
            self.is_there.set()
            assert self.go_on.wait(LONG)


def is_in_loop() -> bool:
    """Does this thread run an event loop?"""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def fail_at(*names: str, code: int = errno.EIO) -> Callable[[str], None]:
    """For `Disk.before`: these calls fail each time."""

    def before(name: str) -> None:
        if name in names:
            raise OSError(code, os.strerror(code))

    return before
