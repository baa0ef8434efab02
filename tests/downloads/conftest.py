"""Fixtures: a hostile server, both clients, limits that tests can reach, and a clean environment."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
import trustme

from modellix._core import download_session
from modellix._core.clock import Clock
from tests.support.clients import FACES, Face
from tests.support.pictures import PictureServer

Names = tuple[dict[str, list[str]], list[str]]


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings of the user's."""
    for name in ("MODELLIX_API_KEY", "MODELLIX_BASE_URL", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def server() -> Iterator[PictureServer]:
    with PictureServer() as server:
        yield server


@pytest.fixture(params=list(FACES))
def taker(request: pytest.FixtureRequest) -> Iterator[Face]:
    """Each client in turn."""
    with FACES[request.param]() as face:
        yield face


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where files go; nobody has made it yet."""
    return tmp_path / "pictures"


@pytest.fixture
def limit(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """limit(idle=0.2) changes how much a download may take."""

    def change(**limits: Any) -> None:
        monkeypatch.setattr(download_session, "LIMITS", attrs.evolve(download_session.LIMITS, **limits))

    return change


@pytest.fixture
def time_passes(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """time_passes(60.0) makes the clock of downloads go on by a minute at once."""
    real, passed = Clock.now, [0.0]
    monkeypatch.setattr(Clock, "now", lambda self: real(self) + passed[0])

    def go_on(seconds: float) -> None:
        passed[0] += seconds

    return go_on


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA(key_type=trustme.KeyType.ECDSA)


@pytest.fixture(scope="session")
def certificate_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("certificates") / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


@pytest.fixture
def tls_server(authority: trustme.CA) -> Iterator[PictureServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "pictures.test", "other.test").configure_cert(context)
    with PictureServer(context) as server:
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
