"""What a request for a picture says, what the logs say, and what an interrupted download leaves."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest

from modellix import Modellix
from modellix.tasks import AsyncTaskResult, TaskResult
from scripts.mutants.kills import kills, swap
from tests.support.clients import KEY, Face, raw_result, tasks_left
from tests.support.pictures import PNG, TASK, PictureServer, Wire, left_in, redirect, reply, task_of
from tests.support.timing import LONG, wait_until


@kills(
    "A download sends the key along.",
    sync=(
        "_io.download_sync:DownloadConnection._get",
        swap("HEADERS", '{**HEADERS, "Authorization": "Bearer secret-key"}'),
    ),
    asynchronous=(
        "_io.download_async:DownloadConnection._get",
        swap("HEADERS", '{**HEADERS, "Authorization": "Bearer secret-key"}'),
    ),
)
def test_request_carries_nothing_but_the_url(
    server: PictureServer, taker: Face, folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """No key, cookie, referer, proxy or login of the user's; also after redirects."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login user password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    server.routes |= {
        TASK: task_of(f"{server.url}/start?signature=of-the-url#fragment"),
        "/start": reply(302, b"", "Location: /p", "Set-Cookie: session=1"),
        "/p": reply(),
    }
    taker.wait_and_download(server.url, folder)
    api, *pictures = server.requests
    assert api.headers["authorization"] == f"Bearer {KEY}"
    assert [picture.path for picture in pictures] == ["/start?signature=of-the-url", "/p"]
    for picture in pictures:
        headers = picture.headers
        assert set(headers) == {"host", "accept", "accept-encoding", "user-agent"}
        assert headers["accept-encoding"] == "identity"
        assert "secret" not in str(headers)


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_proxies_are_passed_by(
    server: PictureServer, taker: Face, folder: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    with PictureServer() as proxy:
        monkeypatch.setenv(variable, proxy.url)
        server.routes["/p"] = reply()
        taker.download(raw_result(f"{server.url}/p"), server.url, folder)
        assert proxy.connections == 0


def test_injected_client_is_never_used_for_pictures(server: PictureServer, folder: Path) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(200, json=raw_result(f"{server.url}/p"))

    server.routes["/p"] = reply()
    injected = httpx.Client(transport=httpx.MockTransport(answer), headers={"X-Mine": "secret"})
    with injected, Modellix("secret-key", base_url=server.url, http_client=injected) as client:
        client.task("task-1").wait().download(folder)
    assert asked == [TASK]
    assert server.paths == ["/p"]
    assert "x-mine" not in server.requests[0].headers


@kills(
    "The log holds a URL with its signature.", "_core.fetch:Picture.__repr__", swap("_index}", "_index}, {self._url}")
)
def test_logs_never_hold_a_query(
    server: PictureServer, taker: Face, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.routes |= {
        TASK: [task_of(f"{server.url}/old?signature=hidden"), task_of(f"{server.url}/new?signature=hidden")],
        "/old": reply(403),
        "/new": [Wire.reset, redirect("/p?signature=hidden")],
        "/p": reply(),
    }
    taker.wait_and_download(server.url, folder)
    ours = [record.getMessage() for record in caplog.records if record.name == "modellix"]
    assert "task task-1, file 0: status 403, reading the task again" in ours
    assert "task task-1, file 0: the connection was lost, once more from the start" in ours
    assert "hidden" not in caplog.text
    assert not [record for record in caplog.records if record.name.startswith("http")]


def test_stream_is_as_quiet(server: PictureServer, taker: Face, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server.routes["/p"] = reply()
    taker.stream(raw_result(f"{server.url}/p?signature=hidden"), server.url)
    assert not [record for record in caplog.records if record.name.startswith("http")]


def _half(wire: Wire) -> None:
    wire.send(reply()[: -len(PNG) // 2])
    wire.stall()


@pytest.mark.parametrize("count", [1, 6])
def test_cancelled_download_leaves_nothing(server: PictureServer, folder: Path, count: int) -> None:
    server.routes["/p"] = _half

    async def run() -> None:
        result = AsyncTaskResult("task-1", raw_result(*[f"{server.url}/p"] * count), server.url)
        task = asyncio.create_task(result.download(folder))
        await asyncio.to_thread(wait_until, lambda: len(left_in(folder)) == min(count, 4))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert left_in(folder) == []
        assert tasks_left() == []

    asyncio.run(run())


INTERRUPTED = """
import json, sys, threading
from modellix.tasks import TaskResult
raw, origin, folder = json.loads(sys.argv[1])
try:
    TaskResult("task-1", raw, origin).download(folder)
except KeyboardInterrupt:
    print("interrupted", threading.active_count())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="on Windows no other process can send SIGINT alone")
@pytest.mark.parametrize("count", [1, 6])
def test_interrupted_download_leaves_nothing(server: PictureServer, folder: Path, count: int) -> None:
    """Ctrl-C, in a process of its own."""
    server.routes["/p"] = _half
    order = json.dumps([raw_result(*[f"{server.url}/p"] * count), server.url, str(folder)])
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", INTERRUPTED, order]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        wait_until(lambda: len(left_in(folder)) == min(count, 4))
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=LONG)[0] == "interrupted 1\n"
    assert left_in(folder) == []


def test_stream_that_is_left_early_closes_its_connection(server: PictureServer) -> None:
    gone = threading.Event()

    def play(wire: Wire) -> None:
        wire.send(reply()[:-50])
        wire.stall()
        gone.set()

    server.routes["/p"] = play
    raw = raw_result(f"{server.url}/p")
    with TaskResult("task-1", raw, server.url).open() as stream:
        next(stream)
    assert gone.wait(LONG)
    gone.clear()

    async def run() -> None:
        async with AsyncTaskResult("task-1", raw, server.url).open() as stream:
            await anext(stream)

    asyncio.run(run())
    assert gone.wait(LONG)


def test_client_that_downloads_nothing_loads_none_of_it() -> None:
    unwanted = {"asyncio", "modellix._core.fetch", "modellix._io.public_network"}
    code = f"import sys, modellix.client; print({unwanted} & set(sys.modules))"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
