"""Fixtures of the API-facing tests: they know the target and what was exchanged with it, nothing of the stand-in."""

from __future__ import annotations

import pytest

from contract_tests.harness.plugin import wanted_rows
from contract_tests.harness.recorded import Exchanges
from contract_tests.harness.target import Target


@pytest.fixture(scope="session")
def all_exchanges(api: Target, request: pytest.FixtureRequest) -> Exchanges:
    """Everything sent in this run; one for all tests, so that each request is sent once."""
    return Exchanges(api, wanted_rows(request.session.items))


@pytest.fixture
def exchanges(all_exchanges: Exchanges, target: Target) -> Exchanges:
    """The exchanges, while the target can be reached."""
    all_exchanges.seen.clear()
    return all_exchanges
