"""One difference between what was and what is, and how much it matters to a client that sends requests."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from modellix._openapi import Object

Severity = Literal["breaking", "behavioural", "non-breaking"]

SEVERITIES: tuple[Severity, ...] = ("breaking", "behavioural", "non-breaking")  # worst first
_LONGEST = 100  # characters of a value within a line of text


@dataclass(frozen=True)
class Difference:
    """`where` is a place as `Page.lines` has them, or `sample_response`; `kind` a keyword or a few words.

    `old` and `new` are JSON values, None for what is not there. Lines are those of the page or the document on that
    side. `operation` is its method and path, and only said where documents have several operations.
    """

    where: str
    kind: str
    old: Any
    new: Any
    severity: Severity
    why: str
    new_line: int | None = None
    old_line: int | None = None
    operation: str = ""

    def as_json(self) -> Object:
        """The difference as JSON data; the severity is called `class`."""
        found: Object = {"where": self.where, "kind": self.kind, "old": self.old, "new": self.new}
        found |= {"class": self.severity, "why": self.why}
        return {**found, "operation": self.operation} if self.operation else found

    def as_text(self, old_source: str, new_source: str) -> str:
        """The difference as one line that begins with its place on the new side."""
        start = f"{new_source}:{self.new_line}" if self.new_line else new_source
        other = f"{old_source}:{self.old_line}" if self.old_line else old_source
        whose = f"{self.operation} " if self.operation else ""
        change = f"{_short(self.old)} -> {_short(self.new)}"
        return f"{start}: {self.severity}: {whose}{self.where}: {self.kind}: {change} ({other}): {self.why}"


def worst_first(differences: Iterable[Difference]) -> list[Difference]:
    """The differences by severity, otherwise in the order given."""
    return sorted(differences, key=lambda difference: SEVERITIES.index(difference.severity))


def _short(value: Any) -> str:
    if value is None:
        return "nothing"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
