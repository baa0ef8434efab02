"""An end that a journal could not record is kept, tried again in order, and told in the end. All else is logged."""

from __future__ import annotations

import logging
from collections import Counter
from typing import Any

import pytest

from modellix import JournalError
from scripts.mutants.kills import kills, without
from tests.modellix.conftest import Open, Serve
from tests.support.clients import KEY
from tests.support.hostile_server import succeeded
from tests.support.journals import Watched
from tests.support.marks import ON_SOCKETS
from tests.support.references import REFERENCE, Shop
from tests.support.scripts import answers
from tests.support.stores import Opening

pytestmark = ON_SOCKETS

PROMPT = "prompt-canary"


class Failing(Watched):
    """A journal that fails in the methods named, and remembers the ends that it was told."""

    def __init__(self, journal: Any, *failing: str) -> None:
        super().__init__(journal)
        self.failing = set(failing)
        self.told: list[tuple[str | None, str]] = []

    def end(self, entry: Any, outcome: str, task_id: str | None) -> None:
        self._check("end")
        self.told.append((entry.reference, outcome))
        self.journal.end(entry, outcome, task_id)

    def __getattr__(self, name: str) -> Any:
        call = super().__getattr__(name)

        def checked(*values: Any, **named: Any) -> Any:
            self._check(name)
            return call(*values, **named)

        return checked

    def _check(self, name: str) -> None:
        if name in self.failing:
            raise JournalError("the disk is full")


@pytest.fixture
def shop(serve: Serve, open_client: Open, open_journal: Opening) -> Shop:
    journal, server = Failing(open_journal()), serve()
    return Shop(open_client(server.url, journal=journal), journal, server)


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]


@kills(
    "An end that could not be recorded is forgotten.",
    "_core.recorder:Recorder.end",
    without("append"),
    row="memory",
)
def test_an_end_that_cannot_be_written_is_logged_and_written_at_the_next_call(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    shop.journal.failing = {"end"}
    task = shop.submit(PROMPT)
    assert (task.id, shop.entry.outcome) == ("task-1", None)
    [said] = errors(caplog)
    assert REFERENCE in said
    assert "task-1" in said
    assert "JournalError: the disk is full" in said
    assert PROMPT not in caplog.text
    assert KEY not in caplog.text
    shop.journal.failing = set()
    shop.submit(reference="order-2")
    assert (shop.entry.outcome, shop.entry.task_id) == ("accepted", "task-1")
    assert shop.journal.told == [(REFERENCE, "accepted"), ("order-2", "accepted")]
    assert shop.sent == 2


def test_the_same_reference_finds_its_own_unwritten_end(shop: Shop) -> None:
    shop.journal.failing = {"end"}
    shop.submit()
    shop.journal.failing = set()
    task = shop.submit()
    assert (task.id, task.is_new, shop.sent) == ("task-1", False, 1)


@kills(
    "At the close of a client nothing is recorded.", "_core.client_parts:ClientParts.last_words", without("catch_up")
)
def test_what_could_not_be_written_is_written_at_the_close_in_order_and_once(
    serve: Serve, open_client: Open, open_journal: Opening, caplog: pytest.LogCaptureFixture
) -> None:
    journal, server = Failing(open_journal(), "end"), serve()
    face = open_client(server.url, journal=journal)
    shop = Shop(face, journal, server)
    names = [f"order-{number}" for number in range(5)]
    for name in names:
        shop.submit(reference=name)
    assert journal.told == []
    journal.failing = set()
    face.run(face.client.aclose if hasattr(face.client, "aclose") else face.client.close)
    assert journal.told == [(name, "accepted") for name in names]
    assert Counter(entry.outcome for entry in journal.entries()) == {"accepted": 5}
    assert not any("never recorded" in said for said in errors(caplog))


@kills("What was never recorded is not told.", "_core.recorder:Recorder.give_up", without("error"))
def test_what_was_never_recorded_is_told_at_the_close(
    serve: Serve, open_client: Open, open_journal: Opening, caplog: pytest.LogCaptureFixture
) -> None:
    journal, server = Failing(open_journal(), "end"), serve()
    face = open_client(server.url, journal=journal)
    Shop(face, journal, server).submit(PROMPT)
    caplog.clear()
    face.run(face.client.aclose if hasattr(face.client, "aclose") else face.client.close)
    [said] = errors(caplog)
    assert "never recorded" in said
    assert REFERENCE in said
    assert "task-1" in said
    assert PROMPT not in caplog.text
    assert [entry.outcome for entry in journal.unresolved()] == [None]


@pytest.mark.parametrize("method", ["ended", "delivered"])
def test_a_failure_to_record_an_end_of_a_task_or_its_delivery_is_logged(
    method: str, shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    task = shop.submit()
    shop.journal.failing = {method}
    shop.server.play(answers(200, succeeded()))
    result = shop.face.wait(task)
    assert result.status == "success"
    shop.face.run(task.delivered)
    [said] = errors(caplog)
    assert "task-1" in said
    assert (shop.entry.status, shop.entry.delivered_at is None) == (
        ("success", True) if method == "delivered" else (None, False)
    )


def test_a_failed_task_counts_as_delivered(shop: Shop) -> None:
    task = shop.submit()
    shop.server.play(answers(200, succeeded(status="failed", error="no")))
    shop.face.poll(task)
    assert (shop.entry.status, shop.entry.delivered_at is None) == ("failed", False)
    assert shop.journal.undelivered() == []


def test_a_task_seen_to_succeed_is_not_delivered(shop: Shop) -> None:
    task = shop.submit()
    shop.server.play(answers(200, succeeded()))
    shop.face.read(task)
    shop.face.poll(task)
    shop.face.wait(task)
    assert (shop.entry.status, shop.entry.delivered_at) == ("success", None)
    assert [entry.task_id for entry in shop.journal.undelivered()] == ["task-1"]
