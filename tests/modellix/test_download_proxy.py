"""Downloads and proxies: passed by unless asked for, and then told nothing but where to connect."""

from __future__ import annotations

import copy
import pickle
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from modellix import AsyncModellix, ConfigurationError, DownloadError, Modellix
from scripts.mutants.kills import always, kills, swap
from tests.modellix.conftest import Names
from tests.support.clients import KEY, Face, raw_result, same
from tests.support.pictures import (
    PNG,
    SLOW,
    TASK,
    Answer,
    PictureServer,
    Wire,
    left_in,
    redirect,
    reply,
    task_of,
    tunnel_to,
)
from tests.support.timing import LONG

HOSTS = ("pictures.test", "other.test")


@pytest.fixture(autouse=True)
def trust(monkeypatch: pytest.MonkeyPatch, certificate_file: Path) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate_file))


@pytest.fixture
def proxy(tls_server: PictureServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[PictureServer]:
    """A proxy with a password, which finds `pictures.test` and `other.test` at the TLS server."""
    with PictureServer() as proxy:
        for host in HOSTS:
            proxy.routes[f"{host}:{tls_server.port}"] = tunnel_to(tls_server)
        monkeypatch.setenv("HTTPS_PROXY", with_password(proxy))
        yield proxy


def with_password(proxy: PictureServer) -> str:
    return proxy.url.replace("//", "//user:of-the-proxy@")


def assert_discreet(error: DownloadError) -> None:
    """Neither the key, nor the proxy's password, nor the URL's signature."""
    for secret in (KEY, "of-the-proxy", "of-the-url"):
        assert (
            secret not in f"{error} {error.reason} {error.url} {error.__notes__ if hasattr(error, '__notes__') else ''}"
        )


def pickled(result: Any) -> Any:
    return pickle.loads(pickle.dumps(result))


Fetch = Callable[..., list[Path]]


@pytest.fixture
def fetch(server: PictureServer, taker: Face, folder: Path) -> Fetch:
    """fetch(url) waits for a task of an API on loopback whose picture is there."""

    def start(*urls: str, change: Callable[[Any], Any] = same, **options: Any) -> list[Path]:
        server.routes[TASK] = task_of(*urls)
        return taker.wait_and_download(server.url, folder, change, **{"download_proxy": True, **options})

    return start


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
@pytest.mark.parametrize(
    "change", [same, copy.copy, lambda one: pickle.loads(pickle.dumps(one))], ids=["", "copy", "pickle"]
)
def test_download_goes_through_the_proxy_if_asked(
    proxy: PictureServer,
    tls_server: PictureServer,
    server: PictureServer,
    fetch: Fetch,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    change: Callable[[Any], Any],
) -> None:
    """The proxy learns host and port, the storage the URL, and neither the key."""
    monkeypatch.delenv("HTTPS_PROXY")
    monkeypatch.setenv(variable, with_password(proxy))
    tls_server.routes |= {"/start": redirect(f"https://other.test:{tls_server.port}/p"), "/p": reply()}
    [path] = fetch(f"https://pictures.test:{tls_server.port}/start?signature=of-the-url", change=change)
    assert path.read_bytes() == PNG
    assert [request.path for request in proxy.requests] == [
        f"{host}.test:{tls_server.port}" for host in ("pictures", "other")
    ]
    for headers in (request.headers for request in proxy.requests):
        assert headers.pop("proxy-authorization").startswith("Basic ")
        assert set(headers) <= {"host", "accept"}
    assert [request.path for request in tls_server.requests] == ["/start?signature=of-the-url", "/p"]
    for headers in (request.headers for request in tls_server.requests):
        assert set(headers) == {"host", "accept", "accept-encoding", "user-agent"}
    assert server.paths == [TASK]


def test_proxy_may_speak_tls_itself(tls_server: PictureServer, fetch: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is trusted by the same certificates."""
    assert tls_server.context is not None
    with PictureServer(tls_server.context) as proxy:
        tls_server.routes["/p"] = reply(200, PNG[:3000])
        proxy.routes[f"pictures.test:{tls_server.port}"] = tunnel_to(tls_server)
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        [path] = fetch(f"https://pictures.test:{tls_server.port}/p")
        assert (path.read_bytes(), len(proxy.requests)) == (PNG[:3000], 1)


def test_many_files_go_through_it(proxy: PictureServer, tls_server: PictureServer, fetch: Fetch) -> None:
    tls_server.routes["/p"] = reply()
    paths = fetch(*[f"https://pictures.test:{tls_server.port}/p"] * 6)
    assert [path.read_bytes() for path in paths] == [PNG] * 6
    assert (len(proxy.requests), len(tls_server.requests)) == (6, 6)


# Without it


@kills(
    "A download goes through the proxy of the environment.",
    "_core.download_session:DownloadSession.proxy",
    always("through_proxy"),
    row="by default",
)
@pytest.mark.parametrize("options", [{}, {"download_proxy": False}], ids=["by default", "said"])
def test_download_goes_direct_and_says_which_proxy_it_passed_by(
    proxy: PictureServer, tls_server: PictureServer, taker: Face, server: PictureServer, folder: Path, names: Names,
    options: dict[str, Any],
) -> None:  # fmt: skip
    names[0]["pictures.test"] = []
    server.routes[TASK] = task_of(f"https://pictures.test:{tls_server.port}/p?signature=of-the-url")
    with pytest.raises(DownloadError) as caught:
        taker.wait_and_download(server.url, folder, **options)
    said = f"the proxy {proxy.url} was passed by: Modellix(download_proxy=True) would use it"
    assert said in caught.value.reason
    assert "not known" in caught.value.reason
    assert_discreet(caught.value)
    assert (proxy.connections, tls_server.connections) == (0, 0)


def test_refused_and_unanswered_connections_name_it_too(
    proxy: PictureServer, server: PictureServer, closed_port: int, taker: Face, names: Names,
    limit: Callable[..., None],
) -> None:  # fmt: skip
    """No listener; and one that never answers the handshake. An API on that port of loopback opens it to downloads."""
    limit(idle=0.3)
    names[0]["pictures.test"] = ["127.0.0.1"]
    for at in (closed_port, server.port):
        with pytest.raises(DownloadError, match="was passed by: Modellix"):
            taker.stream(raw_result(f"https://pictures.test:{at}/p"), f"http://127.0.0.1:{at}")
    assert proxy.connections == 0


def test_other_failures_do_not_name_it(
    proxy: PictureServer, tls_server: PictureServer, taker: Face, names: Names, limit: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """An answer that is slow, broken or an error; an address that is refused; a proxy that is not for this host."""
    names[0]["pictures.test"] = ["127.0.0.1"]
    url = f"https://pictures.test:{tls_server.port}/p"
    for answer in (reply(500), reply()[:-5], Wire.stall):
        if answer is Wire.stall:
            limit(idle=1.0)  # a handshake takes a few ms
        tls_server.routes["/p"] = answer
        with pytest.raises(DownloadError) as caught:
            taker.stream(raw_result(url), tls_server.url)
        assert "proxy" not in str(caught.value)
    names[0]["pictures.test"] = ["10.0.0.1"]
    with pytest.raises(DownloadError, match=r"public internet$"):
        taker.stream(raw_result(url), tls_server.url)
    names[0]["pictures.test"] = []
    monkeypatch.setenv("NO_PROXY", "*.test")
    with pytest.raises(DownloadError, match=r"not known$"):
        taker.stream(raw_result(url), tls_server.url)
    assert proxy.connections == 0


# What a proxy is not asked for

PRIVATE = [
    "10.0.0.1", "169.254.169.254", "192.168.0.1", "127.0.0.1", "0.0.0.0", "[::1]", "[fd00::1]", "[fe80::1]",
    "[::ffff:10.0.0.1]", "[::FFFF:0A00:0001]", "[::ffff:127.0.0.1]", "[64:ff9b::a00:1]", "[2002:a00:1::1]",
    "localhost", "LOCALHOST", "localhost.", "pictures.localhost", "2130706433", "167772161", "127.1", "10.1", "0x7f.1",
    "0xa000001", "012.0.0.1", "0177.0.0.1", "10.0.0.1.", "%31%30.0.0.1", "%6cocalhost",
]  # fmt: skip


@kills(
    "A proxy is asked for an address that is private as it stands.",
    "_core.download_session:DownloadSession.proxy",
    swap("~ is not None", "False"),
    row="10.0.0.1-False",
)
@kills(
    "A proxy is asked for a number that some read as a private address.",
    "_core.url_policy:UrlPolicy.check_unresolved",
    swap(' or re.match("[0-9]", ~)', ""),
    row="167772161-False",
)
@pytest.mark.parametrize(
    ("host", "by_redirect"), [*((host, False) for host in PRIVATE), *((host, True) for host in PRIVATE[::4])]
)
def test_private_literals_and_localhost_are_never_asked_for(
    proxy: PictureServer, tls_server: PictureServer, fetch: Fetch, folder: Path, host: str, by_redirect: bool
) -> None:
    url, start = f"https://{host}:9/p", f"https://pictures.test:{tls_server.port}/start"
    tls_server.routes["/start"] = redirect(url)
    with pytest.raises(DownloadError) as caught:
        fetch(start if by_redirect else url)
    assert set(proxy.paths) == ({start.removeprefix("https://").removesuffix("/start")} if by_redirect else set())
    assert "through the proxy" not in str(caught.value)
    assert left_in(folder) == []


@pytest.mark.parametrize(
    "url", ["http://pictures.test/p", "ftp://pictures.test/p", "https://user:secret@pictures.test/p"]
)
def test_the_other_rules_hold(proxy: PictureServer, tls_server: PictureServer, fetch: Fetch, url: str) -> None:
    tls_server.routes["/start"] = redirect(url)
    for first, asked in ((url, 0), (f"https://pictures.test:{tls_server.port}/start", 1)):
        with pytest.raises(DownloadError):
            fetch(first)
        assert proxy.connections == asked


def test_a_host_that_no_proxy_is_for_is_connected_direct_and_checked(
    proxy: PictureServer,
    server: PictureServer,
    fetch: Fetch,
    names: Names,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_PROXY", ".test")
    names[0]["pictures.test"] = ["10.0.0.1"]
    with pytest.raises(DownloadError, match=r"10\.0\.0\.1 port 443 is not an address on the public internet"):
        fetch("https://pictures.test/p")
    server.routes["/p"] = reply()
    [path] = fetch(f"{server.url}/p")  # a stand-in's own picture
    assert path.read_bytes() == PNG
    assert proxy.connections == 0


# Faults


def test_certificate_is_verified_through_the_proxy(proxy: PictureServer, fetch: Fetch) -> None:
    """A proxy that answers in the storage's place is found out."""
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA(key_type=trustme.KeyType.ECDSA).issue_cert("pictures.test").configure_cert(context)
    with PictureServer(context) as impostor:
        proxy.routes["pictures.test:443"] = tunnel_to(impostor)
        with pytest.raises(DownloadError, match=r"(?i)certificate.*through the proxy"):
            fetch("https://pictures.test/p")
        assert impostor.requests == []


REFUSALS: dict[str, tuple[Answer, str]] = {
    **{
        f"refuses with {status}": (reply(status, b"of-the-proxy", content_type=None), f"the proxy refused: {status} ")
        for status in (403, 407, 502)
    },
    "closes": (b"", "RemoteProtocolError"),
    "resets": (Wire.reset, "Error"),
    "stalls": (Wire.stall, "too slow"),
    "garbage": (b"SSH-2.0-OpenSSH_9.6\r\n", "RemoteProtocolError"),
    "answers itself": (reply(), "Error"),
}


@kills(
    "An error names a proxy with its password.",
    "_core.fetch:Picture._about_proxy",
    swap("bare_proxy(self._proxy)", "self._proxy"),
    swap("bare_proxy(~)", "~"),
    row="refuses with 407",
)
@pytest.mark.parametrize(("answer", "reason"), REFUSALS.values(), ids=REFUSALS)
def test_a_proxy_that_makes_no_connection_is_named_without_its_password(
    proxy: PictureServer, fetch: Fetch, limit: Callable[..., None], folder: Path, answer: Answer, reason: str
) -> None:
    if answer is Wire.stall:
        limit(idle=0.3)
    proxy.routes["pictures.test:443"] = answer
    with pytest.raises(DownloadError) as caught:
        fetch("https://pictures.test/p?signature=of-the-url")
    assert reason in caught.value.reason
    assert f"(through the proxy {proxy.url})" in caught.value.reason
    assert_discreet(caught.value)
    assert left_in(folder) == []


@pytest.mark.parametrize(
    "address",
    ["gopher://user:of-the-proxy@127.0.0.1:9", "http://user:of-the-proxy@[::", "http://user:of-the-proxy@127.0.0.1:x"],
)
def test_a_proxy_that_cannot_be_used_is_a_download_error(
    fetch: Fetch, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", address)
    with pytest.raises(DownloadError, match="not an address that can be used") as caught:
        fetch("https://pictures.test/p")
    assert_discreet(caught.value)


@pytest.mark.parametrize("script", SLOW.values(), ids=SLOW)
def test_slow_storage_is_left_in_time_through_the_proxy(
    proxy: PictureServer,
    tls_server: PictureServer,
    fetch: Fetch,
    folder: Path,
    limit: Callable[..., None],
    script: Answer,
) -> None:
    limit(idle=0.3)
    tls_server.routes["/p"] = script
    started = time.monotonic()
    with pytest.raises(DownloadError, match=r"too slow.*through the proxy"):
        fetch(f"https://pictures.test:{tls_server.port}/p")
    assert time.monotonic() - started < LONG  # a drip would take half an hour
    assert left_in(folder) == []


@pytest.mark.parametrize("value", [None, 0, 1, "yes", "http://proxy:3128"])
@pytest.mark.parametrize("kind", [Modellix, AsyncModellix])
def test_it_is_asked_for_by_true_alone(kind: Any, value: Any) -> None:
    with pytest.raises(ConfigurationError, match="download_proxy must be True or False"):
        kind("key", download_proxy=value)
