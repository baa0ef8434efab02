"""A child has connections of its own, and leaves its parent's alone."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import httpx
import pytest

from contract_tests.model import good
from modellix import AsyncModellix, Modellix
from modellix._io import transports
from scripts.mutants.kills import kills, swap, without
from tests.support.clients import KEY
from tests.support.forked import Service, buy
from tests.support.marks import NEEDS_FORK
from tests.support.processes import in_child

pytestmark = NEEDS_FORK


def connection_of(transport: Any) -> object:
    """The only one of its pool."""
    [connection] = transport._pool._connections
    return connection


@kills("A child sends through its parent's connection.", "_fork:PerProcess.__call__", swap("os.getpid()", "0"))
def test_a_child_neither_uses_nor_closes_its_parents_connection() -> None:
    service = Service()
    with service.serve() as url, Modellix(KEY, base_url=url) as client:

        def work() -> object:
            buy(client)
            is_shared = idle in client._driver._means().idle
            client.close()
            return is_shared

        buy(client)
        [idle] = client._driver._means().idle
        connection = connection_of(idle)
        assert in_child(work) == "False"
        buy(client)
        assert connection_of(idle) is connection
    assert len(service.submissions) == 3


def test_a_child_has_a_tls_context_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread may be at a handshake, with a lock of the context."""
    with Modellix(KEY, base_url="https://api.example") as client:

        def contexts() -> list[Any]:
            client._driver._take(httpx.URL("https://api.example/")).close()
            opener = client._driver._means().opener
            assert opener is not None
            return [opener._options["verify"], transports.tls_context("https")]

        first = contexts()
        assert all(map(lambda one, other: one is other, contexts(), first))
        monkeypatch.setattr(os, "getpid", lambda: 0)
        assert not any(map(lambda one, other: one is other, contexts(), first))


@kills(
    "A child sends through the parent's own http_client.",
    sync=("_io.sync_driver:_Means.__init__", without("require_no_connections(injected)")),
)
def test_a_child_may_use_a_lent_client_that_has_no_connection() -> None:
    service = Service()
    with service.serve() as url, httpx.Client() as lent, Modellix(KEY, base_url=url, http_client=lent) as client:
        assert in_child(lambda: buy(client).is_new and buy(client).is_new) == "True"
        buy(client)
        assert "ConfigurationError('http_client has connections of the parent process" in in_child(lambda: buy(client))
        assert in_child(client.close) == "None"
        buy(client)
    assert len(service.submissions) == 4


# AsyncModellix


async def buy_async(client: AsyncModellix) -> bool:
    return (await client.openai.gpt_image_2(**good.words("a lighthouse"))).is_new


async def buy_and_close(client: AsyncModellix) -> bool:
    async with client:
        return await buy_async(client)


async def close(client: AsyncModellix) -> None:
    await client.aclose()


def test_an_asynchronous_client_that_was_used_stays_with_its_parent() -> None:
    service = Service()
    with service.serve() as url, asyncio.Runner() as loop:
        client = AsyncModellix(KEY, base_url=url)
        assert loop.run(buy_async(client))
        [idle] = client._driver._idle()
        connection = connection_of(idle)
        refusal = "ConfigurationError('this client belongs to another event loop"
        assert refusal in in_child(lambda: asyncio.run(buy_async(client)))
        assert in_child(lambda: asyncio.run(close(client))) == "None"
        assert loop.run(buy_async(client))
        assert connection_of(idle) is connection
        loop.run(close(client))
    assert len(service.submissions) == 2


def test_an_asynchronous_client_that_was_not_used_works_in_a_child() -> None:
    service = Service()
    with service.serve() as url:
        client = AsyncModellix(KEY, base_url=url)
        assert in_child(lambda: asyncio.run(buy_and_close(client))) == "True"
        assert asyncio.run(buy_and_close(client))
    assert len(service.submissions) == 2


def test_a_coroutine_that_was_forked_sends_nothing() -> None:
    service = Service()

    def go_on(coroutine: Any) -> object:
        return coroutine.send(None)

    async def fork(client: AsyncModellix) -> str:
        async with client:
            await buy_async(client)
            return in_child(lambda: go_on(buy_async(client)))

    with service.serve() as url:
        client = AsyncModellix(KEY, base_url=url)
        assert asyncio.run(fork(client)).startswith("ConfigurationError")
    assert len(service.submissions) == 1
