"""Settings that could cost money or give the key away are refused on entry: base_url, key, an injected http_client."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from modellix import AsyncModellix, ConfigurationError, Modellix
from scripts.mutants.kills import kills, swap, without
from tests.modellix.conftest import Open, Serve
from tests.support.clients import KEY, kind_of
from tests.support.hostile_server import accepted
from tests.support.marks import ON_SOCKETS
from tests.support.scripts import answers, close_after, whole

pytestmark = ON_SOCKETS

GOOD_URLS = {
    "https://api.modellix.ai": "https://api.modellix.ai",
    "https://api.modellix.ai/": "https://api.modellix.ai",
    "https://gateway.example:8443": "https://gateway.example:8443",
    "HTTPS://gateway.example": "https://gateway.example",
    "http://127.0.0.1:8000": "http://127.0.0.1:8000",
    "http://127.1.2.3": "http://127.1.2.3",
    "http://localhost:8000/": "http://localhost:8000",
    "http://[::1]:8000": "http://[::1]:8000",
    "https://[2001:db8::1]": "https://[2001:db8::1]",
}
BAD_URLS = [
    "http://api.modellix.ai", "http://192.168.0.1", "http://0.0.0.0:80", "http://localhost.evil.example",
    "http://127.0.0.1.evil.example", "http://127.0.0.1@evil.example", "https://user:pass@api.modellix.ai",
    "https://user@api.modellix.ai", "https://@api.modellix.ai", "https://api.modellix.ai/api/v1", "https://api.modellix.ai//",
    "https://api.modellix.ai?x=1", "https://api.modellix.ai?", "https://api.modellix.ai/#", "https://api.modellix.ai#x",
    "ftp://api.modellix.ai", "file:///etc/passwd", "api.modellix.ai", "//api.modellix.ai", "https://", "https:///x", "",
    " https://api.modellix.ai", "https://api.modellix.ai ", "https://api.modellix.ai\n", "https://api modellix.ai",
    "https://api.modellix.ai:0", "https://api.modellix.ai:65536", "https://api.modellix.ai:x",
    "https://[::1", "https://[v1.x]", "https:\\\\api.modellix.ai", "https://evil.example\\@api.modellix.ai",
    "javascript:alert(1)",
    "https://xn--a.invalid", "https://exa\u0000mple.com", 5, b"https://x.example",
]  # fmt: skip


@pytest.mark.parametrize("kind", [Modellix, AsyncModellix])
@pytest.mark.parametrize("url", GOOD_URLS)
def test_an_origin_is_taken(url: str, kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert repr(GOOD_URLS[url]) in repr(kind(KEY, base_url=url))
    monkeypatch.setenv("MODELLIX_BASE_URL", url)
    assert repr(GOOD_URLS[url]) in repr(kind(KEY))


@kills(
    "`base_url` may have plain http on any host.",
    "settings:check_origin",
    swap('== "http"', '== "ftp"'),
    row="http://192.168.0.1",
)
@pytest.mark.parametrize("kind", [Modellix, AsyncModellix])
@pytest.mark.parametrize("url", BAD_URLS)
def test_anything_else_is_refused(url: Any, kind: Any) -> None:
    with pytest.raises(ConfigurationError) as caught:
        kind(KEY, base_url=url)
    assert "pass" not in str(caught.value).replace("passwd", "").replace("pass api_key", "")


@pytest.mark.parametrize(
    "key", [None, "", " ", "a b", "sk-\n", "sk-\r\nX-Evil: 1", "sk-ü", "sk-\x7f", "sk-\x00", 5, b"sk"]
)
def test_a_key_that_cannot_stand_in_a_header_is_refused(key: Any) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Modellix(key)
    assert "Evil" not in str(caught.value)


@pytest.mark.parametrize(
    "timeout", [None, -1, -0.001, float("nan"), float("inf"), "5", True, pytest.param(10**400, id="10**400")]
)
def test_a_timeout_is_a_number_of_seconds(timeout: Any, open_client: Open) -> None:
    with pytest.raises(ConfigurationError):
        open_client("http://127.0.0.1:9", timeout=timeout)


def test_a_timeout_of_nothing_sends_nothing(serve: Serve, open_client: Open) -> None:
    server = serve()
    assert kind_of(open_client(server.url, timeout=0.0).attempt()) == "NeverSentError"
    assert server.submissions == []


# An injected http_client


class Proud(httpx.HTTPTransport):
    """A subclass may do anything, such as send twice."""


class ProudAsync(httpx.AsyncHTTPTransport):
    pass


class Own(httpx.BaseTransport):
    pass


class OwnAsync(httpx.AsyncBaseTransport):
    pass


def hook(_: Any) -> None:
    pass


def application(*_: Any) -> Any:
    pass


class BearerAuth(httpx.Auth):
    pass


REFUSED: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
    "a subclass of the transport": (
        lambda: httpx.Client(transport=Proud()),
        lambda: httpx.AsyncClient(transport=ProudAsync()),
    ),
    "a transport of its own": (lambda: httpx.Client(transport=Own()), lambda: httpx.AsyncClient(transport=OwnAsync())),
    "an application": (
        lambda: httpx.Client(transport=httpx.WSGITransport(application)),
        lambda: httpx.AsyncClient(transport=httpx.ASGITransport(application)),
    ),
    "a strange mount": (
        lambda: httpx.Client(mounts={"https://": Own()}),
        lambda: httpx.AsyncClient(mounts={"https://": OwnAsync()}),
    ),
    "redirects": (lambda: httpx.Client(follow_redirects=True), lambda: httpx.AsyncClient(follow_redirects=True)),
    "auth": (lambda: httpx.Client(auth=("a", "b")), lambda: httpx.AsyncClient(auth=("a", "b"))),
    "an auth object": (lambda: httpx.Client(auth=BearerAuth()), lambda: httpx.AsyncClient(auth=BearerAuth())),
    "a request hook": (
        lambda: httpx.Client(event_hooks={"request": [hook]}),
        lambda: httpx.AsyncClient(event_hooks={"request": [hook]}),
    ),
    "a response hook": (
        lambda: httpx.Client(event_hooks={"response": [hook]}),
        lambda: httpx.AsyncClient(event_hooks={"response": [hook]}),
    ),
    "the wrong kind": (lambda: httpx.AsyncClient(), lambda: httpx.Client()),
    "no client at all": (lambda: "client", lambda: object()),
    "the module": (lambda: httpx, lambda: httpx),
}


@kills(
    "An injected client may follow redirects.",
    "_io.transports:check_injected",
    without("follow_redirects"),
    row="redirects",
)
@pytest.mark.parametrize("is_async", [False, True], ids=["Modellix", "AsyncModellix"])
@pytest.mark.parametrize("name", REFUSED)
def test_a_client_that_might_send_otherwise_is_refused(name: str, is_async: bool) -> None:
    client = REFUSED[name][is_async]()
    with pytest.raises(ConfigurationError):
        (AsyncModellix if is_async else Modellix)(KEY, http_client=client)
    close(client)


def close(client: Any) -> None:
    if isinstance(client, httpx.Client):
        client.close()
    elif isinstance(client, httpx.AsyncClient):
        asyncio.run(client.aclose())


def own_client(open_client: Open, url: str, **options: Any) -> tuple[Any, Any]:
    """A buyer with an httpx client of the caller's, of the right kind."""
    try:
        client: Any = httpx.Client(**options)
        return open_client(url, http_client=client), client
    except ConfigurationError:
        client.close()
        client = httpx.AsyncClient(**options)
        return open_client(url, http_client=client), client


def end_client(buyer: Any, client: Any) -> None:
    if isinstance(client, httpx.Client):
        client.close()
    else:
        buyer.runner.run(client.aclose())


def test_a_plain_httpx_client_is_used_and_never_closed(serve: Serve, open_client: Open) -> None:
    server = serve()
    buyer, client = own_client(
        open_client, server.url, headers={"X-Team": "blue"}, cookies={"a": "b"}, params={"q": "1"}
    )
    assert kind_of(buyer.attempt()) == "Task"
    assert kind_of(buyer.attempt_read()) == "Task"
    if isinstance(client, httpx.Client):
        buyer.client.close()
    else:
        buyer.runner.run(buyer.client.aclose())
    assert not client.is_closed
    end_client(buyer, client)
    [request] = server.submissions
    assert (request.path, request.headers["x-team"]) == ("/api/v1/openai/gpt-image-2/async", "blue")
    assert request.headers["authorization"] == f"Bearer {KEY}"


@kills(
    "An injected client's own key replaces ours.",
    "_io.driver:Driver.__init__",
    swap("None if injected is None else injected.headers", "None"),
    swap("\n            }", "\n                **dict(injected.headers if injected else {}),\n            }"),
)
def test_headers_of_an_injected_client_do_not_replace_ours(serve: Serve, open_client: Open) -> None:
    server = serve()
    ours = {
        "Authorization": "Bearer other",
        "User-Agent": "other",
        "Accept-Encoding": "gzip",
        "Content-Type": "text/plain",
    }
    buyer, client = own_client(open_client, server.url, headers=ours)
    assert kind_of(buyer.attempt()) == "Task"
    end_client(buyer, client)
    headers = server.submissions[0].headers
    assert headers["authorization"] == f"Bearer {KEY}"
    assert headers["content-type"] == "application/json"
    assert headers["accept-encoding"] == "identity"
    assert headers["user-agent"].startswith("modellix-client/")


def test_a_lost_connection_of_an_injected_client_is_unknown(serve: Serve, open_client: Open) -> None:
    server = serve(close_after(whole))
    buyer, client = own_client(open_client, server.url)
    assert kind_of(buyer.attempt()) == "SubmissionOutcomeUnknown"
    end_client(buyer, client)
    assert len(server.submissions) == 1


def test_a_refused_port_of_an_injected_client_is_never_sent(serve: Serve, open_client: Open) -> None:
    server = serve(is_listening=False)
    buyer, client = own_client(open_client, server.url)
    assert kind_of(buyer.attempt()) == "NeverSentError"
    end_client(buyer, client)
    assert server.connections == 0


@pytest.mark.parametrize("name", ["HTTP_PROXY", "all_proxy"])
def test_an_injected_client_takes_no_proxy_of_the_environment_to_this_machine(
    name: str, serve: Serve, open_client: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """httpx reads the variables when the client is made, and would show the proxy the key in plain http."""
    proxy, server = serve(), serve()
    monkeypatch.setenv(name, proxy.url)
    buyer, client = own_client(open_client, server.url)
    ends = kind_of(buyer.attempt()), kind_of(buyer.attempt_read())
    end_client(buyer, client)
    assert (ends, proxy.connections, len(server.submissions)) == (("Task", "Task"), 0, 1)


def test_an_injected_client_that_is_closed_sends_nothing(serve: Serve, open_client: Open) -> None:
    server = serve()
    buyer, client = own_client(open_client, server.url, trust_env=False)
    end_client(buyer, client)
    assert kind_of(buyer.attempt()) == "ConfigurationError"
    assert kind_of(buyer.attempt_read()) == "ConfigurationError"
    assert server.connections == 0


def test_redirects_switched_on_later_are_not_followed(serve: Serve, open_client: Open) -> None:
    elsewhere = serve()
    server = serve(answers(307, b"", f"Location: {elsewhere.url}/steal"))
    buyer, client = own_client(open_client, server.url)
    client.follow_redirects = True
    assert kind_of(buyer.attempt()) in ("SubmissionOutcomeUnknown", "ConfigurationError")
    end_client(buyer, client)
    assert elsewhere.connections == 0


def test_a_mock_transport_is_taken(open_client: Open) -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=accepted())

    buyer, client = own_client(open_client, "https://api.modellix.ai", transport=httpx.MockTransport(answer))
    assert kind_of(buyer.attempt()) == "Task"
    end_client(buyer, client)
    assert len(seen) == 1


@pytest.mark.parametrize(
    "error", [httpx.ReadError, httpx.ReadTimeout, httpx.RemoteProtocolError, OSError, ValueError, KeyError]
)
def test_an_error_of_a_mock_transport_is_unknown(error: Any, open_client: Open) -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        raise error("broken")

    buyer, client = own_client(open_client, "https://api.modellix.ai", transport=httpx.MockTransport(answer))
    assert kind_of(buyer.attempt()) == "SubmissionOutcomeUnknown"
    end_client(buyer, client)
