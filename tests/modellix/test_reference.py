"""What the journal's entry under a reference means for a submission: the table, row by row, over each journal."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest

from modellix import ReferenceConflict, SubmissionOutcomeUnknown
from modellix._core.clock import Clock
from tests.modellix.conftest import Open, Serve
from tests.support.clients import kind_of
from tests.support.journals import Watched
from tests.support.marks import ON_SOCKETS
from tests.support.references import REFERENCE, TEXT, Shop
from tests.support.stores import Opening

pytestmark = ON_SOCKETS

OTHER = "another picture"
STANDING = {
    "accepted": ("accepted", "task-9", 600.0),
    "open": (None, None, 600.0),
    "left open": (None, None, -1.0),
    "unknown": ("unknown", None, -1.0),
    "unknown before its deadline": ("unknown", None, 600.0),
}
"""Outcome, task id and seconds to the sender's deadline of each entry under which nobody may send another request."""


@pytest.fixture
def shop(serve: Serve, open_client: Open, open_journal: Opening) -> Shop:
    journal, server = Watched(open_journal()), serve()
    return Shop(open_client(server.url, journal=journal), journal, server)


def test_none_is_sent(shop: Shop) -> None:
    task = shop.submit()
    assert (task.id, task.is_new, task.reference) == ("task-1", True, REFERENCE)
    entry = shop.entry
    assert (entry.outcome, entry.task_id, entry.attempt, entry.granted) == ("accepted", "task-1", 1, False)
    assert shop.sent == 1


@pytest.mark.parametrize("standing", STANDING.values(), ids=list(STANDING))
def test_another_request_is_a_conflict(standing: tuple[str | None, str | None, float], shop: Shop) -> None:
    outcome, task_id, left = standing
    shop.earlier(outcome, task_id, left=left)
    for text, operation in ((OTHER, "gpt_image_2"), (TEXT, "gpt_image_2_edit")):
        error = shop.buy(text, operation)
        assert type(error) is ReferenceConflict
        assert (error.entry, error.reference) == (shop.entry, REFERENCE)
        assert f"{operation} was not sent" in str(error)
        assert REFERENCE in str(error)
        assert str(task_id or "") in str(error)
        assert not any(prompt in str(error) for prompt in (TEXT, OTHER))
    assert "find" not in shop.journal.calls  # it waits for nothing
    assert (shop.entry.attempt, shop.sent) == (1, 0)


def test_accepted_is_the_task_that_was_bought(shop: Shop) -> None:
    shop.earlier("accepted", "task-9")
    for _ in range(2):
        task = shop.submit()
        assert (kind_of(task), task.id, task.is_new, task.reference) == ("Task", "task-9", False, REFERENCE)
        shop.journal.ended("task-9", "success")
        shop.journal.delivered("task-9")
    assert shop.sent == 0


def test_bought_here_it_is_not_bought_again(shop: Shop) -> None:
    tasks = [shop.submit() for _ in range(3)]
    assert [(task.id, task.is_new) for task in tasks] == [("task-1", True), ("task-1", False), ("task-1", False)]
    assert shop.sent == 1


def at_the_second_look(shop: Shop, happens: Callable[[], object]) -> None:
    """What another process does while the client waits."""
    looks: list[None] = []

    def look() -> None:
        looks.append(None)
        if len(looks) == 2:
            happens()

    shop.journal.before["find"] = look


def test_open_is_waited_for_until_it_is_accepted(shop: Shop) -> None:
    entry = shop.earlier()
    at_the_second_look(shop, lambda: shop.journal.end(entry, "accepted", "task-9"))
    task = shop.submit()
    assert (task.id, task.is_new, task.reference) == ("task-9", False, REFERENCE)
    assert (shop.journal.calls.count("find"), shop.sent) == (2, 0)


def test_open_is_waited_for_until_nobody_knows(shop: Shop) -> None:
    entry = shop.earlier()
    at_the_second_look(shop, lambda: shop.journal.end(entry, "unknown", None))
    check_unknown(shop, shop.buy())


@pytest.mark.parametrize("outcome", ["refused", "never sent"])
def test_open_is_waited_for_until_it_is_free_and_then_sent(outcome: str, shop: Shop) -> None:
    entry = shop.earlier()
    at_the_second_look(shop, lambda: shop.journal.end(entry, outcome, None))
    task = shop.submit()
    assert (task.id, task.is_new, shop.entry.attempt, shop.entry.id) == ("task-1", True, 2, entry.id)
    assert shop.sent == 1


def test_open_is_waited_for_until_another_request_takes_its_place(shop: Shop) -> None:
    entry = shop.earlier()

    def give_way() -> None:
        shop.journal.end(entry, "refused", None)
        shop.earlier(text=OTHER)

    at_the_second_look(shop, give_way)
    error = shop.buy()
    assert type(error) is ReferenceConflict
    assert (error.entry, shop.entry.attempt, shop.sent) == (shop.entry, 2, 0)


def test_open_is_waited_for_until_its_deadline_is_past(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.earlier(left=600.0)
    real, passed = Clock.utc, [datetime.timedelta()]
    monkeypatch.setattr(Clock, "utc", lambda self: real(self) + passed[0])
    at_the_second_look(shop, lambda: passed.append(passed.pop() + datetime.timedelta(seconds=600)))
    check_unknown(shop, shop.buy())
    assert shop.journal.calls.count("find") == 2


@pytest.mark.parametrize("name", ["left open", "unknown", "unknown before its deadline"])
def test_what_may_have_been_bought_is_told_with_its_entry(name: str, shop: Shop) -> None:
    outcome, task_id, left = STANDING[name]
    shop.earlier(outcome, task_id, left=left)
    check_unknown(shop, shop.buy())


def test_an_unknown_one_is_told_with_the_id_that_was_seen(shop: Shop) -> None:
    shop.earlier("unknown", "task-9")
    error = check_unknown(shop, shop.buy())
    assert str(error).endswith(", after reading task task-9")
    assert error.task_id == "task-9"


def check_unknown(shop: Shop, error: object) -> SubmissionOutcomeUnknown:
    assert type(error) is SubmissionOutcomeUnknown
    assert (error.entry, error.reference) == (shop.entry, REFERENCE)
    assert (error.fingerprint, error.sent_at) == (shop.entry.fingerprint, shop.entry.sent_at)
    assert REFERENCE in str(error)
    assert f"nothing was sent now: settle entry {shop.entry.id} with" in str(error)
    assert (shop.entry.attempt, shop.sent) == (1, 0)
    return error


@pytest.mark.parametrize("text", [TEXT, OTHER])
@pytest.mark.parametrize("outcome", ["refused", "never sent"])
def test_what_was_not_bought_is_sent_as_the_next_attempt(outcome: str, text: str, shop: Shop) -> None:
    first = shop.earlier(outcome)
    task = shop.submit(text)
    assert (task.id, task.is_new, task.reference) == ("task-1", True, REFERENCE)
    assert (shop.entry.id, shop.entry.attempt, shop.entry.outcome) == (first.id, 2, "accepted")
    assert [request.text for request in shop.server.submissions] == [text]


def test_references_are_compared_code_point_by_code_point(shop: Shop) -> None:
    names = [
        "Order",
        "order",
        "é",
        "e\u0301",
        "order\u200b",
        "%",
        "o_der",
        "/",
        "..",
        "';--",
        "\N{GRINNING FACE}" * 200,
    ]
    ids = [shop.submit(reference=name).id for name in names]
    assert len(set(ids)) == len(names) == shop.sent
    assert [shop.submit(reference=name).id for name in names] == ids
    assert shop.sent == len(names)


def test_entries_have_aware_times(shop: Shop) -> None:
    before = datetime.datetime.now(datetime.UTC)
    shop.submit()
    entry = shop.entry
    assert before <= entry.sent_at <= datetime.datetime.now(datetime.UTC)
    assert datetime.timedelta(0) < entry.until - entry.sent_at <= datetime.timedelta(seconds=30)
    assert entry.until.utcoffset() == datetime.timedelta(0)
