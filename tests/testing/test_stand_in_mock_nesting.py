"""Several mocks at once: the stand-in that was entered last answers, and mocks of the user's own keep their place."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx
import pytest
import respx

from modellix.testing import StandIn
from modellix.testing.fixtures import served

OTHER = "https://images.example"
ORIGIN = "https://api.modellix.ai"
Visit = Callable[[str], int]


def visit_sync(url: str) -> int:
    with httpx.Client(trust_env=False) as client:
        return client.get(url).status_code


def visit_async(url: str) -> int:
    async def run() -> int:
        async with httpx.AsyncClient(trust_env=False) as client:
            return (await client.get(url)).status_code

    return asyncio.run(run())


@pytest.fixture(params=[visit_sync, visit_async], ids=["sync", "async"])
def visit(request: pytest.FixtureRequest) -> Visit:
    chosen: Visit = request.param
    return chosen


def counts(*stand_ins: StandIn) -> list[int]:
    return [len(stand_in.requests) for stand_in in stand_ins]


def test_the_last_one_entered_answers_until_it_ends(visit: Visit) -> None:
    outer, middle, inner = StandIn(), StandIn(), StandIn()
    with outer.mock():
        visit(ORIGIN)
        with middle.mock():
            with inner.mock():
                visit(ORIGIN)
                visit(ORIGIN)
            assert counts(outer, middle, inner) == [1, 0, 2]
            visit(ORIGIN)
        visit(ORIGIN)
    assert counts(outer, middle, inner) == [2, 1, 2]


def test_each_answers_for_its_own_origin(visit: Visit) -> None:
    outer, inner = StandIn(), StandIn()
    with outer.mock(OTHER), inner.mock():
        assert [visit(OTHER), visit(ORIGIN)] == [404, 404]
    assert counts(outer, inner) == [1, 1]


def test_they_may_end_in_any_order(visit: Visit) -> None:
    first, second = StandIn(), StandIn()
    one, two = first.mock(), second.mock()
    with one:
        two.start()
    visit(ORIGIN)
    two.stop()
    assert counts(first, second) == [0, 1]


def test_a_router_may_be_entered_twice(visit: Visit) -> None:
    stand_in = StandIn()
    router = stand_in.mock()
    with router:
        with router:
            visit(ORIGIN)
        visit(ORIGIN)
    assert counts(stand_in) == [2]


@pytest.mark.parametrize("is_open", [True, False], ids=["lets through", "is strict"])
def test_the_last_one_decides_about_other_hosts(visit: Visit, is_open: bool) -> None:
    with StandIn().serve() as url:
        outer, inner = StandIn().mock(pass_through=not is_open), StandIn().mock(pass_through=is_open)
        with outer, inner:
            if is_open:
                assert visit(url) == 404
            else:
                with pytest.raises(respx.models.AllMockedAssertionError, match="not mocked"):
                    visit(url)


@pytest.mark.parametrize("place", ["first", "between"])
def test_a_mock_of_the_users_own_is_asked_before_those_entered_later(visit: Visit, place: str) -> None:
    own, outer, inner = respx.mock(assert_all_called=False), StandIn(), StandIn()
    own.get(f"{ORIGIN}/lost").respond(418)
    one, two = (own, outer.mock()) if place == "first" else (outer.mock(), own)
    with one, two, inner.mock():
        assert [visit(f"{ORIGIN}/lost"), visit(ORIGIN)] == [418, 404]
    assert counts(outer, inner) == [0, 1]


def test_routes_that_a_user_adds_count_too(visit: Visit) -> None:
    """`mock()` gives a router of respx, whose routes are the user's to add."""
    outer, inner = StandIn().mock(), StandIn().mock()
    with outer, inner:
        outer.get(OTHER).respond(201)
        inner.get("https://third.example").respond(202)
        assert [visit(OTHER), visit("https://third.example")] == [201, 202]


class TestServed:
    """The fixture `modellix_server`, while a stand-in of a larger scope answers in process."""

    def test_it_is_reached_and_so_are_other_hosts(self, visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
        outer, neighbour = StandIn(), StandIn()
        with outer.mock():
            with neighbour.serve() as url, served(monkeypatch) as inner:
                assert [visit(inner.url), visit(url), visit(ORIGIN)] == [404, 404, 404]
                assert counts(outer, neighbour, inner) == [1, 1, 1]
            with pytest.raises(respx.models.AllMockedAssertionError):
                visit(inner.url)

    def test_a_mock_inside_is_as_strict_as_ever(self, visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
        refused = pytest.raises(respx.models.AllMockedAssertionError)
        with StandIn().mock(), served(monkeypatch) as inner, StandIn().mock(ORIGIN), refused:
            visit(inner.url)

    @pytest.mark.parametrize("has_outer", [True, False], ids=["a stand-in around", "alone"])
    def test_the_users_own_mock_is_asked(self, visit: Visit, has_outer: bool, monkeypatch: pytest.MonkeyPatch) -> None:
        with StandIn().mock() if has_outer else respx.mock(), served(monkeypatch), respx.mock as own:
            own.get(OTHER).respond(418)
            assert visit(OTHER) == 418
            with pytest.raises(respx.models.AllMockedAssertionError):
                visit("https://third.example")
