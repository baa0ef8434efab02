"""A task that the service knows no more after its keeping time is closed as lost: listed, and not offered for ever."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest

from modellix import NotFoundError, TaskFailed
from modellix._core.task_status import KEPT
from scripts.mutants.kills import kills, never, swap
from tests.modellix.conftest import Open, Serve
from tests.support.clients import Face, end_of
from tests.support.hostile_server import refused
from tests.support.journals import intent, undelivered
from tests.support.marks import ON_SOCKETS
from tests.support.references import REFERENCE, Shop, intent_of
from tests.support.scripts import answers
from tests.support.stores import Opening

pytestmark = ON_SOCKETS

A_MINUTE = datetime.timedelta(minutes=1)
LOOKS: dict[str, Callable[[Face, Any], Any]] = {
    "refresh": lambda face, task: face.read(task),
    "poll": lambda face, task: face.poll(task),
    "wait": lambda face, task: face.wait(task),
    "wait_all": lambda face, task: face.wait_all([task])[0],
}


@pytest.fixture
def shop(serve: Serve, open_client: Open, open_journal: Opening) -> Shop:
    journal, server = open_journal(), serve(answers(404, refused(404)))
    return Shop(open_client(server.url, journal=journal), journal, server)


def bought(shop: Shop, age: datetime.timedelta) -> None:
    now = datetime.datetime.now(datetime.UTC)
    same = intent_of()
    entry = shop.journal.begin(
        intent(REFERENCE, operation=same.operation, fingerprint=same.fingerprint, sent_at=now - age, until=now - age)
    )
    shop.journal.end(entry, "accepted", "task-9")


def resumed(shop: Shop) -> list[Any]:
    return list(shop.face.run(lambda: shop.face.client.resume(shop.journal)))


@kills(
    "A task that is gone is offered for ever.",
    "_core.polling:read_known",
    never("error.status == 404"),
    row="memory-refresh",
)
@pytest.mark.parametrize("look", LOOKS.values(), ids=list(LOOKS))
def test_after_seven_days_it_is_lost(look: Callable[[Face, Any], Any], shop: Shop) -> None:
    assert datetime.timedelta(days=7) == KEPT
    bought(shop, KEPT + A_MINUTE)
    [task] = resumed(shop)
    error = end_of(look, shop.face, task)
    assert type(error) in (NotFoundError, TaskFailed)
    assert error.reference == REFERENCE
    assert (shop.entry.status, shop.entry.delivered_at is None, shop.entry.outcome) == ("lost", False, "accepted")
    assert (resumed(shop), undelivered(shop.journal)) == ([], [])
    assert [entry.task_id for entry in shop.journal.entries() if entry.status == "lost"] == ["task-9"]
    assert shop.sent == 0


@kills(
    "A task under a reference is never known to be gone.",
    "_core.reference:follow",
    swap(", found.sent_at, found.operation)", ")"),
    row="memory-refresh",
)
@pytest.mark.parametrize("look", LOOKS.values(), ids=list(LOOKS))
def test_what_a_reference_leads_to_is_lost_as_well(look: Callable[[Face, Any], Any], shop: Shop) -> None:
    bought(shop, KEPT + A_MINUTE)
    task = shop.submit()
    assert (task.id, task.is_new, task.sent_at) == ("task-9", False, shop.entry.sent_at)
    end_of(look, shop.face, task)
    assert (shop.entry.status, resumed(shop)) == ("lost", [])
    assert shop.sent == 0


@pytest.mark.parametrize("look", LOOKS.values(), ids=list(LOOKS))
def test_before_seven_days_it_is_offered_again(look: Callable[[Face, Any], Any], shop: Shop) -> None:
    bought(shop, KEPT - A_MINUTE)
    [task] = resumed(shop)
    end_of(look, shop.face, task)
    assert (shop.entry.status, shop.entry.delivered_at) == (None, None)
    assert [each.id for each in resumed(shop)] == ["task-9"]


@pytest.mark.parametrize("status", [400, 405, 410, 500])
def test_only_not_found_means_gone(status: int, shop: Shop) -> None:
    shop.server.play(answers(status, refused(status)))
    bought(shop, KEPT + A_MINUTE)
    [task] = resumed(shop)
    end_of(shop.face.read, task)
    end_of(shop.face.poll, task)
    assert undelivered(shop.journal) == ["task-9"]


def test_a_task_whose_age_nobody_knows_is_not_lost(shop: Shop) -> None:
    bought(shop, KEPT + A_MINUTE)
    end_of(shop.face.read, "task-9")
    end_of(shop.face.poll, "task-9")
    assert undelivered(shop.journal) == ["task-9"]
