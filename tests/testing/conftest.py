"""Fixtures for the tests of the stand-in: one of it, its document, and a short way to send it a request."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from modellix.testing import Answer, StandIn
from modellix_client.operations import document as shipped_document

KEY = {"Authorization": "Bearer test-key"}
Send = Callable[..., Answer]


@pytest.fixture
def python_environment() -> dict[str, str]:
    """The environment of a fresh Python that finds the same packages as this one."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


@pytest.fixture
def run_python(python_environment: dict[str, str]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """run_python(*arguments) runs Python to its end, within 30 seconds."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, *arguments]
        return subprocess.run(command, env=python_environment, capture_output=True, text=True, timeout=30, check=False)

    return run


@pytest.fixture
def document() -> dict[str, Any]:
    """A copy of the shipped document, free to be changed."""
    return shipped_document()


@pytest.fixture
def stand_in() -> StandIn:
    return StandIn()


@pytest.fixture
def send(stand_in: StandIn) -> Send:
    """send(method, path below the server, body) with a good key; the body is JSON unless it is bytes."""
    return sender(stand_in)


@pytest.fixture
def sender_to() -> Callable[[StandIn], Send]:
    """The same for a stand-in of the test's own."""
    return sender


def sender(stand_in: StandIn) -> Send:
    def send(method: str, path: str, body: Any = b"", headers: Mapping[str, str] = KEY) -> Answer:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return stand_in.handle(method, f"/api/v1{path}", headers, data)

    return send
