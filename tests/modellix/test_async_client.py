"""A habit of the asynchronous client alone: it stays in one event loop."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from contract_tests.model import good
from modellix import AsyncModellix, ConfigurationError
from tests.modellix.conftest import Serve
from tests.support.clients import KEY
from tests.support.marks import ON_SOCKETS

pytestmark = ON_SOCKETS


def test_a_second_event_loop_is_refused(serve: Serve) -> None:
    server = serve()
    client = AsyncModellix(KEY, base_url=server.url, max_submissions=2)

    async def submit() -> str:
        return (await client.openai.gpt_image_2(**good.words())).id

    async def both() -> None:
        await submit()
        with ThreadPoolExecutor(1) as pool:
            other = asyncio.get_running_loop().run_in_executor(pool, asyncio.run, submit())
            with pytest.raises(ConfigurationError, match="event loop"):
                await other
        await submit()
        await client.aclose()

    asyncio.run(both())
    with pytest.raises(ConfigurationError, match="event loop"):
        asyncio.run(submit())
    assert len(server.submissions) == 2
