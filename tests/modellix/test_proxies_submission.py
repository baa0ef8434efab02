"""Submissions and proxies: which one is used, what it learns, and that its faults send nothing."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from modellix import ConfigurationError, RetryPolicy
from scripts.mutants.kills import kills, without
from tests.modellix.conftest import Open, Serve
from tests.support.clients import kind_of
from tests.support.hostile_server import NAME, Script
from tests.support.marks import ON_SOCKETS
from tests.support.rows import SHORT
from tests.support.scripts import (
    close_after,
    close_at_once,
    head,
    nothing,
    refuses_connect,
    reset_at_once,
    said,
    stall_after,
    tunnels,
)

pytestmark = [*ON_SOCKETS, pytest.mark.slow]


PROXY_FAULTS: dict[str, Script] = {
    **{f"refuses CONNECT with {status}": refuses_connect(status) for status in (400, 403, 407, 429, 500, 502, 503)},
    "closes at once": close_at_once,
    "resets at once": reset_at_once,
    "closes during CONNECT": close_after(head),
    "answers CONNECT with garbage": close_after(said(b"garbage\r\n\r\n")),
    "answers CONNECT and closes": close_after(said(b"HTTP/1.1 200 OK\r\n\r\n")),
}
SILENT_PROXIES: dict[str, Script] = {
    "stalls during CONNECT": stall_after(head),
    "never reads": stall_after(nothing),
    "answers CONNECT and stalls": stall_after(said(b"HTTP/1.1 200 OK\r\n\r\n")),
}


@kills(
    "What is said to a proxy counts as the submission having left.",
    "_io.driver:noting",
    without("method"),
    row="refuses CONNECT with 403",
)
@pytest.mark.parametrize("operation", ["gpt_image_2", pytest.param("gpt_image_2_edit", marks=pytest.mark.slow)])
@pytest.mark.parametrize("fault", [*PROXY_FAULTS, *SILENT_PROXIES])
def test_a_proxy_that_makes_no_connection_is_never_sent(
    fault: str, operation: str, serve: Serve, open_client: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_silent = fault in SILENT_PROXIES
    proxy, server = serve((SILENT_PROXIES if is_silent else PROXY_FAULTS)[fault]), serve(tls=True)
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    buyer = open_client(server.named_url, max_submissions=1, retry=RetryPolicy(connects=0))
    end = (buyer.within(2 * SHORT) if is_silent else buyer).attempt(operation)
    assert (kind_of(end), end.attempts) == ("NeverSentError", 1)
    assert server.connections == 0
    proxy.play(tunnels)
    end = buyer.attempt(operation)
    assert kind_of(end) == "Task", repr(end)
    assert len(server.submissions) == 1


def test_a_proxy_refused_by_its_own_port_is_never_sent(
    serve: Serve, open_client: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy, server = serve(is_listening=False), serve(tls=True)
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    assert kind_of(open_client(server.named_url).attempt()) == "NeverSentError"
    assert server.connections == 0


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
def test_a_proxy_that_works_is_used(
    name: str, serve: Serve, open_client: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy, server = serve(tunnels), serve(tls=True)
    monkeypatch.setenv(name, proxy.url)
    buyer = open_client(server.named_url)
    assert kind_of(buyer.attempt()) == "Task"
    assert kind_of(buyer.attempt_read()) == "Task"
    assert [request.method for request in proxy.requests] == ["CONNECT"]
    assert "authorization" not in proxy.requests[0].headers
    assert len(server.submissions) == 1


def test_a_proxy_may_speak_tls_itself(serve: Serve, open_client: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is trusted by the same certificates as the API."""
    proxy, server = serve(tunnels, tls=True), serve(tls=True)
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    buyer = open_client(server.named_url)
    assert kind_of(buyer.attempt()) == "Task"
    assert kind_of(buyer.attempt_read()) == "Task"
    assert (len(proxy.requests), len(server.submissions)) == (1, 1)


PROXIES = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]


@kills(
    "A request to loopback, its key in clear text, is handed to the proxy of the environment.",
    "_io.proxies:environment_proxy",
    without("leads_here"),
    row="http://127.0.0.1-HTTP_PROXY",
)
@pytest.mark.parametrize("name", PROXIES)
@pytest.mark.parametrize("origin", ["http://127.0.0.1", "http://localhost", "http://[::1]", "https://localhost"])
def test_loopback_never_goes_through_a_proxy(
    origin: str, name: str, serve: Serve, open_client: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no TLS hides it, the key would stand in what the proxy reads. (Nobody need listen on ::1.)"""
    proxy, server = serve(tunnels), serve(tls=origin.startswith("https"))
    monkeypatch.setenv(name, proxy.url)
    buyer = open_client(f"{origin}:{server.port}")
    end, read = buyer.attempt(), buyer.attempt_read()
    assert proxy.connections == 0
    if origin != "http://[::1]":
        assert (kind_of(end), kind_of(read), len(server.submissions)) == ("Task", "Task", 1)


def test_plain_http_leaves_this_machine_for_no_setting(open_client: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    for url in (f"http://{NAME}", "http://[::ffff:127.0.0.1]", "http://127.1", "http://2130706433"):
        with pytest.raises(ConfigurationError):
            open_client(url)


@pytest.fixture
def resolve_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no proxy does it."""
    real = socket.getaddrinfo

    def look_up(host: Any, *arguments: Any, **options: Any) -> Any:
        return real("127.0.0.1" if host in (NAME, NAME.encode()) else host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


@pytest.mark.parametrize("value", ["*", NAME, "example.com, .Modellix.test", "*.modellix.test", NAME + ":{port}"])
@pytest.mark.usefixtures("resolve_name")
def test_no_proxy_is_honoured(value: str, serve: Serve, open_client: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy, server = serve(tunnels), serve(tls=True)
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    monkeypatch.setenv("NO_PROXY", value.format(port=server.port))
    assert kind_of(open_client(server.named_url).attempt()) == "Task"
    assert (proxy.connections, len(server.submissions)) == (0, 1)


def test_no_proxy_for_another_host_changes_nothing(
    serve: Serve, open_client: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy, server = serve(tunnels), serve(tls=True)
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    monkeypatch.setenv("NO_PROXY", "example.com, 127.0.0.0/8, lix.test, api.modellix.test:443")
    assert kind_of(open_client(server.named_url).attempt()) == "Task"
    assert (proxy.connections, len(server.submissions)) == (1, 1)


def test_a_proxy_with_a_password_gets_it_and_nobody_else(
    serve: Serve, open_client: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy, server = serve(tunnels), serve(tls=True)
    monkeypatch.setenv("HTTPS_PROXY", proxy.url.replace("//", "//user:password@"))
    assert kind_of(open_client(server.named_url).attempt()) == "Task"
    assert proxy.requests[0].headers["proxy-authorization"].startswith("Basic ")
    assert "proxy-authorization" not in server.submissions[0].headers


@pytest.mark.parametrize(
    "address", ["socks5://127.0.0.1:9", "gopher://127.0.0.1:9", "http://[::", "http://127.0.0.1:x"]
)
def test_a_proxy_that_cannot_be_used_sends_nothing(
    address: str, serve: Serve, open_client: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(tls=True)
    monkeypatch.setenv("HTTPS_PROXY", address)
    buyer = open_client(server.named_url)
    assert kind_of(buyer.attempt()) in ("NeverSentError", "ConfigurationError")
    assert kind_of(buyer.attempt_read()) in ("ConnectionLostError", "ConfigurationError")
    assert server.connections == 0
