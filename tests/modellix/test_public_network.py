"""Which addresses may be connected, whatever name leads to them, and whose certificate is trusted."""

from __future__ import annotations

import functools
import socket
from pathlib import Path

import pytest

from modellix import DownloadError
from modellix._core.url_policy import AddressRefused
from scripts.mutants.kills import kills, swap
from tests.modellix.conftest import Names
from tests.support.clients import Face, raw_result
from tests.support.pictures import PictureServer, redirect, reply


@kills(
    "A name that leads to an address of this machine or network is asked.",
    "_core.url_policy:is_public",
    swap("~ in _IPV6_ALLOWED and", "True or"),
    row="['::1']",
)
@pytest.mark.parametrize(
    "addresses",
    [["10.0.0.1"], ["127.0.0.1"], ["93.184.216.34", "127.0.0.1"], ["::1"], ["::ffff:127.0.0.1"], ["fe80::1%2"]],
    ids=str,
)
def test_name_that_leads_inside_is_refused(
    server: PictureServer, taker: Face, folder: Path, names: Names, addresses: list[str]
) -> None:
    names[0]["pictures.test"] = addresses
    with pytest.raises(DownloadError, match="not an address on the public internet") as caught:
        taker.download(raw_result(f"https://pictures.test:{server.port}/p"), "https://api.modellix.ai", folder)
    assert isinstance(caught.value.__cause__, AddressRefused)
    assert server.connections == 0
    assert names[1] == ["pictures.test"]


def test_name_is_looked_up_once_and_what_was_checked_is_connected(
    tls_server: PictureServer,
    taker: Face,
    folder: Path,
    names: Names,
    monkeypatch: pytest.MonkeyPatch,
    certificate_file: Path,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate_file))
    names[0]["pictures.test"] = ["127.0.0.1"]
    tls_server.routes["/p"] = reply()
    taker.download(raw_result(f"https://pictures.test:{tls_server.port}/p"), tls_server.url, folder)
    assert names[1] == ["pictures.test"]
    assert tls_server.requests[0].headers["host"] == f"pictures.test:{tls_server.port}"


def test_connected_peer_is_checked_as_well(
    server: PictureServer, taker: Face, folder: Path, names: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were an address ever to lead elsewhere than it says, nothing is sent there."""
    for name in ("connect", "connect_ex"):
        real = getattr(socket.socket, name)
        elsewhere = functools.partialmethod(lambda self, real, address: real(self, ("127.0.0.1", address[1])), real)
        monkeypatch.setattr(socket.socket, name, elsewhere)
    names[0]["pictures.test"] = ["93.184.216.34"]
    with pytest.raises(DownloadError, match=r"127\.0\.0\.1 port \d+ is not an address"):
        taker.download(raw_result(f"https://pictures.test:{server.port}/p"), "https://api.modellix.ai", folder)
    assert server.requests == []
    assert names[1] == ["pictures.test"]


def test_unknown_name_is_a_download_error(taker: Face, folder: Path, names: Names) -> None:
    names[0]["pictures.test"] = []
    with pytest.raises(DownloadError, match="not known"):
        taker.download(raw_result("https://pictures.test/p"), "", folder)


@kills(
    "Any certificate will do for a download.",
    "_io.transports:tls_context",
    swap("_tls_context", "ssl._create_unverified_context() or _tls_context"),
)
def test_certificate_is_verified(tls_server: PictureServer, taker: Face, folder: Path) -> None:
    tls_server.routes["/p"] = reply()
    with pytest.raises(DownloadError, match=r"(?i)certificate"):
        taker.download(raw_result(f"{tls_server.url}/p"), tls_server.url, folder)
    assert tls_server.requests == []


def test_redirect_never_leads_to_another_scheme(
    tls_server: PictureServer, taker: Face, folder: Path, monkeypatch: pytest.MonkeyPatch, certificate_file: Path
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate_file))
    with PictureServer() as local:
        local.routes["/p"] = redirect(f"{tls_server.url}/p")
        tls_server.routes["/p"] = redirect(f"{local.url}/p")
        for first in (local, tls_server):
            with pytest.raises(DownloadError, match=r"redirect from|not an https URL"):
                taker.download(raw_result(f"{first.url}/p"), first.url, folder)
        assert (len(local.requests), len(tls_server.requests)) == (1, 1)


@pytest.mark.parametrize("target", ["https://10.0.0.1/p", "https://127.0.0.1:{other}/p", "https://pictures.test/p"])
def test_address_behind_a_redirect_is_checked_too(
    tls_server: PictureServer,
    taker: Face,
    folder: Path,
    names: Names,
    monkeypatch: pytest.MonkeyPatch,
    certificate_file: Path,
    target: str,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate_file))
    names[0]["pictures.test"] = ["192.168.1.1"]
    with PictureServer() as other:
        tls_server.routes["/p"] = redirect(target.format(other=other.port))
        with pytest.raises(DownloadError, match="not an address on the public internet"):
            taker.download(raw_result(f"{tls_server.url}/p"), tls_server.url, folder)
        assert other.connections == 0


def test_certificates_that_cannot_be_loaded_are_a_download_error(
    tls_server: PictureServer, taker: Face, folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "nowhere.pem"))
    raw = raw_result(f"{tls_server.url}/p")
    with pytest.raises(DownloadError, match="SSL_CERT_FILE"):
        taker.download(raw, tls_server.url, folder)
    with pytest.raises(DownloadError, match="SSL_CERT_FILE"):
        taker.stream(raw, tls_server.url)
