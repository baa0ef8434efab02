"""`resume`: what was accepted and is not delivered, for one process that starts again, or shared out to several."""

from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from modellix import ConfigurationError, JournalError, SqliteJournal
from modellix.journal import stored
from scripts.mutants.kills import kills, swap
from tests.modellix.conftest import Open, Serve
from tests.support.hostile_server import succeeded
from tests.support.journals import SENT_AT, intent
from tests.support.marks import ON_SOCKETS
from tests.support.processes import FORK, run_all
from tests.support.references import REFERENCE, Shop
from tests.support.scripts import answers
from tests.support.stores import Opening
from tests.support.timing import SOON, wait_until

pytestmark = ON_SOCKETS


@pytest.fixture
def shop(serve: Serve, open_client: Open, open_journal: Opening) -> Shop:
    journal, server = open_journal(), serve()
    return Shop(open_client(server.url, journal=journal), journal, server)


def settled(journal: Any, count: int) -> list[str]:
    """Tasks of which nobody has a lease."""
    for number in range(count):
        journal.settle(journal.begin(intent(f"order-{number}")), task_id=f"old-{number}")
    return [f"old-{number}" for number in range(count)]


def resume(shop: Shop, **options: Any) -> list[Any]:
    return list(shop.face.run(lambda: shop.face.client.resume(shop.journal, **options)))


def ids(shop: Shop, **options: Any) -> list[str]:
    return [task.id for task in resume(shop, **options)]


# One process that starts again


def test_it_gives_what_is_accepted_and_undelivered_whoever_holds_a_lease(shop: Shop) -> None:
    old = settled(shop.journal, 3)
    shop.journal.claim("another", 600.0, 1)
    shop.submit()
    for outcome in (None, "refused", "never sent", "unknown"):
        entry = shop.journal.begin(intent())
        if outcome:
            shop.journal.end(entry, outcome, None)
    shop.journal.delivered(old[1])
    tasks = resume(shop)
    assert [task.id for task in tasks] == [old[0], old[2], "task-1"]
    assert [task.reference for task in tasks] == ["order-0", "order-2", REFERENCE]
    assert [(task.sent_at, task.is_new) for task in tasks][:2] == [(SENT_AT, False)] * 2
    assert ids(shop) == [old[0], old[2], "task-1"]
    assert shop.sent == 1


def test_a_task_that_was_seen_to_end_is_offered_until_it_is_delivered(shop: Shop) -> None:
    task = shop.submit()
    shop.server.play(answers(200, succeeded()))
    shop.face.wait(task)
    [again] = resume(shop)
    assert (again.id, again.status) == ("task-1", "success")
    shop.face.run(again.delivered)
    assert resume(shop) == []


def test_another_client_tells_the_journal_that_it_resumed(shop: Shop, open_client: Open) -> None:
    shop.submit()
    other = Shop(open_client(shop.server.url), shop.journal, shop.server)
    shop.server.play(answers(200, succeeded(status="failed", error="no")))
    [task] = resume(other)
    other.face.poll(task)
    assert (shop.entry.status, shop.entry.delivered_at is None, resume(shop)) == ("failed", False, [])


# Several workers


def test_a_fresh_acceptance_is_its_submitters_for_ten_minutes(shop: Shop) -> None:
    assert stored.FRESH_LEASE == 600.0
    shop.submit()
    assert ids(shop, owner="worker") == []
    assert ids(shop) == ["task-1"]


@kills(
    "The lease of a fresh acceptance never ends.",
    "journal.stored:StoredJournal._set_outcome",
    swap("lease_owner = NULL, lease_until = {self._dialect.later}", "lease_owner = 'x', lease_until = '9' || :seconds"),
)
def test_after_that_it_is_claimed(serve: Serve, open_client: Open, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(stored, "FRESH_LEASE", 0.01)
    with SqliteJournal(tmp_path / "journal.db") as journal:
        server = serve()
        shop = Shop(open_client(server.url, journal=journal), journal, server)
        shop.submit()
        wait_until(lambda: ids(shop, owner="worker") == ["task-1"], SOON)


def test_two_owners_never_have_the_same_task(shop: Shop) -> None:
    old = settled(shop.journal, 5)
    first, second = ids(shop, owner="one", limit=2), ids(shop, owner="two", limit=2)
    third = ids(shop, owner="three")
    assert (first, second, third) == (old[:2], old[2:4], old[4:])
    assert ids(shop, owner="one") == old[:2]  # its own, again
    assert ids(shop, owner="four") == []
    assert ids(shop) == old


@kills(
    "What was claimed least does not come first.",
    "journal.stored:StoredJournal.claim",
    swap("ORDER BY claims, entry", "ORDER BY entry"),
    row="SqliteJournal",
)
def test_what_was_claimed_least_comes_first(shop: Shop) -> None:
    old = settled(shop.journal, 3)
    seen: list[str] = []
    for number in range(6):
        seen += ids(shop, owner=f"worker-{number}", limit=1)
        shop.journal.release(f"worker-{number}")
    assert seen == old * 2


def test_a_lease_that_is_over_is_taken_by_another(shop: Shop) -> None:
    old = settled(shop.journal, 1)
    assert ids(shop, owner="one", seconds=0.05) == old
    wait_until(lambda: ids(shop, owner="two") == old)
    assert ids(shop, owner="one") == []


def test_what_is_delivered_is_claimed_by_nobody(shop: Shop) -> None:
    settled(shop.journal, 1)
    [task] = resume(shop, owner="one")
    shop.face.run(task.delivered)
    assert (ids(shop, owner="one"), ids(shop, owner="two")) == ([], [])


@pytest.mark.parametrize(
    "options",
    [{"limit": 5}, {"owner": "one", "limit": -1}, {"owner": "one", "limit": 1.5}, {"owner": "one", "seconds": -1.0}],
)
def test_what_cannot_be_meant_is_refused(options: dict[str, Any], shop: Shop) -> None:
    with pytest.raises(ConfigurationError):
        resume(shop, **options)


def test_a_journal_that_cannot_be_read_is_an_error(serve: Serve, open_client: Open, tmp_path: Path) -> None:
    server = serve()
    shop = Shop(open_client(server.url), SqliteJournal(tmp_path / "missing" / "journal.db"), server)
    for options in ({}, {"owner": "one"}):
        with pytest.raises(JournalError) as caught:
            resume(shop, **options)
        assert isinstance(caught.value.__cause__, sqlite3.Error | OSError)
    with pytest.raises(ConfigurationError, match="journal"):
        shop.face.run(lambda: shop.face.client.resume("journal.db"))


def claim_all(open_stored: Any, folder: Path, worker: int) -> None:
    """What a child does: it claims three at a time, each time as somebody else, until there is nothing left."""
    journal, taken, empty = open_stored(), list[str](), 0
    for turn in range(1000):
        claimed = [entry.task_id for entry in journal.claim(f"worker-{worker}-{turn}", 600.0, 3)]
        taken += claimed
        empty = 0 if claimed else empty + 1
        if empty == 3:
            break
    (folder / str(worker)).write_text(json.dumps(taken))
    os._exit(0)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # Python 3.12 on: threads and fork
def test_ten_processes_share_out_all_tasks(open_stored: Any, tmp_path: Path) -> None:
    folder = tmp_path / "taken"
    folder.mkdir()
    journal = open_stored()
    old = settled(journal, 60)
    children = [FORK.Process(target=claim_all, args=(open_stored, folder, worker)) for worker in range(10)]
    run_all(children)
    taken = [task_id for file in folder.iterdir() for task_id in json.loads(file.read_text())]
    left = [entry.task_id for entry in journal.claim("the last one", 600.0, None)]  # passed over while others had them
    assert sorted([*taken, *left]) == sorted(old)


@pytest.mark.parametrize("owner", ["", " ", 5, b"worker"])
def test_an_owner_is_a_name(owner: Any, shop: Shop) -> None:
    """An empty variable of the environment would make all workers one."""
    with pytest.raises(ConfigurationError, match="owner must be a name"):
        resume(shop, owner=owner)
