"""A task is delivered when the last of its files is safe on the disk, and not before; by `download` alone."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from modellix import AsyncModellix, DownloadError, Intent, JournalError, SqliteJournal
from modellix._io.files import Files
from scripts.mutants.kills import kills, never, swap, without
from tests.support.clients import COPIES, KEY, AsyncFace, Face, raw_result
from tests.support.pictures import PNG, TASK, PictureServer, reply, task_of


class Told:
    """In the place of a synchronous client: what it was told, each time with the steps on the disk before."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.delivered_after: list[tuple[str, list[str]]] = []

    def delivered(self, task_id: str, *, is_lost: bool = False) -> None:
        assert not is_lost
        self.delivered_after.append((task_id, list(self.steps)))


class AsyncTold(Told):
    async def delivered(self, task_id: str, *, is_lost: bool = False) -> None:  # type: ignore[override]
        assert not is_lost
        self.delivered_after.append((task_id, list(self.steps)))


@pytest.fixture
def told(taker: Face, monkeypatch: pytest.MonkeyPatch) -> Told:
    """What a client is told, and the files of a result that were finished and synced before."""
    told = AsyncTold() if isinstance(taker, AsyncFace) else Told()
    perform = Files.perform

    def noting(files: Files, effect: Any) -> Any:
        done = perform(files, effect)
        if type(effect).__name__ in ("FinishFile", "SyncFolder"):
            told.steps.append(type(effect).__name__)
        return done

    monkeypatch.setattr(Files, "perform", noting)
    return told


def result_of(taker: Face, told: Told, server: PictureServer, *paths: str) -> Any:
    raw = raw_result(*(f"{server.url}{path}" for path in paths))
    return taker.result("task-1", raw, server.url, client=told)


@kills(
    "A download does not tell the journal.",
    sync=("tasks:TaskResult.download", without("_client.delivered(self.task_id)")),
    asynchronous=("tasks:AsyncTaskResult.download", without("_client.delivered(self.task_id)")),
)
@kills(
    "The names of files are not brought to the disk.",
    "_core.download:Batch.finish",
    swap("SyncFolder(self._destination.folder)", "DiscardFile()"),
)
def test_it_is_told_once_after_the_last_file_and_its_name_are_safe(
    server: PictureServer, taker: Face, told: Told, folder: Path
) -> None:
    server.routes |= {f"/{number}": reply() for number in range(6)}
    result = result_of(taker, told, server, *server.routes)
    assert len(taker.run(lambda: result.download(folder))) == 6
    assert told.delivered_after == [("task-1", ["FinishFile"] * 6 + ["SyncFolder"])]


@kills(
    "A result of which a file is missing is delivered.", "_core.download:Batch.finish", swap("not self._errors", "True")
)
def test_a_file_that_failed_keeps_it_undelivered_until_it_is_there(
    server: PictureServer, taker: Face, told: Told, folder: Path
) -> None:
    server.routes |= {"/0": reply(), "/1": [reply(500), reply()]}
    result = result_of(taker, told, server, "/0", "/1")
    with pytest.raises(DownloadError, match="status 500"):
        taker.run(lambda: result.download(folder))
    assert told.delivered_after == []
    taker.run(lambda: result.download(folder))
    assert [task_id for task_id, _ in told.delivered_after] == ["task-1"]


def test_files_that_are_there_already_are_delivered(
    server: PictureServer, taker: Face, told: Told, folder: Path
) -> None:
    """Killed after the last file and before the record: the next download costs no request."""
    server.routes["/p"] = reply()
    taker.download(raw_result(f"{server.url}/p"), server.url, folder)
    result = result_of(taker, told, server, "/p")
    taker.run(lambda: result.download(folder))
    assert [task_id for task_id, _ in told.delivered_after] == ["task-1"]
    assert server.paths == ["/p"]


def test_reading_and_streaming_do_not_deliver(server: PictureServer, taker: Face, told: Told) -> None:
    server.routes["/p"] = reply()
    raw = raw_result(f"{server.url}/p")
    assert taker.read_file(raw, server.url, client=told) == PNG
    assert taker.stream(raw, server.url, client=told) == PNG
    assert told.delivered_after == []


@pytest.mark.parametrize("change", COPIES.values(), ids=COPIES)
def test_a_copy_downloads_and_tells_nobody(
    server: PictureServer, taker: Face, told: Told, folder: Path, change: Callable[[Any], Any]
) -> None:
    server.routes["/p"] = reply()
    copied = change(result_of(taker, told, server, "/p"))
    assert len(taker.run(lambda: copied.download(folder))) == 1
    assert told.delivered_after == []


@kills(
    "An error of a download lacks the reference.", "_core.download_session:DownloadSession.error", without("reference")
)
def test_an_error_has_the_reference(server: PictureServer, taker: Face, folder: Path) -> None:
    result = taker.result("task-1", raw_result(f"{server.url}/p"), server.url, False, "order-4711")
    for call in (lambda: result.download(folder), result.read):
        with pytest.raises(DownloadError) as caught:
            taker.run(call)
        assert caught.value.reference == "order-4711"


# With a journal


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[SqliteJournal]:
    """One that knows of a task, accepted and not delivered."""
    with SqliteJournal(tmp_path / "journal.db") as journal:
        now = datetime.datetime.now(datetime.UTC)
        entry = journal.begin(Intent("gpt_image_2", "2:f", "order-4711", now, now))
        journal.end(entry, "accepted", "task-1")
        yield journal


def delivered(journal: SqliteJournal) -> bool:
    [entry] = journal.entries()
    assert (entry.delivered_at is None) == (journal.undelivered() == [entry])
    return entry.delivered_at is not None


def sells(server: PictureServer) -> None:
    server.routes |= {"/p": reply(), TASK: task_of(f"{server.url}/p")}


def test_a_task_that_is_looked_at_and_read_is_not_delivered_before_it_is_downloaded(
    journal: SqliteJournal, server: PictureServer, taker: Face, folder: Path
) -> None:
    sells(server)
    with type(taker).to(server.url, journal=journal) as face:
        face.read()
        face.poll()
        result = face.wait()
        face.run(result.read)
        assert not delivered(journal)
        face.run(lambda: result.download(folder))
        assert delivered(journal)


def test_a_task_whose_files_somebody_else_keeps_is_delivered_by_hand(
    journal: SqliteJournal, server: PictureServer, taker: Face
) -> None:
    sells(server)
    with type(taker).to(server.url, journal=journal) as face:
        face.run(face.wait().read)
        face.run(face.task().delivered)
    assert delivered(journal)


def test_a_client_that_is_closed_still_tells_its_journal(
    journal: SqliteJournal, server: PictureServer, taker: Face, folder: Path
) -> None:
    sells(server)
    with type(taker).to(server.url, journal=journal) as face:
        result = face.wait()
    taker.run(lambda: result.download(folder))  # in a second event loop
    assert delivered(journal)


@kills(
    "A download in another event loop fails once its files are there.",
    asynchronous=("async_client:AsyncModellix.delivered", swap("_driver.tell", "_driver.run")),
)
def test_a_download_in_another_event_loop_tells_the_journal(
    journal: SqliteJournal, server: PictureServer, folder: Path
) -> None:
    sells(server)
    client = AsyncModellix(KEY, base_url=server.url, journal=journal)
    result = asyncio.run(client.task("task-1").wait())
    assert len(asyncio.run(result.download(folder))) == 1
    assert delivered(journal)


def test_a_journal_that_fails_costs_no_file(
    journal: SqliteJournal, server: PictureServer, taker: Face, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    sells(server)
    with type(taker).to(server.url, journal=journal) as face:
        result = face.wait()
        with patch.object(SqliteJournal, "delivered", side_effect=JournalError("the disk is full")):
            [path] = face.run(lambda: result.download(folder))
        assert path.read_bytes() == PNG
        assert "the delivery of task task-1 could not be recorded" in caplog.text
        assert not delivered(journal)
        face.run(lambda: result.download(folder))
        assert delivered(journal)
    assert server.paths == [TASK, "/p"]


# Gone

PAST, FUTURE = 1_000_000_000_000, 32_503_680_000_000  # milliseconds: the years 2001 and 3000


def outcome_of(journal: SqliteJournal) -> tuple[str | None, bool]:
    """The task's status, and whether it is offered."""
    [entry] = journal.entries()
    return entry.status, bool(journal.undelivered())


@kills(
    "A result that is gone is offered for ever.",
    sync=("tasks:TaskResult.download", never("is_gone")),
    asynchronous=("tasks:AsyncTaskResult.download", never("is_gone")),
)
@pytest.mark.parametrize("is_known", [True, False], ids=["the same URL", "404"])
def test_a_result_that_is_gone_after_its_time_is_lost(
    is_known: bool, journal: SqliteJournal, server: PictureServer, taker: Face, folder: Path
) -> None:
    task = task_of(f"{server.url}/p", result_expires_at=PAST)
    server.routes |= {"/p": reply(404), TASK: [task, task if is_known else reply(404)]}
    with type(taker).to(server.url, journal=journal) as face:
        result = face.wait()
        with pytest.raises(DownloadError):
            face.run(lambda: result.download(folder))
        assert outcome_of(journal) == ("lost", False)
        assert face.run(lambda: face.client.resume(journal)) == []


@kills(
    "A result that may be there later is lost.",
    "_core.download:Batch.finish",
    swap("all(each", "any(each"),
)
def test_a_result_of_which_one_file_failed_in_another_way_is_not_lost(
    journal: SqliteJournal, server: PictureServer, taker: Face, folder: Path
) -> None:
    server.routes |= {"/0": reply(404), "/1": reply(500)}
    server.routes[TASK] = task_of(f"{server.url}/0", f"{server.url}/1", result_expires_at=PAST)
    with type(taker).to(server.url, journal=journal) as face:
        result = face.wait()
        with pytest.raises(DownloadError) as caught:
            face.run(lambda: result.download(folder))
        assert caught.value.is_gone is False
    assert outcome_of(journal) == ("success", True)


def test_a_result_that_cannot_be_had_before_its_time_is_offered_again(
    journal: SqliteJournal, server: PictureServer, taker: Face, folder: Path
) -> None:
    server.routes |= {"/p": reply(404), TASK: task_of(f"{server.url}/p", result_expires_at=FUTURE)}
    with type(taker).to(server.url, journal=journal) as face:
        result = face.wait()
        with pytest.raises(DownloadError):
            face.run(lambda: result.download(folder))
    assert outcome_of(journal) == ("success", True)


@kills(
    "What was delivered is lost when somebody looks for it later.",
    "journal.stored:StoredJournal.ended",
    swap(" AND delivered_at IS NULL", ""),
)
def test_what_was_delivered_is_not_lost_later(
    journal: SqliteJournal, server: PictureServer, taker: Face, folder: Path
) -> None:
    server.routes |= {"/p": [reply(), reply(404)], TASK: task_of(f"{server.url}/p", result_expires_at=PAST)}
    with type(taker).to(server.url, journal=journal) as face:
        result = face.wait()
        face.run(lambda: result.download(folder))
        with pytest.raises(DownloadError):
            face.run(lambda: result.download(folder, overwrite=True))
    assert outcome_of(journal) == ("success", False)
