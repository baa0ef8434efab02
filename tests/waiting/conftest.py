"""Fixtures: clients of both kinds on a virtual clock, a clean environment, and an alarm for real sleeping."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.support.virtual_clients import SIDES, Side

LONGEST_SLEEP = 0.05  # seconds
OpenSide = Callable[..., Side]


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy, no settings of the user's."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "MODELLIX_API_KEY", "MODELLIX_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def real_time() -> None:
    """Asked for by tests on real sockets, which alone may sleep."""


@pytest.fixture(autouse=True)
def _no_real_sleep(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing sleeps for longer than a few milliseconds, unless the test asks for `real_time`."""
    if "real_time" in request.fixturenames:
        return
    sleep, asleep = time.sleep, asyncio.sleep

    def short_sleep(seconds: float) -> None:
        assert seconds <= LONGEST_SLEEP, f"a test slept for {seconds} s"
        sleep(seconds)

    def short_asleep(seconds: float, result: Any = None) -> Any:
        assert seconds <= LONGEST_SLEEP, f"a test slept for {seconds} s"
        return asleep(seconds, result)

    monkeypatch.setattr(time, "sleep", short_sleep)
    monkeypatch.setattr(asyncio, "sleep", short_asleep)


@pytest.fixture(params=list(SIDES))
def open_side(request: pytest.FixtureRequest) -> Iterator[OpenSide]:
    """open_side(latency=0.0, **options) makes a client of either kind; all are closed at the end."""
    with ExitStack() as stack:

        def start(latency: float = 0.0, **options: Any) -> Side:
            return stack.enter_context(SIDES[request.param](latency, **options))

        yield start
