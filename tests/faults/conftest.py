"""Fixtures: fault servers that are closed in the end, clients of both kinds, and a clean environment."""

from __future__ import annotations

import gc
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import trustme

from tests.support.clients import FACES, Face
from tests.support.hostile_server import NAME, HostileServer

PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
Serve = Callable[..., HostileServer]
Open = Callable[..., Face]


LEFT_OPEN = "ignore:unclosed (<socket|<ssl|transport|event loop):ResourceWarning"


QUICK = {"test_guard", "test_habits", "test_secrets", "test_settings"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """asyncio, anyio and httpcore 1.0.9 leave a socket to the garbage collector when a TLS handshake is cut short or
    cancelled; it would warn in some later test.

    `nox -s tests` is to stay under a minute, so the matrix of faults is left to `nox -s faults`.
    """
    for item in items:
        if Path(__file__).parent not in item.path.parents:
            continue
        item.add_marker(pytest.mark.filterwarnings(LEFT_OPEN))
        if item.path.stem not in QUICK:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="module", autouse=True)
def leftovers() -> Iterator[None]:
    """Collect them while their warnings are ignored: the next module may be another folder's."""
    yield
    gc.collect()


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """A certificate authority of our own."""
    return trustme.CA(key_type=trustme.KeyType.ECDSA)


@pytest.fixture(scope="session")
def certificate_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The authority's certificate; reading this short file is also much quicker than reading certifi's."""
    path = tmp_path_factory.mktemp("certificates") / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, certificate_file: Path) -> None:
    """No proxy, no settings of the user's, and trust in our authority alone."""
    for name in PROXY_VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.delenv("MODELLIX_API_KEY", raising=False)
    monkeypatch.delenv("MODELLIX_BASE_URL", raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate_file))


def server_context(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*(names or ("127.0.0.1", "localhost", NAME))).configure_cert(context)
    return context


@pytest.fixture(scope="session")
def tls_context(authority: trustme.CA) -> ssl.SSLContext:
    return server_context(authority)


@pytest.fixture
def serve(tls_context: ssl.SSLContext) -> Iterator[Serve]:
    """serve(*scripts, tls=False) starts a server; all are closed at the end."""
    with ExitStack() as stack:

        def start(*scripts: Any, tls: bool | ssl.SSLContext = False, is_listening: bool = True) -> HostileServer:
            context = tls_context if tls is True else tls or None
            server = stack.enter_context(HostileServer(context, is_listening=is_listening))
            return server.play(*scripts) if scripts else server

        yield start


@pytest.fixture(params=list(FACES))
def open_client(request: pytest.FixtureRequest) -> Iterator[Open]:
    """open_client(url, **options) makes a client of either kind; all are closed at the end."""
    with ExitStack() as stack:

        def start(url: str, **options: Any) -> Face:
            return stack.enter_context(FACES[request.param].to(url, **options))

        yield start


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests counted: examples of the property, kills, submissions through the chaos proxy."""
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            if name.startswith(("any reply", "kills", "chaos", "idle")):
                terminalreporter.write_line(f"{name}: {value} ({report.nodeid.rpartition('::')[2]})")
