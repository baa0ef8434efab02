"""Habits that no text of the vendor forbids, each as a twist of the stand-in: who has them is not to be blamed."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from contract_tests.model import good
from modellix.testing import Answer

from .apis import CONTRACT, KEY, Honest, Seen, Twist, changed, is_read_of_task, refusal

PATHS = [CONTRACT.prefix + one.path for one in CONTRACT.submissions]

Change = Callable[[dict[str, Any]], object]


def together(*twists: Twist) -> Twist:
    """All of them, the first one outermost."""

    def twist(seen: Seen, honest: Honest) -> Answer:
        def behind(index: int) -> Honest:
            return honest if index == len(twists) else lambda request: twists[index](request, behind(index + 1))

        return behind(0)(seen)

    return twist


def _is_json(answer: Answer) -> bool:
    return answer.headers.get("Content-Type", "").startswith("application/json")


def replies(change: Change, when: Callable[[Answer], bool] = _is_json) -> Twist:
    """Replies in JSON, or those of a kind, with something changed in place."""

    def twist(seen: Seen, honest: Honest) -> Answer:
        answer = honest(seen)
        return changed(answer, change) if _is_json(answer) and when(answer) else answer

    return twist


def headers(**more: str) -> Twist:
    """Header fields in every reply. `Set_Cookie` is Set-Cookie."""
    named = {name.replace("_", "-"): value for name, value in more.items()}

    def twist(seen: Seen, honest: Honest) -> Answer:
        answer = honest(seen)
        return replace(answer, headers={**answer.headers, **named})

    return twist


def every(number: int, answer: Answer, method: str = "") -> Twist:
    """Another answer to each so-manieth request, of a method or of any."""
    count = 0

    def twist(seen: Seen, honest: Honest) -> Answer:
        nonlocal count
        count += seen.method == method or not method
        return answer if seen.method in (method or seen.method) and count % number == number - 1 else honest(seen)

    return twist


def refused(when: Callable[[dict[str, Any]], bool], status: int = 400) -> Twist:
    """Submissions of some bodies are refused, before anything else but their keys is looked at."""

    def twist(seen: Seen, honest: Honest) -> Answer:
        has_key = seen.headers.get("authorization") == f"Bearer {KEY}"
        is_meant = seen.path in PATHS and has_key and when(seen.payload)
        return refusal(status) if is_meant else honest(seen)

    return twist


# Ids


def pages_of_a_gateway(seen: Seen, honest: Honest) -> Answer:
    """Addresses with controls or slashes inside an id never come to the service: a gateway has a page for them."""
    is_odd = re.search("%(0.|1.|2f|5c)", seen.path, re.IGNORECASE)
    page = Answer(404, {"Content-Type": "text/html"}, b"<html><h1>404 Not Found</h1></html>")
    return page if is_odd else honest(seen)


def renamed(shape: Callable[[str], str]) -> Twist:
    """Task ids of another shape, one for each of the stand-in's."""
    own: dict[str, str] = {}  # by the other name

    def twist(seen: Seen, honest: Honest) -> Answer:
        path = "/".join(own.get(one, one) for one in seen.path.split("/"))
        answer = honest(replace(seen, path=path))
        if answer.status != 200 or not _is_json(answer):
            return answer
        old = answer.json()["data"]["task_id"]
        own[shape(old)] = old
        return replace(answer, body=answer.body.replace(json.dumps(old)[1:-1].encode(), shape(old).encode()))

    return twist


def digest(task_id: str) -> str:
    return hashlib.sha256(task_id.encode()).hexdigest()


# Time


def _unfinished(reply: dict[str, Any]) -> None:
    reply["data"] = {name: reply["data"][name] for name in ("task_id", "model_id")} | {"status": "pending"}


def slow(seconds: float) -> Twist:
    """Tasks that take so long."""
    born: dict[str, float] = {}

    def twist(seen: Seen, honest: Honest) -> Answer:
        answer = honest(seen)
        if seen.is_submission and answer.status == 200:
            born[answer.json()["data"]["task_id"]] = time.monotonic()
        if seen.is_submission or not is_read_of_task(answer):
            return answer
        is_over = time.monotonic() > born[answer.json()["data"]["task_id"]] + seconds
        return answer if is_over else changed(answer, _unfinished)

    return twist


# Results and bodies


def failing(when: Callable[[dict[str, Any]], bool]) -> Twist:
    """Tasks of some bodies fail."""
    doomed: set[str] = set()

    def twist(seen: Seen, honest: Honest) -> Answer:
        answer = honest(seen)
        if seen.is_submission and answer.status == 200 and when(seen.payload):
            doomed.add(answer.json()["data"]["task_id"])
        is_read = is_read_of_task(answer) and b'"result"' in answer.body
        return changed(answer, _failed) if is_read and answer.json()["data"]["task_id"] in doomed else answer

    return twist


def _failed(reply: dict[str, Any]) -> None:
    _unfinished(reply)
    reply["data"].update(status="failed", error={"reason": "no"})


def is_strict(body: dict[str, Any]) -> bool:
    return bool(set(body) - {*good.body(good.EDIT, "")} - {good.SIZE, good.CHOICE})


def zipped(seen: Seen, honest: Honest) -> Answer:
    answer = honest(seen)
    if not _is_json(answer) or "gzip" not in seen.headers.get("accept-encoding", ""):
        return answer
    return replace(answer, headers={**answer.headers, "Content-Encoding": "gzip"}, body=gzip.compress(answer.body))
