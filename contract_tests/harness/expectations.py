"""What has to become of a submission, judged before it is sent: so that a live run knows what may cost."""

from __future__ import annotations

import json
from functools import lru_cache

import httpx

from contract_tests.model.body_expectations import Expectation, expectation_of_body
from contract_tests.model.contents import json_text, json_value
from contract_tests.model.document import Document, Operation


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


def has_right_key(request: httpx.Request, api_key: str) -> bool:
    """Whether a request carries the key as the pages say."""
    return _expectation_of_key(request.headers.get_list("authorization"), api_key) == "accepted"


def operation_at(document: Document, request: httpx.Request) -> Operation | None:
    """The submission that a request is addressed to."""
    path = request.url.raw_path.decode("ascii").partition("?")[0]
    asked = (request.method, path)
    return next((one for one in document.submissions if (one.method, document.prefix + one.path) == asked), None)


def _expectation_of_key(headers: list[str], api_key: str) -> Expectation:
    """Refused unless it is there; how scheme and key may be written besides is not promised."""
    if headers == [f"Bearer {api_key}"]:
        return "accepted"
    if len(headers) == 1 and headers[0].lower().split() == ["bearer", api_key.lower()]:
        return "refused" if headers[0].split()[1] != api_key else "unsettled"
    return "refused" if len(headers) < 2 else "unsettled"


@lru_cache(maxsize=2)  # each request passes several gates
def _expectation_of_bytes(document: Document, operation: Operation, content: bytes) -> Expectation:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return "unsettled"
    if text.startswith("\ufeff") or "\0" in text:  # another encoding, or a mark of one, may be understood
        return "unsettled"
    try:
        odd = list[str]()
        value = json_value(text, odd)
        json_text(value)
    except json.JSONDecodeError:
        return "refused"
    except (ValueError, RecursionError):  # repeated keys, lone surrogates: read differently by different readers
        return "unsettled"
    told = expectation_of_body(document, operation, value)
    return told if told == "refused" or not odd else "unsettled"
