"""The services that are measured against, each a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager

import httpx

from scripts.benchmark.bodies import KEY


@contextmanager
def stand_in(reads: int = 1_000_000) -> Generator[str]:
    """The URL of a stand-in whose tasks end at that read: by default never within a benchmark."""
    with _listening("modellix.testing", "--api-key", KEY, "--reads", str(reads)) as url:
        yield url


@contextmanager
def service(latency: float = 0.0, file_bytes: int = 0, *, ends: bool = False) -> Generator[str]:
    """The URL of a service that checks nothing (server.py)."""
    options = ["--latency", str(latency), "--file", str(file_bytes), *(["--ends"] if ends else [])]
    with _listening("scripts.benchmark.server", *options) as url:
        yield url


def tasks_read(url: str) -> int:
    """How often the service was asked for a task."""
    return int(httpx.get(f"{url}/counted", trust_env=False).text)


@contextmanager
def _listening(module: str, *options: str) -> Generator[str]:
    command = [sys.executable, "-m", module, *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()[-1]
        finally:
            process.terminate()
