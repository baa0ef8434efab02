"""A batch in one call: one outcome for each key, always, and nothing bought twice."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from contract_tests.model import good
from modellix import SqliteJournal
from modellix.testing import Answer
from modellix_client.models import GptImage2Request
from scripts.mutants.kills import kills, never, swap, without
from tests.modellix.conftest import Open
from tests.support.batches import QUICK, Shop, refusal, request, requests, texts
from tests.support.clients import Face, end_of, kind_of


@pytest.fixture
def buyer(open_client: Open, shop: Shop, journal: SqliteJournal) -> Face:
    return open_client(shop.url, journal=journal, poll=QUICK)


def by_key(outcomes: list[Any]) -> dict[str, Any]:
    """The outcomes; each key has one."""
    found = {outcome.reference: outcome for outcome in outcomes}
    assert len(found) == len(outcomes)
    return found


def kinds(outcomes: list[Any]) -> Counter[str]:
    """How many ended well, and with which errors."""
    return Counter("fine" if outcome.error is None else kind_of(outcome.error) for outcome in outcomes)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# What comes of it


def test_each_key_has_an_outcome_with_its_task_and_its_files(buyer: Face, shop: Shop, folder: Path) -> None:
    found = by_key(buyer.run_all(requests(20), folder=folder))
    assert sorted(found) == sorted(requests(20))
    for key, outcome in found.items():
        assert outcome.error is None
        assert outcome.paths == [folder / f"{key}-0.png"]
        assert outcome.paths[0].read_bytes().startswith(b"\x89PNG")
        assert outcome.task.reference == outcome.result.reference == key
        assert outcome.task.id == outcome.result.task_id
        assert outcome.task.is_new
    assert sorted(shop.bought) == sorted(texts(20))


def test_without_a_folder_there_are_results_and_no_files(buyer: Face, shop: Shop) -> None:
    found = by_key(buyer.run_all(requests(3)))
    assert [outcome.paths for outcome in found.values()] == [[], [], []]
    assert all(outcome.result.resources for outcome in found.values())
    assert shop.pictures == 0


def test_a_batch_of_nothing_has_no_outcomes(buyer: Face, folder: Path) -> None:
    assert buyer.run_all({}, folder=folder) == []


def test_a_failed_task_is_the_error_of_its_row(buyer: Face, shop: Shop, folder: Path) -> None:
    shop.stand_in.fail_next(error={"message": "no"})
    [outcome] = buyer.run_all(requests(1), folder=folder)
    assert kind_of(outcome.error) == "TaskFailed"
    assert outcome.error.reference == "row-0"
    assert outcome.error.task_id == outcome.task.id
    [again] = buyer.run_all(requests(1), folder=folder)
    assert kind_of(again.error) == "TaskFailed"
    assert len(shop.posts) == 1


def test_a_row_that_does_not_end_in_time_is_late_and_the_others_are_not(buyer: Face, shop: Shop, folder: Path) -> None:
    shop.stand_in.script_next("pending")
    found = by_key(buyer.run_all(requests(1), folder=folder, timeout=0.3))
    late = found["row-0"]
    assert kind_of(late.error) == "WaitTimeout"
    assert late.error.pending == [late.task.id]
    assert late.error.last_seen == {late.task.id: "pending"}
    assert late.error.reference == "row-0"
    assert kinds(buyer.run_all(requests(5), folder=folder, timeout=0.3)) == {"fine": 4, "WaitTimeout": 1}
    assert len(shop.posts) == 5


def test_an_error_carries_its_reference_and_no_frames(buyer: Face, shop: Shop) -> None:
    shop.on_post = lambda text: refusal(400)
    for outcome in buyer.run_all(requests(3)):
        assert kind_of(outcome.error) == "BadRequestError"
        assert outcome.error.reference == outcome.reference
        assert outcome.error.__traceback__ is None
        assert outcome.task is None


# Rows that are no good


@kills(
    "A batch takes a key that is no reference.",
    "_core.rows:_Row._prepare",
    without("require_reference"),
)
def test_a_key_or_a_request_that_is_no_good_is_the_error_of_its_row(buyer: Face, shop: Shop, folder: Path) -> None:
    broken = request("broken")
    object.__setattr__(broken, good.attribute(good.TEXT), 5)  # behind the back of its own check
    bad: dict[Any, Any] = {
        "": request("empty"),
        "with space": request("space"),
        "x" * 201: request("long"),
        "new\nline": request("line"),
        5: request("number"),
        "none": None,
        "text": "a lighthouse",
        "broken": broken,
    }
    outcomes = buyer.run_all({**bad, **requests(2)}, folder=folder)
    assert kinds(outcomes) == {"ConfigurationError": 5, "TypeError": 2, "ConstraintError": 1, "fine": 2}
    assert [outcome.reference for outcome in outcomes if outcome.error] == list(bad)
    assert len(shop.posts) == 2


@pytest.mark.parametrize(
    "arguments",
    [
        {"requests": [5]},
        {"requests": "row-1"},
        {"requests": None},
        {"timeout": None},
        {"timeout": -1},
        {"timeout": float("nan")},
        {"folder": 5},
    ],
    ids=str,
)
def test_an_argument_that_is_no_good_is_refused_at_the_call(arguments: dict[str, Any], buyer: Face, shop: Shop) -> None:
    with pytest.raises(ValueError, match=r"run_all|timeout|folder"):
        buyer.client.run_all(**{"requests": requests(1), **arguments})
    assert shop.requests == 0


def test_a_batch_needs_a_journal(open_client: Open, shop: Shop) -> None:
    with pytest.raises(ValueError, match="journal"):
        open_client(shop.url).client.run_all(requests(1))


def test_nothing_is_sent_before_somebody_asks_for_an_outcome(buyer: Face, shop: Shop) -> None:
    buyer.client.run_all(requests(3))
    assert shop.requests == 0


# Again


@kills(
    "A batch asks the service about files that are there.",
    "_core.rows:_Row._buy",
    swap("entry.delivered_at is not None", "False"),
)
def test_a_second_run_asks_nothing_about_what_is_there(buyer: Face, shop: Shop, folder: Path) -> None:
    first = by_key(buyer.run_all(requests(12), folder=folder))
    seen = shop.requests
    second = by_key(buyer.run_all(requests(12), folder=folder))
    assert shop.requests == seen
    for key, outcome in second.items():
        assert outcome.paths == first[key].paths
        assert outcome.task.id == first[key].task.id
        assert not outcome.task.is_new
        assert outcome.error is outcome.result is None


def test_a_second_run_fetches_what_is_missing_and_no_more(buyer: Face, shop: Shop, folder: Path) -> None:
    found = by_key(buyer.run_all(requests(6), folder=folder))
    found["row-1"].paths[0].unlink()
    found["row-4"].paths[0].write_bytes(b"")
    reads, pictures = shop.reads.copy(), shop.pictures
    again = by_key(buyer.run_all(requests(6), folder=folder))
    assert kinds(list(again.values())) == {"fine": 6}
    assert all(outcome.paths[0].stat().st_size for outcome in again.values())
    assert shop.reads - reads == {found[key].task.id: 1 for key in ("row-1", "row-4")}
    assert shop.pictures == pictures + 2
    assert len(shop.posts) == 6


def test_another_folder_is_filled_without_buying(buyer: Face, shop: Shop, folder: Path, tmp_path: Path) -> None:
    buyer.run_all(requests(4), folder=folder)
    outcomes = buyer.run_all(requests(4), folder=tmp_path / "other")
    assert kinds(outcomes) == {"fine": 4}
    assert names_in(tmp_path / "other") == names_in(folder)
    assert len(shop.posts) == 4


def test_without_a_folder_a_second_run_waits_for_the_same_tasks(buyer: Face, shop: Shop) -> None:
    first, second = by_key(buyer.run_all(requests(4))), by_key(buyer.run_all(requests(4)))
    assert {key: outcome.task.id for key, outcome in first.items()} == {
        key: outcome.result.task_id for key, outcome in second.items()
    }
    assert len(shop.posts) == 4


def test_rows_may_be_added(buyer: Face, shop: Shop, folder: Path) -> None:
    buyer.run_all(requests(3), folder=folder)
    assert kinds(buyer.run_all(requests(5), folder=folder)) == {"fine": 5}
    assert len(shop.posts) == 5


@kills(
    "A batch hands out the picture of another request.",
    "_core.rows:_Row._buy",
    without("require_same"),
)
def test_another_request_under_a_key_is_a_conflict_of_its_row(buyer: Face, shop: Shop, folder: Path) -> None:
    buyer.run_all(requests(2), folder=folder)
    seen = shop.requests
    found = by_key(buyer.run_all({**requests(2), "row-1": request("something else")}, folder=folder))
    assert kind_of(found["row-1"].error) == "ReferenceConflict"
    assert found["row-1"].error.entry.reference == "row-1"
    assert found["row-1"].paths == []
    assert found["row-0"].error is None
    assert shop.requests == seen


def test_a_file_that_could_not_be_had_is_fetched_by_the_next_run(buyer: Face, shop: Shop, folder: Path) -> None:
    shop.on_picture = lambda path: refusal(500)
    outcomes = buyer.run_all(requests(2), folder=folder)
    assert kinds(outcomes) == {"DownloadError": 2}
    assert all(outcome.task is not None for outcome in outcomes)
    shop.on_picture = lambda path: None
    assert kinds(buyer.run_all(requests(2), folder=folder)) == {"fine": 2}
    assert len(shop.posts) == 2


def test_an_unknown_outcome_stays_unknown_and_is_not_sent_again(buyer: Face, shop: Shop) -> None:
    shop.on_post = lambda text: refusal(500)
    for _ in range(2):
        [outcome] = buyer.run_all(requests(1))
        assert kind_of(outcome.error) == "SubmissionOutcomeUnknown"
        assert outcome.error.entry.reference == "row-0"
    assert len(shop.posts) == 1


def test_a_refused_row_is_bought_by_the_next_run(buyer: Face, shop: Shop) -> None:
    shop.on_post = lambda text: refusal(400)
    assert kinds(buyer.run_all(requests(2))) == {"BadRequestError": 2}
    shop.on_post = lambda text: None
    assert kinds(buyer.run_all(requests(2))) == {"fine": 2}
    assert len(shop.bought) == 2


# Names


PLAIN = ("row", "row-0", "row-0-0", "fi", "strasse", "con")
TWINS = ("Row", "ROW", "CON", "\N{LATIN SMALL LIGATURE FI}", "stra\xdfe", "\xe9", "e\u0301")
PATHS = ("..", ".", "../up", "/etc/passwd", "a/b", "a\\b", "a:b", "a*b", "%2e%2e", "~", "-x", "aux.png", "NUL")
LONG = ("x" * 200, "\N{CJK UNIFIED IDEOGRAPH-540D}" * 200)  # 600 bytes
ODD = {name: request(f"lighthouse {number}") for number, name in enumerate((*PLAIN, *TWINS, *PATHS, *LONG))}


def test_names_never_become_paths(buyer: Face, folder: Path) -> None:
    outcomes = buyer.run_all(ODD, folder=folder)
    assert kinds(outcomes) == {"fine": len(ODD)}
    paths = [path for outcome in outcomes for path in outcome.paths]
    assert {path.parent for path in paths} == {folder}
    assert len({path.name.lower() for path in paths}) == len(ODD)
    assert names_in(folder) == sorted(path.name for path in paths)
    assert max(len(path.name.encode()) for path in paths) <= 255
    assert kinds(buyer.run_all(ODD, folder=folder)) == {"fine": len(ODD)}


@kills(
    "A batch buys a picture whose file is there already.",
    "_core.rows:_Row._require_no_file",
    never("path is not None"),
)
def test_a_file_that_nobody_bought_is_the_error_of_its_row(buyer: Face, shop: Shop, folder: Path) -> None:
    folder.mkdir()
    for name in ("row-1-0.png", "row-2-7.webp"):
        (folder / name).write_bytes(b"mine")
    found = by_key(buyer.run_all(requests(4), folder=folder))
    for key, name in {"row-1": "row-1-0.png", "row-2": "row-2-7.webp"}.items():
        assert kind_of(found[key].error) == "DownloadError"
        assert found[key].error.path == folder / name
        assert "nothing was bought" in str(found[key].error)
        assert (folder / name).read_bytes() == b"mine"
    assert len(shop.posts) == 2


def test_a_file_of_a_row_that_was_refused_was_not_bought_either(buyer: Face, shop: Shop, folder: Path) -> None:
    shop.on_post = lambda text: refusal(400)
    buyer.run_all(requests(1), folder=folder)
    (folder / "row-0-0.png").write_bytes(b"mine")
    [outcome] = buyer.run_all(requests(1), folder=folder)
    assert kind_of(outcome.error) == "DownloadError"
    assert len(shop.posts) == 1


@kills(
    "A batch takes a file for a picture though the journal does not know that it was delivered.",
    "_core.rows:_Row._buy",
    swap("entry.delivered_at is not None", "True"),
)
@kills(
    "A batch keeps a file that the journal does not vouch for.",
    "_core.rows:_Row._fetch",
    swap("overwrite=True", "overwrite=False"),
)
def test_a_file_that_the_journal_does_not_vouch_for_is_fetched_again(buyer: Face, shop: Shop, folder: Path) -> None:
    shop.on_picture = lambda path: refusal(500)
    buyer.run_all(requests(1), folder=folder)
    shop.on_picture = lambda path: None
    (folder / "row-0-0.png").write_bytes(b"half a picture")
    [outcome] = buyer.run_all(requests(1), folder=folder)
    assert outcome.paths[0].read_bytes().startswith(b"\x89PNG")


def test_a_folder_that_cannot_be_used_costs_nothing(buyer: Face, shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    for folder in (tmp_path / "file", tmp_path / "file" / "below", "nul\0"):
        end = end_of(buyer.run_all, requests(2), folder=folder)
        assert kind_of(end) == "ConfigurationError"
    assert shop.requests == 0


# What stops all submissions


@kills(
    "A batch submits on after its key was refused.",
    "_core.rows:_Row._send",
    never("isinstance(end, AuthenticationError | PaymentRequiredError)"),
    row="401-AuthenticationError",
)
@pytest.mark.parametrize(
    ("status", "kind"), [(401, "AuthenticationError"), (402, "PaymentRequiredError"), (403, "AuthenticationError")]
)
def test_a_refusal_of_the_key_or_the_account_stops_all_submissions(
    status: int, kind: str, open_client: Open, shop: Shop, journal: SqliteJournal, folder: Path
) -> None:
    buyer = open_client(shop.url, journal=journal, poll=QUICK, max_in_flight=2)
    last = {key: value for key, value in requests(20).items() if key in ("row-18", "row-19")}
    buyer.run_all(last)
    shop.on_post = lambda text: refusal(status)
    outcomes = buyer.run_all(requests(20), folder=folder)
    assert kinds(outcomes) == {kind: 18, "fine": 2}
    for outcome in outcomes:
        assert outcome.error is None or outcome.error.reference == outcome.reference
    assert names_in(folder) == ["row-18-0.png", "row-19-0.png"]
    assert len(shop.posts) - 2 <= 2  # those that were under way


def test_a_spent_budget_stops_all_submissions(open_client: Open, shop: Shop, journal: SqliteJournal) -> None:
    buyer = open_client(shop.url, journal=journal, poll=QUICK, max_submissions=3)
    assert kinds(buyer.run_all(requests(9))) == {"fine": 3, "BudgetExceeded": 6}
    assert len(shop.posts) == 3


@kills(
    "What was bought before is not fetched when nothing more may be submitted.",
    "_core.rows:_Row._buy",
    swap('entry.outcome != "accepted"', "True"),
)
def test_a_finished_batch_needs_no_budget(open_client: Open, shop: Shop, journal: SqliteJournal, folder: Path) -> None:
    open_client(shop.url, journal=journal, poll=QUICK).run_all(requests(5), folder=folder)
    poor = open_client(shop.url, journal=journal, poll=QUICK, max_submissions=0, max_in_flight=1)
    assert kinds(poor.run_all(requests(5), folder=folder)) == {"fine": 5}
    new_ones_first = dict(reversed(requests(7).items()))
    assert kinds(poor.run_all(new_ones_first)) == {"fine": 5, "BudgetExceeded": 2}
    assert len(shop.posts) == 5


def test_the_journals_own_limit_stops_all_submissions(open_client: Open, shop: Shop, tmp_path: Path) -> None:
    with SqliteJournal(tmp_path / "limited.db", max_submissions=2) as journal:
        buyer = open_client(shop.url, journal=journal, poll=QUICK)
        assert kinds(buyer.run_all(requests(6))) == {"fine": 2, "BudgetExceeded": 4}
        assert kinds(buyer.run_all(requests(6))) == {"fine": 2, "BudgetExceeded": 4}
    assert len(shop.posts) == 2


def test_a_journal_that_cannot_be_read_buys_nothing(open_client: Open, shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "journal.db").write_bytes(b"no database, this is" * 100)
    with SqliteJournal(tmp_path / "journal.db") as journal:
        outcomes = open_client(shop.url, journal=journal).run_all(requests(4))
    assert kinds(outcomes) == {"JournalError": 4}
    assert shop.requests == 0


def test_a_refused_key_while_reading_is_the_error_of_those_rows(buyer: Face, shop: Shop, folder: Path) -> None:
    buyer.run_all({"row-0": requests(1)["row-0"]}, folder=folder)
    shop.on_read = lambda task_id: refusal(401)
    found = by_key(buyer.run_all(requests(3), folder=folder))
    assert kinds(list(found.values())) == {"fine": 1, "AuthenticationError": 2}
    assert found["row-1"].task is not None
    shop.on_read = lambda task_id: None
    assert kinds(buyer.run_all(requests(3), folder=folder)) == {"fine": 3}
    assert len(shop.posts) == 3


# Too many requests


def test_a_refusal_for_a_while_is_waited_for(buyer: Face, shop: Shop) -> None:
    refused: set[str] = set()

    def refuse_once(text: str) -> Answer | None:
        if text in refused:
            return None
        refused.add(text)
        return refusal(429, retry_after="0.05")

    shop.on_post = refuse_once
    assert kinds(buyer.run_all(requests(10))) == {"fine": 10}
    assert Counter(shop.posts) == dict.fromkeys(texts(10), 2)


def test_a_row_gives_up_when_it_was_refused_for_the_whole_time(buyer: Face, shop: Shop) -> None:
    shop.on_post = lambda text: refusal(429, retry_after="0.05")
    began = time.monotonic()
    outcomes = buyer.run_all(requests(2), timeout=0.3)
    assert kinds(outcomes) == {"RateLimitError": 2}
    assert time.monotonic() - began >= 0.3
    assert len(shop.posts) > 4


# Only as much as there is room for


class Counted(dict[str, GptImage2Request]):
    """How many rows were asked for."""

    taken = 0

    def items(self) -> Any:
        for row in super().items():
            self.taken += 1
            yield row


def test_rows_are_taken_as_there_is_room_for_submissions(open_client: Open, shop: Shop, journal: SqliteJournal) -> None:
    buyer = open_client(shop.url, journal=journal, poll=QUICK, max_in_flight=2)
    rows = Counted(requests(50))
    taken: list[int] = []

    def note(text: str) -> None:
        taken.append(rows.taken)

    shop.on_post = note
    assert kinds(buyer.run_all(rows)) == {"fine": 50}
    for number, count in enumerate(taken):
        assert count <= number + 1 + 2
