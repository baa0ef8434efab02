"""A hostile server that has something for each path, one request a connection, and the pictures that it sends."""

from __future__ import annotations

import json
import socket
import ssl
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.support import hostile_server
from tests.support.clients import raw_result
from tests.support.hostile_server import HostileServer, Wire
from tests.support.scripts import relay

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 400 + b"\0\0\0\0IEND\xaeB`\x82"
JPEG = b"\xff\xd8\xff\xe0" + b"j" * 5000 + b"\xff\xd9"
WEBP = b"RIFF" + struct.pack("<I", 5004) + b"WEBP" + b"w" * 5000
MP4 = struct.pack(">I", 24) + b"ftypisom\0\0\2\0isomavc1" + struct.pack(">I", 5008) + b"mdat" + b"m" * 5000
WEBM = b"\x1aE\xdf\xa3\x9fB\x86\x81\x01" + b"v" * 5000

Answer = bytes | Callable[[Wire], object]
"""Bytes to send, or what to do once the request is read."""


class PictureServer(HostileServer):
    """`routes` says what each path gets: an answer, or a list of them, the last one for good."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.routes: dict[str, Answer | list[Answer]] = {}
        super().__init__(context)
        self.play(self._answer)

    @property
    def paths(self) -> list[str]:
        """The paths asked for, without queries."""
        with self._lock:
            return [request.path.partition("?")[0] for request in self.requests]

    def _answer(self, wire: Wire) -> bool:
        answer = self._next_answer(wire.read_request().path.partition("?")[0])
        wire.send(answer) if isinstance(answer, bytes) else answer(wire)
        return False

    def _next_answer(self, path: str) -> Answer:
        with self._lock:
            found = self.routes.get(path, reply(404, b"no such file", content_type="text/plain"))
            if not isinstance(found, list):
                return found
            return found.pop(0) if len(found) > 1 else found[0]


def reply(
    status: int = 200, body: bytes = PNG, *headers: str, content_type: str | None = "image/png", **options: Any
) -> bytes:
    """A whole reply, after which the connection ends."""
    return hostile_server.reply(status, body, "Connection: close", *headers, content_type=content_type, **options)


def redirect(location: str, status: int = 302) -> bytes:
    return reply(status, b"", f"Location: {location}")


def chunked(*chunks: bytes, is_ended: bool = True) -> bytes:
    """A reply in chunks, with or without the one that ends it."""
    head = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n" * is_ended


def tunnel_to(target: HostileServer) -> Callable[[Wire], None]:
    """What a proxy does that was asked to CONNECT, whatever the name: bytes both ways, until one side ends."""

    def play(wire: Wire) -> None:
        with socket.create_connection(("127.0.0.1", target.port), 5) as far:
            wire.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
            relay(wire.sock, far, wire.server.stopping.is_set)

    return play


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def _drip_head(wire: Wire) -> None:
    wire.drip(reply(), 0.02)


def _drip_body(wire: Wire) -> None:
    wire.send(reply(length=len(PNG))[: -len(PNG)] + PNG[:50])
    wire.drip(PNG[50:], 0.02)


def _drip_between_chunks(wire: Wire) -> None:
    wire.send(chunked(PNG, is_ended=False))
    wire.drip(b"5;" + b"x" * 10_000, 0.02)


def _stall_in_body(wire: Wire) -> None:
    wire.send(reply()[:-50])
    wire.stall()


SLOW = {
    "no answer": Wire.stall,
    "head drips": _drip_head,
    "body drips": _drip_body,
    "chunk size drips": _drip_between_chunks,
    "stalls in the body": _stall_in_body,
}

TASK = "/api/v1/tasks/task-1"


def task_of(*urls: str, **more: Any) -> bytes:
    return reply(200, json.dumps(raw_result(*urls, **more)).encode(), content_type="application/json")
