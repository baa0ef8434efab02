"""Fixtures of the contract tests: the document, the target, the stand-in behind it or the live API, and no network."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import respx
from hypothesis import settings

from contract_tests.harness import live
from contract_tests.harness.budget_transport import BudgetTransport
from contract_tests.harness.plugin import API_FACING, API_KEY, Bookkeeping
from contract_tests.harness.redaction import KeyRedactor, RedactedStream, redact_logs
from contract_tests.harness.results import Results
from contract_tests.harness.target import Target
from contract_tests.model.document import Document, contract
from contract_tests.model.page_facts import PAGES
from modellix import Modellix
from modellix.testing import StandIn

LIVE = pytest.StashKey[live.LiveOptions | None]()


def pytest_addoption(parser: pytest.Parser) -> None:
    live.add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    options = config.stash[LIVE] = live.read_options(config)
    if options is not None:
        settings.load_profile("live")
        config.pluginmanager.unregister(name="randomly")  # the budget is planned: cheapest first
    redact = KeyRedactor(options.settings.api_key) if options is not None else str
    config.pluginmanager.register(Bookkeeping(options, redact), "contract-bookkeeping")
    kind, origin = ("live", options.settings.origin) if options is not None else ("stand-in", contract().origin)
    config.pluginmanager.register(Results(kind, origin, redact), "contract-results")
    if options is not None:
        config.add_cleanup(redact_logs(redact))


@pytest.hookimpl(trylast=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """From here on nothing is shown with the key in it, whoever shows it."""
    if (options := session.config.stash[LIVE]) is not None:
        writer = session.config.get_terminal_writer()
        writer._file = RedactedStream(writer._file, KeyRedactor(options.settings.api_key))
        if session.config.getoption("capture") == "no":
            sys.stdout = RedactedStream(sys.stdout, KeyRedactor(options.settings.api_key))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """A live run has the API-facing tests only."""
    is_test = collection_path.name.startswith("test_")
    if config.stash[LIVE] is not None and is_test and not collection_path.is_relative_to(API_FACING):
        return True
    return None


@pytest.fixture(scope="session")
def document() -> Document:
    """The document carried by the generated client."""
    return contract()


@pytest.fixture(scope="module", autouse=True)
def _no_environment() -> Iterator[None]:
    """Keys, addresses and proxies of the machine play no part: a live run has read them before."""
    with pytest.MonkeyPatch.context() as patch:
        for name in live.environment_names():
            patch.delenv(name)
        yield


@pytest.fixture(scope="package", autouse=True)
def _patched_once(pytestconfig: pytest.Config) -> Iterator[None]:
    """Keeps respx in place between tests, which is what costs: its router knows no address, those of the tests do."""
    if pytestconfig.stash[LIVE] is not None:
        yield
        return
    with respx.mock(assert_all_called=False):
        yield


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
    options = pytestconfig.stash[LIVE]
    if options is not None:
        with live.open_live_target(document, options) as target:
            Bookkeeping.of(pytestconfig).account = target.account
            Results.of(pytestconfig).account = target.account
            yield target
        return
    transport = BudgetTransport(httpx.HTTPTransport(), document, API_KEY)
    with httpx.Client(transport=transport, trust_env=False) as http:
        yield Target(document, http, transport, origin=document.origin, api_key=API_KEY)


@pytest.fixture
def target(api: Target, request: pytest.FixtureRequest) -> Iterator[Target]:
    """The API under test, mounted. What it counts as bought, the stand-in has counted as well."""
    if api.is_live:
        yield api
        return
    behind: StandIn = request.getfixturevalue("shared_stand_in")
    with behind.mock(api.origin):
        yield api
    assert api.account.accepted == sum(one.accepted for one in behind.submissions)
    assert api.account.sent >= len(behind.submissions)


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


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Names, in one line, the operations that no page was typed for by hand."""
    untyped = [one.operation_id for one in contract().submissions if one.name not in PAGES]
    if untyped:
        terminalreporter.write_line(
            f"not yet witnessed: {', '.join(untyped)} (contract_tests/model/page_facts.py has no page)"
        )
