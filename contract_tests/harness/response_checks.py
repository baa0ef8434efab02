"""What replies say, read without trust: whatever a broken API sends, these give an answer and no traceback."""

from __future__ import annotations

import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import httpx

from contract_tests.model.contents import json_value
from contract_tests.model.document import Document, Node, Operation, contract
from modellix._core.task_status import is_end
from modellix._openapi import GET_TASK
from modellix._values import LONGEST_TASK_ID, is_loopback
from modellix.errors import class_of

_VALUES = ("const", "enum")
_OF_OTHERS = {
    "data/status": _VALUES,
    "data/task_id": ("type", "minLength"),
    "data/get_result/method": _VALUES,
}
"""Where a fault breaks another promise than that of the envelope, and by which limits."""

_PAYLOAD = "contract_tests.payload"  # where a reply keeps it
GOES_ON = ("pending", "processing")  # in this order, before either end


def is_refused(reply: httpx.Response) -> bool:
    """Whether nothing was bought, for certain: by the status, or by a `code` that is one of those statuses."""
    code = member(payload_of(reply), "code")
    status = code if reply.is_success and isinstance(code, int) else reply.status_code
    return class_of(status).refuses and task_id_of(reply) is None


def task_id_of(reply: httpx.Response) -> str | None:
    """The id of a task in a reply, wherever the envelope is odd; None when there is none."""
    payload = payload_of(reply)
    for holder in (member(payload, "data"), payload):
        found = member(holder, "task_id")
        if isinstance(found, str | int) and not isinstance(found, bool):
            return str(found)
    return None


def payload_of(reply: httpx.Response) -> Any:
    """The JSON value of a reply, read once for all that look at it; None when it is something else."""
    if _PAYLOAD not in reply.extensions:
        try:
            reply.extensions[_PAYLOAD] = reply.json()
        except (ValueError, RecursionError):
            reply.extensions[_PAYLOAD] = None
    return reply.extensions[_PAYLOAD]


def member(value: Any, name: str) -> Any:
    """A member of a JSON object; None when there is none, or no object."""
    return value.get(name) if isinstance(value, dict) else None


def data_of(reply: httpx.Response) -> Node:
    """The `data` of a reply; empty when there is none."""
    data = member(payload_of(reply), "data")
    return data if isinstance(data, dict) else {}


def resources_of(read: httpx.Response) -> list[Any]:
    """The results that a read names; none when their shape is not the documented one."""
    found = member(data_of(read).get("result"), "resources")
    return found if isinstance(found, list) else []


def answer_in(reply: httpx.Response) -> str:
    """What a failed test says of a reply."""
    return f"answers {reply.status_code}: {reply.text[:200]}"


def is_accepted(reply: httpx.Response) -> bool:
    """Whether a submission was taken: a success whose `code` says nothing else."""
    return reply.is_success and not is_refused(reply)


def has_ended(reply: httpx.Response) -> bool:
    """Whether a read tells the end of its task, in undocumented words too: waiting on does not help."""
    return is_end(data_of(reply).get("status"))


def is_usable(task_id: object) -> bool:
    """Whether it can stand in the path of a read: not empty, not too long, without controls and lone surrogates."""
    if not isinstance(task_id, str) or not 0 < len(task_id) <= LONGEST_TASK_ID or task_id in (".", ".."):
        return False
    return not any(ord(one) < 32 or ord(one) == 127 or 0xD800 <= ord(one) < 0xE000 for one in task_id)


def broken_parts(document: Document, operation: Operation, reply: httpx.Response) -> list[str]:
    """Where a reply breaks what the document says of 200: status, content type, the places that break the schema.

    What has a promise of its own is left to the test of that.
    """
    if reply.status_code != 200:
        return [f"status {reply.status_code}"]
    if not is_json(reply):
        return [f"content type {reply.headers.get('content-type')!r}"]
    payload = strict_payload_of(reply)
    if payload is None:
        return ["the body is not JSON"]
    errors = _judge(document, operation).iter_errors(without_nulls(document, operation, payload))
    places = [("/".join(map(str, error.instance_path)), error.kind.name) for error in errors]
    return [f"{place or 'the body'} breaks {kind}" for place, kind in places if kind not in _OF_OTHERS.get(place, ())]


def is_same_model(told: object, submitted: object) -> bool:
    """Whether a read names the model of the submission, or none. Nobody says whether its provider stands before it."""
    return told is None or str(told).rpartition("/")[2] == str(submitted).rpartition("/")[2]


def without_nulls(document: Document, operation: Operation, payload: Any) -> Any:
    """The JSON value of a reply 200 without optional members that are null: null says no more than nothing there."""
    return _without_nulls(document, document.replies(operation)["200"]["schema"], payload)


def _without_nulls(document: Document, node: Any, value: Any) -> Any:
    schema = document.schema(node)
    if isinstance(value, list):
        return [_without_nulls(document, schema.get("items", {}), one) for one in value]
    if not isinstance(value, dict):
        return value
    known, needed = schema.get("properties", {}), schema.get("required", [])
    told = {name: one for name, one in value.items() if one is not None or name in needed or name not in known}
    return {name: _without_nulls(document, known.get(name, {}), one) for name, one in told.items()}


@lru_cache
def _judge(document: Document, operation: Operation) -> Any:
    return document.validator(document.replies(operation)["200"]["schema"])


def strict_payload_of(reply: httpx.Response) -> Any:
    """The JSON value of a reply that is JSON to the letter, in UTF-8 without a mark; else None."""
    try:
        return json_value(reply.content.decode())
    except (ValueError, RecursionError):
        return None


def is_json(reply: httpx.Response) -> bool:
    """Whether the content type is JSON, with parameters or without, and no charset that the body is not in."""
    content_type: str = reply.headers.get("content-type", "")
    charset = reply.charset_encoding or "utf-8"
    try:
        is_true = reply.content.decode(charset, "replace") == reply.content.decode("utf-8", "replace")
    except LookupError:
        is_true = False
    return is_true and content_type.partition(";")[0].strip().lower() == "application/json"


def faults_of_envelope(reply: httpx.Response) -> Iterator[str]:
    """What is wrong with the envelope of a refusal."""
    payload = strict_payload_of(reply)
    if not is_json(reply):
        yield f"content type {reply.headers.get('content-type')!r}"
    if not isinstance(payload, dict):
        yield "the body is not a JSON object"
        return
    code, message = payload.get("code"), payload.get("message")
    if type(code) is not int or code != reply.status_code:
        yield f"code {code!r:.40} with status {reply.status_code}"
    if not isinstance(message, str):
        yield f"message {message!r:.40}"
    elif not all(map(str.strip, message.partition(": ")[::2])):
        yield f"message {message!r:.80} is not `<Category>: <detail>`"


def category_of(reply: httpx.Response) -> str:
    """What stands before the colon of a refusal's message."""
    return str(member(payload_of(reply), "message")).partition(":")[0]


def time_of(reply: httpx.Response) -> float:
    """When a reply was made, in seconds since 1970: as it says itself, else by the clock of this machine."""
    try:
        return parsedate_to_datetime(reply.headers.get("date", "")).timestamp()
    except ValueError:
        return time.time()


def lasting(reply: httpx.Response) -> Any:
    """What has to stay in the reads of an ended task. Nobody promises anything about fields that no page names."""
    data = data_of(reply)
    result = data.get("result")
    resources = result.get("resources") if isinstance(result, dict) else None
    shown = [_without_query(one) for one in resources] if isinstance(resources, list) else result
    rest = {name: data.get(name) for name in _named_fields() if name not in ("result", "result_expires_at")}
    return reply.status_code, task_id_of(reply), rest, shown


@lru_cache(maxsize=1)
def _named_fields() -> tuple[str, ...]:
    """The fields of a task that the document names."""
    reply = contract().schema(contract().replies(contract().operation(GET_TASK))["200"]["schema"])
    return tuple(contract().schema(reply["properties"]["data"])["properties"])


def _without_query(resource: Any) -> Any:
    url = member(resource, "url")
    return {**resource, "url": url.partition("?")[0]} if isinstance(url, str) else resource


def rank_of(status: object) -> int:
    """The place of a state on the way; ends and unknown states stand behind the others."""
    return GOES_ON.index(str(status)) if status in GOES_ON else len(GOES_ON)


def is_absolute(url: str, origin: str) -> bool:
    """Whether a URL is well written and https, or leads to the API's own loopback origin."""
    parts, own = urlsplit(url), urlsplit(origin)
    is_own = (parts.scheme, parts.netloc) == (own.scheme, own.netloc) and is_loopback(own.hostname or "")
    is_written_well = not any(one.isspace() or ord(one) < 32 for one in url)
    return is_written_well and bool(parts.hostname) and (parts.scheme == "https" or is_own)
