"""What both drivers share: the headers, how a request is put together, and how its steps are noted."""

from __future__ import annotations

import platform
from collections.abc import Callable
from typing import Any

from modellix._core.effects import AttemptTrace, DeadlinePassed, SendRequest
from modellix._http import httpx
from modellix._io.clock import DriverClock
from modellix._version import __version__
from modellix.settings import Settings


class Driver:
    """Carries out what the rules ask for, at most `slots` requests at a time. Raises ConfigurationError for an
    injected client that cannot be used; of its headers ours win.
    """

    def __init__(
        self,
        settings: Settings,
        clock: DriverClock,
        slots: int,
        injected: httpx.Client | httpx.AsyncClient | None,
        kind: type[httpx.Client | httpx.AsyncClient],
    ) -> None:
        if injected is not None:
            from modellix._io.transports import check_injected

            check_injected(injected, kind)
        self.clock = clock
        self._slot_count = slots
        self._origin = settings.origin
        versions = f"modellix-client/{__version__} httpx/{httpx.__version__} Python/{platform.python_version()}"
        self._headers = httpx.Headers({"Host": httpx.URL(settings.origin).netloc.decode("ascii")})
        self._headers.update(None if injected is None else injected.headers)
        self._headers.update(
            {
                "Authorization": f"Bearer {settings.api_key}",
                "Accept": "application/json",
                "Accept-Encoding": "identity",
                "User-Agent": versions,
            }
        )
        self._headers_of_json = httpx.Headers(self._headers)
        self._headers_of_json["Content-Type"] = "application/json"

    def _request(self, effect: SendRequest, hook: object, reports_steps: bool) -> httpx.Request:
        now = self.clock.now()
        left, to_connect = effect.deadline - now, effect.leaves_by - now
        if to_connect <= 0:
            raise DeadlinePassed("no time was left to send the request")
        limits = {"connect": min(to_connect, effect.longest_connect), "read": left, "write": left, "pool": to_connect}
        extensions: dict[str, Any] = {"timeout": limits}
        if effect.is_traced:
            extensions["trace"] = hook
            effect.trace.reports_steps = reports_steps
        headers = self._headers if effect.content is None else self._headers_of_json
        # As a stream, for which httpx leaves the headers as they are: they cost it a twentieth of a submission.
        body = httpx.ByteStream(effect.content or b"")
        request = httpx.Request(effect.method, effect.url, headers=headers, stream=body, extensions=extensions)
        if effect.content is not None:
            request.headers["Content-Length"] = str(len(effect.content))
        return request

    def _may_leave(self, effect: SendRequest) -> None:
        """Asked immediately before the first byte. Raises DeadlinePassed, and it does not leave."""
        if effect.trace.is_stopped or self.clock.now() >= effect.leaves_by:
            raise DeadlinePassed("no time was left before the first byte")


def noting(trace: AttemptTrace, before: Callable[[bool], None]) -> Callable[[str, dict[str, Any]], None]:
    """A trace extension for httpcore that notes when the first byte may leave. A proxy's CONNECT is not our request.

    `before` is called before each step, with whether the first byte leaves by it; it may raise to stop it.
    """

    def note(event: str, info: dict[str, Any]) -> None:
        trace.reports_steps = True
        if trace.sent or not event.endswith(".started"):
            return
        is_first_byte = event.endswith("send_request_headers.started") and info["request"].method != b"CONNECT"
        before(is_first_byte)
        trace.sent = is_first_byte

    return note
