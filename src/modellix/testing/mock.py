"""The stand-in in process: a respx router in front of the core."""

import errno
import os
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from functools import partial
from threading import Event
from typing import Any

from modellix._http import httpx
from modellix.testing.doors import Doors
from modellix.testing.extra import missing_extra
from modellix.testing.mock_faults import FAULT, aplay, play
from modellix.testing.replies import Handle

try:
    import respx
    from respx.mocks import HTTPCoreMocker
    from respx.models import AllMockedAssertionError
except ModuleNotFoundError as error:
    raise missing_extra(error.name) from error

KEPT_CALLS = 1000  # the latest ones that a router remembers, some 6 KB each; respx would keep all for ever
_DEFAULT_PORTS = {"http": 80, "https": 443}


class _Router(respx.MockRouter):
    """Plays the faults of answers, which a side effect of respx could not do for coroutines.

    Remembers the latest calls only; respx would keep all of them. Of two that would answer, respx asks the one entered
    first. Here that one leaves it to the other, so that a test's own stand-in wins over one that lasts for many tests.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._end = Event()  # of the mock
        self._others: respx.Route | None = None  # for requests to other origins

    def let_others_through(self) -> None:
        """Requests that no route is for go where they are addressed."""
        self._others = self.route()
        self._others.pass_through()

    def handler(self, request: httpx.Request) -> httpx.Response:
        self._check_turn(request)
        return play(request, super().handler(request), self._end)

    async def async_handler(self, request: httpx.Request) -> httpx.Response:
        self._check_turn(request)
        return await aplay(request, await super().async_handler(request), self._end)

    def _check_turn(self, request: httpx.Request) -> None:
        """Raises what makes respx ask the next router. The newest one that knows the origin answers; what none of them
        knows is for the newest of all.
        """
        newest_first = _entered()[::-1] or [self]  # a request may outlast all of them
        turn = next((router for router in newest_first if router._knows(request)), newest_first[0])
        if turn is not self:
            raise AllMockedAssertionError(f"RESPX: {request!r} is for a stand-in that was entered later")

    def _knows(self, request: httpx.Request) -> bool:
        return any(route.pattern.match(request) for route in self.routes if route is not self._others)

    def start(self) -> None:
        self._end.clear()
        super().start()

    def stop(self, clear: bool = True, reset: bool = True, quiet: bool = False) -> None:
        self._end.set()
        super().stop(clear, reset, quiet)

    def record(
        self, request: httpx.Request, *, response: httpx.Response | None = None, route: respx.Route | None = None
    ) -> None:
        super().record(request, response=response, route=route)
        for calls in (self.calls, *(() if route is None else (route.calls,))):
            del calls[:-KEPT_CALLS]


def mock(handle: Handle, origins: Iterable[str], pass_through: bool, doors: Doors) -> respx.MockRouter:
    """A router that sends every request to these origins to `handle`; ValueError when one is no origin.

    Others go where they are addressed, with `pass_through`. While the doors are shut no connection is made.
    """
    router = _Router(assert_all_called=False)
    for origin in origins:
        url = httpx.URL(origin)
        if url.scheme not in _DEFAULT_PORTS or not url.host:
            raise ValueError("base_url must be an origin such as https://api.example.com")
        route = router.route(scheme=url.scheme, host=url.host, port=url.port or _DEFAULT_PORTS[url.scheme])
        route.mock(side_effect=partial(_respond, handle, doors))
    if pass_through:
        router.let_others_through()
    return router


@contextmanager
def without_strictness() -> Generator[None, None, None]:
    """Requests of which no router that is entered now knows the origin go where they are addressed, as they would if
    none were entered. A mock of the user's own has its say all the same.
    """
    if not _entered():
        yield
        return
    router = _Bystander(assert_all_called=False)
    router.let_others_through()
    with router:
        yield


class _Bystander(_Router):
    """Knows no origin."""

    def _check_turn(self, request: httpx.Request) -> None:
        super()._check_turn(request)
        if len(_entered()) < len(HTTPCoreMocker.routers):
            raise AllMockedAssertionError(f"RESPX: {request!r} not mocked!")


def _entered() -> list[_Router]:
    """Those of all stand-ins, oldest first."""
    return [router for router in HTTPCoreMocker.routers if isinstance(router, _Router)]


def _respond(handle: Handle, doors: Doors, request: httpx.Request) -> httpx.Response:
    if doors.are_shut:
        raise httpx.ConnectError(os.strerror(errno.ECONNREFUSED), request=request)
    # The raw path: httpx decodes `url.path`, and `%2F` within a task id would become a slash.
    origin = f"{request.url.scheme}://{request.url.netloc.decode('ascii')}"
    target = origin + request.url.raw_path.decode("ascii")
    answer = handle(request.method, target, request.headers, request.content)
    extensions = {FAULT: answer.fault}
    return httpx.Response(answer.status, headers=dict(answer.headers), content=answer.body, extensions=extensions)
