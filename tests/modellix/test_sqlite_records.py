"""What a journal keeps of submissions: each end, by many at once, on disks that are full and files that are none."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sqlite3
import stat
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from contract_tests.model import good
from modellix import AsyncModellix, JournalError, Modellix, RetryPolicy, SqliteJournal
from scripts.mutants.kills import kills, never, swap
from tests.modellix.conftest import Open, Serve
from tests.support.clients import KEY, OPERATIONS, body, kind_of
from tests.support.hostile_server import Wire, accepted, healthy, refused, succeeded
from tests.support.journals import intent, undelivered
from tests.support.marks import ON_SOCKETS
from tests.support.processes import FORK, run_all
from tests.support.scripts import answers, close_after, whole
from tests.support.timing import SOON

pytestmark = [*ON_SOCKETS, pytest.mark.slow]
PROMPT = "prompt-canary"


# What is recorded


@kills(
    "A submission answered with 500 counts as refused, so that it costs nothing and may be sent again.",
    "_core.attempt:Attempt.answered",
    swap(".refuses", ".refuses or counted >= 500"),
    row="unknown",
)
@kills(
    "The journal does not tell what may have been bought.",
    "_core.submission_told:outcome_of",
    swap('"unknown"', '"refused"'),
    row="unknown",
)
@kills(
    "The journal does not know which task was bought.",
    "_core.submission:SubmissionAttempts._record",
    swap('getattr(self._end, "task_id", None)', "None"),
    row="accepted",
)
@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize(
    ("script", "outcome", "is_unresolved", "is_unfinished"),
    [
        (healthy, "accepted", False, True),
        (answers(400, refused(400)), "refused", False, False),
        (answers(500, refused(500)), "unknown", True, False),
        (answers(500, accepted("task-9")), "unknown", True, False),
        (close_after(whole), "unknown", True, False),
        (None, "never sent", False, False),
    ],
    ids=["accepted", "refused", "unknown", "unknown with an id", "lost", "never sent"],
)
def test_each_end_is_recorded(
    script: Any, outcome: str, is_unresolved: bool, is_unfinished: bool, operation: str,
    serve: Serve, open_client: Open, tmp_path: Path,
) -> None:  # fmt: skip
    server = serve(script) if script else serve(is_listening=False)
    journal = SqliteJournal(tmp_path / "journal.db")
    end = open_client(server.url, journal=journal, retry=RetryPolicy(connects=0)).attempt(operation)
    [(found, task_id, name, fingerprint)] = rows(tmp_path / "journal.db")
    told = getattr(end, "id", None) or getattr(end, "task_id", None)
    assert (found, task_id, name, len(fingerprint)) == (outcome, told, operation, len("2:") + 64)
    entries = journal.unresolved()
    assert [(entry.outcome, entry.task_id, entry.operation) for entry in entries] == (
        [(outcome, told, operation)] if is_unresolved else []
    )
    if is_unresolved:
        assert entries[0].fingerprint == end.fingerprint
        assert 0 <= (end.sent_at - entries[0].sent_at).total_seconds() < SOON  # the intent is recorded first
    assert undelivered(journal) == ([told] if is_unfinished else [])
    assert len(server.submissions) == (script is not None)
    journal.close()


def rows(path: Path) -> list[tuple[Any, ...]]:
    with contextlib.closing(sqlite3.connect(path)) as database:
        return database.execute("SELECT outcome, task_id, operation, fingerprint FROM submissions").fetchall()


def test_local_refusals_are_not_recorded(serve: Serve, open_client: Open, tmp_path: Path) -> None:
    server = serve()
    journal = SqliteJournal(tmp_path / "journal.db")
    buyer = open_client(server.url, journal=journal, max_submissions=1)
    ends = [kind_of(buyer.attempt(text=text)) for text in (good.longest_prompt() + "x", "a lighthouse", "a lighthouse")]
    assert ends == ["ConstraintError", "Task", "BudgetExceeded"]
    assert (len(rows(tmp_path / "journal.db")), len(server.submissions)) == (1, 1)
    journal.close()


@kills(
    "A submission is sent before its intent is on disk.",
    "_core.submission:SubmissionAttempts._send",
    never("recorder is not None"),
)
def test_the_intent_is_on_disk_before_the_first_byte_leaves(serve: Serve, open_client: Open, tmp_path: Path) -> None:
    found: list[Any] = []

    def looks_first(wire: Wire) -> bool:
        wire.read_head()
        found.extend(row[0] for row in rows(tmp_path / "journal.db"))
        return False

    server = serve(looks_first)
    journal = SqliteJournal(tmp_path / "journal.db")
    open_client(server.url, journal=journal).attempt()
    assert found == [None]
    journal.close()


def test_entries_are_settled_by_hand(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "journal.db")
    for _ in range(3):
        journal.begin(intent())
    first, second, third = journal.unresolved()
    journal.settle(first, task_id="task-77")
    journal.settle(second, bought=False)
    assert journal.unresolved() == [third]
    assert undelivered(journal) == ["task-77"]
    for wrong in ({}, {"task_id": "x", "bought": False}, {"task_id": "a\nb"}, {"task_id": ""}):
        with pytest.raises(ValueError, match=r"settle|task id"):
            journal.settle(third, **wrong)  # type: ignore[arg-type]
    journal.close()


def resumed(buyer: Any, journal: SqliteJournal) -> list[str]:
    found = buyer.client.resume(journal)
    return [task.id for task in (buyer.runner.run(found) if asyncio.iscoroutine(found) else found)]


@kills("The journal is not told that a task has ended.", "_core.read_task:_Reading.run", never("is_end"))
def test_resume_gives_the_accepted_tasks_that_are_not_delivered(
    serve: Serve, open_client: Open, tmp_path: Path
) -> None:
    server = serve()
    journal = SqliteJournal(tmp_path / "journal.db")
    buyer = open_client(server.url, journal=journal)
    ids = [buyer.submit(text=f"lighthouse {number}").id for number in range(3)]
    buyer.wait(ids[1])
    assert resumed(buyer, journal) == ids  # seen to end is not delivered
    buyer.run(buyer.task(ids[1]).delivered)
    later = open_client(server.url)
    assert resumed(later, SqliteJournal(tmp_path / "journal.db")) == [ids[0], ids[2]]
    server.play(answers(200, {"code": 0, "data": {"status": "processing"}}))
    later.read(ids[0])
    assert resumed(later, journal) == [ids[0], ids[2]]
    server.play(answers(200, succeeded(ids[0], status="failed", error="no")))
    later.attempt_read(ids[0])
    assert resumed(later, journal) == [ids[2]]
    assert len(server.submissions) == 3
    journal.close()
    for recorder in later.client._parts.reader.recorders:
        recorder.journal.close()


# Shared, and on disk


def submit_some(url: str, path: str, name: str) -> None:
    journal = SqliteJournal(path)
    with Modellix(KEY, base_url=url, journal=journal) as client:
        for number in range(20):
            client.openai.gpt_image_2(**good.words(f"lighthouse {name}-{number}"))
    os._exit(0)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # Python 3.12 on: threads and fork
def test_two_processes_share_a_journal(serve: Serve, tmp_path: Path) -> None:
    server = serve()
    path = str(tmp_path / "journal.db")
    children = [FORK.Process(target=submit_some, args=(server.url, path, name)) for name in "ab"]
    run_all(children)
    journal = SqliteJournal(path)
    assert (sorted(undelivered(journal)), journal.unresolved()) == (sorted(server.bought), [])
    assert len(server.submissions) == 40
    journal.close()


def test_twenty_threads_share_a_journal_and_a_client(serve: Serve, tmp_path: Path) -> None:
    server = serve()
    journal = SqliteJournal(tmp_path / "journal.db")
    with Modellix(KEY, base_url=server.url, journal=journal) as client, ThreadPoolExecutor(20) as pool:
        tasks = list(
            pool.map(lambda number: client.openai.gpt_image_2(**good.words(f"lighthouse {number}")), range(100))
        )
    assert sorted(undelivered(journal)) == sorted(task.id for task in tasks) == sorted(server.bought)
    assert (journal.unresolved(), len(server.submissions)) == ([], 100)
    journal.close()


def test_twenty_journals_open_one_new_file_at_once(tmp_path: Path) -> None:
    barrier = threading.Barrier(20)

    def begin(number: int) -> int:
        journal = SqliteJournal(tmp_path / "journal.db")
        barrier.wait()
        entry = journal.begin(intent(fingerprint=str(number)))
        journal.close()
        return entry.id

    with ThreadPoolExecutor(20) as pool:
        assert sorted(pool.map(begin, range(20))) == list(range(1, 21))


def test_a_journal_does_not_block_the_event_loop(serve: Serve, tmp_path: Path) -> None:
    server = serve()
    path = tmp_path / "journal.db"
    SqliteJournal(path).unresolved()

    async def main() -> None:
        async with AsyncModellix(KEY, base_url=server.url, journal=SqliteJournal(path)) as client:
            await client.openai.gpt_image_2(**good.words("the first one"))
            with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")  # the journal has to wait for this lock
                task = asyncio.create_task(client.openai.gpt_image_2(**good.words("the second one")))
                await asyncio.sleep(0.3)  # a loop that the journal blocks gives the lock back too late for it
                assert len(server.submissions) == 1
                other.execute("ROLLBACK")
            await task

    asyncio.run(main())
    assert len(server.submissions) == 2


@kills(
    "The body of a submission stands in the journal.",
    "_core.submission:SubmissionAttempts._begin",
    swap("fingerprint", "body.decode()"),
)
def test_the_file_is_for_its_owner_alone_and_holds_no_secret(serve: Serve, open_client: Open, tmp_path: Path) -> None:
    server = serve()
    journal = SqliteJournal(tmp_path / "journal.db")
    old = os.umask(0)
    try:
        for operation in OPERATIONS:
            open_client(server.url, journal=journal).submit(operation, PROMPT)
        files = list(tmp_path.iterdir())
        assert tmp_path / "journal.db" in files
        for file in files:
            assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
            content = file.read_bytes()
            for secret in (KEY, PROMPT, *body("gpt_image_2_edit")[good.PICTURES]):
                assert secret.encode() not in content
    finally:
        os.umask(old)
        journal.close()
    assert len(server.submissions) == 2


@pytest.mark.parametrize("place", ["missing/journal.db", "."], ids=["no folder", "a folder"])
def test_no_record_no_purchase(place: str, serve: Serve, open_client: Open, tmp_path: Path) -> None:
    server = serve()
    buyer = open_client(server.url, journal=SqliteJournal(tmp_path / place), max_submissions=1)
    end = buyer.attempt()
    assert isinstance(end, JournalError)
    assert "nothing was sent" in str(end)
    assert isinstance(buyer.attempt(), JournalError)  # the reservation was given back
    assert server.connections == 0


def test_a_file_that_is_no_journal_is_refused(serve: Serve, open_client: Open, tmp_path: Path) -> None:
    (tmp_path / "journal.db").write_bytes(b"this is not a database" * 100)
    server = serve()
    assert isinstance(open_client(server.url, journal=SqliteJournal(tmp_path / "journal.db")).attempt(), JournalError)
    assert server.connections == 0


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of 256 KiB when root may mount one, else files may not grow beyond 64 KiB."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    if os.geteuid() == 0 and subprocess.run(mount, capture_output=True, check=False).returncode == 0:
        try:
            yield folder
        finally:
            subprocess.run(["umount", "-l", str(folder)], check=True)
        return
    import resource  # not on Windows

    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, hard))
    try:
        yield folder
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)


def test_a_full_disk_stops_submissions_before_they_are_sent(serve: Serve, open_client: Open, tmp_path: Path) -> None:
    server = serve()
    folder = tmp_path / "disk"
    folder.mkdir()
    with small_disk(folder):
        journal = SqliteJournal(folder / "journal.db")
        buyer = open_client(server.url, journal=journal)
        ends: list[Any] = []
        while not ends or kind_of(ends[-1]) == "Task":
            ends.append(buyer.attempt(text=f"lighthouse {len(ends)}"))
            assert len(ends) < 5000
            if len(ends) == 20:
                fill(folder)
        assert isinstance(ends[-1], JournalError)
        assert "nothing was sent" in str(ends[-1])
        assert len(server.submissions) == len(server.bought)
        known, unresolved = len(undelivered(journal)), len(journal.unresolved())
        assert known <= len(server.bought) <= known + unresolved
        journal.close()


def fill(folder: Path) -> None:
    """Leave no byte free."""
    with contextlib.suppress(OSError), (folder / "ballast").open("wb", buffering=0) as file:
        while True:
            file.write(bytes(1024))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # Python 3.12 on: threads and fork
def test_a_journal_opened_before_a_fork_is_opened_anew_by_the_child(serve: Serve, tmp_path: Path) -> None:
    server = serve()
    journal = SqliteJournal(tmp_path / "journal.db")
    journal.unresolved()
    child = FORK.Process(target=submit_with, args=(server.url, journal))
    child.start()
    child.join(30)
    assert child.exitcode == 0
    child.close()
    assert undelivered(journal) == list(server.bought)
    assert len(server.submissions) == 1
    journal.close()


def submit_with(url: str, journal: SqliteJournal) -> None:
    with Modellix(KEY, base_url=url, journal=journal) as client:
        client.openai.gpt_image_2(**good.words("from the child"))
    os._exit(0)
