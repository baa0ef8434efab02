"""Which URLs may be asked for, and which addresses are public."""

from __future__ import annotations

import ipaddress
from pathlib import Path

import httpx
import pytest

from modellix import DownloadError
from modellix._core.url_policy import AddressRefused, UrlPolicy, bare, is_public
from scripts.mutants.kills import kills, swap
from tests.support.clients import Face, raw_result
from tests.support.pictures import PNG, PictureServer, redirect, reply

PUBLIC = [
    "93.184.216.34",
    "8.8.8.8",
    "100.63.255.255",
    "100.128.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.167.255.255",
    "223.255.255.255",
    "2606:2800:220:1:248:1893:25c8:1946",
    "2a00:1450:4001::1",
    "64:ff9b::5db8:d822",  # NAT64 of 93.184.216.34
]

NOT_PUBLIC = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.0",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:93.184.216.34",
    "64:ff9b::a00:1",  # NAT64 of 10.0.0.1
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",  # Teredo
    "2001:db8::1",
    "2002:0a00:0001::1",  # 6to4 of 10.0.0.1
    "2002:5db8:d822::1",
    "3fff::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_address_may_be_connected(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))
    UrlPolicy("https://api.modellix.ai").check(address, 443)


@pytest.mark.parametrize("address", NOT_PUBLIC)
@pytest.mark.parametrize("origin", ["https://api.modellix.ai", "http://127.0.0.1:8000", ""])
def test_any_other_address_may_not(address: str, origin: str) -> None:
    assert not is_public(ipaddress.ip_address(address))
    with pytest.raises(AddressRefused, match="not an address on the public internet"):
        UrlPolicy(origin).check(address, 443)


@pytest.mark.parametrize(
    ("origin", "address", "port", "may"),
    [
        ("http://127.0.0.1:8000", "127.0.0.1", 8000, True),
        ("http://127.0.0.1:8000", "127.0.0.1", 8001, False),
        ("http://localhost:8000", "::1", 8000, True),
        ("https://localhost", "127.0.0.1", 443, True),
        ("https://localhost", "127.0.0.1", 80, False),
        ("http://127.0.0.1:8000", "10.0.0.1", 8000, False),
        ("http://127.0.0.1:8000", "::ffff:127.0.0.1", 8000, False),
        ("https://api.modellix.ai", "127.0.0.1", 443, False),
        ("", "127.0.0.1", 443, False),
    ],
)
def test_loopback_is_open_on_the_port_of_an_api_on_loopback_alone(
    origin: str, address: str, port: int, may: bool
) -> None:
    try:
        UrlPolicy(origin).check(address, port)
    except AddressRefused:
        assert not may
    else:
        assert may


@kills(
    "A URL may have plain http on any host.",
    "_core.url_policy:UrlPolicy.refusal",
    swap('== "https"', 'in ("https", "http")'),
    row="http://127.0.0.1:8001/1-http://127.0.0.1:8000-not an https URL (http)",
)
@pytest.mark.parametrize(
    ("url", "origin", "refusal"),
    [
        ("https://pictures.example/1.png?x=1", "", None),
        ("http://pictures.example/1.png", "https://api.modellix.ai", "not an https URL (http)"),
        ("http://127.0.0.1:8000/1", "http://127.0.0.1:8000", None),
        ("http://127.0.0.1:8001/1", "http://127.0.0.1:8000", "not an https URL (http)"),
        ("http://127.0.0.2:8000/1", "http://127.0.0.1:8000", "not an https URL (http)"),
        ("http://localhost/1", "http://localhost:80", None),
        ("http://127.0.0.1:8000/1", "https://127.0.0.1:8000", "not an https URL (http)"),
        ("ftp://pictures.example/1", "", "not an https URL (ftp)"),
        ("file:///etc/passwd", "", "the URL names no host"),
        ("/1.png", "", "the URL names no host"),
        ("", "", "the URL names no host"),
        ("https:///1.png", "", "the URL names no host"),
        ("https://user:password@pictures.example/1", "", "the URL holds credentials"),
        ("https://token@pictures.example/1", "", "the URL holds credentials"),
        ("http://user@127.0.0.1:8000/1", "http://127.0.0.1:8000", "the URL holds credentials"),
    ],
)
def test_url_is_https_or_of_the_local_api_itself(url: str, origin: str, refusal: str | None) -> None:
    assert UrlPolicy(origin).refusal(httpx.URL(url)) == refusal


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://a.example/1.png?signature=secret", "https://a.example/1.png"),
        ("https://a.example/1.png#secret", "https://a.example/1.png"),
        ("https://user:secret@a.example/1.png", "https://a.example/1.png"),
        ("https://user:secret@a.example?secret", "https://a.example"),
        ("https://a.example/me@work", "https://a.example/me@work"),
        ("user:secret@a.example", "a.example"),
        ("nonsense\n", "nonsense\ufffd"),
        ("https://a.example/" + "x" * 500, "https://a.example/" + "x" * 181 + "…"),
    ],
)
def test_url_is_shown_without_what_may_be_secret(url: str, shown: str) -> None:
    assert bare(url) == shown


UNASKED = {
    "plain http elsewhere": "http://pictures.example/1.png",
    "another port on loopback": "http://127.0.0.1:{other}/p",
    "credentials": "http://user:secret@127.0.0.1:{port}/p",
    "no URL": "https://[::",
    "not a host": "https://\ud800/",
    "an encoded name that is none": "https://xn--/",
    "a port that is none": "https://8.8.8.8:65536/",
    "control characters": "https://a.example/\n",
    "file": "file:///etc/passwd",
    "https to loopback on another port": "https://127.0.0.1:{other}/p",
    "https to a private address": "https://10.0.0.1/p",
    "https to a mapped address": "https://[::ffff:127.0.0.1]:{port}/p",
    "https to metadata": "https://169.254.169.254/latest/meta-data",
    "an integer for a host": "https://2130706433:{other}/p",
}


@kills(
    "Where a redirect leads is not looked at.",
    "_core.fetch:Picture._ask",
    swap(
        "self._allowed(parse_url(str(self._hop.join(self._location()))))",
        "parse_url(str(self._hop.join(self._location())))",
    ),
    row="redirected-credentials",
)
@pytest.mark.parametrize("url", UNASKED.values(), ids=UNASKED)
@pytest.mark.parametrize("by_redirect", [False, True], ids=["named", "redirected"])
def test_refused_url_is_never_asked_for(
    server: PictureServer, taker: Face, folder: Path, url: str, by_redirect: bool
) -> None:
    """The same rules for a URL in a result and for each redirect."""
    with PictureServer() as other:
        url = url.format(port=server.port, other=other.port)
        if by_redirect:
            server.routes["/start"] = redirect(url.encode("utf-8", "replace").decode("latin-1").replace("\n", "%0A"))
        with pytest.raises(DownloadError) as caught:
            taker.download(raw_result(f"{server.url}/start" if by_redirect else url), server.url, folder)
        assert other.connections == 0
    assert server.paths == (["/start"] if by_redirect else [])
    assert "secret" not in f"{caught.value}{caught.value.url}"
    assert not list(folder.glob("*"))


def test_redirect_within_the_rules_is_followed(server: PictureServer, taker: Face, folder: Path) -> None:
    statuses = [301, 302, 303, 307, 308]
    for number, status in enumerate(statuses):
        server.routes[f"/{number}"] = redirect(f"/{number + 1}" if number % 2 else f"{server.url}/{number + 1}", status)
    server.routes["/5"] = reply()
    [path] = taker.download(raw_result(f"{server.url}/0"), server.url, folder)
    assert path.read_bytes() == PNG
    assert server.paths == ["/0", "/1", "/2", "/3", "/4", "/5"]


@kills("Six redirects are followed.", "_core.fetch:Picture._ask", swap("redirects + 1", "redirects + 2"))
@pytest.mark.parametrize("hops", [6, None], ids=["six hops", "a loop"])
def test_redirects_end(server: PictureServer, taker: Face, folder: Path, hops: int | None) -> None:
    for number in range(6):
        server.routes[f"/{number}"] = redirect(f"/{number + 1}" if hops else "/0")
    server.routes["/6"] = reply()
    with pytest.raises(DownloadError, match="more than 5 redirects"):
        taker.download(raw_result(f"{server.url}/0"), server.url, folder)
    assert len(server.requests) == 6
