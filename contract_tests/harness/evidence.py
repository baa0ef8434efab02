"""What was sent and what came, as texts: for the report on disk, and for the last lines of a run.

Long strings are shortened in their middle, so that what stands beside them stays. The key is taken out.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from contract_tests.harness.blame import Broken
from contract_tests.harness.curl import Command, command_of
from contract_tests.harness.expectations import expectation_of, operation_at
from contract_tests.harness.response_checks import is_accepted, is_refused, task_id_of
from contract_tests.model.document import contract

MOST_EXCHANGES = 3  # of one test; the others are alike
LONGEST_BODY = 300  # characters of a body that is shown
LONGEST_WHY = 200
LONGEST_STRING = 60  # characters of a string in it
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"', re.DOTALL)

Redact = Callable[[str], str]

BODIES: dict[str, bytes] = {}
"""Those that a command needs in a file, by name. Reports hold the names alone, as they may be written as XML."""


def exchange(reply: httpx.Response, redact: Redact) -> dict[str, Any]:
    """One exchange: what was sent, the status and the body that came."""
    request = reply.request
    sent = f"{request.method} {request.url.raw_path.decode()} {_text(request.content)}".strip()
    return {"sent": redact(sent), "status": reply.status_code, "reply": redact(_text(reply.content))}


def looked_at(item: pytest.Item) -> list[httpx.Response]:
    """What a test has looked at; where it has no list of that, the last replies that its target gave."""
    fixtures: dict[str, Any] = getattr(item, "funcargs", {})
    if "recorded" in fixtures and fixtures["recorded"].seen:
        return list(fixtures["recorded"].seen)[-MOST_EXCHANGES:]
    target = fixtures.get("target")
    return list(target.recent)[-MOST_EXCHANGES:] if target is not None else []


def of_failure(item: pytest.Item, error: BaseException, redact: Redact) -> dict[str, Any]:
    """What shows that a test failed, as JSON: the exchanges, the last one as a command, and the kind of the fault."""
    replies = list(error.replies if isinstance(error, Broken) else looked_at(item)[-1:])[-MOST_EXCHANGES:]
    target = getattr(item, "funcargs", {}).get("target")
    command, kind = Command(""), ""
    if replies and target is not None:
        kind = kind_of(replies[-1], target.api_key)
        if target.is_live:  # nothing listens where the stand-in is
            command = command_of(replies[-1].request, target.api_key, redact)
    return {
        "why": _first_lines(redact(str(error))),
        "exchanges": [exchange(reply, redact) for reply in replies],
        "task_id": next((redact(found) for found in map(task_id_of, reversed(replies)) if found), None),
        "curl": command.line,
        "body": None if command.body is None else _kept(command.body, redact),
        "kind": kind,
    }


def _kept(body: bytes, redact: Redact) -> str:
    """Keeps a body for as long as the process lives, without the key, and tells its name."""
    shown = redact(body.decode("latin-1")).encode("latin-1")
    name = f"body-{hashlib.sha256(shown).hexdigest()[:8]}"
    BODIES[name] = shown
    return name


def noted_on(report: pytest.TestReport) -> dict[str, Any]:
    """What was noted of a failure on its report, which may have come from another process."""
    return next((json.loads(str(value)) for name, value in report.user_properties if name == "evidence"), {})


def kind_of(reply: httpx.Response, api_key: str) -> str:
    """What was asked and what became of it, in a few words: faults of one kind may be one fault."""
    request = reply.request
    operation = operation_at(contract(), request)
    has_key = request.headers.get_list("authorization") == [f"Bearer {api_key}"]
    asked = expectation_of(contract(), request, api_key) if operation and has_key else "asked"
    end = "refused" if is_refused(reply) else "accepted" if is_accepted(reply) else "failed"
    name = operation.name if operation else f"{request.method} elsewhere"
    return f"{name}, {'with' if has_key else 'without'} the key, to be {asked}: {end}"


def shortened(text: str, longest: int) -> str:
    """A text without its middle, if it is longer than that; the number of characters tells how long it was."""
    if len(text) <= longest:
        return text
    mark = f"…({len(text)} characters)…"
    end = max(4, (longest - len(mark)) // 3)
    return f"{text[: max(8, longest - len(mark) - end)]}{mark}{text[-end:]}"


def _first_lines(text: str) -> str:
    """The first two lines of a text, and how many there are besides."""
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    others = f" (and {len(lines) - 2} lines more)" if len(lines) > 2 else ""
    return shortened("; ".join(lines[:2]), LONGEST_WHY) + others


def _text(content: bytes) -> str:
    """A body on one line, first each string in it shortened, then the whole."""
    text = content.decode(errors="replace")
    text = _STRING.sub(lambda found: f'"{shortened(found[0][1:-1], LONGEST_STRING)}"', text)
    return shortened(" ".join(text.splitlines()), LONGEST_BODY)
