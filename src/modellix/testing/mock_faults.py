"""Faults of answers in process: what httpx raises when the real thing happens, after the time that it takes."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Iterator
from threading import Event

from modellix._http import httpx
from modellix._io.call import current_call
from modellix._io.clock import DriverClock, in_haste
from modellix.testing.faults import Cut, Fault, Hang

FAULT = "modellix.testing.fault"  # the extension of a response that tells the router
_NO_ANSWER = "Server disconnected without sending a response."
_STEP = 0.02  # seconds between two looks at whether the mock has ended
_clock = DriverClock()


def play(request: httpx.Request, response: httpx.Response, end: Event) -> httpx.Response:
    """The response after its fault, in the calling thread. Raises what a client of httpx would see."""
    fault = response.extensions.get(FAULT)
    for pause in _pauses(request, fault, end):
        time.sleep(pause)
    return _after(response, fault)


async def aplay(request: httpx.Request, response: httpx.Response, end: Event) -> httpx.Response:
    """As `play`, in a coroutine."""
    fault = response.extensions.get(FAULT)
    for pause in _pauses(request, fault, end):
        await asyncio.sleep(pause)
    return _after(response, fault)


def _pauses(request: httpx.Request, fault: Fault | None, end: Event) -> Iterator[float]:
    """What to sleep before going on. Raises what ends the wait for an answer."""
    if fault is None or isinstance(fault, Cut):
        return
    patience = _patience(request)
    if isinstance(fault, Hang) and in_haste():
        if patience == math.inf:  # as a server does, which knows of no client's time
            raise httpx.RemoteProtocolError(_NO_ANSWER)
        _clock.skip(patience)
        raise httpx.ReadTimeout("timed out")
    wanted = math.inf if isinstance(fault, Hang) else fault.seconds
    yield from _steps(min(wanted, patience), end)
    if end.is_set():
        raise httpx.RemoteProtocolError(_NO_ANSWER)
    if patience <= wanted:
        raise httpx.ReadTimeout("timed out")


def _steps(seconds: float, end: Event) -> Iterator[float]:
    until = time.monotonic() + seconds
    while not end.is_set() and (left := until - time.monotonic()) > 0:
        yield min(left, _STEP)


def _patience(request: httpx.Request) -> float:
    """Seconds that the client waits for an answer. Ours may have a deadline that the request does not tell."""
    read, call = request.extensions.get("timeout", {}).get("read"), current_call()
    left = math.inf if call is None else call.deadline - _clock.now()
    return max(0.0, left if read is None else min(read, left))


def _after(response: httpx.Response, fault: Fault | None) -> httpx.Response:
    if not isinstance(fault, Cut):
        return response
    if fault.after == "request":
        raise httpx.RemoteProtocolError(_NO_ANSWER)
    came = response.content[:-1] if fault.after == "body" else b""
    stream = _CutStream(came, len(response.content))
    return httpx.Response(response.status_code, headers=response.headers, stream=stream)


class _CutStream(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that ends too early."""

    def __init__(self, came: bytes, expected: int) -> None:
        self._came = came
        self._expected = expected

    def __iter__(self) -> Iterator[bytes]:
        if self._came:
            yield self._came
        raise self._error()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._came:
            yield self._came
        raise self._error()

    def _error(self) -> httpx.RemoteProtocolError:
        counts = f"(received {len(self._came)} bytes, expected {self._expected})"
        return httpx.RemoteProtocolError(f"peer closed connection without sending complete message body {counts}")
