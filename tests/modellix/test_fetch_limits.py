"""How long a download may take, and how much it may bring."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from modellix import DownloadError
from modellix._core.clock import Clock
from modellix._core.download_effects import DownloadRules, Get, Head, Read
from modellix._core.download_session import LIMITS, DownloadSession, Manifest
from modellix._core.fetch import Picture
from scripts.mutants.kills import kills, never, swap
from tests.support.clients import Face, raw_result
from tests.support.pictures import PNG, SLOW, Answer, PictureServer, Wire, chunked, left_in, reply


@kills(
    "Nothing is asked of the speed of a download.",
    "_core.fetch:Picture._within_time",
    swap("min(~.idle, ~)", "1000.0"),
    row="stalls in the body",
    is_about_ending=True,
)
@pytest.mark.parametrize("script", SLOW.values(), ids=SLOW)
def test_slow_server_is_left_in_time(
    server: PictureServer, taker: Face, folder: Path, limit: Callable[..., None], script: Answer
) -> None:
    """However the bytes drip: what counts is the average, and the time without any."""
    limit(idle=0.15)
    server.routes["/p"] = script
    started = time.monotonic()
    with pytest.raises(DownloadError, match="too slow"):
        taker.download(raw_result(f"{server.url}/p"), server.url, folder)
    # The three scripts that send something fast earn as much time as it may take at the least rate (6 s for PNG),
    # of which no more than `idle` may pass without a byte of the picture.
    assert time.monotonic() - started < 5
    assert left_in(folder) == []


class ClockByHand(Clock):
    """Time passes when a test says so."""

    seconds = 0.0

    def now(self) -> float:
        return self.seconds


def test_steady_server_may_take_longer_than_the_idle_limit() -> None:
    """Above the least rate in all, never idle for long. By the rules alone: each piece takes a tenth of the limit."""
    clock = ClockByHand()
    picture = Picture(
        DownloadSession(Manifest("task-1", ["https://pictures.test/p"], "", None), lambda url: None, clock), 0
    )
    size = len(PNG) // 10 + 1
    pieces = iter([Head(200, httpx.Headers()), *(PNG[at : at + size] for at in range(0, len(PNG), size)), b""])

    def carry_out(rules: DownloadRules[Any]) -> Any:
        outcome = None
        try:
            while True:
                effect = rules.send(outcome)
                assert isinstance(effect, Get | Read)
                clock.seconds += LIMITS.idle / 10
                assert clock.seconds <= effect.deadline
                outcome = next(pieces)
        except StopIteration as end:
            return end.value

    carry_out(picture.start())
    assert b"".join(iter(lambda: carry_out(picture.more()), b"")) == PNG
    assert clock.seconds > LIMITS.idle


def test_time_of_the_reader_of_a_stream_does_not_count(
    server: PictureServer, time_passes: Callable[[float], None]
) -> None:
    from modellix.tasks import TaskResult

    server.routes["/p"] = reply(200, PNG * 20)
    with TaskResult("task-1", raw_result(f"{server.url}/p"), server.url).open() as stream:
        first = next(stream)
        time_passes(100 * LIMITS.idle)
        assert first + b"".join(stream) == PNG * 20


def test_file_that_says_it_is_too_large_is_not_read(
    server: PictureServer, taker: Face, folder: Path, limit: Callable[..., None]
) -> None:
    def play(wire: Wire) -> None:
        wire.send(reply(length=1_000_001))
        wire.stall()

    limit(file_bytes=1_000_000, idle=2)
    server.routes["/p"] = play
    with pytest.raises(DownloadError, match="larger than 1000000 bytes"):
        taker.download(raw_result(f"{server.url}/p"), server.url, folder)


@kills(
    "The bytes of a file are not counted.", "_core.fetch:Picture._receive", never("file_bytes"), is_about_ending=True
)
def test_bytes_are_counted_as_they_arrive(
    server: PictureServer, taker: Face, folder: Path, limit: Callable[..., None]
) -> None:
    """A server that does not say how much it sends is left at the cap; it would go on for ever."""
    limit(file_bytes=300_000)

    def play(wire: Wire) -> None:
        wire.send(chunked(PNG, is_ended=False))
        while not wire.server.stopping.is_set():
            wire.send(b"10000\r\n" + bytes(65536) + b"\r\n")

    server.routes["/p"] = play
    with pytest.raises(DownloadError, match="larger than 300000 bytes"):
        taker.download(raw_result(f"{server.url}/p"), server.url, folder)
    assert left_in(folder) == []


@kills(
    "The bytes of all files of a result are not counted together.",
    "_core.download_session:DownloadSession.take",
    swap("self.received <= self.limits.result_bytes", "True"),
)
def test_bytes_of_all_files_are_counted_together(
    server: PictureServer, taker: Face, folder: Path, limit: Callable[..., None]
) -> None:
    limit(result_bytes=len(PNG) * 5 // 2)
    server.routes["/p"] = reply()
    with pytest.raises(DownloadError, match="together"):
        taker.download(raw_result(*[f"{server.url}/p"] * 4), server.url, folder)
    assert len(left_in(folder)) <= 2


@kills(
    "A result may name as many files as it likes.", "_core.download_session:DownloadSession.check", never("resources")
)
def test_too_many_files_are_refused_before_the_first_request(
    server: PictureServer, taker: Face, folder: Path, limit: Callable[..., None]
) -> None:
    limit(resources=2)
    with pytest.raises(DownloadError, match="3 files, more than 2"):
        taker.download(raw_result(*[f"{server.url}/p"] * 3), server.url, folder)
    assert server.connections == 0
