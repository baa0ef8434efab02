"""The headers of a reply that errors carry: those that are known to hold no secret."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

#: Which request it was, how much is left, when and by whom it was answered. All others may be a cookie, a token, or a
#: URL with a signature, so they are left out.
TOLD = re.compile(
    r"age|allow|cache-control|content-(?:encoding|language|length|type)|date|expires|last-modified|server|vary|via"
    r"|retry-after(?:-ms)?|cf-ray|cf-cache-status|traceparent|x-cache|x-served-by|x-runtime|x-api-version"
    r"|(?:[a-z0-9]+-){0,4}(?:request|trace|correlation)-?id"
    r"|(?:[a-z0-9]+-){0,4}rate-?limit(?:-[a-z0-9]+){0,4}",
    re.IGNORECASE,
)

#: Where services, and what stands before them, put their own name for a request; the service's before the others'.
_REQUEST_IDS = ("x-request-id", "request-id", "x-correlation-id", "x-trace-id", "x-amzn-requestid", "cf-ray")
_ID = re.compile(r"[!-~]{1,200}")


class Headers(Mapping[str, str]):
    """Names in lower case, looked up in any case: `headers["Retry-After"]`."""

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        self._values = {name.lower(): value for name, value in (values or {}).items()}

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Headers({self._values!r})"

    @property
    def request_id(self) -> str | None:
        """The service's own name for the request, None if there is none that is a plain word."""
        values = (self.get(name, "") for name in _REQUEST_IDS)
        return next((value for value in values if _ID.fullmatch(value)), None)
