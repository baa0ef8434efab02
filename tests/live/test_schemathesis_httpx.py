"""How a run of schemathesis ends: with what it found, or with what has stopped it, and never as if nothing were."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from contract_tests.harness.blame import Broken
from contract_tests.harness.budget_transport import BudgetTransport
from contract_tests.harness.not_concluded import NotRun
from contract_tests.harness.target import Target
from contract_tests.model.document import contract
from modellix.testing import StandIn

pytestmark = pytest.mark.random

ORIGIN = "https://api.example.com"
KEY = "test-key"
Reply = Callable[[httpx.Request], httpx.Response]


def explored(reply: Reply, budget: int | None = None) -> Any:
    """The findings in valid requests of the first submission, whatever answers them."""
    from contract_tests.harness.schemathesis_engine import explore

    transport = BudgetTransport(httpx.MockTransport(reply), contract(), KEY, budget=budget)
    with httpx.Client(transport=transport) as http:
        target = Target(contract(), http, transport, origin=ORIGIN, api_key=KEY)
        return explore(target, contract().submissions[:1], phases=["examples", "coverage"], mode="positive")


def stand_in() -> Reply:
    """The stand-in, as it should be."""
    behind = StandIn(KEY)

    def reply(request: httpx.Request) -> httpx.Response:
        answer = behind.handle(request.method, str(request.url), request.headers, request.content)
        return httpx.Response(answer.status, headers=dict(answer.headers), content=answer.body)

    return reply


def without_model(reply: Reply) -> Reply:
    """The same, with replies that break the document."""

    def broken(request: httpx.Request) -> httpx.Response:
        good = reply(request)
        return httpx.Response(good.status_code, json={**good.json(), "message": 1})

    return broken


@pytest.mark.slow
def test_good_replies_are_no_finding() -> None:
    explored(stand_in()).settle()


def test_spent_budget_skips() -> None:
    findings = explored(stand_in(), budget=3)
    with pytest.raises(NotRun, match="not run: budget"):
        findings.settle()


def test_failure_wins_over_spent_budget() -> None:
    findings = explored(without_model(stand_in()), budget=1)
    assert isinstance(findings.stopped_by, NotRun)
    assert {one.promise for one in findings.failures.values()} == {f"{contract().submissions[0].name}.reply.envelope"}
    with pytest.raises(Broken, match="response_schema_conformance"):
        findings.settle()


@pytest.mark.parametrize("kind", [KeyboardInterrupt, pytest.exit.Exception, AssertionError])
def test_what_stops_the_client_goes_on(kind: type[BaseException]) -> None:
    def stop(request: httpx.Request) -> httpx.Response:
        raise kind("stopped")

    findings = explored(stop)
    with pytest.raises(kind):
        findings.settle()
