"""The proxies that the environment or the system names, and the hosts they are not for. Nothing is connected here.

The standard library's reader of NO_PROXY knows neither networks nor `*.example.com`, so this one is our own.
"""

from __future__ import annotations

import ipaddress
import re
import urllib.request

from modellix._core.url_policy import PORTS, leads_here, literals
from modellix._http import httpx


def environment_proxy(url: httpx.URL | str) -> str | None:
    """The proxy for the URL, by HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY or the system's settings.

    None for a direct connection, and always for this machine: another one could not reach it.
    """
    url = httpx.URL(url)
    host = url.raw_host.decode("ascii").lower().rstrip(".")
    proxies = urllib.request.getproxies()
    address = (proxies.get(url.scheme) or proxies.get("all") or "").strip()
    if not address or leads_here(host) or _is_excepted_by_the_system(host):
        return None
    if is_excepted(host, url.port or PORTS[url.scheme], proxies.get("no", "")):
        return None
    return address if "://" in address else f"http://{address}"


def _is_excepted_by_the_system(host: str) -> bool:
    """macOS and Windows have a list of their own. It counts where their proxies do: when the environment names none."""
    return not urllib.request.getproxies_environment() and bool(urllib.request.proxy_bypass(host))


def is_excepted(host: str, port: int, exceptions: str) -> bool:
    """Does NO_PROXY name the host? In lower case, an IPv6 address without brackets."""
    return any(_names(entry, host, port) for entry in re.split(r"[\s,]+", exceptions.lower()) if entry)


def _names(entry: str, host: str, port: int) -> bool:
    name, only_port = _split_port(entry)
    if only_port not in ("", str(port)):
        return False
    if name == "*":
        return True
    addresses = literals(host)
    if addresses:
        return any(ip in network for ip in addresses for network in _networks(name))
    name = name.removeprefix("*").strip(".")
    return name != "" and f".{host}".endswith(f".{name}")


def _split_port(entry: str) -> tuple[str, str]:
    """`host:443` and `[::1]:443` in two; without a port the second part is empty."""
    if entry.startswith("["):
        name, _, rest = entry[1:].partition("]")
        return name, rest.removeprefix(":")
    name, _, port = entry.partition(":") if entry.count(":") == 1 else (entry, "", "")
    return name, port


def _networks(text: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """The network or address, none when it is neither."""
    try:
        return [ipaddress.ip_network(text.rstrip("."), strict=False)]
    except ValueError:
        return []
