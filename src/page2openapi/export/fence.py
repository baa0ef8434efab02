"""The fence of an exported page: the lines between the marks, and the operation that it names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from modellix._openapi import METHODS

_HEADING = re.compile(r"#{1,6} +OpenAPI")
_FENCE = re.compile(r"(?P<fence>`{3,}|~{3,})[ ]*(?P<language>ya?ml|json)\b(?P<info>.{0,3000})")
_OPERATION = re.compile(rf"(?:^|\s)(?P<method>{'|'.join(METHODS)})\s+(?P<path>/\S*)", re.IGNORECASE)
MOST_LINES = 50_000  # of a page that are looked at


@dataclass
class Fence:
    """The lines between the marks. `start` is the number of the line above the first; `closed` is false for a cut."""

    text: str
    start: int
    language: str
    method: str | None
    path: str | None
    closed: bool


def find_fence(text: str) -> Fence | None:
    """The fence below the heading `OpenAPI`, or None when the page has none."""
    lines = text.split("\n", MOST_LINES)[:MOST_LINES]
    heading = next((index for index, line in enumerate(lines) if _HEADING.fullmatch(line.rstrip())), None)
    for index in range(0 if heading is None else heading + 1, len(lines)):
        match = _FENCE.fullmatch(lines[index].rstrip()) if lines[index][:3] in ("```", "~~~") else None
        operation = _OPERATION.search(match["info"]) if match else None
        if match and (operation or heading is not None):
            return _fence(lines, index, match, operation)
    return None


def _fence(lines: Sequence[str], index: int, match: re.Match[str], operation: re.Match[str] | None) -> Fence:
    mark = re.compile(rf"{re.escape(match['fence'])}{re.escape(match['fence'][0])}*\s*")
    end = next((at for at in range(index + 1, len(lines)) if mark.fullmatch(lines[at])), None)
    inside = "\n".join(lines[index + 1 : end])
    method, path = (operation["method"].lower(), operation["path"]) if operation else (None, None)
    return Fence(inside, index + 1, match["language"], method, path, end is not None)
