"""The rules of a download by themselves: what they ask for, in which order. No disk and no network is touched."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httpx
import pytest

from modellix import DownloadError
from modellix._core.download import Batch, Destination
from modellix._core.download_effects import (
    CreateFile,
    DiscardFile,
    DownloadRules,
    FindFile,
    FinishFile,
    Get,
    Head,
    MakeFolder,
    NetworkFailure,
    Read,
    SyncFolder,
    WriteFile,
)
from modellix._core.download_session import DownloadSession, Manifest
from tests.support.pictures import PNG

FOLDER = Path("/nowhere/at all")
ANSWER = Head(200, httpx.Headers({"Content-Type": "image/png"}))
MIB = bytes(1024**2)


def carry_out(rules: DownloadRules[Any], outcomes: Iterable[object]) -> tuple[list[Any], Any]:
    """What the rules asked for, and their result. An outcome that is an exception is thrown into them."""
    asked, left = [next(rules)], iter(outcomes)
    try:
        while True:
            outcome = next(left)
            asked.append(rules.throw(outcome) if isinstance(outcome, BaseException) else rules.send(outcome))
    except StopIteration as end:
        return asked, end.value


@pytest.fixture
def batch() -> Batch:
    manifest = Manifest("task-1", ["https://pictures.test/p"], "", None)
    return Batch(DownloadSession(manifest, lambda url: None), Destination(FOLDER, "task-1", overwrite=False))


def test_folder_is_made_first_and_synced_last(batch: Batch) -> None:
    assert carry_out(batch.prepare(), [None]) == ([MakeFolder(FOLDER)], None)
    assert carry_out(batch.finish(), [None]) == ([SyncFolder(FOLDER)], [])


def test_file_that_is_there_is_not_asked_for(batch: Batch) -> None:
    found = FOLDER / "task-1-0.png"
    assert carry_out(batch.work(), [found])[0] == [FindFile(FOLDER, "task-1-0")]
    assert carry_out(batch.finish(), [None])[1] == [found]


def test_bytes_are_collected_for_each_write(batch: Batch) -> None:
    pieces = [PNG[:100], MIB, MIB[:-10], MIB[:10], PNG[100:]]
    ahead = [None, ANSWER, pieces[0], None, pieces[1], None, pieces[2], pieces[3], None]
    asked, _ = carry_out(batch.work(), [*ahead, pieces[4], b"", None, b"", None])
    kinds = [type(one) for one in asked]
    assert kinds[:7] == [FindFile, Get, Read, CreateFile, Read, WriteFile, Read]
    assert [one.chunks for one in asked if isinstance(one, WriteFile)] == [pieces[:2], pieces[2:4], pieces[4:]]
    assert asked[-1] == FinishFile(FOLDER / "task-1-0.png", overwrite=False)


def test_lost_connection_begins_another_file(batch: Batch) -> None:
    once = [ANSWER, PNG, None]
    asked, _ = carry_out(
        batch.work(), [None, *once, NetworkFailure(httpx.ReadError("gone")), *once, b"", None, b"", None]
    )
    assert [one for one in asked if isinstance(one, CreateFile)] == [CreateFile(FOLDER)] * 2
    assert carry_out(batch.finish(), [None])[1] == [FOLDER / "task-1-0.png"]


def test_file_that_failed_is_discarded_at_once(batch: Batch) -> None:
    asked, _ = carry_out(batch.work(), [None, ANSWER, PNG, None, b"", OSError(28, "No space left on device"), None])
    assert asked[-2:] == [WriteFile([PNG]), DiscardFile()]
    with pytest.raises(DownloadError, match="No space left"):
        carry_out(batch.finish(), [None])
