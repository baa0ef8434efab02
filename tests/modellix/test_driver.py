"""Immediately before the first byte both drivers ask whether a submission may still leave."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import httpx
import pytest

from contract_tests.model import good
from modellix import AsyncModellix, Modellix, NeverSentError
from scripts.mutants.kills import kills, swap
from tests.modellix.conftest import Serve
from tests.support.clients import KEY, kind_of
from tests.support.held import JournalInMemory
from tests.support.hostile_server import accepted
from tests.support.marks import BOTH, ON_SOCKETS

pytestmark = [*ON_SOCKETS, pytest.mark.slow]


@kills(
    "A submission leaves however little of its time is left.",
    "_io.driver:Driver._may_leave",
    swap("self.clock.now() >= ~.leaves_by", "False"),
)
@pytest.mark.parametrize("is_injected", [False, True], ids=["our transport", "http_client"])
@BOTH
def test_the_time_is_looked_at_immediately_before_the_first_byte(
    is_async: bool, is_injected: bool, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock jumps while the name is looked up, which nothing bounds: the connection is made, and nothing leaves."""
    server, journal = serve(), JournalInMemory()
    options: dict[str, Any] = {"base_url": f"http://localhost:{server.port}", "journal": journal, "max_submissions": 1}
    if is_injected:
        options["http_client"] = httpx.AsyncClient(trust_env=False) if is_async else httpx.Client(trust_env=False)
    client: Any = (AsyncModellix if is_async else Modellix)(KEY, **options)
    now = client._parts.clock.now
    jumps = [16.0]

    def slow_resolver(*_: Any, **__: Any) -> list[Any]:
        seconds = jumps.pop() if jumps else 0.0
        offset = client._parts.clock.now() - now() + seconds
        client._parts.clock.now = lambda: now() + offset
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", server.port))]

    monkeypatch.setattr(socket, "getaddrinfo", slow_resolver)

    async def submit_twice() -> None:
        for _ in range(2):
            ends.append((await asyncio.gather(client.openai.gpt_image_2(**good.words()), return_exceptions=True))[0])
        await client.aclose()
        if is_injected:
            await options["http_client"].aclose()

    ends: list[Any] = []
    if is_async:
        asyncio.run(submit_twice())
    else:
        with pytest.raises(NeverSentError) as caught:
            client.openai.gpt_image_2(**good.words())
        ends += [caught.value, client.openai.gpt_image_2(**good.words())]
        client.close()
        if is_injected:
            options["http_client"].close()
    assert [kind_of(end) for end in ends] == ["NeverSentError", "Task"]
    assert "connecting" in str(ends[0])
    assert journal.outcomes == ["never sent", "accepted"]
    assert len(server.submissions) == 1


@kills(
    "A transport that does not report its steps gets a submission that comes too late.",
    "_io.driver:Driver._request",
    swap("to_connect <=", "left <="),
)
@BOTH
def test_a_mock_transport_is_not_handed_what_has_no_time_left(is_async: bool) -> None:
    """It does not report its steps, so that the time is looked at before it is called."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=accepted())

    mock = httpx.MockTransport(answer)
    journal = JournalInMemory(slow=0.3)
    options: dict[str, Any] = {"journal": journal, "timeout": 0.5}
    if is_async:

        async def main() -> None:
            async with AsyncModellix(KEY, http_client=httpx.AsyncClient(transport=mock), **options) as client:
                with pytest.raises(NeverSentError, match="the journal"):
                    await client.openai.gpt_image_2(**good.words())

        asyncio.run(main())
    else:
        client = Modellix(KEY, http_client=httpx.Client(transport=mock), **options)
        with pytest.raises(NeverSentError, match="the journal"):
            client.openai.gpt_image_2(**good.words())
    assert (seen, journal.outcomes) == ([], ["never sent"])
