"""Which URLs a download may ask for, and which network addresses it may connect. No I/O.

All networks are listed here, because Python's own lists vary with its version.
"""

from __future__ import annotations

import ipaddress
import re

from modellix._http import httpx
from modellix._values import is_loopback, is_loopback_address
from modellix.errors import shorten

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
PORTS = {"https": 443, "http": 80}

_NUMBER = re.compile("0x[0-9a-f]+|0[0-7]*|[1-9][0-9]*", re.IGNORECASE)
_NAME = re.compile(r"([a-z0-9_-]+\.)*[a-z0-9_-]+\.?", re.IGNORECASE)

#: Within IPv4, what the IANA special-purpose registry does not call reachable from everywhere, and multicast.
_IPV4_REFUSED = [
    ipaddress.IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # shared by a provider's customers (CGNAT)
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local, where clouds keep their metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
]
_IPV6_ALLOWED = ipaddress.IPv6Network("2000::/3")  # global unicast, all that is assigned of it so far
_IPV6_REFUSED = [
    ipaddress.IPv6Network(text)
    for text in (
        "2001::/23",  # protocol assignments, Teredo among them
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, which can name any IPv4 address
        "3fff::/20",  # documentation
    )
]
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # an IPv4 address in its last 32 bits


class AddressRefused(Exception):
    """The name in a URL leads to an address that is not on the public internet."""


class UrlPolicy:
    """The rules of one result. `api_origin` is scheme, host and port of the API that it came from, "" if unknown."""

    def __init__(self, api_origin: str) -> None:
        api = httpx.URL(api_origin)
        self._api = _origin(api)
        self._loopback_port = self._api[2] if is_loopback(api.host) else None

    def refusal(self, url: httpx.URL) -> str | None:
        """Why the URL may not be asked for, None when it may."""
        if not url.host:
            return "the URL names no host"
        if url.userinfo:
            return "the URL holds credentials"
        if url.scheme == "https" or self._is_local_api(url):
            return None
        return f"not an https URL ({shorten(url.scheme, 20)})"

    def _is_local_api(self, url: httpx.URL) -> bool:
        """Is it the very origin of an API on loopback, such as a stand-in that serves its own pictures?"""
        return self._loopback_port is not None and _origin(url) == self._api

    def check(self, address: str, port: int) -> None:
        """Raises AddressRefused unless the address is public, or loopback on the port of an API on loopback."""
        ip = ipaddress.ip_address(address.partition("%")[0])
        if is_public(ip) or (is_loopback_address(ip) and port == self._loopback_port):
            return
        raise AddressRefused(f"{ip} port {port} is not an address on the public internet")

    def check_unresolved(self, host: str) -> None:
        """As far as can be told where a proxy resolves names. Raises AddressRefused.

        Numbers are taken as plain IPv4 alone: a proxy may read `010.0.0.1` otherwise than we do.
        """
        try:
            may = is_public(ipaddress.ip_address(host.partition("%")[0]))
        except ValueError:
            last = host.rstrip(".").rpartition(".")[2]
            may = _NAME.fullmatch(host) is not None and not (leads_here(host) or re.match("[0-9]", last))
        if not may:
            raise AddressRefused(f"{shorten(host, 60)} is not an address on the public internet, nor a name there")


def leads_here(host: str) -> bool:
    """Does it lead to this machine, however it is spelled?"""
    name = host.lower().rstrip(".")
    return name == "localhost" or name.endswith(".localhost") or any(is_loopback_address(ip) for ip in literals(name))


def literals(host: str) -> list[Address]:
    """The address that the host spells, also as a mapped one or in the numbers of `inet_aton`; none for a name."""
    text = host.partition("%")[0]
    try:
        ip = ipaddress.ip_address(text)
    except ValueError:
        return _odd_ipv4(text)
    mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    return [ip] if mapped is None else [ip, mapped]


def _odd_ipv4(text: str) -> list[Address]:
    """`127.1`, `0x7f.1`, `0177.0.0.1`, `2130706433`: many systems take them for IPv4 addresses."""
    parts = text.split(".")
    if len(text) > 60 or len(parts) > 4 or not all(_NUMBER.fullmatch(part) for part in parts):
        return []
    *first, last = (int(part, 8 if re.fullmatch("0[0-7]+", part) else 0) for part in parts)
    if any(number > 255 for number in first) or last >= 256 ** (4 - len(first)):
        return []
    return [ipaddress.IPv4Address(sum(number << (24 - 8 * at) for at, number in enumerate(first)) + last)]


def is_public(ip: Address) -> bool:
    """Can it be reached from everywhere? Forms of IPv6 that hold an IPv4 address cannot, but for NAT64 of a public
    one.
    """
    if isinstance(ip, ipaddress.IPv4Address):
        return not any(ip in network for network in _IPV4_REFUSED)
    if ip in _NAT64:
        return is_public(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF))
    return ip in _IPV6_ALLOWED and not any(ip in network for network in _IPV6_REFUSED)


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port or PORTS.get(url.scheme)


def parse_url(text: str) -> httpx.URL | None:
    """The URL without its fragment; None when it cannot be one."""
    try:
        url = httpx.URL(text).copy_with(fragment=None)
        _ = url.host  # read, because only then is an international name decoded
    except (httpx.InvalidURL, ValueError):
        return None
    return url if (url.port or 0) < 2**16 else None


def bare(url: str) -> str:
    """The URL for people to read: without query, fragment and credentials, in which secrets travel."""
    text = re.split("[?#]", url, maxsplit=1)[0]
    scheme, mark, rest = text.partition("://")
    if not mark:
        return shorten(text.rpartition("@")[2], 200)
    authority, slash, path = rest.partition("/")
    return shorten(f"{scheme}://{authority.rpartition('@')[2]}{slash}{path}", 200)


def bare_proxy(address: str) -> str:
    """The proxy's address for people to read: scheme, host and port. A password may hold any character."""
    scheme, _, rest = address.partition("://")
    return shorten(f"{scheme}://{re.split('[/?#]', rest.rpartition('@')[2], maxsplit=1)[0]}", 200)
