"""A client of either kind that nobody closes: its connections are closed all the same, and nothing is said."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

from contract_tests.model import good
from modellix.testing import StandIn

CALLS = textwrap.indent(f"task = client.openai.gpt_image_2(**{good.words()!r})\ntask.refresh()\n", "    ")
AWAITED = CALLS.replace("client.openai", "await client.openai").replace("task.refresh", "await task.refresh")
SYNC = f"""
import gc, sys
from modellix import Modellix

def use(client):
{CALLS}    return client
"""
ASYNC = f"""
import asyncio, gc, sys
from modellix import AsyncModellix

async def use(client):
{AWAITED}    return client

async def main(is_kept):
    global kept
    kept = await use(AsyncModellix("test-key", base_url=sys.argv[1]))
    if not is_kept:
        kept = None
        gc.collect()
        await asyncio.sleep(0.01)
"""
PROGRAMS = {
    "Modellix until the end": SYNC + 'kept = use(Modellix("test-key", base_url=sys.argv[1]))',
    "Modellix until it is collected": SYNC + 'use(Modellix("test-key", base_url=sys.argv[1]))\ngc.collect()',
    "AsyncModellix until the end": ASYNC + "asyncio.run(main(is_kept=True))",
    "AsyncModellix until it is collected": ASYNC + "asyncio.run(main(is_kept=False))",
}


@pytest.mark.parametrize("options", [("-W", "error::ResourceWarning"), ("-X", "dev")], ids=" ".join)
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_forgotten_client_closes_its_connections(name: str, options: tuple[str, str]) -> None:
    stand_in = StandIn()
    with stand_in.serve() as url:
        command = [sys.executable, *options, "-c", PROGRAMS[name], url]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for word in ("unclosed", "ResourceWarning", "never awaited", "Exception ignored"):
        assert word not in done.stderr
    assert [one.accepted for one in stand_in.submissions] == [True]
