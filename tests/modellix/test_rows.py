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
from tests.support.batches import QUICK, Shop, by_key, kinds, names_in, refusal, request, requests, texts
from tests.support.clients import Face, kind_of

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
    found = by_key(buyer.run_all(requests(1), folder=folder, timeout=2))
    late = found["row-0"]
    assert kind_of(late.error) == "WaitTimeout"
    assert late.error.pending == [late.task.id]
    assert late.error.last_seen == {late.task.id: "pending"}
    assert late.error.reference == "row-0"
    assert kinds(buyer.run_all(requests(5), folder=folder, timeout=5)) == {"fine": 4, "WaitTimeout": 1}
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
    outcomes = buyer.run_all(requests(2), timeout=2)
    assert kinds(outcomes) == {"RateLimitError": 2}
    assert time.monotonic() - began >= 1.9
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
