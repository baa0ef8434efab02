"""A request as it reached the stand-in, whatever carried it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from modellix.testing.faults import Fault
from modellix.testing.replies import Refused
from modellix.testing.validation import parse_json

_ABSOLUTE = re.compile(r"(https?://[^/?#]*)(.*)", re.IGNORECASE | re.DOTALL)


@dataclass
class Incoming:
    """One request on its way to an answer."""

    method: str
    origin: str  # that it was made to
    target: str  # path and query as sent
    segments: Sequence[str]  # of the path, percent-decoded; the first one is empty
    headers: Mapping[str, str]  # by lower-case name
    body: bytes
    fault: Fault | None = None  # what a script wants to become of its answer

    @cached_property
    def content(self) -> Any:
        """The body as parsed JSON, or the bytes as they came when they are not JSON."""
        try:
            return parse_json(self.body)
        except Refused:
            return self.body


def incoming(method: str, path: str, headers: Mapping[str, str], body: bytes, default_origin: str) -> Incoming:
    """The request, given as `StandIn.handle` is."""
    fields = {name.lower(): value for name, value in headers.items()}
    absolute = _ABSOLUTE.fullmatch(path)
    if absolute:
        origin, target = absolute.groups()
    else:
        origin, target = f"http://{fields['host']}" if fields.get("host") else default_origin, path
    segments = [unquote(segment) for segment in re.split("[?#]", target, maxsplit=1)[0].split("/")]
    return Incoming(method, origin, target, segments, fields, body)
