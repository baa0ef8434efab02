"""Clients that buy with a journal on PostgreSQL: what the service saw, and what the journal knows of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from modellix import JournalError, SqlJournal, SubmissionOutcomeUnknown
from tests.modellix.conftest import Open, Serve
from tests.support.clients import FACES
from tests.support.hostile_server import Wire, healthy
from tests.support.journal_calls import FORKS, in_processes, in_threads
from tests.support.marks import ON_SOCKETS
from tests.support.postgres import Postgres
from tests.support.postgres_proxy import Proxy
from tests.support.references import REFERENCE, Shop

pytestmark = [*ON_SOCKETS, pytest.mark.servers]
CUTS = pytest.mark.parametrize("cut", [Proxy.cut_before, Proxy.cut_after], ids=["before", "after"])


@pytest.fixture
def proxy(postgres: Postgres) -> Iterator[Proxy]:
    with Proxy(postgres.port) as proxy:
        yield proxy


@pytest.fixture
def shop(postgres: Postgres, database: str, proxy: Proxy, serve: Serve, open_client: Open) -> Iterator[Shop]:
    """Its journal's tables are there, and one connection is open."""
    with SqlJournal(postgres.url(database, port=proxy.port)) as journal:
        journal.spent()
        server = serve()
        yield Shop(open_client(server.url, journal=journal), journal, server)


def meanwhile(act: Callable[[], object]) -> Callable[[Wire], bool]:
    """Accepts a submission after something else happened, while the client waits for the reply."""

    def script(wire: Wire) -> bool:
        act()
        return healthy(wire)

    return script


@CUTS
def test_a_commit_that_is_not_answered_is_bought_once(
    shop: Shop, proxy: Proxy, cut: Callable[[Proxy, str], None]
) -> None:
    cut(proxy, "COMMIT")
    task = shop.submit()
    assert (proxy.cuts, shop.sent, task.is_new, shop.entry.task_id) == (1, 1, True, task.id)
    again = shop.submit()
    assert (again.id, again.is_new, shop.sent) == (task.id, False, 1)


@CUTS
def test_an_end_that_is_not_answered_is_known(shop: Shop, proxy: Proxy, cut: Callable[[Proxy, str], None]) -> None:
    shop.server.play(meanwhile(lambda: cut(proxy, "COMMIT")))
    task = shop.submit()
    assert (proxy.cuts, shop.sent, shop.entry.outcome, shop.entry.task_id) == (1, 1, "accepted", task.id)


def test_without_the_database_nothing_is_sent(shop: Shop, proxy: Proxy) -> None:
    proxy.is_down = True
    proxy.hang_up()
    error = shop.buy()
    assert type(error) is JournalError
    assert error.reference == REFERENCE
    assert shop.sent == 0
    proxy.is_down = False
    assert shop.submit().is_new
    assert shop.sent == 1


def test_an_intent_that_is_recorded_but_not_confirmed_is_not_sent(shop: Shop, proxy: Proxy) -> None:
    proxy.cut_after("COMMIT", 2)
    assert type(shop.buy()) is JournalError
    assert (proxy.cuts, shop.sent, shop.entry.outcome) == (2, 0, None)


def test_a_server_killed_while_the_request_is_under_way_knows_the_task(shop: Shop, postgres: Postgres) -> None:
    def crash() -> None:
        postgres.kill()
        postgres.start()

    shop.server.play(meanwhile(crash), healthy)
    task = shop.submit()
    assert (shop.sent, shop.entry.outcome, shop.entry.task_id) == (1, "accepted", task.id)
    assert not shop.submit().is_new
    assert shop.sent == 1


def test_an_end_that_finds_no_server_is_recorded_at_the_next_call(shop: Shop, postgres: Postgres) -> None:
    shop.server.play(meanwhile(postgres.kill), healthy)
    task = shop.submit()
    postgres.start()
    assert shop.entry.outcome is None
    another = shop.submit(reference="another")
    assert another.is_new
    assert (shop.entry.outcome, shop.entry.task_id) == ("accepted", task.id)
    assert shop.sent == 2


def test_a_submission_whose_sender_is_gone_is_not_sent_again(shop: Shop) -> None:
    shop.earlier(left=-1.0)
    error = shop.buy()
    assert type(error) is SubmissionOutcomeUnknown
    assert (error.entry, shop.sent) == (shop.entry, 0)


@pytest.mark.filterwarnings(FORKS)
@pytest.mark.parametrize("kind", list(FACES))
def test_fifty_callers_in_ten_processes_buy_one_picture(
    postgres: Postgres, database: str, serve: Serve, kind: str
) -> None:
    server = serve()
    with SqlJournal(postgres.url(database)) as journal:
        journal.spent()

        def buy() -> tuple[str, bool]:
            with FACES[kind].to(server.url, journal=journal) as face:
                task = Shop(face, journal, server).submit()
            return task.id, task.is_new

        results = [one for process in in_processes(10, lambda: in_threads(5, buy)) for one in process]
        assert sorted(results) == [("task-1", False)] * 49 + [("task-1", True)]
        assert len(server.submissions) == 1
        assert [entry.task_id for entry in journal.entries()] == ["task-1"]
