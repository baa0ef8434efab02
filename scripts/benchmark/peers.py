"""The peers: each opens a client and gives a function that submits once and returns the id of the task."""

from __future__ import annotations

import functools
import importlib
import subprocess
import sys
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx

from modellix import AsyncModellix, Modellix
from scripts.benchmark.bodies import BODY, HEADERS, KEY, OPERATION, PATH, ROOT

Submit = Callable[[], str]
AsyncSubmit = Callable[[], Awaitable[str]]
Peer = Callable[[str], AbstractContextManager[Submit]]
AsyncPeer = Callable[[str], AbstractAsyncContextManager[AsyncSubmit]]

DOCUMENT = Path(__file__).parents[2] / "openapi" / "modellix.yaml"
TIMEOUT = 120.0  # seconds; some peers queue for long


@contextmanager
def stock_client_folder() -> Generator[str]:
    """A folder with the package `stock_client`: what the generator makes of the document without our templates."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder, "settings.yaml")
        settings.write_text("post_hooks: []\n", "utf-8")
        where = ["--output-path", f"{folder}/stock_client", "--meta", "none", "--config", str(settings)]
        command = [sys.executable, "-m", "openapi_python_client", "generate", "--path", str(DOCUMENT), *where]
        subprocess.run(command, check=True, capture_output=True)
        yield folder


@contextmanager
def stock_client() -> Generator[None]:
    """Within the block it can be imported."""
    with stock_client_folder() as folder:
        sys.path.insert(0, folder)
        try:
            yield
        finally:
            sys.path.remove(folder)


@contextmanager
def modellix(url: str) -> Generator[Submit]:
    with Modellix(KEY, base_url=url) as client:
        yield lambda: client.openai.gpt_image_2(**BODY).id


@contextmanager
def bare_httpx(url: str) -> Generator[Submit]:
    with httpx.Client(headers=HEADERS, trust_env=False) as client:
        yield lambda: _task_id(client.post(url + PATH, json=BODY))


def _task_id(reply: httpx.Response) -> str:
    return str(reply.raise_for_status().json()["data"]["task_id"])


@contextmanager
def generated(url: str) -> Generator[Submit]:
    operation, request, client = _generated(url)
    with client:
        yield lambda: str(operation.sync(client=client, body=request.from_dict(BODY)).data.task_id)


def _generated(url: str) -> tuple[Any, Any, Any]:
    operation = importlib.import_module(f"stock_client.api.{OPERATION.tag}.{OPERATION.operation_id}")
    request = importlib.import_module("stock_client.models").GptImage2Request
    make: Any = importlib.import_module("stock_client").AuthenticatedClient
    return operation, request, make(url + ROOT, KEY, timeout=httpx.Timeout(TIMEOUT), httpx_args={"trust_env": False})


@contextmanager
def openai(url: str) -> Generator[Submit]:
    from openai import OpenAI

    with OpenAI(api_key=KEY, base_url=url + ROOT, max_retries=0) as client:
        yield lambda: str(client.post(OPERATION.path, cast_to=dict[str, Any], body=BODY)["data"]["task_id"])


@asynccontextmanager
async def async_modellix(url: str, **options: Any) -> AsyncGenerator[AsyncSubmit]:
    async with AsyncModellix(KEY, base_url=url, timeout=TIMEOUT, **options) as client:

        async def submit() -> str:
            return (await client.openai.gpt_image_2(**BODY)).id

        yield submit


@asynccontextmanager
async def async_httpx(url: str) -> AsyncGenerator[AsyncSubmit]:
    async with httpx.AsyncClient(headers=HEADERS, timeout=TIMEOUT, trust_env=False) as client:

        async def submit() -> str:
            return _task_id(await client.post(url + PATH, json=BODY))

        yield submit


@asynccontextmanager
async def async_generated(url: str) -> AsyncGenerator[AsyncSubmit]:
    operation, request, client = _generated(url)

    async def submit() -> str:
        reply = await operation.asyncio(client=client, body=request.from_dict(BODY))
        return str(reply.data.task_id)

    async with client:
        yield submit


@asynccontextmanager
async def async_openai(url: str) -> AsyncGenerator[AsyncSubmit]:
    from openai import AsyncOpenAI

    async with AsyncOpenAI(api_key=KEY, base_url=url + ROOT, max_retries=0, timeout=TIMEOUT) as client:

        async def submit() -> str:
            reply = await client.post(OPERATION.path, cast_to=dict[str, Any], body=BODY)
            return str(reply["data"]["task_id"])

        yield submit


@asynccontextmanager
async def aiohttp(url: str) -> AsyncGenerator[AsyncSubmit]:
    from aiohttp import ClientSession

    async with ClientSession(headers=HEADERS) as session:

        async def submit() -> str:
            async with session.post(url + PATH, json=BODY, raise_for_status=True) as reply:
                return str((await reply.json())["data"]["task_id"])

        yield submit


SYNC: dict[str, Peer] = {
    "modellix": modellix,
    "httpx": bare_httpx,
    "stock generated client": generated,
    "openai-python": openai,
}
ASYNC: dict[str, AsyncPeer] = {
    "modellix": async_modellix,
    "modellix, max_in_flight=50": functools.partial(async_modellix, max_in_flight=50),
    "httpx": async_httpx,
    "stock generated client": async_generated,
    "openai-python": async_openai,
    "aiohttp by hand": aiohttp,
}
