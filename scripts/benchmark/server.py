"""A service in a process of its own that answers at once, or after a time, with what the stand-in answers.

The stand-in checks each request, which takes longer than a client needs to send it. This one checks nothing, so the
clients are what is measured. `/counted` tells how many tasks were read.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import sys
from typing import Any

import httpx

from modellix.testing import StandIn
from scripts.benchmark.bodies import BODY, HEADERS, PATH, TASKS

_PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(64 * 1024 - 8)


class Answers:
    """What the stand-in says, once: to a submission, of a task that runs, and of one that is done."""

    def __init__(self, file_bytes: int, ends: bool) -> None:
        with StandIn(reads=2).serve() as url, httpx.Client(headers=HEADERS, trust_env=False) as client:
            submitted = client.post(url + PATH, json=BODY).json()
            self._id: str = submitted["data"]["task_id"]
            running, done = (client.get(f"{url}{TASKS}/{self._id}").json() for _ in range(2))
        self._submitted = json.dumps(submitted)
        self._running, self._done = json.dumps(running), done
        self._ends = ends
        self._file = _PICTURE * (file_bytes // len(_PICTURE))
        self._numbers = itertools.count()
        self._reads = 0

    def to(self, method: str, path: str, host: str) -> bytes:
        """The whole answer to a request."""
        if method == "POST":
            return _answer(self._submitted.replace(self._id, f"task-{next(self._numbers):012}").encode())
        if path == "/counted":
            return _answer(str(self._reads).encode())
        if path == "/file.png":
            return _answer(self._file, "image/png")
        self._reads += 1
        task = self._finished(host) if self._ends else self._running
        return _answer(task.replace(self._id, path.rpartition("/")[2]).encode())

    def _finished(self, host: str) -> str:
        done: Any = self._done
        done["data"]["result"]["resources"][0]["url"] = f"http://{host}/file.png"
        return json.dumps(done)


def _answer(body: bytes, kind: str = "application/json") -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n%b" % (kind.encode(), len(body), body)


class Connection(asyncio.Protocol):
    """One request after another, each answered `latency` seconds after it has come."""

    transport: asyncio.WriteTransport

    def __init__(self, answers: Answers, latency: float) -> None:
        self._answers = answers
        self._latency = latency
        self._come = b""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._come += data
        head, end, rest = self._come.partition(b"\r\n\r\n")
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        if not end or len(rest) < int(fields.get(b"content-length", b"0")):
            return
        self._come = b""
        method, path, _ = head.split(b"\r\n", 1)[0].decode().split()
        answer = self._answers.to(method, path, fields[b"host"].decode())
        asyncio.get_running_loop().call_later(self._latency, self.transport.write, answer)


async def serve(answers: Answers, latency: float) -> None:
    """Says where it listens, and goes on until it is ended."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(answers, latency), "127.0.0.1", 0, backlog=512)
    print(f"listening on http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m scripts.benchmark.server")
    parser.add_argument("--latency", type=float, default=0.0, metavar="SECONDS")
    parser.add_argument("--file", type=int, default=0, metavar="BYTES")
    parser.add_argument("--ends", action="store_true", help="tasks have ended, with a file")
    options = parser.parse_args(sys.argv[1:])
    asyncio.run(serve(Answers(options.file, options.ends), options.latency))


if __name__ == "__main__":
    main()
