"""Fixtures of the contract tests: the document, the target, the stand-in behind it or the live API, and no network."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import httpx
import pytest
import respx

from contract_tests.harness import live
from contract_tests.harness.budget_transport import BudgetTransport
from contract_tests.harness.groups import Each
from contract_tests.harness.plugin import Plugin, wanted_plan
from contract_tests.harness.recorded import RecordedExchanges
from contract_tests.harness.target import Target
from contract_tests.harness.whose_fault import WhoseFault
from contract_tests.model.document import Document, contract
from modellix import Modellix
from modellix.testing import StandIn

API_KEY = "test-key"  # of the stand-in


@pytest.fixture(scope="session")
def document() -> Document:
    """The document carried by the generated client."""
    return contract()


@pytest.fixture(scope="module", autouse=True)
def no_environment() -> Iterator[None]:
    """Keys, addresses and proxies of the machine play no part: a live run has read them before."""
    with pytest.MonkeyPatch.context() as patch:
        for name in live.environment_names():
            patch.delenv(name)
        yield


@pytest.fixture(scope="package", autouse=True)
def patched_once(pytestconfig: pytest.Config) -> Iterator[None]:
    """Keeps respx in place between tests, which is what costs: its router knows no address, those of the tests do."""
    if Plugin.of(pytestconfig).options is not None:
        yield
        return
    with respx.mock(assert_all_called=False):
        yield


@pytest.fixture
def each(pytestconfig: pytest.Config, request: pytest.FixtureRequest) -> Each:
    """Checks each sentence of a group."""
    return Plugin.of(pytestconfig).each(request.node)


@pytest.fixture
def stand_in() -> StandIn:
    """A fresh stand-in, which nothing has been submitted to."""
    return StandIn(API_KEY)


@pytest.fixture(scope="session")
def shared_stand_in() -> StandIn:
    """The stand-in behind the target of the API-facing tests."""
    return StandIn(API_KEY)


@pytest.fixture(scope="session")
def api(document: Document, pytestconfig: pytest.Config) -> Iterator[Target]:
    """The API under test, for the whole run. With the stand-in it can be reached while `target` is in use."""
    plugin = Plugin.of(pytestconfig)
    if plugin.options is None:
        with open_target(document, is_judged=True) as target:
            yield target
        return
    with live.open_live_target(document, plugin.options) as target:
        plugin.account = target.account
        yield target


@pytest.fixture
def target(api: Target, request: pytest.FixtureRequest) -> Iterator[Target]:
    """The API under test, mounted. What it counts as bought, the stand-in has counted as well."""
    if api.is_live:
        yield api
        return
    behind: StandIn = request.getfixturevalue("shared_stand_in")
    account, arrived = api.account, behind.submissions
    accepted, known = account.accepted, len(arrived)
    with behind.mock(api.origin):
        yield api
    told = f"the transport counts {account.accepted} of {account.sent} as accepted"
    assert account.accepted - accepted == sum(one.accepted for one in arrived[known:]), told
    assert account.sent >= len(arrived), f"{told}, and {len(arrived)} arrived"


@pytest.fixture
def fresh(stand_in: StandIn, document: Document) -> Iterator[Target]:
    """A target with a stand-in of its own, which the test may tell what to answer."""
    with stand_in.mock(document.origin), open_target(document) as target:
        yield target


@pytest.fixture(scope="session")
def all_recorded(api: Target, request: pytest.FixtureRequest) -> RecordedExchanges:
    """Everything sent in this run; one for all tests, so that each request is sent once."""
    return RecordedExchanges(api, wanted_plan(request.session.items))


@pytest.fixture
def recorded(all_recorded: RecordedExchanges, target: Target) -> RecordedExchanges:
    """What was exchanged, while the target can be reached."""
    all_recorded.seen.clear()
    return all_recorded


@pytest.fixture(scope="session")
def shared_client(document: Document) -> Iterator[Modellix]:
    """The client, opened once because its TLS set-up is the slowest part of a test."""
    with Modellix(API_KEY, base_url=document.origin) as client:
        yield client


@pytest.fixture
def client(shared_client: Modellix, stand_in: StandIn, document: Document) -> Iterator[Modellix]:
    """The client, talking to the stand-in of the test."""
    with stand_in.mock(document.origin):
        yield shared_client


@cache
def _tls() -> ssl.SSLContext:
    """Shared, because its set-up costs more than a test, and nothing is connected to."""
    return ssl.create_default_context()


@contextmanager
def open_target(document: Document, *, is_judged: bool = False) -> Iterator[Target]:
    """A target at the document's address, where a stand-in may answer. `is_judged`: whose fault a refusal is."""
    transport = BudgetTransport(httpx.HTTPTransport(verify=_tls()), document, API_KEY)
    judge = WhoseFault(transport, document, API_KEY, transport.account) if is_judged else None
    with httpx.Client(transport=judge or transport, trust_env=False) as http:
        yield Target(document, http, transport, origin=document.origin, api_key=API_KEY, whose_fault=judge)
