"""What is not written by itself."""

from __future__ import annotations

from collections.abc import Iterable


class ByHand(Exception):
    """Why a difference is left for a person to write."""


REASONS = {
    "url": "`servers` holds for every operation, and a path names one",
    "method": "clients call it by its method",
    "auth": "`securitySchemes` holds for every operation",
    "type": "another type may need other limits",
    "response": "all submissions share their replies",
    "param": "the client's methods take the fields of a body alone",
    "description": "read the page; while the rule stands, write the new sentence's digest into `x-prose`",
}


def is_inside(where: str, places: Iterable[str]) -> bool:
    """Whether a place is one of these, or lies further inside."""
    return any(where == place or where.startswith((f"{place}.", f"{place}[")) for place in places)


def reason_for(where: str, kind: str) -> str | None:
    """Why a difference cannot be written safely, None when its place and kind alone do not forbid it."""
    if where == "sample_response":
        return REASONS["response"]
    start = where.partition(".")[0].partition("[")[0]
    if start != "body":
        return REASONS.get(start, "not part of the request")
    return REASONS.get(kind)
