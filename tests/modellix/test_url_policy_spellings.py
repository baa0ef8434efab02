"""The spellings of an address: each form of IPv6 that holds a refused IPv4 address, and each way to write it."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

import pytest

from modellix import ConfigurationError, DownloadError, Modellix
from modellix._core.url_policy import AddressRefused, UrlPolicy, is_public
from modellix._values import is_loopback
from scripts.mutants.kills import kills, swap
from tests.support.clients import Face, raw_result

REFUSED = [
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
    "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
    "224.0.0.0/4", "240.0.0.0/4",
]  # fmt: skip
PUBLIC = ["1.1.1.1", "8.8.8.8", "93.184.216.34"]
LOOPBACK_API = "http://127.0.0.1:8000"


def _within(network: str) -> list[ipaddress.IPv4Address]:
    """The first, the last and one between."""
    all_of_it = ipaddress.IPv4Network(network)
    return [all_of_it[0], all_of_it[all_of_it.num_addresses // 2 - 3], all_of_it[-1]]


FORMS = {
    "mapped, ::ffff:0:0/96": lambda ip: ipaddress.IPv6Address((0xFFFF << 32) | ip),
    "compatible, ::/96": lambda ip: ipaddress.IPv6Address(ip),
    "translated, ::ffff:0:0:0/96": lambda ip: ipaddress.IPv6Address((0xFFFF << 48) | ip),
    "6to4, 2002::/16": lambda ip: ipaddress.IPv6Address((0x2002 << 112) | (ip << 80) | 1),
    "NAT64, 64:ff9b::/96": lambda ip: ipaddress.IPv6Address((0x64FF9B << 96) | ip),
    "local NAT64, 64:ff9b:1::/48": lambda ip: ipaddress.IPv6Address((0x64FF9B0001 << 80) | ip),
    "Teredo, 2001::/32": lambda ip: ipaddress.IPv6Address((0x20010000 << 96) | (ip ^ 0xFFFFFFFF)),
    "Teredo's server": lambda ip: ipaddress.IPv6Address((0x20010000 << 96) | (ip << 64)),
}


def _spellings(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> set[str]:
    """Compressed, expanded, in upper case, with an IPv4 address at its end, and with a zone."""
    if isinstance(ip, ipaddress.IPv4Address):
        return {str(ip)}
    dotted = ":".join(ip.exploded.split(":")[:6]) + f":{ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)}"
    plain = {ip.compressed, ip.exploded, ip.compressed.upper(), ip.exploded.upper(), dotted}
    return plain | {f"{ip.compressed}%eth0", f"{ip.compressed}%2"}


@kills(
    "What Python calls loopback is open on the port of an API on loopback.",
    "_values:is_loopback_address",
    swap("any", 'bool(getattr(ip, "ipv4_mapped", None)) or any'),
    row="127.0.0.0/8-http://127.0.0.1:8000",
)
@pytest.mark.parametrize("origin", ["https://api.modellix.ai", LOOPBACK_API, "http://[::1]:8000", ""])
@pytest.mark.parametrize("network", REFUSED)
def test_each_form_of_a_refused_network_is_refused(network: str, origin: str) -> None:
    """On the port of an API on loopback too: there plain loopback is open, and no other form of it."""
    url_policy = UrlPolicy(origin)
    for inner in _within(network):
        for form in FORMS.values():
            ip = form(int(inner))
            assert not is_public(ip), ip
            for text in _spellings(ip):
                with pytest.raises(AddressRefused, match="not an address on the public internet"):
                    url_policy.check(text, 8000)


@pytest.mark.parametrize("network", REFUSED)
def test_no_form_of_a_refused_network_is_named_to_a_proxy(network: str) -> None:
    for inner in _within(network):
        forms: list[Any] = [form(int(inner)) for form in FORMS.values()]
        for ip in [inner, *forms]:
            for text in _spellings(ip):
                with pytest.raises(AddressRefused, match="not an address on the public internet"):
                    UrlPolicy("").check_unresolved(text)


@pytest.mark.parametrize("text", PUBLIC)
def test_no_form_but_nat64_opens_a_public_address(text: str) -> None:
    """What a form leads to depends on the machine: a relay, a translator, or nothing at all."""
    inner = ipaddress.IPv4Address(text)
    assert [name for name, form in FORMS.items() if is_public(form(int(inner)))] == ["NAT64, 64:ff9b::/96"]


SCOPED = ["fe80::1%eth0", "fe80::1%2", "FE80::1%lo", "::1%lo", "::1%1", "ff02::1%eth0", "::ffff:127.0.0.1%lo"]


@pytest.mark.parametrize("address", SCOPED)
def test_zone_of_an_address_hides_nothing(address: str) -> None:
    with pytest.raises(AddressRefused):
        UrlPolicy("https://api.modellix.ai").check(address, 443)


LOOPBACK = [
    "127.0.0.1", "127.0.0.0", "127.255.255.255", "127.1.2.3", "::1", "0:0:0:0:0:0:0:1", "localhost", "LocalHost",
]  # fmt: skip
NOT_LOOPBACK = [
    "126.255.255.255", "128.0.0.0", "0.0.0.0", "::", "::2", "::ffff:127.0.0.1", "::FFFF:7F00:1", "::127.0.0.1",
    "::ffff:0:127.0.0.1", "64:ff9b::127.0.0.1", "2002:7f00:1::1", "fe80::1", "10.0.0.1", "localhost.", "a.localhost",
    "localhost.example", "notlocalhost", "", "127.0.0.1.example", "2130706433", "017700000001", "0x7f000001", "127.1",
    "127.0.1", "0177.0.0.1", "0x7f.1", "0x7f.0.0.1", "127.0.0.01", "127.0.0.1.",
]  # fmt: skip


@pytest.mark.parametrize("host", LOOPBACK)
def test_loopback_is_loopback_in_every_version(host: str) -> None:
    assert is_loopback(host)
    Modellix("key", base_url=f"http://[{host}]:8000" if ":" in host else f"http://{host}:8000").close()


@pytest.mark.parametrize("host", NOT_LOOPBACK)
def test_nothing_else_may_have_plain_http(host: str) -> None:
    """Python calls the mapped form loopback since 3.13. It stays refused: not every system connects it."""
    assert not is_loopback(host)
    with pytest.raises(ConfigurationError):
        Modellix("key", base_url=f"http://[{host}]:8000" if ":" in host else f"http://{host}:8000")


ODD = [
    "2130706433", "017700000001", "0x7f000001", "127.1", "127.0.1", "0177.0.0.1", "0x7f.1", "0x7f.0.0.1", "0xa000001",
    "167772161", "10.1", "012.0.0.1", "0xA9FEA9FE", "2852039166", "169.254.43518", "0", "0x0",
]  # fmt: skip
NAMES = [
    "pictures.example", "PICTURES.example.", "a_b.example", "xn--bcher-kva.example", "1.example", "localhost.example",
    "notlocalhost", "storage", "93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::5db8:d822",
]  # fmt: skip
NO_NAMES = [
    "localhost", "LOCALHOST", "localhost.", "a.localhost", "a.LocalHost.", "127.0.0.1.", "10.0.0.1.", "010.0.0.1",
    "8.8.8", "8.8.8.08", "8.8.8.8.", "134744072", "0x8.8.8.8", "a.0x7f", "%31%32%37.0.0.1", "%6cocalhost",
    "１27.0.0.1", "", ".", "a..b", ".a", "a b", "a\n", "[::1]", "::ffff:93.184.216.34", *ODD,
]  # fmt: skip


@pytest.mark.parametrize("host", NAMES)
def test_names_and_public_addresses_may_be_named_to_a_proxy(host: str) -> None:
    UrlPolicy("").check_unresolved(host)


@pytest.mark.parametrize("host", NO_NAMES)
def test_what_a_proxy_may_read_otherwise_is_not_named_to_it(host: str) -> None:
    """Public by one reading is not enough: 010.0.0.1 is 8.0.0.1 to some and 10.0.0.1 to others."""
    with pytest.raises(AddressRefused):
        UrlPolicy("").check_unresolved(host)


@pytest.mark.parametrize("host", ODD)
def test_what_the_system_makes_of_a_number_is_refused(host: str, taker: Face) -> None:
    """Some systems read them, some do not: either way nothing is connected."""
    try:
        found = {str(row[4][0]) for row in socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)}
    except OSError:
        found = set()
    for address in found:
        with pytest.raises(AddressRefused):
            UrlPolicy("https://api.modellix.ai").check(address, 443)
    with pytest.raises(DownloadError):
        taker.stream(raw_result(f"https://{host}:9/p"), "https://api.modellix.ai")
