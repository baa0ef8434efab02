"""What a signal handler raises in a synchronous download is not the network's: it goes on, and no half file is left."""

from __future__ import annotations

import errno
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

import modellix._io.deadline
from modellix._io.files import PartialFile
from modellix.tasks import TaskResult
from tests.support.clients import raw_result
from tests.support.pictures import PictureServer, reply

KINDS: list[type[Exception]] = [TimeoutError, OSError, ValueError, httpx.ReadTimeout, httpx.ReadError]


def numbered(text: str) -> OSError:
    """As the system raises it; at the connection it is the network's."""
    return InterruptedError(errno.EINTR, text)


CONNECTION, ANSWER = 1, 2  # the first and the second wait


@pytest.mark.parametrize(("visit", "kind"), [*itertools.product((CONNECTION, ANSWER), KINDS), (ANSWER, numbered)])
def test_out_of_a_wait_it_goes_on_at_once(
    visit: int, kind: Callable[[str], Exception], server: PictureServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.routes["/a"] = reply()
    error = kind("from a handler")
    waits: list[int] = []

    def poll_for(*_: Any) -> Any:
        def poll(_: float | None) -> bool:
            waits.append(1)
            if len(waits) >= visit:
                raise error
            return True

        return poll

    monkeypatch.setattr(modellix._io.deadline, "_poll_for", poll_for)
    with pytest.raises(type(error)) as caught:
        TaskResult("task-1", raw_result(server.url + "/a"), server.url).download(folder)
    assert caught.value is error
    assert error.__context__ is None
    assert len(waits) == visit
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["create", "write", "finish"])
def test_out_of_a_write_it_goes_on_and_leaves_no_half_file(
    name: str, kind: type[Exception], server: PictureServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.routes["/a"] = reply()
    error = kind("from a handler")
    monkeypatch.setattr(PartialFile, name, lambda *_, **__: (_ for _ in ()).throw(error))
    with pytest.raises(kind) as caught:
        TaskResult("task-1", raw_result(server.url + "/a"), server.url).download(folder)
    assert caught.value is error
    assert list(folder.iterdir()) == []
