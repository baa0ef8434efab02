"""Fixtures: servers that are closed in the end, clients of both kinds, and a clean environment."""

from __future__ import annotations

import asyncio
import gc
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import trustme

from modellix import SqliteJournal
from modellix._core import download_session
from modellix._core.clock import Clock
from modellix._io import transports  # else the first request of a test would spend its time on importing it
from tests.support.batches import QUICK, Shop, open_shop
from tests.support.clients import FACES, Face
from tests.support.hostile_server import NAME, HostileServer
from tests.support.pictures import PictureServer
from tests.support.stores import STORED, STORES, Opening
from tests.support.virtual_clients import SIDES, Side

LONGEST_SLEEP = 0.05  # seconds
assert transports
Serve = Callable[..., HostileServer]
Open = Callable[..., Face]
OpenSide = Callable[..., Side]
Names = tuple[dict[str, list[str]], list[str]]

# The environment


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy, no settings of the user's."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name in ("MODELLIX_API_KEY", "MODELLIX_BASE_URL", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)


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


@pytest.fixture
def own_authority(monkeypatch: pytest.MonkeyPatch, certificate_file: Path) -> None:
    """Trust in our authority alone."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate_file))


@pytest.fixture(scope="module")
def leftovers() -> Iterator[None]:
    """Collect them while their warnings are ignored: the next module may warn."""
    yield
    gc.collect()


# Time


@pytest.fixture
def real_time() -> None:
    """Asked for by tests on real sockets, which alone may sleep."""


@pytest.fixture
def no_real_sleep(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing sleeps for longer than a few milliseconds, unless the test asks for `real_time`."""
    if "real_time" in request.fixturenames:
        return
    sleep, asleep = time.sleep, asyncio.sleep

    def short_sleep(seconds: float) -> None:
        assert seconds <= LONGEST_SLEEP, f"a test slept for {seconds} s"
        sleep(seconds)

    def short_asleep(seconds: float, result: Any = None) -> Any:
        assert seconds <= LONGEST_SLEEP, f"a test slept for {seconds} s"
        return asleep(seconds, result)

    monkeypatch.setattr(time, "sleep", short_sleep)
    monkeypatch.setattr(asyncio, "sleep", short_asleep)


@pytest.fixture
def time_passes(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """time_passes(60.0) makes the clock of downloads go on by a minute at once."""
    real, passed = Clock.now, [0.0]
    monkeypatch.setattr(Clock, "now", lambda self: real(self) + passed[0])

    def go_on(seconds: float) -> None:
        passed[0] += seconds

    return go_on


# Servers


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


@pytest.fixture
def server() -> Iterator[PictureServer]:
    with PictureServer() as server:
        yield server


@pytest.fixture
def tls_server(authority: trustme.CA) -> Iterator[PictureServer]:
    with PictureServer(server_context(authority, "127.0.0.1", "pictures.test", "other.test")) as server:
        yield server


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    """Addresses by name, and the names that were looked up. Both clients end at `socket.getaddrinfo`."""
    known: dict[str, list[str]] = {}
    asked: list[str] = []
    real = socket.getaddrinfo

    def look_up(host: Any, port: Any, *arguments: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name not in known:
            return real(host, port, *arguments, **options)
        asked.append(name)
        if not known[name]:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [
            (socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in known[name]
        ]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return known, asked


# Clients


@pytest.fixture(params=list(FACES))
def open_client(request: pytest.FixtureRequest) -> Iterator[Open]:
    """open_client(url, **options) makes a client of either kind; all are closed at the end."""
    with ExitStack() as stack:

        def start(url: str, **options: Any) -> Face:
            return stack.enter_context(FACES[request.param].to(url, **options))

        yield start


@pytest.fixture(params=list(SIDES))
def open_side(request: pytest.FixtureRequest) -> Iterator[OpenSide]:
    """open_side(latency=0.0, **options) makes one on a virtual clock; all are closed at the end."""
    with ExitStack() as stack:

        def start(latency: float = 0.0, **options: Any) -> Side:
            return stack.enter_context(SIDES[request.param](latency, **options))

        yield start


@pytest.fixture(params=list(FACES))
def taker(request: pytest.FixtureRequest) -> Iterator[Face]:
    """Each client in turn, for results that belong to none."""
    with FACES[request.param]() as face:
        yield face


class Opened:
    """Opens journals of one store, and closes them at the end."""

    def __init__(self, opening: Opening, stack: ExitStack) -> None:
        self._opening = opening
        self._stack = stack
        self.place = getattr(opening, "place", None)  # by which another process finds the store

    def __call__(self, **options: Any) -> Any:
        journal = self._opening(**options)
        self._stack.callback(journal.close)
        return journal


@pytest.fixture(params=STORES)
def open_journal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opened]:
    """open_journal(**options) opens a journal of one store, of each kind in turn; all are closed at the end."""
    with ExitStack() as stack:
        yield Opened(request.param(request, tmp_path), stack)


@pytest.fixture(params=STORED)
def open_stored(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opened]:
    """The same, of those that stand in a database; `open_stored.place` is where."""
    with ExitStack() as stack:
        yield Opened(request.param(request, tmp_path), stack)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where files go; nobody has made it yet."""
    return tmp_path / "pictures"


@pytest.fixture
def shop() -> Iterator[Shop]:
    """Where batches are bought."""
    with open_shop() as shop:
        yield shop


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[SqliteJournal]:
    """An empty one."""
    with SqliteJournal(tmp_path / "journal.db") as journal:
        yield journal


@pytest.fixture
def limit(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """limit(idle=0.2) changes how much a download may take."""

    def change(**limits: Any) -> None:
        monkeypatch.setattr(download_session, "LIMITS", replace(download_session.LIMITS, **limits))

    return change


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests counted: examples of the property, kills, submissions through the chaos proxy."""
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            if name.startswith(("any reply", "kills", "chaos")):
                terminalreporter.write_line(f"{name}: {value} ({report.nodeid.rpartition('::')[2]})")


@pytest.fixture
def buyer(open_client: Open, shop: Shop, journal: SqliteJournal) -> Face:
    """Who runs batches in the shop, and looks often."""
    return open_client(shop.url, journal=journal, poll=QUICK)
