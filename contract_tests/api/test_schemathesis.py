"""Schemathesis on each operation: all its phases, its probes too. Its settings and their reasons: schemathesis.toml.

Live it does what nothing else does: it derives from the schema, by rules of its own, what has to be refused, and looks
at every reply. Valid bodies, drawn ones and links are left to the plan, the laws and the history, which try the same:
each of them costs. What is about the client that carries schemathesis needs no API at all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from contract_tests.harness.groups import leave_promises
from contract_tests.harness.parametrize import every_submission
from contract_tests.harness.target import Target
from contract_tests.model.document import Document, Operation, contract
from modellix._openapi import GET_TASK

if TYPE_CHECKING:
    from contract_tests.harness.schemathesis_engine import Mode, PhaseName
    from contract_tests.harness.schemathesis_findings import Findings

pytestmark = pytest.mark.random

the_read = pytest.mark.parametrize("operation", [pytest.param(contract().operation(GET_TASK), id=GET_TASK)])


@pytest.fixture
def explore(target: Target, request: pytest.FixtureRequest) -> Callable[..., Findings]:
    """Runs schemathesis. When checks fail, the test is left with the promises that those speak of."""
    # Slow to load, and of no use with `-m 'not random'`.
    from contract_tests.harness import schemathesis_engine

    def run(*operations: Operation, phases: list[PhaseName], mode: Mode) -> Findings:
        findings = schemathesis_engine.explore(target, operations, phases=phases, mode=mode)
        if findings.failures:
            leave_promises(request.node, sorted({one.promise for one in findings.failures.values()}))
        findings.settle()
        return findings

    return run


@every_submission
@pytest.mark.promise("body.broken", "auth.missing", "conformance")
def test_broken_requests_are_refused(operation: Operation, explore: Callable[..., Findings], target: Target) -> None:
    explore(operation, phases=["coverage"] if target.is_live else ["coverage", "fuzzing"], mode="negative")


@the_read
@pytest.mark.promise("task_id.unknown", "auth.missing", "conformance")
def test_any_task_id_is_answered(operation: Operation, explore: Callable[..., Findings], target: Target) -> None:
    if target.is_live:
        explore(operation, phases=["coverage"], mode="negative")  # as above, so that the document is loaded once
    else:
        explore(operation, phases=["examples", "coverage", "fuzzing"], mode="all")


@every_submission
@pytest.mark.stand_in
@pytest.mark.promise("body.valid", "auth.missing", "auth.wrong", "conformance")
@pytest.mark.paid
def test_valid_requests_are_accepted(operation: Operation, explore: Callable[..., Findings]) -> None:
    explore(operation, phases=["examples", "coverage", "fuzzing"], mode="positive")


@every_submission
@pytest.mark.stand_in
@pytest.mark.promise("reply.task_id", "conformance")
@pytest.mark.paid
def test_links_lead_to_the_task(operation: Operation, document: Document, explore: Callable[..., Findings]) -> None:
    read = document.operation(GET_TASK)
    findings = explore(operation, read, phases=["stateful"], mode="all")
    assert {request.method for request in findings.sent} >= {operation.method, read.method}


@the_read
@pytest.mark.stand_in
@pytest.mark.promise("conformance")
def test_probes_pass_through_the_client(operation: Operation, explore: Callable[..., Findings]) -> None:
    """Those of schemathesis for odd paths; and what would go past the client raises."""
    findings = explore(operation, phases=["coverage"], mode="positive")
    assert [request for request in findings.sent if "x-schemathesis-probe" in request.headers]


@the_read
@pytest.mark.stand_in
@pytest.mark.promise("conformance")
def test_nothing_passes_by_the_client(operation: Operation, target: Target) -> None:
    import requests
    import urllib3

    from contract_tests.harness.schemathesis_adapter import HttpxAdapter, nothing_but

    adapter = HttpxAdapter(target.http)
    with nothing_but(adapter):
        reply = requests.get(target.base_url + "/tasks/unknown", headers=target.authorization(), timeout=1)
        assert (reply.status_code, len(adapter.sent)) == (404, 1)
        with pytest.raises(AssertionError, match="past the client"):
            urllib3.request("GET", target.base_url)
        with requests.Session() as session, pytest.raises(AssertionError, match="past the client"):
            requests.adapters.HTTPAdapter().send(session.prepare_request(requests.Request("GET", target.base_url)))
