"""Which headers of a reply are on errors, and which of them names the request."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from modellix import APIError, SubmissionOutcomeUnknown, UnexpectedReplyError
from modellix._headers import TOLD, Headers
from scripts.mutants.kills import kills, swap
from tests.modellix.conftest import Open, Serve
from tests.support.hostile_server import refused
from tests.support.marks import ON_SOCKETS
from tests.support.scripts import answers

pytestmark = ON_SOCKETS

PLAIN = (
    "Date", "Server", "Via", "Age", "Content-Type", "Content-Length", "Retry-After", "Retry-After-Ms", "CF-RAY",
    "X-Request-Id", "Request-ID", "X-Modellix-Request-Id", "X-Amzn-RequestId", "x-amz-cf-trace-id", "traceparent",
    "X-Correlation-ID", "X-RateLimit-Remaining", "RateLimit-Reset", "X-Rate-Limit-Limit-Requests", "RateLimit",
)  # fmt: skip
SECRET = (
    "Set-Cookie", "Cookie", "Authorization", "Proxy-Authorization", "WWW-Authenticate", "Location", "Link", "Refresh",
    "X-Api-Key", "X-Auth-Token", "X-Amz-Security-Token", "X-CSRF-Token", "X-Session", "X-Echo", "ETag", "X-Signature",
    "Content-Location", "Authentication-Info", "X-Request-Id-Secret", "X-Request", "X-Prompt", "X-RateLimit-",
)  # fmt: skip


@pytest.mark.parametrize(("names", "is_told"), [(PLAIN, True), (SECRET, False)], ids=["told", "left out"])
def test_what_is_told(names: tuple[str, ...], is_told: bool) -> None:
    assert [name for name in names if bool(TOLD.fullmatch(name)) != is_told] == []


REPLY = (
    "X-Request-Id: req-42", "Retry-After: 0", "X-RateLimit-Remaining: 7",
    "Set-Cookie: session=cookie-canary", "X-Auth: token-canary", "Location: https://x.example/?signature=canary",
)  # fmt: skip


@kills(
    "Cookies and tokens of a reply are on errors.",
    "_core.replies:Reply.shown_headers",
    swap("TOLD.fullmatch(name)", "name"),
    row="402",
)
@pytest.mark.parametrize(
    ("status", "kind"),
    [(402, APIError), (429, APIError), (500, SubmissionOutcomeUnknown), (302, SubmissionOutcomeUnknown)],
)
def test_errors_of_submissions_have_them(status: int, kind: type[Any], serve: Serve, open_client: Open) -> None:
    server = serve(answers(status, refused(status), *REPLY))
    error = open_client(server.url).attempt()
    assert isinstance(error, kind)
    require_told(error)
    assert len(server.submissions) == 1


@pytest.mark.parametrize(("status", "kind"), [(404, APIError), (302, UnexpectedReplyError)])
def test_errors_of_reads_have_them(status: int, kind: type[Any], serve: Serve, open_client: Open) -> None:
    error = open_client(serve(answers(status, refused(status), *REPLY)).url).attempt_read()
    assert isinstance(error, kind)
    require_told(error)


def require_told(error: Any) -> None:
    for one in (error, pickle.loads(pickle.dumps(error)), copy.deepcopy(error)):
        assert (one.request_id, one.headers["x-request-id"]) == ("req-42", "req-42")
        assert (one.headers["X-RateLimit-Remaining"], one.headers.get("retry-after")) == ("7", "0")
        assert "canary" not in repr(vars(one)).replace(repr(one.body), "")
    assert type(error)(*error.args).request_id == "req-42"


def test_an_error_without_a_reply_has_none(serve: Serve, open_client: Open) -> None:
    from tests.support.scripts import close_after, whole

    error = open_client(serve(close_after(whole)).url).attempt()
    assert (dict(error.headers), error.request_id) == ({}, None)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"X-Request-ID": "a"}, "a"),
        ({"CF-Ray": "ray", "Request-Id": "b"}, "b"),
        ({"CF-Ray": "ray"}, "ray"),
        ({"X-Request-Id": "two words", "X-Trace-Id": "c"}, "c"),
        ({"X-Request-Id": ""}, None),
        ({"X-Request-Id": "x" * 201}, None),
        ({"Server": "x"}, None),
        ({}, None),
    ],
)
def test_the_name_of_a_request(headers: dict[str, str], expected: str | None) -> None:
    assert Headers(headers).request_id == expected


def test_they_are_a_mapping_in_any_case() -> None:
    headers = Headers({"X-A": "1"})
    assert (headers["x-A"], "X-a" in headers, "b" in headers, len(headers), dict(headers)) == (
        "1",
        True,
        False,
        1,
        {"x-a": "1"},
    )
    assert headers == Headers({"x-a": "1"})
    assert repr(headers) == "Headers({'x-a': '1'})"
