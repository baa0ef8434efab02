"""The private names of httpx and httpcore that the transports need: an upgrade that moves one fails here, by name."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import httpcore
import httpx
import pytest

from contract_tests.model import good
from modellix import AsyncModellix, Modellix, SubmissionOutcomeUnknown
from modellix._core.clock import Clock
from modellix._io.deadline import DeadlineBackend
from modellix._io.transports import Opener, has_leftovers
from modellix.testing import StandIn


@pytest.mark.parametrize("transport", [httpx.HTTPTransport(), httpx.AsyncHTTPTransport()], ids=["sync", "async"])
def test_a_transport_has_a_pool_with_a_network_backend(transport: object) -> None:
    assert hasattr(transport, "_pool")
    assert hasattr(transport._pool, "_network_backend")


@pytest.mark.parametrize("client", [httpx.Client(), httpx.AsyncClient()], ids=["sync", "async"])
def test_a_client_tells_its_transports(client: object) -> None:
    for name in ("_transport", "_mounts", "_transport_for_url"):
        assert hasattr(client, name), name


def test_a_used_connection_tells_what_it_has_not_read() -> None:
    with StandIn().serve() as url:
        transport = Opener(url, Clock()).open()
        assert isinstance(transport, httpx.HTTPTransport)
        transport.handle_request(httpx.Request("GET", url)).read()
        [connection] = transport._pool._connections
        assert hasattr(connection, "_connection")
        assert connection._connection._h11_state.trailing_data == (b"", False)
        assert not has_leftovers(transport)
        transport.close()


def test_a_pool_has_a_lock() -> None:
    transport = httpx.HTTPTransport()
    assert isinstance(transport._pool, httpcore.ConnectionPool)
    assert isinstance(transport._pool._optional_thread_lock._lock, type(threading.Lock()))


def _submit() -> None:
    with Modellix("test-key") as client:
        client.openai.gpt_image_2(**good.words())


async def _asubmit() -> None:
    async with AsyncModellix("test-key") as client:
        await client.openai.gpt_image_2(**good.words())


@pytest.mark.parametrize("submit", [_submit, lambda: asyncio.run(_asubmit())], ids=["sync", "async"])
def test_a_mock_that_stands_in_httpx_proves_nothing_of_what_was_sent(
    submit: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """pytest-httpx is one. A time-out that it raises is one of a request that may have bought."""
    asked = []

    def answer(_: object, request: httpx.Request) -> httpx.Response:
        asked.append(request.method)
        raise httpx.ReadTimeout("timed out", request=request)

    async def aanswer(transport: object, request: httpx.Request) -> httpx.Response:
        return answer(transport, request)

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", answer)
    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", aanswer)
    with pytest.raises(SubmissionOutcomeUnknown):
        submit()
    assert asked == ["POST"]


def test_our_transport_uses_our_backend() -> None:
    transport = Opener("http://127.0.0.1:9", Clock()).open()
    assert isinstance(transport, httpx.HTTPTransport)
    assert isinstance(transport._pool, httpcore.ConnectionPool)
    assert isinstance(transport._pool._network_backend, DeadlineBackend)
    assert isinstance(transport._pool._optional_thread_lock._lock, type(threading.RLock()))
