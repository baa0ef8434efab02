"""What the stand-in answers with: plain answers, and refusals in the documented envelope."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import client
from typing import Any

from modellix._openapi import object_at
from modellix.testing.faults import Fault

Examples = Mapping[int, Sequence[Any]]
"""The bodies that a document shows for each status, in its order."""


@dataclass(frozen=True)
class Answer:
    """One HTTP response. The header fields leave out what the transport adds, such as Content-Length."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    fault: Fault | None = None  # what becomes of it on its way

    def json(self) -> Any:
        """The body read as JSON; ValueError when it is something else."""
        return json.loads(self.body)


Handle = Callable[[str, str, Mapping[str, str], bytes], Answer]
"""What answers a request, given as method, target, header fields and body."""


@dataclass
class Refused(Exception):
    """Raised wherever a request turns out to be unacceptable; becomes an answer in one place."""

    status: int
    detail: str
    # A word to look for when the document shows several categories for the status.
    hint: str = ""
    headers: dict[str, str] = field(default_factory=dict[str, str])


def json_answer(status: int, value: Any, headers: Mapping[str, str] | None = None) -> Answer:
    """An answer that carries `value` as JSON."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return Answer(status, {"Content-Type": "application/json", **(headers or {})}, body)


def refusal(refused: Refused, examples: Examples) -> Answer:
    """The answer to a refused request: `<Category>: <detail>`, the category taken from the examples."""
    message = f"{_category(examples.get(refused.status, ()), refused)}: {refused.detail}"
    return json_answer(refused.status, {"code": refused.status, "message": message}, refused.headers)


def plain_envelope(status: int, detail: str) -> dict[str, Any]:
    """The envelope of an answer for which the document shows nothing."""
    return {"code": status, "message": f"{phrase_of(status)}: {detail}"}


def phrase_of(status: int) -> str:
    """The phrase that belongs to a status, also to one that nobody has heard of."""
    return client.responses.get(status, f"Status {status}")


def _category(shown: Sequence[Any], refused: Refused) -> str:
    messages = [str(object_at(example).get("message", "")) for example in shown]
    categories = [category for category, colon, _ in (message.partition(":") for message in messages) if colon]
    fitting = [category for category in categories if refused.hint in category.lower()]
    return (fitting or categories or [phrase_of(refused.status)])[0]
