"""What a reply says, judged from status and bytes alone. No I/O, and no exception on any input."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator
from typing import Any, Final, NamedTuple, cast
from urllib.parse import quote

from modellix._core.redaction import redact, redact_text
from modellix._headers import TOLD, Headers
from modellix._http import httpx
from modellix._records import define, field
from modellix._values import is_usable_id
from modellix.errors import BODY_KEPT, APIError, class_of, shorten

LARGEST_BODY = 16 * 1024 * 1024  # bytes; a reply of the API takes about one thousandth of it
LONGEST_HEADER = 200  # characters kept of its value
_DEEPEST = 50  # levels of JSON searched for a task id
_ID_IN_TEXT = re.compile(rb'"task_id"\s*:\s*("(?:[^"\\]++|\\.)*+"|-?[0-9]++)', re.DOTALL)


@define
class Reply:
    """An answer as it arrived. `fault` is empty when it is whole, else what happened to it (`cut`, `too large`, …)."""

    status: int
    headers: httpx.Headers = field(repr=False)
    body: bytes = field(default=b"", repr=False)
    fault: str = ""
    secret: str = field(default="", repr=False)
    _json: Any = field(default=None, init=False, repr=False)

    def json(self) -> Any:
        """The body's JSON value, whatever the content type says; `NOT_JSON` when it is not whole or not JSON. Not to be
        changed: it is read once.
        """
        if self._json is None:
            self._json = NOT_JSON if self.fault else _json_in(self.body)
        return self._json

    @property
    def shown(self) -> bytes:
        """What may be kept of the body: its first 4 KiB, a key that the service echoed redacted."""
        return redact(self.body[: 2 * BODY_KEPT], self.secret)[:BODY_KEPT]

    @property
    def shown_headers(self) -> Headers:
        """Those that may be kept, each as one short line."""
        told = ((name, value) for name, value in self.headers.items() if TOLD.fullmatch(name))
        return Headers({name: shorten(redact_text(value, self.secret), LONGEST_HEADER) for name, value in told})

    def shown_json(self) -> Any:
        """The JSON value with an echoed key redacted, for people; decisions are made on `json`."""
        clean = redact(self.body, self.secret)
        return self.json() if clean == self.body else Reply(self.status, self.headers, clean, self.fault).json()


def _json_in(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return NOT_JSON


class _NotJson:
    """Stands for a body that is not JSON, because None is JSON's null."""

    def __repr__(self) -> str:
        return "NOT_JSON"


NOT_JSON: Final = _NotJson()


@define
class Collector:
    """Gathers the body as it arrives and stops at the size cap, before and after decompression."""

    secret: str = field(default="", repr=False)
    chunks: list[bytes] = field(factory=list[bytes], repr=False)
    size: int = 0

    def add(self, chunk: bytes) -> bool:
        """Keep the chunk; False once the reply is too large."""
        self.chunks.append(chunk)
        self.size += len(chunk)
        return self.size <= LARGEST_BODY

    def reply(self, status: int, headers: httpx.Headers, fault: str) -> Reply:
        """The reply gathered so far."""
        body, decoding_fault = _decode(b"".join(self.chunks), headers.get("content-encoding", ""))
        if self.size > LARGEST_BODY:
            fault = "too large"
        return Reply(status, headers, body, fault or decoding_fault, self.secret)


def _decode(body: bytes, coding: str) -> tuple[bytes, str]:
    """The body without its content coding, and a fault when not all of it can be had. We ask for no coding, so this
    is rare.
    """
    if not body or coding.strip().lower() not in ("gzip", "x-gzip", "deflate"):
        return body, ""
    decoder = zlib.decompressobj(wbits=47)  # gzip and zlib headers alike
    try:
        decoded = decoder.decompress(body, LARGEST_BODY)
    except zlib.error:
        return body, ""  # not what the header says, so judged by its bytes
    if decoder.eof:
        return decoded, ""
    return decoded, "too large" if decoder.unconsumed_tail else "cut"


def quote_id(task_id: str) -> str:
    """The id as one path segment."""
    return quote(task_id, safe="")


class FoundId(NamedTuple):
    """A task id in a reply: its text, None when there is none, and whether it can be used to read the task."""

    text: str | None
    is_usable: bool


def find_task_id(reply: Reply) -> FoundId:
    """The first usable task id anywhere in the reply, else the first text or number given as one.

    A reply that is cut, or not JSON at all, is searched as text: an id that was bought must not be lost.
    """
    usable = next((value for value in _ids(reply) if is_usable_id(value)), None)
    text = str(usable) if usable is not None else next((str(value) for value in _ids(reply) if value != ""), None)
    clean = None if text is None else redact_text(text, reply.secret)
    return FoundId(clean, usable is not None and clean == text)


def _ids(reply: Reply) -> Iterator[str | int]:
    payload = reply.json()
    return _ids_in_text(reply.body) if payload is NOT_JSON else _ids_in(payload)


def _ids_in(payload: Any) -> Iterator[str | int]:
    """Every string or number under a key `task_id`, the outermost first."""
    level = [payload]
    for _ in range(_DEEPEST):
        for value in level:
            candidate = member(value, "task_id")
            if isinstance(candidate, str | int) and not isinstance(candidate, bool):
                yield candidate
        level = [child for value in level for child in _children(value)]
        if not level:
            return


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(cast("dict[str, Any]", value).values())
    return list(cast("tuple[Any, ...]", value)) if isinstance(value, list) else []


def member(value: Any, name: str) -> Any:
    """The member of a JSON object; None when there is none, or when the value is no object."""
    return cast("dict[str, Any]", value).get(name) if isinstance(value, dict) else None


def _ids_in_text(body: bytes) -> Iterator[str | int]:
    for match in _ID_IN_TEXT.finditer(body):
        try:
            value: str | int = json.loads(match.group(1))
            yield value
        except (ValueError, RecursionError):
            yield match.group(1).decode("utf-8", "replace").strip('"')


def code_of(payload: Any) -> Any:
    """The envelope's `code`: 0 when it has none, None when there is no envelope."""
    return cast("dict[str, Any]", payload).get("code", 0) if isinstance(payload, dict) else None


def is_success_code(code: Any) -> bool:
    """The integer 0: neither `false` nor `"0"`."""
    return type(code) is int and code == 0


def api_error(reply: Reply, status: int, *, operation: str, task_id: str | None, retry_after: float | None) -> APIError:
    """The error for a refusal or failure. `status` is the HTTP status, or the envelope's code when that is the one
    that counts.
    """
    category, detail = _message_of(reply.shown_json())
    code = member(reply.json(), "code")
    error = class_of(status)(
        _sentence(operation, status, category, detail, task_id),
        status=status,
        code=code if type(code) is int else None,
        category=category,
        detail=detail,
        operation=operation,
        task_id=task_id,
        body=reply.shown,
        headers=reply.shown_headers,
    )
    error.retry_after = retry_after
    return error


def _message_of(payload: Any) -> tuple[str | None, str | None]:
    message = member(payload, "message")
    if not isinstance(message, str):
        return None, None
    text = message[:BODY_KEPT].encode("utf-8", "replace").decode()
    category, colon, detail = text.partition(":")
    return (category.strip(), detail.strip()) if colon else (None, text)


def _sentence(operation: str, status: int, category: str | None, detail: str | None, task_id: str | None) -> str:
    said = shorten(": ".join(part for part in (category, detail) if part), 200)
    step = class_of(status).next_step
    task = f" for task {shorten(task_id)}" if task_id else ""
    return f"{operation}{task} was refused with {status}" + (f" ({said})" if said else "") + f": {step}"
