"""What an operator asks a journal at night: what it holds, what nobody knows the end of, and how to settle it."""

from __future__ import annotations

import datetime
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from modellix import Entry, SqliteJournal, SqlJournal
from modellix._entry import Intent
from modellix.journal import command
from scripts.mutants.kills import always, kills, never, swap, without
from tests.support.postgres import Postgres
from tests.support.timing import LONG

SENT = datetime.datetime(2020, 5, 17, 8, 30, 1, tzinfo=datetime.UTC)
FOR_LONG = datetime.datetime(2999, 1, 1, tzinfo=datetime.UTC)
AN_HOUR = datetime.timedelta(hours=1)
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "journal.db")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """run(*arguments) gives the exit status, standard output and standard error."""

    def run_command(*arguments: str) -> tuple[int, str, str]:
        try:
            status = command.main(arguments)
        except SystemExit as error:
            status = int(str(error.code))
        return (status, *capsys.readouterr())

    return run_command


def record(
    path: str, reference: str | None, outcome: str | None, task_id: str | None = None, **changes: object
) -> Entry:
    """A submission of which nothing is under way any more."""
    told = {"operation": "gpt_image_2", "sent_at": SENT, "until": SENT + AN_HOUR, **changes}
    with SqliteJournal(path) as journal:
        entry = journal.begin(Intent(fingerprint="2:0", reference=reference, options={"size": "1x1"}, **told))  # type: ignore[arg-type]
        if outcome:
            journal.end(entry, outcome, task_id)
    return entry


def fill(path: str) -> None:
    """One of each, and of the accepted ones a delivered and a lost one."""
    for number, outcome in enumerate(("accepted", "accepted", "accepted", "refused", "never sent", "unknown", None), 1):
        record(path, f"order-{number}", outcome, f"task-{number}" if outcome == "accepted" else None)
    with SqliteJournal(path) as journal:
        journal.ended("task-2", "success")
        journal.ended("task-3", "lost")
        for task_id in ("task-2", "task-3"):
            journal.delivered(task_id)


def ids(output: str) -> list[int]:
    return [int(line.split()[0]) for line in output.splitlines() if "gpt_image_2" in line]


# list


def test_a_list_shows_each_submission_and_the_totals(path: str, run: Run) -> None:
    fill(path)
    status, output, errors = run("list", path)
    assert (status, errors) == (0, "")
    head, *rows, totals = output.splitlines()
    names = ["ID", "SENT", "(UTC)", "REFERENCE", "OPERATION", "TRY", "OUTCOME", "TASK", "STATUS", "DELIVERED"]
    assert head.split() == names
    assert rows[1].split() == (
        ["2", "2020-05-17", "08:30:01", "order-2", "gpt_image_2", "1", "accepted", "task-2", "success", "yes"]
    )
    assert [row[95:].split()[-1] for row in rows] == ["no", "yes", "yes", "-", "-", "-", "-"]
    assert totals == "7 listed, 5 spent, 2 unresolved, 1 undelivered, 1 lost"


@pytest.mark.parametrize(
    ("filters", "listed"),
    [
        ((), [1, 2, 3, 4, 5, 6, 7]),
        (("--reference", "order-4"), [4]),
        (("--reference", "nothing"), []),
        (("--outcome", "accepted"), [1, 2, 3]),
        (("--outcome", "never-sent"), [5]),
        (("--outcome", "unknown"), [6]),
        (("--outcome", "open"), [7]),
        (("--undelivered",), [1]),
        (("--undelivered", "--outcome", "refused"), []),
        (("--since", "2020-05-17"), [1, 2, 3, 4, 5, 6, 7]),
        (("--since", "2020-05-17T08:31"), []),
        (("--since", "2020-05-17T08:30:01Z", "--outcome", "unknown"), [6]),
        (("--since", "2020-05-17T10:30+02:00"), [1, 2, 3, 4, 5, 6, 7]),
    ],
)
def test_filters_leave_out_what_does_not_match(
    filters: tuple[str, ...], listed: list[int], path: str, run: Run
) -> None:
    fill(path)
    _, output, _ = run("list", path, *filters)
    assert ids(output) == listed
    assert output.splitlines()[-1].startswith(f"{len(listed)} listed, ")


@pytest.mark.parametrize(
    "reference", ["x" * 200, "\u7070" * 200, "e\u0301" * 100, "\U0001f680" * 200, "a\u202eb\u200b"]
)
def test_what_is_long_or_odd_stays_in_its_column(reference: str, path: str, run: Run) -> None:
    record(path, reference, "accepted", "t\u00e4sk" * 100, operation="an\x1b[31m operation\n" * 30)
    _, output, _ = run("list", path)
    assert output.isprintable() or "\n" in output
    head, row, _ = output.splitlines()
    assert row.isprintable()
    assert sum(map(command._columns_of, row)) <= 120
    before = row[: row.index("an\ufffd[31m")]
    assert sum(map(command._columns_of, before)) == head.index("OPERATION")


def test_json_is_one_object_a_line_and_nothing_else(path: str, run: Run) -> None:
    fill(path)
    odd = record(path, "\U0001f680\u202e'", "unknown")
    _, output, _ = run("list", path, "--json")
    objects = [json.loads(line) for line in output.splitlines()]
    with SqliteJournal(path) as journal:
        entries = list(journal.entries())
    assert output.isascii()
    assert [one["id"] for one in objects] == [one.id for one in entries]
    assert objects[-1]["reference"] == odd.reference
    assert datetime.datetime.fromisoformat(objects[1]["delivered_at"]) == entries[1].delivered_at
    assert set(objects[0]) == {one.name for one in Entry.__attrs_attrs__} - {"granted", "token"}
    assert run("unresolved", path, "--json")[1].count("\n") == 3


@pytest.mark.parametrize("text", ["yesterday", "0001-01-01T00:00+01:00", "2026-02-30"])
def test_an_unreadable_time_is_told(text: str, path: str, run: Run) -> None:
    status, _, errors = run("list", path, "--since", text)
    assert (status, f"{text} is no time like" in errors) == (2, True)


# unresolved


def test_nothing_unresolved_ends_with_0(path: str, run: Run) -> None:
    record(path, "order-1", "accepted", "task-1")
    assert run("unresolved", path) == (0, run("list", path)[1].splitlines()[0] + "\nnothing is unresolved\n", "")
    assert run("unresolved", path, "--json") == (0, "", "")


@kills("Cron does not hear of what is unresolved.", "journal.command:_unresolved", swap("1 if entries", "0 if entries"))
def test_what_is_unresolved_ends_with_1_and_says_what_to_do(path: str, run: Run) -> None:
    fill(path)
    record(path, "order-8", None, until=FOR_LONG)
    status, output, errors = run("unresolved", path)
    assert (status, ids(output), errors) == (1, [6, 7, 8], "")
    assert "3 may have been bought without anyone knowing." in output
    assert "Wait for 8: its sender may be at work until 2999-01-01 00:00:00 UTC." in output
    assert f"settle {path} ID --not-bought" in output


def test_the_id_of_a_task_that_an_answer_named_is_shown_whole(path: str, run: Run) -> None:
    task_id = "task-openai-" + "0123456789abcdef" * 3
    record(path, "order-1", "unknown", task_id)
    _, output, _ = run("unresolved", path)
    assert f"The service's answer to 1 named the task {task_id}." in output
    assert f"  python -m modellix.journal settle {path} 1 --task-id {task_id}\n" in output


@kills("A submission under way wakes the operator.", "journal.command:_unresolved", without("_is_under_way("))
def test_overdue_leaves_out_whose_sender_may_be_at_work(path: str, run: Run) -> None:
    record(path, "order-1", None, until=FOR_LONG)
    assert run("unresolved", path)[0] == 1
    assert run("unresolved", path, "--overdue")[0] == 0
    record(path, "order-2", "unknown")
    assert (run("unresolved", path, "--overdue", "--json")[1].count("\n"), run("unresolved", path, "--overdue")[0]) == (
        1,
        1,
    )


# settle


def test_settled_as_bought(path: str, run: Run) -> None:
    fill(path)
    assert run("settle", path, "7", "--task-id", "task-7") == (0, "entry 7 is settled: task-7\n", "")
    with SqliteJournal(path) as journal:
        entry = journal.find("order-7")
        assert entry is not None
        assert (entry.outcome, entry.task_id) == ("accepted", "task-7")
        assert [one.id for one in journal.undelivered()] == [1, 7]


def test_settled_as_not_bought(path: str, run: Run) -> None:
    fill(path)
    assert run("settle", path, "6", "--not-bought") == (0, "entry 6 is settled: not bought\n", "")
    assert ids(run("unresolved", path)[1]) == [7]


@kills(
    "A task that an unclear answer named is dropped without a word.",
    "journal.command:_require_no_task",
    always("_whole(confirmed)"),
)
@pytest.mark.parametrize("confirmed", [(), ("task-9",)])
def test_a_task_that_an_answer_named_is_not_dropped_without_its_id(
    confirmed: tuple[str, ...], path: str, run: Run
) -> None:
    record(path, "order-1", "unknown", "task-1")
    before = run("list", path)
    status, output, errors = run("settle", path, "1", "--not-bought", *confirmed)
    assert (status, output) == (2, "")
    assert "named the task task-1. Read it" in errors
    assert "--task-id task-1" in errors
    assert run("list", path) == before


@pytest.mark.parametrize("task_id", ["task-1", "not\nusable", "x" * 600])
def test_a_task_that_was_not_bought_is_settled_by_its_id(task_id: str, path: str, run: Run) -> None:
    record(path, "order-1", "unknown", task_id)
    shown = run("unresolved", path)[1].partition("named the task ")[2].partition(". Read it")[0]
    assert run("settle", path, "1", "--not-bought", shown) == (0, "entry 1 is settled: not bought\n", "")
    assert run("unresolved", path)[0] == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("6", "--not-bought", "task-6"), "entry 6 holds no task id"),
        (("1", "--not-bought"), "no entry 1 is unresolved"),
        (("99", "--not-bought"), "no entry 99 is unresolved"),
        (("8", "--not-bought"), "entry 8 may be under way until"),
        (("6", "--task-id", "two\nlines"), "not a task id"),
        (("6", "--task-id", "task-openai-f89bc…"), "only a part of an id"),
        (("6",), "one of the arguments --task-id --not-bought is required"),
        (("6", "--task-id", "a", "--not-bought"), "not allowed with"),
        (("six", "--not-bought"), "invalid int value"),
    ],
)
def test_what_cannot_be_settled_is_told(arguments: tuple[str, ...], told: str, path: str, run: Run) -> None:
    fill(path)
    record(path, "order-8", None, until=FOR_LONG)
    before = run("list", path)
    status, output, errors = run("settle", path, *arguments)
    assert (status, output, told in errors) == (2, "", True)
    assert run("list", path) == before


# what is no journal


@pytest.mark.parametrize("arguments", [("list",), ("unresolved",), ("settle", "1", "--not-bought")])
def test_what_is_not_there_is_told_and_not_made(arguments: tuple[str, ...], path: str, run: Run) -> None:
    status, output, errors = run(arguments[0], path, *arguments[1:])
    assert (status, output, "there is no journal at" in errors) == (2, "", True)
    assert list(Path(path).parent.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is an empty file, no journal"),
        (b"no database at all" * 100, "the file is no journal"),
    ],
)
def test_a_file_that_is_no_journal_is_told_and_left(content: bytes, told: str, path: str, run: Run) -> None:
    Path(path).write_bytes(content)
    status, output, errors = run("list", path)
    assert (status, output, told in errors, errors.count("\n")) == (2, "", True, 1)
    assert Path(path).read_bytes() == content


def test_a_folder_is_told(tmp_path: Path, run: Run) -> None:
    status, _, errors = run("list", str(tmp_path))
    assert (status, "could not be read" in errors) == (2, True)


def test_a_file_of_a_newer_format_is_told(path: str, run: Run) -> None:
    fill(path)
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 999")
    database.close()
    status, _, errors = run("list", path)
    assert (status, "update modellix-client" in errors) == (2, True)


# a URL


def test_a_url_is_that_of_a_database(tmp_path: Path, run: Run) -> None:
    url = f"sqlite:///{tmp_path}/journal.db"
    with SqlJournal(url) as journal:
        journal.begin(Intent("gpt_image_2", "2:0", "order-1", SENT, SENT + AN_HOUR))
    assert ids(run("list", url)[1]) == [1]
    status, output, _ = run("unresolved", url)
    assert (status, "settle URL ID --not-bought" in output) == (1, True)
    assert run("settle", url, "1", "--not-bought")[0] == 0
    assert run("unresolved", url)[0] == 0


@kills("Who reads a journal makes one.", "journal.command:_open_url", never("is_there"))
def test_a_database_that_is_not_there_is_told_and_not_made(tmp_path: Path, run: Run) -> None:
    status, output, errors = run("list", f"sqlite:///{tmp_path}/journal.db")
    assert (status, output, "there is no journal at SqlJournal" in errors) == (2, "", True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.servers
def test_a_database_without_a_journal_gets_none(postgres: Postgres, database: str, run: Run) -> None:
    assert run("list", postgres.url(database))[0] == 2
    assert postgres.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'", database=database) == []
    with SqlJournal(postgres.url(database)) as journal:
        journal.begin(Intent("gpt_image_2", "2:0", "order-1", SENT, SENT + AN_HOUR))
    assert ids(run("unresolved", postgres.url(database))[1]) == [1]


def test_a_database_that_is_down_is_told_without_the_password(closed_port: int, run: Run) -> None:
    status, output, errors = run("list", f"postgresql+psycopg://me:canary@127.0.0.1:{closed_port}/orders")
    assert (status, output, "orders on 127.0.0.1" in errors, "canary" in errors) == (2, "", True, False)


@pytest.mark.parametrize("url", ["mysql://me:canary@127.0.0.1/x", "://canary"])
def test_a_url_of_another_kind_is_told_without_the_password(url: str, run: Run) -> None:
    status, _, errors = run("list", url)
    assert (status, "postgresql+psycopg://" in errors, "canary" in errors) == (2, True, False)


# the whole command


def test_it_reads_while_another_process_writes(path: str) -> None:
    fill(path)
    writer = sqlite3.connect(path)
    writer.execute("BEGIN IMMEDIATE")
    done = python("list", path)
    writer.close()
    assert (done.returncode, len(done.stdout.splitlines()), done.stderr) == (0, 9, "")


@pytest.mark.parametrize(("name", "status"), [("list", 0), ("unresolved", 1)])
def test_a_reader_that_has_seen_enough_ends_it_quietly(name: str, status: int, path: str) -> None:
    fill(path)
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing) as nobody_reads:
        done = python(name, path, stdout=nobody_reads.fileno())
    assert (done.returncode, done.stderr) == (status, "")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="because this system has no disk that is always full")
def test_what_cannot_be_written_is_told(path: str) -> None:
    fill(path)
    with open("/dev/full", "wb") as full:
        done = python("list", path, stdout=full.fileno())
    assert (done.returncode, "No space left" in done.stderr, "Traceback" in done.stderr) == (2, True, False)


def test_it_writes_to_any_terminal(path: str) -> None:
    record(path, "\U0001f680", "unknown")
    done = python("unresolved", path, encoding="ascii")
    assert (done.returncode, r"\U0001f680" in done.stdout, done.stderr) == (1, True, "")


def python(*arguments: str, stdout: int = subprocess.PIPE, encoding: str = "utf-8") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONIOENCODING": encoding}
    words = [sys.executable, "-m", "modellix.journal", *arguments]
    return subprocess.run(
        words, env=environment, stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=LONG, check=False
    )
