"""The pytest plugin, which pytest finds by its entry point: two fixtures and a marker.

It imports nothing more before a fixture is used: a run that uses none pays for none, whatever is installed.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

if TYPE_CHECKING:
    from modellix.testing.core import StandIn
    from modellix.testing.fixtures import ServedStandIn

T = TypeVar("T")


def pytest_configure(config: pytest.Config) -> None:
    """Makes the marker known, for `--markers` and `--strict-markers`."""
    config.addinivalue_line(
        "markers",
        "modellix(reads=3, rate=None, api_key='test-key', pass_through=False): what the stand-in is like that the "
        "fixtures modellix_stand_in and modellix_server give",
    )


@pytest.fixture
def modellix_stand_in(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Generator[StandIn, None, None]:
    """A stand-in of the API that answers every httpx client in the process, without sockets.

    MODELLIX_API_KEY and MODELLIX_BASE_URL are set, and no client sleeps. `@pytest.mark.modellix(reads=1)` gives it
    options of `StandIn`; `pass_through=True` lets requests to other hosts through.
    """
    with _ready(request, lambda options: _fixtures().mocked(monkeypatch, **options)) as stand_in:
        yield stand_in


@pytest.fixture
def modellix_server(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Generator[ServedStandIn, None, None]:
    """A stand-in of the API as a server on loopback, also for other processes. `.url` is its address.

    MODELLIX_API_KEY and MODELLIX_BASE_URL are set, and no client in this process sleeps.
    `@pytest.mark.modellix(reads=1)` gives it options of `StandIn`.
    """
    if "modellix_stand_in" in request.fixturenames:
        pytest.fail("modellix_server is a stand-in itself: use one of modellix_stand_in and modellix_server", False)
    with _ready(request, lambda options: _fixtures().served(monkeypatch, **options)) as stand_in:
        yield stand_in


def _fixtures() -> Any:
    from modellix.testing import fixtures

    return fixtures


@contextmanager
def _ready(
    request: pytest.FixtureRequest, opening: Callable[[dict[str, Any]], AbstractContextManager[T]]
) -> Generator[T, None, None]:
    """The stand-in that the markers ask for. What is wrong with them, or not installed, is told in a line."""
    with ExitStack() as stack:
        try:
            stand_in = stack.enter_context(opening(_options(request)))
        except (ImportError, TypeError, ValueError) as error:
            raise pytest.fail.Exception(f"{request.fixturename}: {error}", pytrace=False) from None
        yield stand_in


def _options(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What the markers say. The one nearest to the test wins."""
    options: dict[str, Any] = {}
    for marker in request.node.iter_markers("modellix"):
        if marker.args:
            raise TypeError("the marker modellix takes options by name, such as modellix(reads=1)")
        options = {**marker.kwargs, **options}
    return options
