"""All that connecting takes is bounded: one step by a sixth of the time, all steps by the first half."""

from __future__ import annotations

import socket
import time

import pytest

from modellix import RetryPolicy
from scripts.mutants.kills import kills, never, swap
from tests.modellix.conftest import Open, Serve
from tests.support.clients import kind_of
from tests.support.marks import ON_SOCKETS
from tests.support.scripts import head, nothing, stall_after

pytestmark = [*ON_SOCKETS, pytest.mark.slow]


@kills(
    "A dead address uses up the time of the others.",
    "_core.submission:SubmissionAttempts._effect",
    swap("timeout / CONNECT_SHARE", "timeout"),
)
def test_one_step_of_connecting_gets_a_sixth_of_the_time(serve: Serve, open_client: Open) -> None:
    server = serve(stall_after(nothing), tls=True)
    started = time.monotonic()
    end = open_client(server.url, timeout=12.0, retry=RetryPolicy(connects=0)).attempt()
    assert kind_of(end) == "NeverSentError"
    assert 1.9 < time.monotonic() - started < 5.9


@kills(
    "Connecting goes on until the deadline.",
    sync=(
        "_io.call:Call.left",
        never("is_connecting"),
        "_core.submission:SubmissionAttempts._pause",
        swap("_latest", "_deadline"),
    ),
    asynchronous=(
        "_io.async_driver:AsyncDriver._step",
        swap("leaves_by", "deadline"),
        "_core.submission:SubmissionAttempts._pause",
        swap("_latest", "_deadline"),
    ),
)
@pytest.mark.parametrize("is_tunnel", [False, True], ids=["the handshake", "the proxy's answer"])
def test_all_connecting_shares_the_first_half(
    is_tunnel: bool, serve: Serve, open_client: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(stall_after(head if is_tunnel else nothing), tls=not is_tunnel)
    if is_tunnel:
        monkeypatch.setenv("HTTPS_PROXY", server.url)
    url = "https://api.example" if is_tunnel else server.url
    started = time.monotonic()
    end = open_client(url, timeout=6.0, retry=RetryPolicy(connects=99, first_pause=0.001)).attempt()
    assert kind_of(end) == "NeverSentError"
    assert "connecting" in str(end)
    assert 2 <= end.attempts <= 4
    assert time.monotonic() - started < 5.9


@pytest.mark.allow_hosts(["127.0.0.1", "127.0.0.2"])
def test_several_dead_addresses_share_the_first_half(open_client: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """Listening sockets whose queue is full: the system drops what knocks."""
    deaf = [socket.socket() for _ in range(2)]
    knocking = [socket.socket() for _ in range(4 * len(deaf))]
    try:
        port = 0
        for number, each in enumerate(deaf):
            each.bind((f"127.0.0.{number + 1}", port))
            port = each.getsockname()[1]
            each.listen(0)
        for number, each in enumerate(knocking):
            each.setblocking(False)
            each.connect_ex((f"127.0.0.{number % 2 + 1}", port))
        rows = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"127.0.0.{number % 2 + 1}", port)) for number in range(9)]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: rows)
        started = time.monotonic()
        end = open_client(
            f"http://localhost:{port}", timeout=6.0, retry=RetryPolicy(connects=9, first_pause=0)
        ).attempt()
        assert kind_of(end) == "NeverSentError"
        assert "connecting" in str(end)
        assert time.monotonic() - started < 5.9
    finally:
        for each in (*deaf, *knocking):
            each.close()
