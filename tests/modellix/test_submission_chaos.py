"""Between client and service a proxy that hurts connections at random; and a service that closes idle connections."""

from __future__ import annotations

import asyncio
import json
import random
import select
import socket
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from contract_tests.model import good
from modellix import AsyncModellix, Modellix, RetryPolicy
from tests.modellix.conftest import Open, Serve
from tests.support.clients import KEY, OPERATIONS, arguments, kind_of
from tests.support.hostile_server import HostileServer, Wire, healthy
from tests.support.marks import ON_SOCKETS
from tests.support.scripts import chaos
from tests.support.timing import wait_until

pytestmark = [*ON_SOCKETS, pytest.mark.slow]

COUNT = 240
RETRY = RetryPolicy(connects=2, rate_limited=2, reads=0, first_pause=0.005)
OPTIONS: dict[str, Any] = {"timeout": 1.0, "retry": RETRY, "max_in_flight": 6}


def with_threads(url: str, count: int) -> dict[str, Any]:
    with Modellix(KEY, base_url=url, **OPTIONS) as client, ThreadPoolExecutor(6) as pool:

        def submit(number: int) -> Any:
            operation = OPERATIONS[number % 2]
            try:
                return getattr(client.openai, operation)(**arguments(operation, f"lighthouse {number}"))
            except Exception as error:
                return error

        return {f"lighthouse {number}": end for number, end in enumerate(pool.map(submit, range(count)))}


def with_coroutines(url: str, count: int) -> dict[str, Any]:
    async def main() -> list[Any]:
        async with AsyncModellix(KEY, base_url=url, **OPTIONS) as client:
            return [end for start in range(0, count, 6) for end in await batch(client, range(start, start + 6))]

    async def batch(client: AsyncModellix, numbers: range) -> list[Any]:
        operations = [OPERATIONS[number % 2] for number in numbers]
        calls = [
            getattr(client.openai, name)(**arguments(name, f"lighthouse {number}"))
            for name, number in zip(operations, numbers, strict=True)
        ]
        return await asyncio.gather(*calls, return_exceptions=True)

    return {f"lighthouse {number}": end for number, end in enumerate(asyncio.run(main()))}


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "TLS"])
@pytest.mark.parametrize("buy", [with_threads, with_coroutines], ids=["Modellix", "AsyncModellix"])
def test_chaos_buys_nothing_twice_and_loses_nothing(
    buy: Any, tls: bool, serve: Serve, request: pytest.FixtureRequest
) -> None:
    server = serve(tls=tls)
    proxy = serve(chaos(server.port, random.Random(tls)))
    proxy.context = None
    ends = buy(server.url.replace(str(server.port), str(proxy.port)), COUNT)
    proxy.hang_up()
    settle(server)

    bought = {order.text: task_id for task_id, order in server.bought.items()}
    seen = Counter(order.text for order in server.submissions)
    assert max(seen.values()) == 1, "a request was accepted twice"
    for prompt, end in ends.items():
        kind = kind_of(end)
        assert kind in ("Task", "SubmissionOutcomeUnknown", "NeverSentError"), repr(end)
        if kind == "Task":
            assert bought.get(prompt) == end.id
        if prompt in bought:
            assert kind != "NeverSentError", f"{prompt} was bought"
        if kind == "SubmissionOutcomeUnknown" and end.task_id:
            assert bought.get(prompt) == end.task_id
    kinds = Counter(kind_of(end) for end in ends.values())
    assert kinds["Task"] > 0
    assert kinds["SubmissionOutcomeUnknown"] > 0
    request.node.user_properties.append(("chaos", json.dumps({**kinds, "bought": len(bought)})))


def settle(server: HostileServer) -> None:
    """Wait until nothing more arrives."""
    before = -1
    while before != len(server.submissions):
        before = len(server.submissions)
        time.sleep(0.1)


IDLE = 0.025  # seconds, far shorter than any real server's, so that the worst moment is met often
FIN_WAIT_1 = b"\4"  # in Linux: the other side does not know yet that this one has closed


def closes_when_idle(wire: Wire) -> bool:
    """Answer well, then close unless the next request comes in time."""
    healthy(wire)
    if select.select([wire.sock], [], [], IDLE)[0]:
        return True
    wire.sock.shutdown(socket.SHUT_WR)
    wait_until(lambda: wire.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1) != FIN_WAIT_1)
    return False


@pytest.mark.skipif(sys.platform != "linux", reason="because only Linux tells when the other side knows")
def test_a_connection_that_the_server_has_closed_is_not_trusted_with_a_submission(
    serve: Serve, open_client: Open
) -> None:
    """Unknown is only what meets the close on its way. About half of the pauses are longer than the server waits."""
    server, dice = serve(closes_when_idle), random.Random(1)
    buyer = open_client(server.url)
    ends: Counter[tuple[bool, str]] = Counter()
    for number in range(200):
        is_open = server.open_connections > 0
        ends[is_open, kind_of(buyer.attempt(text=f"lighthouse {number}"))] += 1
        server.stopping.wait(dice.uniform(0, 2 * IDLE))
        if number % 10 == 0:
            server.wait_until_closed()
    assert {kind for is_open, kind in ends if not is_open} == {"Task"}
    assert {kind for _, kind in ends} <= {"Task", "SubmissionOutcomeUnknown"}
    assert len(server.bought) == sum(count for (_, kind), count in ends.items() if kind == "Task")


def test_threads_that_share_a_client_keep_their_replies_apart(serve: Serve) -> None:
    server = serve()
    barrier = threading.Barrier(8)
    with Modellix(KEY, base_url=server.url) as client, ThreadPoolExecutor(8) as pool:

        def submit(number: int) -> tuple[str, str]:
            barrier.wait()
            return f"lighthouse {number}", client.openai.gpt_image_2(**good.words(f"lighthouse {number}")).id

        pairs = list(pool.map(submit, range(80)))
    assert {server.bought[task_id].text: task_id for _, task_id in pairs} == dict(pairs)
    assert len(server.submissions) == 80
