"""Fixtures of the API-facing tests: they know the target and what was exchanged with it, nothing of the stand-in."""

from __future__ import annotations

import pytest

from contract_tests.harness.plugin import wanted_plan
from contract_tests.harness.recorded import RecordedExchanges
from contract_tests.harness.target import Target


@pytest.fixture(scope="session")
def all_recorded(api: Target, request: pytest.FixtureRequest) -> RecordedExchanges:
    """Everything sent in this run; one for all tests, so that each request is sent once."""
    return RecordedExchanges(api, wanted_plan(request.session.items))


@pytest.fixture
def recorded(all_recorded: RecordedExchanges, target: Target) -> RecordedExchanges:
    """What was exchanged, while the target can be reached."""
    all_recorded.seen.clear()
    return all_recorded
