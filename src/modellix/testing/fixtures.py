"""What the fixtures of the pytest plugin give: a stand-in ready to be bought from. Imported when one is used."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from modellix.settings import BASE_URL_VARIABLE, KEY_VARIABLE
from modellix.testing.core import ORIGIN, StandIn

if TYPE_CHECKING:
    import pytest


class ServedStandIn(StandIn):
    """A stand-in on loopback, as the fixture `modellix_server` gives it. `url` is its address."""

    url: str = ""


@contextmanager
def mocked(
    environment: pytest.MonkeyPatch, *, pass_through: bool = False, **options: Any
) -> Generator[StandIn, None, None]:
    """In process, for every httpx client."""
    stand_in = StandIn(**options)
    with stand_in.fast(), stand_in.mock(pass_through=pass_through):
        _set(environment, stand_in, ORIGIN)
        yield stand_in


@contextmanager
def served(
    environment: pytest.MonkeyPatch, *, pass_through: bool = True, **options: Any
) -> Generator[ServedStandIn, None, None]:
    """As a server, for any client and other processes. Requests to other hosts go through in any case, also while a
    stand-in of a larger scope answers in process.
    """
    stand_in = ServedStandIn(**options)
    with stand_in.fast(), _beside_mocks(), stand_in.serve() as stand_in.url:
        _set(environment, stand_in, stand_in.url)
        yield stand_in


def _beside_mocks() -> AbstractContextManager[None]:
    """A server needs no respx: without the module nobody has entered a mock of ours."""
    mocks = sys.modules.get("modellix.testing.mock")
    return nullcontext() if mocks is None else mocks.without_strictness()


def _set(environment: pytest.MonkeyPatch, stand_in: StandIn, origin: str) -> None:
    environment.setenv(KEY_VARIABLE, stand_in.api_key)
    environment.setenv(BASE_URL_VARIABLE, origin)
