"""Connections that a server closes without a word: none of its closings loses a submission. Over real sockets."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from contract_tests.harness.connections import IDLE, Connections

REPLY = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


@contextmanager
def closing_server(idle: float, most: int) -> Iterator[tuple[str, list[int]]]:
    """A server that closes a connection after so many replies, or when it was idle for so long. Gives its URL, and how
    many requests came on each connection.
    """
    counts: list[int] = []

    def serve_one(connection: socket.socket) -> None:
        at = len(counts)
        counts.append(0)
        connection.settimeout(idle)
        with connection, connection.makefile("rb") as reader:
            try:
                while counts[at] < most and reader.readline():
                    length = 0
                    while line := reader.readline().strip():
                        name, _, value = line.partition(b":")
                        length = int(value) if name.lower() == b"content-length" else length
                    reader.read(length)
                    counts[at] += 1
                    connection.sendall(REPLY)
            except OSError:
                return

    def accept(listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve_one, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=accept, args=(listener,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", counts
        listener.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(transport=Connections(), trust_env=False) as made:
        yield made


def test_server_that_closes_after_each_reply_loses_nothing(client: httpx.Client) -> None:
    with closing_server(60, most=1) as (url, counts):
        for _ in range(100):
            assert client.post(url, content=b"{}").status_code == 200
    assert counts == [1] * 100


@pytest.mark.parametrize("pause", [IDLE / 2, IDLE + 0.05, 0.5, 0.6])
def test_server_that_closes_idle_connections_loses_nothing(pause: float, client: httpx.Client) -> None:
    with closing_server(0.5, most=1000) as (url, counts):
        for _ in range(4):
            assert client.post(url, content=b"{}").status_code == 200
            time.sleep(pause)
    assert sum(counts) == 4


def test_connections_are_kept_where_the_server_keeps_them(client: httpx.Client) -> None:
    with closing_server(60, most=1000) as (url, counts):
        for _ in range(20):
            client.post(url, content=b"{}")
    assert len(counts) < 20


def test_what_may_buy_has_a_connection_of_its_own(client: httpx.Client) -> None:
    with closing_server(60, most=3) as (url, counts):
        for _ in range(10):
            client.post(url, content=b"{}", extensions={"buys": True})
    assert counts == [1] * 10
