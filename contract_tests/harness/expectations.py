"""What has to become of a submission, judged before it is sent: so that a live run knows what may cost."""

from __future__ import annotations

import copy
import json
import re
from functools import lru_cache
from typing import Any, Literal
from urllib.parse import urlsplit

import httpx

from contract_tests.model.document import Document, Node, Operation

Expectation = Literal["accepted", "refused", "unsettled"]
"""`unsettled`: nobody promises either, so it may cost and is never asserted."""

_GOOD_URL = re.compile(r"https://[a-z0-9-]+(\.[a-z0-9-]+)+(/[a-zA-Z0-9_-]+)+\.(png|jpg|jpeg|webp)")
_BARE_SCHEMES = ("https:", "https:/", "https://")


def expectation_of(document: Document, request: httpx.Request, api_key: str) -> Expectation:
    """What the document has to say about a request, from its address, its key and its body."""
    operation = operation_at(document, request)
    if operation is None:
        return "unsettled"
    key = _expectation_of_key(request.headers.get_list("authorization"), api_key)
    if key != "accepted":
        return key
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return "unsettled"
    return _expectation_of_bytes(document, operation, request.content)


def operation_at(document: Document, request: httpx.Request) -> Operation | None:
    """The submission that a request is addressed to."""
    prefix = urlsplit(document.server).path.rstrip("/")
    path = request.url.raw_path.decode("ascii").partition("?")[0]
    asked = (request.method, path)
    return next((one for one in document.submissions if (one.method, prefix + one.path) == asked), None)


def expectation_of_body(document: Document, operation: Operation, body: Any) -> Expectation:
    """The same for a JSON value alone. Odd URLs of pictures, whose fate nobody promises, decide nothing."""
    judge = _judge(document, operation)
    clear = with_clear_urls(document, operation, body)
    if not judge.is_valid(clear):
        return "refused"
    if clear == body:
        return "accepted"
    return "unsettled"


def is_unclear_url(text: str) -> bool:
    """Whether a text is neither a plain https URL of a picture nor plainly something else."""
    if _GOOD_URL.fullmatch(text) or text in _BARE_SCHEMES:
        return False
    # White space and control characters in front are dropped by some readers of URLs, as is the difference of case.
    return text.lstrip("".join(map(chr, range(33)))).lower().startswith("https:")


def _expectation_of_key(headers: list[str], api_key: str) -> Expectation:
    """Refused unless it is there; how scheme and key may be written besides is not promised."""
    if headers == [f"Bearer {api_key}"]:
        return "accepted"
    if len(headers) == 1 and headers[0].lower().split() == ["bearer", api_key.lower()]:
        return "refused" if headers[0].split()[1] != api_key else "unsettled"
    return "refused" if len(headers) < 2 else "unsettled"


def _expectation_of_bytes(document: Document, operation: Operation, content: bytes) -> Expectation:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return "unsettled"
    if text.startswith("\ufeff") or "\0" in text:  # another encoding, or a mark of one, may be understood
        return "unsettled"
    try:
        value = json.loads(text, parse_constant=_not_json, object_pairs_hook=_without_repetition)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except json.JSONDecodeError:
        return "refused"
    except (ValueError, RecursionError):  # NaN, repeated keys, lone surrogates: read differently by different readers
        return "unsettled"
    return expectation_of_body(document, operation, value)


def with_clear_urls(document: Document, operation: Operation, body: Any) -> Any:
    """The body with every unclear URL exchanged for a plain one, where the document asks for URLs."""
    if not isinstance(body, dict):
        return body
    clear = copy.copy(body)
    for name, schema in document.schema(document.body_schema(operation)).get("properties", {}).items():
        if name in body:
            clear[name] = _with_clear_url(document, schema, body[name])
    return clear


def _with_clear_url(document: Document, schema: Any, value: Any) -> Any:
    flat = document.schema(schema)
    if isinstance(value, list) and "items" in flat:
        return [_with_clear_url(document, flat["items"], element) for element in value]
    if isinstance(value, str) and _asks_for_url(flat) and is_unclear_url(value):
        return "https://example.com/clear.png"
    return value


def _asks_for_url(flat: Node) -> bool:
    return "://" in flat.get("pattern", "") or flat.get("format") in ("uri", "url")


def _not_json(name: str) -> Any:
    raise ValueError(name)


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("a key is repeated")
    return made


@lru_cache
def _judge(document: Document, operation: Operation) -> Any:
    return document.validator(document.body_schema(operation))
