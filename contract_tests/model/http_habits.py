"""Ways in which clients write the headers of one and the same request. HTTP says that they make no difference.

RFC 9110 has them equal: names and media types in any case (5.1, 8.3.1), blanks before a parameter and quotes around its
value (5.6.6), and no `Accept` for one that takes anything (12.5.1). JSON is UTF-8, so a charset that says so adds
nothing (RFC 8259, 11).
"""

from __future__ import annotations

from collections.abc import Callable

import httpx

PLAIN = "plain"


def _with(name: str, value: str) -> Callable[[httpx.Request], None]:
    return lambda request: request.headers.__setitem__(name, value)


def _without_accept(request: httpx.Request) -> None:
    del request.headers["Accept"]


def _small(request: httpx.Request) -> None:
    request.headers = httpx.Headers([(name.lower(), value) for name, value in request.headers.raw])


HABITS: dict[str, Callable[[httpx.Request], None]] = {
    PLAIN: lambda request: None,
    "a charset": _with("Content-Type", "application/json; charset=utf-8"),
    "names of headers in small letters": _small,
    "a charset in capitals": _with("Content-Type", "application/json;charset=UTF-8"),
    "JSON asked for": _with("Accept", "application/json"),
    "a charset in quotes": _with("Content-Type", 'application/json ; charset="utf-8"'),
    "nothing asked for": _without_accept,
    "a content type in capitals": _with("Content-Type", "Application/JSON"),
    "no compression asked for": _with("Accept-Encoding", "identity"),
}
"""What is done to the request before it is sent."""
