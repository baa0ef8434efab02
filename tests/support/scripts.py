"""Faults as scripts: what the server does instead of answering well, one small function each."""

from __future__ import annotations

import contextlib
import random
import select
import socket
from collections.abc import Callable
from typing import Any

from tests.support.hostile_server import Gone, Script, Wire, reply

# Ends of a connection


def close_at_once(wire: Wire) -> bool:
    return False


def reset_at_once(wire: Wire) -> bool:
    wire.reset()
    return False


def _after(step: Callable[[Wire], object], end: Callable[[Wire], object]) -> Script:
    def script(wire: Wire) -> bool:
        step(wire)
        end(wire)
        return False

    return script


def close_after(step: Callable[[Wire], object]) -> Script:
    return _after(step, Wire.close)


def reset_after(step: Callable[[Wire], object]) -> Script:
    return _after(step, Wire.reset)


def stall_after(step: Callable[[Wire], object]) -> Script:
    return _after(step, Wire.stall)


def nothing(wire: Wire) -> None:
    """No step at all: what follows happens as soon as the connection is there."""


def handshake(wire: Wire) -> None:
    wire.start_tls()


def head(wire: Wire) -> None:
    wire.read_head()


def half(wire: Wire) -> None:
    wire.read_half()


def whole(wire: Wire) -> None:
    wire.read_request()


def said(data: bytes) -> Callable[[Wire], None]:
    """Read the request, then send the bytes."""

    def step(wire: Wire) -> None:
        wire.read_request()
        wire.send(data)

    return step


# Answers


def says(data: bytes) -> Script:
    """Answer with exactly these bytes and close."""
    return close_after(said(data))


def answers(status: int, body: Any, *headers: str, **options: Any) -> Script:
    """Answer well-formed HTTP and keep the connection."""

    def script(wire: Wire) -> bool:
        wire.read_request()
        wire.send(reply(status, body, *headers, **options))
        return True

    return script


def late(data: bytes, seconds: float) -> Script:
    def script(wire: Wire) -> bool:
        wire.read_request()
        if wire.server.stopping.wait(seconds * wire.server.pace):
            raise Gone
        wire.send(data)
        return True

    return script


def drips(quick: bytes, slow: bytes, seconds: float) -> Script:
    """The first bytes at once, the others one by one."""

    def script(wire: Wire) -> bool:
        wire.read_request()
        wire.send(quick)
        wire.drip(slow, seconds)
        return True

    return script


def floods(first: bytes, again: bytes, times: int) -> Script:
    def script(wire: Wire) -> bool:
        wire.read_request()
        wire.send(first)
        for _ in range(times):
            wire.send(again)
        return False

    return script


# Proxies


def refuses_connect(status: int) -> Script:
    """A proxy that says no to CONNECT."""

    def script(wire: Wire) -> bool:
        wire.read_request()
        wire.send(reply(status, b"no"))
        return False

    return script


def tunnels(wire: Wire) -> bool:
    """A proxy that works: CONNECT, then bytes both ways. It finds every name on this machine."""
    port = wire.read_request().path.rpartition(":")[2]
    with socket.create_connection(("127.0.0.1", int(port)), 5) as target:
        wire.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
        relay(wire.sock, target, wire.server.stopping.is_set)
    return False


def relay(near: socket.socket, far: socket.socket, is_over: Callable[[], bool]) -> None:
    """Pass bytes both ways until one side ends."""
    while not is_over():
        for ready in select.select([near, far], [], [], 0.05)[0]:
            data = ready.recv(65536)
            if not data:
                return
            (far if ready is near else near).sendall(data)


def chaos(to_port: int, dice: random.Random) -> Script:
    """A proxy that hurts every connection sooner or later, at a random byte of either direction."""

    def script(wire: Wire) -> bool:
        harm = dice.choice(("close", "reset", "reset target", "stall", "half", "late"))
        budget = dice.choice((0, 1, 60, 300, 600, 1000, 1500, 2000, 2500, 3000, 4000)) + dice.randrange(300)
        with socket.create_connection(("127.0.0.1", to_port), 5) as target:
            _hurt(wire, target, harm, budget)
        return False

    return script


def _hurt(wire: Wire, target: socket.socket, harm: str, budget: int) -> None:
    """Relay `budget` bytes, both ways together, then do harm."""
    is_over = wire.server.stopping.is_set
    while budget > 0 and not is_over():
        for ready in select.select([wire.sock, target], [], [], 0.05)[0]:
            data = ready.recv(min(65536, budget))
            if not data:
                return None
            (target if ready is wire.sock else wire.sock).sendall(data)
            budget -= len(data)
    if harm == "late":
        wire.server.stopping.wait(0.05)
        return relay(wire.sock, target, is_over)
    if harm == "stall":
        wire.stall()
    elif harm == "half":  # the reply is lost, the request goes on
        _deliver(wire, target)
    elif harm == "reset target":
        Wire(target, wire.server).reset()
    elif harm == "reset":
        wire.reset()
    return None


def _deliver(wire: Wire, target: socket.socket) -> None:
    """Pass on what the client has sent, and nothing back."""
    wire.sock.settimeout(0.05)
    with contextlib.suppress(OSError):
        while data := wire.sock.recv(65536):
            target.sendall(data)
