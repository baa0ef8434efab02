"""Habits of a good client: one for all threads, nothing opened early, closed for good."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from contract_tests.model import good
from modellix import Modellix
from scripts.mutants.kills import kills, never
from tests.modellix.conftest import Open, Serve
from tests.support.clients import KEY, kind_of
from tests.support.marks import ON_SOCKETS

pytestmark = ON_SOCKETS


def test_one_client_is_shared_by_fifty_threads(serve: Serve) -> None:
    server = serve()
    with Modellix(KEY, base_url=server.url) as client, ThreadPoolExecutor(50) as pool:

        def buy_and_read(number: int) -> str:
            task = client.openai.gpt_image_2(**good.words(f"lighthouse {number}"))
            return f"{task.refresh().status} {server.bought[task.id].text}"

        found = list(pool.map(buy_and_read, range(200)))
    assert found == [f"success lighthouse {number}" for number in range(200)]
    assert (len(server.submissions), len(server.reads)) == (200, 200)
    assert server.connections <= 8


def test_a_client_opens_nothing_before_it_is_used(serve: Serve) -> None:
    server = serve()
    with Modellix(KEY, base_url=server.url) as client:
        client.task("task-1")
    assert server.connections == 0


@kills(
    "A client that was closed goes on.",
    sync=("_io.sync_driver:SyncDriver._take", never("_is_closed")),
    asynchronous=("_io.async_driver:AsyncDriver._take", never("_is_closed")),
)
def test_a_closed_client_sends_nothing_and_says_so(serve: Serve, open_client: Open) -> None:
    server = serve()
    buyer = open_client(server.url, max_submissions=1)
    buyer.submit()
    buyer.close() if hasattr(buyer.client, "close") else buyer.runner.run(buyer.client.aclose())  # type: ignore[attr-defined]
    assert kind_of(buyer.attempt_read()) == "ConfigurationError"
    assert len(server.submissions) == 1
