"""Fixtures of the contract tests: the document, the stand-in, the target behind which it answers, and no network."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from contract_tests import strategies
from contract_tests.document import Document, contract
from contract_tests.target import Target
from contract_tests.witness import PAGES
from modellix import Modellix
from modellix.testing import StandIn

API_KEY = "test-key"

# The usual run draws the same examples every time; `--hypothesis-profile random` does not.
strategies.load_usual_profile()


@pytest.fixture(scope="session")
def document() -> Document:
    """The document carried by the generated client."""
    return contract()


@pytest.fixture(scope="module", autouse=True)
def _no_environment() -> Iterator[None]:
    """Keys, addresses and proxies of the machine play no part."""
    names = ("MODELLIX_API_KEY", "MODELLIX_BASE_URL", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
    with pytest.MonkeyPatch.context() as patch:
        for name in names:
            patch.delenv(name, raising=False)
            patch.delenv(name.lower(), raising=False)
        yield


@pytest.fixture
def stand_in() -> StandIn:
    """A fresh stand-in, which nothing has been submitted to."""
    return StandIn(API_KEY)


@pytest.fixture(scope="session")
def http() -> Iterator[httpx.Client]:
    """A plain HTTP client. The stand-in's router catches what it sends; anything else ends in an error."""
    with httpx.Client(trust_env=False) as client:
        yield client


@pytest.fixture
def target(stand_in: StandIn, document: Document, http: httpx.Client) -> Iterator[Target]:
    """The API under test: the stand-in, in process."""
    with stand_in.mock(origin_of(document)):
        yield Target(document, http, API_KEY)


@pytest.fixture(scope="session")
def shared_client(document: Document) -> Iterator[Modellix]:
    """The front door, opened once because its TLS set-up is the slowest part of a test."""
    with Modellix(API_KEY, base_url=origin_of(document)) as client:
        yield client


@pytest.fixture
def client(shared_client: Modellix, target: Target) -> Modellix:
    """The front door, talking to the stand-in of the test."""
    return shared_client


def origin_of(document: Document) -> str:
    """Scheme and host of the document's server."""
    server = urlsplit(document.server)
    return f"{server.scheme}://{server.netloc}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Names, in one line, the operations that no page was typed for by hand."""
    unwitnessed = [one.operation_id for one in contract().operations if one.name not in PAGES]
    if unwitnessed:
        terminalreporter.write_line(f"operations without rows in the witness table: {', '.join(unwitnessed)}")
