# Generated from openapi/modellix.yaml by `python -m scripts.regenerate`; do not edit.

"""What can be wrong with a reply."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import TypeVar

import httpx

__all__ = ["ReplyError", "UnexpectedStatus", "UnreadableReply"]

T = TypeVar("T")


class ReplyError(Exception):
    """A reply that the document does not describe. `content` is its body, which the message does not repeat."""

    what = "a reply that the document does not describe"

    def __init__(self, status_code: int, content: bytes) -> None:
        super().__init__(status_code, content)
        self.status_code = status_code
        self.content = content

    def __str__(self) -> str:
        return f"{self.what}: status {self.status_code}, {len(self.content)} bytes"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self})"


class UnexpectedStatus(ReplyError):
    """The status is none that the document has for the operation."""

    what = "unexpected status"


class UnreadableReply(ReplyError):
    """The body is not what the document has for its status."""

    what = "unreadable reply"


def known_status(response: httpx.Response) -> HTTPStatus:
    """The status, if it is a registered one. Raises UnexpectedStatus."""
    try:
        return HTTPStatus(response.status_code)
    except ValueError:
        raise UnexpectedStatus(response.status_code, response.content) from None


def read_reply(response: httpx.Response, parse: Callable[[], T]) -> T:
    """What `parse` makes of the reply. Raises UnreadableReply for whatever goes wrong in it."""
    try:
        return parse()
    except ReplyError:
        raise
    except Exception as error:
        raise UnreadableReply(response.status_code, response.content) from error
