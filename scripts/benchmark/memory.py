"""Memory and CPU of the first submission, import included: each peer in a process that does nothing else."""

from __future__ import annotations

import inspect
import json
import os
import subprocess
import sys
from functools import partial

from scripts.benchmark.bodies import BODY, HEADERS, KEY, OPERATION, PATH, ROOT
from scripts.benchmark.measuring import Row, Scenario, peak_of_memory, rounds
from scripts.benchmark.peers import stock_client_folder
from scripts.benchmark.service import service

FIRST = """
import json, sys, time
url, body, headers = json.loads(sys.argv[1])
"""
LAST = f"""
used = time.process_time()
from pathlib import Path
{inspect.getsource(peak_of_memory)}
print(json.dumps([used * 1000, peak_of_memory()]))
"""
ALONE = "Python alone"
PEERS = {
    "modellix": f"""
from modellix import Modellix
with Modellix({KEY!r}, base_url=url) as client:
    client.openai.gpt_image_2(**body)
""",
    "httpx": f"""
import httpx
with httpx.Client(headers=headers, trust_env=False) as client:
    client.post(url + {PATH!r}, json=body).raise_for_status().json()
""",
    "stock generated client": f"""
from stock_client import AuthenticatedClient
from stock_client.api.{OPERATION.tag} import {OPERATION.operation_id} as operation
from stock_client.models import GptImage2Request
with AuthenticatedClient(url + {ROOT!r}, {KEY!r}) as client:
    operation.sync(client=client, body=GptImage2Request.from_dict(body))
""",
    "openai-python": f"""
from openai import OpenAI
with OpenAI(api_key={KEY!r}, base_url=url + {ROOT!r}, max_retries=0) as client:
    client.post({OPERATION.path!r}, cast_to=dict, body=body)
""",
    "aiohttp by hand": f"""
import asyncio, aiohttp
async def main():
    async with aiohttp.ClientSession(headers=headers) as session:
        async with session.post(url + {PATH!r}, json=body, raise_for_status=True) as reply:
            await reply.json()
asyncio.run(main())
""",
    ALONE: "",
}
ROUNDS = 5


def first_submission() -> list[Scenario]:
    """Its CPU, and the most memory that the process has held. No memory where the system does not tell it."""
    seen: dict[str, list[float]] = {name: [] for name in PEERS}
    with service() as url, stock_client_folder() as folder:

        def cpu(name: str) -> float:
            milliseconds, peak = _run(PEERS[name], url, folder)
            seen[name].append(peak)
            return milliseconds

        rows = rounds({name: partial(cpu, name) for name in PEERS}, "httpx", ROUNDS)
    peaks = {name: min(each) for name, each in seen.items()}
    held = [Row(name, peak, peak / peaks["httpx"], 0.0) for name, peak in peaks.items() if peak]
    started = Scenario("start", "From the start of Python to the first task", "ms of CPU", "httpx", rows)
    return [started, Scenario("memory", "Memory after the first submission", "MiB", "httpx", held)]


def _run(code: str, url: str, folder: str) -> tuple[float, float]:
    paths = os.pathsep.join([folder, *filter(None, [os.environ.get("PYTHONPATH")])])
    command = [sys.executable, "-c", FIRST + code + LAST, json.dumps([url, BODY, HEADERS])]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": paths})
    milliseconds, peak = json.loads(done.stdout)
    return milliseconds, peak
