"""What reached the stand-in, for tests to count."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from modellix.testing.replies import Answer

KEPT_REQUESTS = 1000  # the latest ones; polling for hours would fill the memory with all of them
_SECRET_HEADERS = ("authorization", "proxy-authorization", "cookie")


@dataclass(frozen=True)
class Submission:
    """A submission that reached the stand-in, accepted or not."""

    operation: str  # its operationId
    # Parsed JSON, or the bytes as they came when they are not JSON. Left out of repr: it can be very long.
    body: Any = field(repr=False)
    accepted: bool  # a task was made; False as well when a scripted answer took its place
    task_id: str | None


@dataclass(frozen=True)
class Request:
    """A request that reached the stand-in, of any kind."""

    method: str
    path: str  # as sent, percent-encoding and query kept
    headers: Mapping[str, str] = field(repr=False)  # by lower-case name, without the key
    body: Any = field(repr=False)  # None without one, else parsed JSON, or the bytes when they are not JSON
    answer: Answer = field(repr=False)  # what was to be sent; its `fault` is what happened to it on the way


def without_key(headers: Mapping[str, str]) -> dict[str, str]:
    """The header fields that a record may hold."""
    return {name: value for name, value in headers.items() if name not in _SECRET_HEADERS}
