"""Which proxy is for which origin, and what NO_PROXY says."""

from __future__ import annotations

import urllib.request

import pytest

from modellix._core.url_policy import bare_proxy
from modellix._io.proxies import environment_proxy, is_excepted
from scripts.mutants.kills import kills, swap

API = "https://api.modellix.ai"
PROXY = "http://proxy.example:3128"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings of the machine's, nor of its system."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUEST_METHOD"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setattr(urllib.request, "getproxies", urllib.request.getproxies_environment)
    monkeypatch.setattr(urllib.request, "proxy_bypass", lambda host: False)


@pytest.mark.parametrize(
    ("origin", "variables", "proxy"),
    [
        (API, {}, None),
        (API, {"HTTPS_PROXY": PROXY}, PROXY),
        (API, {"https_proxy": PROXY}, PROXY),
        (API, {"HTTP_PROXY": PROXY}, None),
        (API, {"ALL_PROXY": PROXY}, PROXY),
        (API, {"all_proxy": PROXY}, PROXY),
        (API, {"ALL_PROXY": "http://other:1", "HTTPS_PROXY": PROXY}, PROXY),
        (API, {"HTTPS_PROXY": "proxy.example:3128"}, PROXY),
        (API, {"HTTPS_PROXY": ""}, None),
        (API, {"HTTPS_PROXY": " "}, None),
        (API, {"HTTPS_PROXY": PROXY, "NO_PROXY": "modellix.ai"}, None),
        (API, {"HTTPS_PROXY": PROXY, "no_proxy": "modellix.ai"}, None),
        (API, {"HTTPS_PROXY": PROXY, "NO_PROXY": "api.modellix.ai:443"}, None),
        (API, {"HTTPS_PROXY": PROXY, "NO_PROXY": "api.modellix.ai:8443"}, PROXY),
        ("https://api.modellix.ai:8443", {"HTTPS_PROXY": PROXY, "NO_PROXY": "api.modellix.ai:443"}, PROXY),
        (API, {"HTTPS_PROXY": PROXY, "NO_PROXY": "*"}, None),
        (API, {"HTTPS_PROXY": PROXY, "NO_PROXY": "other.ai"}, PROXY),
        (API, {"NO_PROXY": "other.ai"}, None),
        ("https://bücher.example", {"HTTPS_PROXY": PROXY, "NO_PROXY": "xn--bcher-kva.example"}, None),
        ("https://[2001:db8::1]", {"HTTPS_PROXY": PROXY}, PROXY),
        ("https://[2001:db8::1]", {"HTTPS_PROXY": PROXY, "NO_PROXY": "2001:db8::/32"}, None),
    ],
)
def test_proxies_of_the_environment(
    origin: str, variables: dict[str, str], proxy: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert environment_proxy(origin) == proxy


HERE = [
    "127.0.0.1", "127.255.255.254", "[::1]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::FFFF:7f00:1]", "localhost",
    "LOCALHOST", "localhost.", "api.localhost", "127.1", "2130706433", "0x7f.1", "0x7F000001", "017700000001",
]  # fmt: skip
VARIABLES = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"]


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("host", HERE)
def test_this_machine_has_no_proxy_whatever_names_one(host: str, scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        with monkeypatch.context() as patch:
            patch.setenv(name, PROXY)
            assert environment_proxy(f"{scheme}://{host}:8000") is None
    monkeypatch.setattr(urllib.request, "getproxies", lambda: {"http": PROXY, "https": PROXY, "all": PROXY})
    assert environment_proxy(f"{scheme}://{host}:8000") is None


@pytest.mark.parametrize(
    "host",
    ["128.0.0.1", "0.0.0.0", "10.0.0.1", "localhost.example", "notlocalhost", "[::2]", "2130706432.example", "1e3"],
)
def test_another_machine_has_one(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", PROXY)
    assert environment_proxy(f"https://{host}") == PROXY


@kills(
    "NO_PROXY=example.com is taken to name notexample.com.",
    "_io.proxies:_names",
    swap('f".{~}".endswith(f".{~}")', "~.endswith(~)"),
    row="notexample.com-443-example.com-False",
)
@kills(
    "NO_PROXY=10.0.0.0/8 names no address.",
    "_io.proxies:_networks",
    swap("return [ipaddress", "return [] and [ipaddress"),
    row="10.1.2.3-443-10.0.0.0/8-True",
)
@pytest.mark.parametrize(
    ("host", "port", "exceptions", "expected"),
    [
        # Everything, or nothing.
        ("example.com", 443, "*", True),
        ("10.0.0.1", 443, "other.example,*", True),
        ("example.com", 443, "*:443", True),
        ("example.com", 443, "*:80", False),
        ("example.com", 443, "", False),
        ("example.com", 443, " , ,", False),
        # Names, and those below them.
        ("example.com", 443, "example.com", True),
        ("www.example.com", 443, "example.com", True),
        ("a.b.example.com", 443, "example.com", True),
        ("notexample.com", 443, "example.com", False),
        ("example.com.evil.org", 443, "example.com", False),
        ("example.org", 443, "example.com", False),
        ("example.com", 443, "www.example.com", False),
        ("com", 443, "example.com", False),
        ("www.example.com", 443, ".example.com", True),
        ("example.com", 443, ".example.com", True),
        ("notexample.com", 443, ".example.com", False),
        ("www.example.com", 443, "*.example.com", True),
        ("a.b.example.com", 443, "*.example.com", True),
        ("notexample.com", 443, "*.example.com", False),
        ("wwwxexample.com", 443, "*.example.com", False),
        ("example.com", 443, "*.", False),
        ("example.com", 443, ".", False),
        # Case, final dots, white space.
        ("example.com", 443, "EXAMPLE.com", True),
        ("example.com", 443, "example.com.", True),
        ("example.com", 443, "*.Example.COM.", True),
        ("example.com", 443, "a.org, example.com ,b.org", True),
        ("example.com", 443, "a.org example.com\tb.org\n", True),
        ("example.com", 443, "a.org example.org", False),
        # Ports.
        ("example.com", 443, "example.com:443", True),
        ("www.example.com", 443, "example.com:443", True),
        ("example.com", 8443, "example.com:443", False),
        ("example.com", 443, ".example.com:443", True),
        ("example.com", 443, "*.example.com:80", False),
        ("example.com", 443, "example.com:", True),
        ("example.com", 443, "example.com:https", False),
        ("10.0.0.1", 443, "10.0.0.1:443", True),
        ("10.0.0.1", 80, "10.0.0.1:443", False),
        ("fd00::1", 8080, "[fd00::1]:8080", True),
        ("fd00::1", 443, "[fd00::1]:8080", False),
        ("fd00::1", 443, "[fd00::1]", True),
        # Addresses, however spelled.
        ("fd00::1", 443, "fd00::1", True),
        ("fd00::1", 443, "FD00:0:0:0:0:0:0:1", True),
        ("fd00:0:0:0:0:0:0:1", 443, "fd00::1", True),
        ("fd00::1", 443, "fd00::2", False),
        ("fe80::1%eth0", 443, "fe80::1", True),
        ("10.0.0.1", 443, "10.0.0.1", True),
        ("10.0.0.1", 443, "10.0.0.1.", True),
        ("10.0.0.10", 443, "10.0.0.1", False),
        ("110.0.0.1", 443, "10.0.0.1", False),
        ("::ffff:10.0.0.1", 443, "10.0.0.1", True),
        ("::ffff:10.0.0.1", 443, "::ffff:a00:1", True),
        ("10.1", 443, "10.0.0.1", True),
        # Networks.
        ("10.1.2.3", 443, "10.0.0.0/8", True),
        ("10.1.2.3", 443, "10.9.9.9/8", True),
        ("11.1.2.3", 443, "10.0.0.0/8", False),
        ("127.9.9.9", 443, "127.0.0.0/8", True),
        ("192.168.7.1", 443, "192.168.0.0/255.255.0.0", True),
        ("fd12::1", 443, "fd00::/8", True),
        ("fe80::1", 443, "fd00::/8", False),
        ("::ffff:10.1.2.3", 443, "10.0.0.0/8", True),
        ("10.1.2.3", 443, "fd00::/8,10.0.0.0/8", True),
        ("10.1.2.3", 443, "10.0.0.0/99", False),
        ("10.1.2.3", 443, "10.0.0.0/8/8", False),
        ("10.example.com", 443, "10.0.0.0/8", False),
        ("10.1.2.3", 443, ".2.3", False),
        ("example.com", 443, "0.0.0.0/0", False),
        ("8.8.8.8", 443, "0.0.0.0/0", True),
    ],
)
def test_no_proxy_names_hosts_as_people_write_them(host: str, port: int, exceptions: str, expected: bool) -> None:
    assert is_excepted(host, port, exceptions) is expected


@pytest.mark.parametrize(
    ("variables", "proxy"),
    [
        ({}, "http://of-the-system:1"),
        ({"HTTPS_PROXY": PROXY}, PROXY),
    ],
    ids=["system", "environment"],
)
def test_settings_of_the_system_count_where_the_environment_names_no_proxy(
    variables: dict[str, str], proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on macOS and Windows, whose exceptions are for their own proxies."""
    of_system = {"https": "http://of-the-system:1"}
    monkeypatch.setattr(urllib.request, "getproxies", lambda: urllib.request.getproxies_environment() or of_system)
    monkeypatch.setattr(urllib.request, "proxy_bypass", lambda host: host == "intranet.example")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert environment_proxy(API) == proxy
    assert environment_proxy("https://intranet.example") == (PROXY if variables else None)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("http://proxy:3128", "http://proxy:3128"),
        ("http://user:secret@proxy:3128/", "http://proxy:3128"),
        ("socks5h://secret@[::1]:1080", "socks5h://[::1]:1080"),
        ("http://user:sec/ret@proxy:3128", "http://proxy:3128"),
        ("http://user:secret?#/secret@proxy", "http://proxy"),
        ("http://us@er:sec@ret@proxy:1/path?secret", "http://proxy:1"),
    ],
)
def test_proxy_is_shown_without_its_password(address: str, shown: str) -> None:
    assert bare_proxy(address) == shown
