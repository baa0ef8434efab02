# ruff: noqa: E501 - one row to a line, like a table
"""The fault matrix as data: what the server does, and what becomes of the submission by the table.

Each row is used for both operations and both clients, by test_attempt.py. The rows on answers are used for reads
too, by test_read_task.py.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from modellix import errors
from tests.support.hostile_server import Script, accepted, encode, refused, reply
from tests.support.law import COUNTED
from tests.support.scripts import (
    answers,
    close_after,
    close_at_once,
    drips,
    floods,
    half,
    handshake,
    head,
    late,
    nothing,
    reset_after,
    reset_at_once,
    said,
    says,
    stall_after,
    whole,
)
from tests.support.statuses import REFUSED

UNKNOWN = "SubmissionOutcomeUnknown"
NEVER_SENT = "NeverSentError"
PATIENT = 10.0  # seconds for a call whose end does not hang on its time-out
SHORT = 0.3  # seconds for a call that is to run into its time-out; half of them for connecting


@dataclass(frozen=True)
class Row:
    """One fault. `seen` is how many submissions the server reads to the last byte; `otherwise` is a second end that is
    right too, when the kernel decides whether the fault comes before or after the connection was made.
    """

    name: str
    script: Script
    end: str
    seen: int = 1
    status: int | None = None
    task_id: str | None = None
    tls: bool = False
    fields: dict[str, Any] = field(default_factory=dict)
    timeout: float = PATIENT
    otherwise: str = ""

    @property
    def is_waiting(self) -> bool:
        """Does it take as long as the client's time-out?"""
        return self.timeout == SHORT


def is_counted(end: str) -> bool:
    """Does it use up a place of `max_submissions`?"""
    return end in COUNTED


def unknown(name: str, script: Script, **more: Any) -> Row:
    return Row(name, script, UNKNOWN, **more)


GOOD = reply(200, accepted())
CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
BODY = encode(accepted())
DEEP = b"[" * 100_000


def chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def _ends(verb: str, after: Any, tls: bool) -> Iterator[Row]:
    rows = _each_end(verb, after, tls)
    return (replace(row, timeout=SHORT) for row in rows) if verb == "stall" else rows


def _each_end(verb: str, after: Any, tls: bool) -> Iterator[Row]:
    over = " over TLS" if tls else ""
    yield unknown(f"{verb} after the head{over}", after(head), seen=0, tls=tls)
    yield unknown(f"{verb} after half the body{over}", after(half), seen=0, tls=tls)
    yield unknown(f"{verb} after the whole request{over}", after(whole), tls=tls)
    yield unknown(f"{verb} within the status line{over}", after(said(GOOD[:11])), tls=tls)
    yield unknown(f"{verb} within the headers{over}", after(said(GOOD[:40])), tls=tls)
    yield unknown(f"{verb} before the body{over}", after(said(GOOD[: -len(BODY)])), status=200, tls=tls)
    yield unknown(f"{verb} before the id{over}", after(said(GOOD[: GOOD.index(b"task-1")])), status=200, tls=tls)
    yield unknown(f"{verb} after the id{over}", after(said(GOOD[:-4])), status=200, task_id="task-1", tls=tls)
    refusal = reply(400, refused(400))
    yield Row(
        f"{verb} within a refusal's body{over}", after(said(refusal[:-4])), "BadRequestError", status=400, tls=tls
    )


CONNECTIONS = [
    unknown("close at once", close_at_once, seen=0, otherwise=NEVER_SENT),
    unknown("reset at once", reset_at_once, seen=0, otherwise=NEVER_SENT),
    unknown("never read anything", stall_after(nothing), seen=0, timeout=SHORT),
    Row("close instead of the TLS handshake", close_at_once, NEVER_SENT, seen=0, tls=True),
    Row("reset instead of the TLS handshake", reset_at_once, NEVER_SENT, seen=0, tls=True),
    Row("never answer the TLS handshake", stall_after(nothing), NEVER_SENT, seen=0, tls=True, timeout=SHORT),
    unknown("close after the TLS handshake", close_after(handshake), seen=0, tls=True),
    unknown("reset after the TLS handshake", reset_after(handshake), seen=0, tls=True),
    unknown("stall after the TLS handshake", stall_after(handshake), seen=0, tls=True, timeout=SHORT),
    *_ends("close", close_after, False),
    *_ends("close", close_after, True),
    *_ends("reset", reset_after, False),
    *_ends("stall", stall_after, False),
    unknown("stall over TLS before the body", stall_after(said(GOOD[: -len(BODY)])), status=200, tls=True, timeout=SHORT),
    Row("stall within a chunked refusal", stall_after(said(b"HTTP/1.1 422 No\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n")),
        "BadRequestError", status=422, timeout=SHORT),
]  # fmt: skip

TIMES = [
    Row("answer late", late(GOOD, 0.1), "Task", task_id="task-1"),
    unknown("answer too late", late(GOOD, SHORT + 0.2), timeout=SHORT),
    Row("drip a short reply", drips(GOOD[:-20], GOOD[-20:], 0.001), "Task", task_id="task-1"),
    unknown("drip the status line", drips(b"", GOOD, 0.02), timeout=SHORT),
    unknown("drip the headers", drips(GOOD[:20], GOOD[20:], 0.02), timeout=SHORT),
    unknown("drip the body", drips(GOOD[: -len(BODY)], BODY, 0.02), status=200, timeout=SHORT),
    unknown("drip the end of the body", drips(GOOD[:-40], GOOD[-40:], 0.02), status=200, task_id="task-1", timeout=SHORT),
    unknown("drip chunks without end", drips(CHUNKED + chunk(BODY), chunk(b" ") * 300, 0.005), status=200, task_id="task-1", timeout=SHORT),
    unknown("drip 1xx replies without end", drips(b"", b"HTTP/1.1 103 Hint\r\n\r\n" * 40, 0.005), timeout=SHORT),
    unknown("never end the list of headers", floods(b"HTTP/1.1 200 OK\r\n", b"X-More: more\r\n", 20_000)),
]  # fmt: skip

CUT = [
    unknown("claim one byte too many", says(reply(200, accepted(), length=len(BODY) + 1)), status=200, task_id="task-1"),
    unknown("claim one byte too few", says(reply(200, accepted(), length=len(BODY) - 1)), status=200, task_id="task-1"),
    unknown("chunked without an end", says(CHUNKED + chunk(BODY)), status=200, task_id="task-1"),
    unknown("a chunk that is cut", says(CHUNKED + chunk(BODY)[:-9]), status=200, task_id="task-1"),
    unknown("a chunk of a size that is no number", says(CHUNKED + b"zz\r\n" + BODY), status=200),
    Row("two replies back to back", says(GOOD + reply(200, accepted("task-2"))), "Task", task_id="task-1"),
    Row("no length, the close ends it", says(b"HTTP/1.1 200 OK\r\n\r\n" + BODY), "Task", task_id="task-1"),
    Row("HTTP/1.0", says(b"HTTP/1.0 200 OK\r\n\r\n" + BODY), "Task", task_id="task-1"),
    Row("103 before the reply", says(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + GOOD), "Task", task_id="task-1"),
    Row("100 before the reply", says(b"HTTP/1.1 100 Continue\r\n\r\n" + GOOD), "Task", task_id="task-1"),
    unknown("101 instead of a reply", says(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n")),
    unknown("only 103", says(b"HTTP/1.1 103 Early Hints\r\n\r\n")),
]  # fmt: skip

GARBAGE = [
    unknown("nothing at all", says(b"")),
    unknown("garbage bytes", says(bytes(range(256)) * 4)),
    unknown("HTTP/0.9", says(b"<html>hello</html>")),
    unknown("another protocol", says(b"SSH-2.0-OpenSSH_9.6\r\n")),
    unknown("TLS to plain http", says(b"\x15\x03\x01\x00\x02\x02\x46")),
    unknown("a status of four digits", says(b"HTTP/1.1 2000 OK\r\n\r\n" + BODY)),
    unknown("a status of 99", says(b"HTTP/1.1 099 Low\r\nContent-Length: 0\r\n\r\n")),
    unknown("a status that is a word", says(b"HTTP/1.1 OK fine\r\n\r\n" + BODY)),
    unknown("NUL in a header", says(b"HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n" + BODY)),
    unknown("a header without a colon", says(b"HTTP/1.1 200 OK\r\nnonsense\r\n\r\n" + BODY)),
    unknown("two lengths that differ", says(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\n" + BODY)),
    unknown("a length that is no number", says(b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n" + BODY)),
    unknown("a negative length", says(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n" + BODY)),
    unknown("a header of 200,000 bytes", says(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000 + b"\r\n\r\n" + BODY)),
    Row("the same length twice", says(reply(200, accepted(), f"Content-Length: {len(BODY)}")), "Task", task_id="task-1"),
    Row("headers given twice", answers(200, accepted(), "Content-Type: text/html", "X-A: 1", "X-A: 2"), "Task", task_id="task-1"),
    Row("headers that are not ASCII", answers(200, accepted(), "X-A: \xe9\xff", "X-B: \xc3\xa9"), "Task", task_id="task-1"),
    Row("cookies", answers(200, accepted(), "Set-Cookie: a=b", "Set-Cookie: c=d"), "Task", task_id="task-1"),
]  # fmt: skip


def odd(name: str, body: Any, *headers: str, end: str = UNKNOWN, status: int = 200, **more: Any) -> Row:
    """A whole reply with something odd in its body."""
    return Row(name, answers(status, body, *headers), end, status=None if end == "Task" else status, **more)


BODIES = [
    odd("an empty body", b""),
    odd("only white space", b" \r\n "),
    odd("HTML with 200", b"<html><body>please log in</body></html>"),
    odd("JSON that is cut", BODY[:-3], task_id="task-1"),
    odd("JSON that is cut before the id", BODY[:40]),
    odd("JSON with something after it", BODY + b"}", task_id="task-1"),
    odd("JSON twice", BODY + BODY, task_id="task-1"),
    odd("JSON of 100,000 levels", DEEP),
    odd("JSON in UTF-16", json.dumps(accepted()).encode("utf-16"), end="Task", task_id="task-1"),
    odd("JSON after a byte order mark", b"\xef\xbb\xbf" + BODY, end="Task", task_id="task-1"),
    odd("bytes that are not UTF-8", b'{"code": 0, "message": "\xff\xfe", "data": {"task_id": "task-1"}}', task_id="task-1"),
    odd("a lone surrogate in the message", b'{"code": 0, "message": "\\ud800", "data": {"task_id": "task-1"}}', end="Task", task_id="task-1"),
    odd("a number of 5,000 digits", b'{"code": 0, "n": ' + b"9" * 5000 + b', "task_id": "task-1"}', task_id="task-1"),
    odd("NaN", b'{"code": NaN, "data": {"task_id": "task-1"}}', task_id="task-1"),
    odd("a list", [accepted()], task_id="task-1"),
    odd("a string", "task-1"),
    odd("a number", 7),
    odd("null", None),
    odd("true", True),
    odd("an empty object", {}),
    odd("data null", accepted(data=None)),
    odd("data a list", accepted(data=[{"task_id": "task-1"}]), end="Task", task_id="task-1"),
    odd("data a string", accepted(data="task-1")),
    odd("no data", {"code": 0, "message": "success"}),
    odd("no message", {"code": 0, "data": {"task_id": "task-1"}}, end="Task", task_id="task-1"),
    odd("the id without an envelope", {"task_id": "task-1"}, end="Task", task_id="task-1"),
    odd("the id somewhere else", {"code": 0, "data": {"tasks": [{"task_id": "task-1"}]}}, end="Task", task_id="task-1"),
    odd("data that is fuller than known", accepted(extra={"a": [1]}), end="Task", task_id="task-1"),
    odd("a status that is a number", {"code": 0, "data": {"task_id": "task-1", "status": 5}}, end="Task", task_id="task-1"),
    odd("a status that nobody knows", {"code": 0, "data": {"task_id": "task-1", "status": "dreaming"}}, end="Task", task_id="task-1"),
    Row("good JSON called text/html", answers(200, accepted(), content_type="text/html"), "Task", task_id="task-1"),
    Row("good JSON called nonsense", answers(200, accepted(), content_type="\xff;;charset=nope"), "Task", task_id="task-1"),
    Row("good JSON in a charset that does not exist", answers(200, accepted(), content_type="application/json; charset=klingon"), "Task", task_id="task-1"),
    Row("201", answers(201, accepted()), "Task", task_id="task-1"),
    Row("299", answers(299, accepted()), "Task", task_id="task-1"),
    odd("204 without a body", b"", status=204),
]  # fmt: skip

BAD_CODES: tuple[Any, ...] = (
    "0",
    False,
    True,
    None,
    0.0,
    1,
    -1,
    200,
    408,
    409,
    500,
    503,
    "",
    "400",
    [],
    {},
    [0],
    400.0,
    1e300,
)
CODES = [
    odd("no code", {"data": {"task_id": "task-1"}}, end="Task", task_id="task-1"),
    *(odd(f"code {code!r} with 200 and an id", accepted(code=code), task_id="task-1") for code in (*BAD_CODES, *REFUSED)),
    *(odd(f"code {code!r} with 200 and no id", {"code": code}) for code in BAD_CODES),
    *(odd(f"code {code} with 200", {"code": code, "message": "No: no"}, end=kind, fields={"code": code}) for code, kind in REFUSED.items()),
    *(odd(f"status {status} with an id", accepted(), status=status, task_id="task-1") for status in (400, 401, 402, 403, 404, 422, 429, 500, 503)),
    odd("status 400 with an id in text that is not JSON", b'oops "task_id": "task-1" oops', status=400, task_id="task-1"),
    odd("status 400 with a numeric id", {"task_id": 5}, status=400, task_id="5"),
    odd("status 400 with an empty id", {"code": 400, "data": {"task_id": ""}}, end="BadRequestError", status=400),
    odd("status 400 and code 0", {"code": 0, "message": "success"}, end="BadRequestError", status=400, fields={"code": 0}),
    odd("status 400 in HTML", b"<html>no</html>", end="BadRequestError", status=400, fields={"code": None, "category": None}),
    odd("status 400 and nothing", b"", end="BadRequestError", status=400, fields={"category": None, "detail": None}),
    odd("status 400 and null", None, end="BadRequestError", status=400),
    odd("status 400 with a message that is a list", {"code": 400, "message": ["a"]}, end="BadRequestError", status=400),
    odd("status 400 with its category", refused(400, "Value out of range: size"), end="BadRequestError", status=400,
        fields={"code": 400, "category": "Value out of range", "detail": "size"}),
    odd("status 429 with Retry-After", refused(429), "Retry-After: 7", end="RateLimitError", status=429, fields={"retry_after": 7.0}),
    odd("status 429 with nonsense for Retry-After", refused(429), "Retry-After: soon", end="RateLimitError", status=429, fields={"retry_after": None}),
    odd("status 429 with X-RateLimit-Reset", refused(429), "X-RateLimit-Reset: 9", end="RateLimitError", status=429, fields={"retry_after": 9.0}),
]  # fmt: skip

BAD_IDS: tuple[Any, ...] = (
    ".",
    "..",
    "a\nb",
    "a\0b",
    "\x7f",
    "\x85",
    "a\tb",
    "x" * 513,
    "x" * 10_000,
    0,
    5,
    -7,
    "a\ud800",
)
NO_IDS: tuple[Any, ...] = (None, "", True, False, 1.5, [], {}, ["task-1"])
IDS = [
    *(odd(f"the id {task_id!r}", accepted(task_id), end="Task", task_id=task_id)
      for task_id in ("a/b", "../tasks", "a?b#c", "a b", "%2e%2e", "…", "ünï", "😀", "x" * 512, "0", "-", "task.1", "a\\b", "'\"")),
    *(odd(f"the id {str(task_id)[:20]!r} of {type(task_id).__name__} that cannot be used", accepted(task_id), task_id=str(task_id))
      for task_id in BAD_IDS),
    *(odd(f"the id {task_id!r}", accepted(task_id)) for task_id in NO_IDS),
    odd("an id that cannot be used beside one that can", {"code": 0, "task_id": 5, "data": {"task_id": "task-1"}}, end="Task", task_id="task-1"),
    odd("an id in a list", accepted({"task_id": "task-1"}), end="Task", task_id="task-1"),
]  # fmt: skip


def _bomb(size: int) -> bytes:
    """Zeros, compressed a thousandfold, so that it is quick to make."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = bytes(1 << 20)
    return b"".join(packer.compress(block) for _ in range(size >> 20)) + packer.flush()


SIZES = [
    odd("gzip without being asked", gzip.compress(BODY), "Content-Encoding: gzip", end="Task", task_id="task-1"),
    odd("deflate without being asked", zlib.compress(BODY), "Content-Encoding: deflate", end="Task", task_id="task-1"),
    odd("gzip that is cut", gzip.compress(BODY)[:-9], "Content-Encoding: gzip", task_id="task-1"),
    odd("not gzip at all", BODY, "Content-Encoding: gzip", end="Task", task_id="task-1"),
    odd("a coding that nobody knows", b"\x8b\x02\x80", "Content-Encoding: br"),
    odd("a gzip bomb of 64 MB", _bomb(64 << 20), "Content-Encoding: gzip"),
    odd("JSON of 15 MB", b'{"task_id": "task-1", "x": "' + b"x" * 15_000_000 + b'"}', end="Task", task_id="task-1"),
    unknown("JSON of 50 MB", floods(reply(200, b'{"task_id": "task-1", "x": "', length=50_000_000), b"x" * 1_000_000, 49), status=200, task_id="task-1"),
    unknown("a whole reply of 20 MB", floods(reply(200, b'{"task_id": "task-1"}', length=20_000_021), b" " * 1_000_000, 20), status=200, task_id="task-1"),
    unknown("a chunked reply without end", floods(CHUNKED + chunk(b'{"task_id": "task-1", "x": "'), chunk(b"x" * 1_000_000), 40), status=200, task_id="task-1"),
]  # fmt: skip

REDIRECTS = [
    odd(f"a {status} redirect to itself", b"", "Location: /api/v1/openai/gpt-image-2/async", status=status)
    for status in (300, 301, 302, 303, 304, 305, 307, 308)
] + [
    odd("a redirect without a place", b"", status=302),
    odd("a redirect to nonsense", b"", "Location: http://[::", status=307),
]

ROWS = CONNECTIONS + TIMES + CUT + GARBAGE + BODIES + CODES + IDS + SIZES + REDIRECTS

ERRORS = {name: getattr(errors, name) for name in errors.__all__}
