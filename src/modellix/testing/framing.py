"""Where the body of an HTTP/1.1 request ends: Content-Length, chunks, and everything that can be wrong with them;
before them, whether it is such a request.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import FirstHeaderLineIsContinuationDefect, MissingHeaderBodySeparatorDefect
from email.message import Message
from io import BufferedIOBase

MAX_BODY = 10 * 1024 * 1024  # bytes; the longest sensible body is well below one of them
MAX_LINE = 8 * 1024  # bytes of a chunk's size line or of a trailer
MAX_TRAILERS = 100
_HEADER_DEFECTS = (MissingHeaderBodySeparatorDefect, FirstHeaderLineIsContinuationDefect)
_VERSION = re.compile(rb"HTTP/([0-9]+)\.[0-9]+")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,12})[ \t]*(;[^\r\n]*)?\r?\n")


@dataclass
class Unreadable(Exception):
    """The body cannot be read, so the next request on the connection cannot be found either."""

    status: int
    detail: str


def check_request_line(line: bytes) -> None:
    """Raises Unreadable for one that is not of HTTP/1.0 or 1.1."""
    words = line.split()
    if len(words) == 2 and words[0] == b"GET" and not words[1].startswith(b"HTTP/"):
        raise Unreadable(505, "a request without version is one of HTTP/0.9; HTTP/1.1 is known here")
    version = _VERSION.fullmatch(words[-1]) if len(words) == 3 else None
    if version is None or not line.endswith(b"\n"):
        raise Unreadable(400, "the request line is not of the form METHOD TARGET HTTP/1.1")
    if version[1].lstrip(b"0") != b"1":
        raise Unreadable(505, "another version than HTTP/1.0 or HTTP/1.1 is asked for")


def read_body(stream: BufferedIOBase, headers: Message) -> bytes:
    """The whole body; empty when the request has none. Raises Unreadable."""
    if any(isinstance(defect, _HEADER_DEFECTS) for defect in headers.defects):  # others are of a multipart body
        raise Unreadable(400, "the header cannot be read")
    coding = headers.get("Transfer-Encoding")
    if coding is None:
        return _read_exactly(stream, declared_length(headers))
    if "Content-Length" in headers:
        raise Unreadable(400, "both Transfer-Encoding and Content-Length are given")
    if coding.strip().lower() != "chunked":
        raise Unreadable(501, "no transfer coding but chunked is known")
    return _read_chunked(stream)


def declared_length(headers: Message) -> int:
    """The bytes that Content-Length promises; 0 without one. Raises Unreadable when it is nonsense or too much."""
    lengths = {str(value).strip() for value in headers.get_all("Content-Length", ["0"])}
    if len(lengths) > 1 or not re.fullmatch("[0-9]+", next(iter(lengths))):
        raise Unreadable(400, "Content-Length is not a number")
    digits = lengths.pop().lstrip("0") or "0"
    if len(digits) > len(str(MAX_BODY)) or int(digits) > MAX_BODY:
        raise Unreadable(413, f"the body is longer than {MAX_BODY} bytes")
    return int(digits)


def _read_chunked(stream: BufferedIOBase) -> bytes:
    body = bytearray()
    for size in _chunk_sizes(stream):
        if len(body) + size > MAX_BODY:
            raise Unreadable(413, f"the body is longer than {MAX_BODY} bytes")
        body += _read_exactly(stream, size)
        if stream.readline(3) not in (b"\r\n", b"\n"):
            raise Unreadable(400, "a chunk is longer than its size")
    _skip_trailers(stream)
    return bytes(body)


def _chunk_sizes(stream: BufferedIOBase) -> Iterator[int]:
    while True:
        match = _CHUNK_SIZE.fullmatch(stream.readline(MAX_LINE))
        if match is None:
            raise Unreadable(400, "the size of a chunk is not a number")
        size = int(match[1], 16)
        if size == 0:
            return
        yield size


def _skip_trailers(stream: BufferedIOBase) -> None:
    for _ in range(MAX_TRAILERS):
        line = stream.readline(MAX_LINE)
        if line in (b"\r\n", b"\n"):
            return
        if not line.endswith(b"\n"):
            break
    raise Unreadable(400, "the trailers do not end")


def _read_exactly(stream: BufferedIOBase, length: int) -> bytes:
    data = stream.read(length)
    if len(data) < length:
        raise Unreadable(400, "the body ended early")
    return data
