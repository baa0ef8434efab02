"""Before anything is sent: connections that cannot be made, repeats, and the order to slow down."""

from __future__ import annotations

import datetime
import socket
import ssl
import threading
import time
from typing import Any

import pytest
import trustme

from modellix import NeverSentError, RetryPolicy
from scripts.mutants.kills import kills, swap
from tests.modellix.conftest import Open, Serve, server_context
from tests.support.clients import OPERATIONS, kind_of
from tests.support.hostile_server import HostileServer, Script, refused
from tests.support.marks import ON_SOCKETS
from tests.support.rows import SHORT, UNKNOWN
from tests.support.scripts import (
    answers,
)
from tests.support.timing import SOON

pytestmark = [*ON_SOCKETS, pytest.mark.slow]


@kills(
    "A submission that could not be connected is tried once too often.",
    "_core.submission:SubmissionAttempts._pause",
    swap("_unsent <", "_unsent <="),
    row="2",
)
@kills(
    "A submission that could not be connected is tried once less.",
    "_core.submission:SubmissionAttempts._pause",
    swap("connects", "connects - 1"),
    row="2",
)
@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("connects", [0, 1, 2, 5])
def test_a_refused_connection_is_tried_again(connects: int, operation: str, serve: Serve, open_client: Open) -> None:
    server = serve(is_listening=False)
    buyer = open_client(server.url, retry=RetryPolicy(connects=connects, first_pause=0.001), max_submissions=1)
    end = buyer.attempt(operation)
    assert (kind_of(end), end.operation, end.attempts) == ("NeverSentError", operation, connects + 1)
    server.listen()
    assert kind_of(buyer.attempt(operation)) == "Task"
    assert len(server.submissions) == 1


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_port_that_opens_between_two_tries_gets_the_submission_once(
    operation: str, serve: Serve, open_client: Open
) -> None:
    server = serve(is_listening=False)
    calls: list[tuple[Any, ...]] = []

    def on_retry(*arguments: Any) -> None:
        calls.append(arguments)
        server.listen()

    buyer = open_client(server.url, retry=RetryPolicy(first_pause=0.01, on_retry=on_retry), max_submissions=1)
    assert buyer.submit(operation).id == "task-1"
    assert [call[:3] for call in calls] == [(operation, 1, "NeverSentError")]
    assert 0 <= calls[0][3] <= 0.02
    assert len(server.submissions) == 1
    assert kind_of(buyer.attempt(operation)) == "BudgetExceeded"


def test_an_error_in_on_retry_goes_on_and_tells_what_is_known(serve: Serve, open_client: Open) -> None:
    def on_retry(*_: Any) -> None:
        raise ZeroDivisionError

    server = serve(is_listening=False)
    buyer = open_client(server.url, retry=RetryPolicy(first_pause=0.01, on_retry=on_retry), max_submissions=1)
    error = buyer.attempt()
    assert type(error) is ZeroDivisionError
    assert isinstance(error.modellix_submission, NeverSentError)  # type: ignore[attr-defined]
    server.listen()
    assert kind_of(buyer.attempt()) == "Task"


@pytest.mark.parametrize("host", ["does-not-exist.invalid", "a" * 64 + ".invalid"])
def test_a_name_without_an_address_is_never_sent(host: str, open_client: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", no_address)
    end = open_client(f"https://{host}", timeout=5.0).attempt()
    assert (kind_of(end), end.attempts) == ("NeverSentError", 3)


@pytest.mark.parametrize("host", ["does-not-exist.invalid", "a" * 64 + ".invalid"])
def test_a_read_from_a_name_without_an_address_is_a_lost_connection(
    host: str, open_client: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", no_address)
    assert kind_of(open_client(f"https://{host}", timeout=5.0).attempt_read()) == "ConnectionLostError"


def no_address(host: Any, *_: Any, **__: Any) -> Any:
    """The resolver says no; as the real one does, it encodes the name first."""
    if isinstance(host, str):
        host.encode("idna")
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def test_no_answer_to_the_connection_is_never_sent(serve: Serve, open_client: Open) -> None:
    """A full backlog: the kernel drops our SYN."""
    server = serve(is_listening=False)
    server.be_deaf()
    started = time.monotonic()
    end = open_client(server.url, timeout=SHORT).attempt()
    assert kind_of(end) == "NeverSentError"
    assert time.monotonic() - started < SOON


def test_an_untrusted_certificate_is_never_sent(serve: Serve, open_client: Open) -> None:
    server = serve(tls=server_context(trustme.CA()))
    assert kind_of(open_client(server.url).attempt()) == "NeverSentError"
    assert server.submissions == []


def test_a_certificate_for_another_name_is_never_sent(serve: Serve, open_client: Open, authority: trustme.CA) -> None:
    server = serve(tls=server_context(authority, "elsewhere.example"))
    assert kind_of(open_client(server.url).attempt()) == "NeverSentError"
    assert server.submissions == []


def test_tls_to_a_plain_server_is_never_sent(serve: Serve, open_client: Open) -> None:
    server = serve(answers(400, b"plain http on a TLS port"))
    end = open_client(server.url.replace("http:", "https:"), timeout=SHORT).attempt()
    assert kind_of(end) == "NeverSentError"
    assert server.submissions == []


def test_plain_http_to_a_tls_server_is_unknown(serve: Serve, open_client: Open) -> None:
    server = serve(tls=True)
    end = open_client(server.url.replace("https:", "http:")).attempt()
    assert kind_of(end) == UNKNOWN
    assert server.submissions == []


def test_a_trust_store_that_cannot_be_read_sends_nothing(
    serve: Serve, open_client: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nonexistent/certificates.pem")
    server = serve(tls=True)
    buyer = open_client(server.url)
    assert kind_of(buyer.attempt()) in ("NeverSentError", "ConfigurationError")
    assert kind_of(buyer.attempt_read()) in ("ConnectionLostError", "ConfigurationError")
    assert server.connections == 0


# Repeats after 429


def limits(times: int, *headers: str) -> list[Script]:
    from tests.support.hostile_server import healthy

    return [*[answers(429, refused(429, "Rate limit: slow down"), *headers)] * times, healthy]


@kills(
    "A submission refused with 429 is not sent again, however often that was asked for.",
    "_core.submission:SubmissionAttempts._pause",
    swap("~.rate_limited", "0"),
)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_429_is_sent_again_as_often_as_asked(operation: str, serve: Serve, open_client: Open) -> None:
    server = serve(*limits(2))
    buyer = open_client(server.url, retry=RetryPolicy(rate_limited=2, first_pause=0.001), max_submissions=1)
    assert kind_of(buyer.attempt(operation)) == "Task"
    assert len(server.submissions) == 3
    assert kind_of(buyer.attempt(operation)) == "BudgetExceeded"


def test_a_429_too_many_is_refused_and_free(serve: Serve, open_client: Open) -> None:
    server = serve(*limits(3))
    buyer = open_client(server.url, retry=RetryPolicy(rate_limited=2, first_pause=0.001), max_submissions=1)
    assert kind_of(buyer.attempt()) == "RateLimitError"
    assert len(server.submissions) == 3
    assert kind_of(buyer.attempt()) == "Task"


def later(seconds: float) -> str:
    moment = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=seconds)
    return moment.strftime("%a, %d %b %Y %H:%M:%S GMT")


@kills(
    "A submission refused with 429 goes out again without the pause that was asked for.",
    "_core.submission:SubmissionAttempts._pause",
    swap(", ~.retry_after", ""),
)
@pytest.mark.parametrize(
    ("header", "least", "most"),
    [
        ("Retry-After: 0.2", 0.2, 0.5),
        ("Retry-After: 0", 0, 0.2),
        ("X-RateLimit-Reset: 0.2", 0.2, 0.5),
        pytest.param(f"Retry-After: {later(-60)}", 0, 0.2, id="Retry-After: a minute ago"),
        ("Retry-After: nonsense", 0, 0.2),
    ],
)
def test_the_pause_that_the_service_asks_for_is_kept(
    header: str, least: float, most: float, serve: Serve, open_client: Open
) -> None:
    server = serve(*limits(1, header))
    calls: list[tuple[Any, ...]] = []
    retry = RetryPolicy(rate_limited=1, first_pause=0.01, on_retry=lambda *call: calls.append(call))
    assert kind_of(open_client(server.url, retry=retry).attempt()) == "Task"
    first, second = (request.at for request in server.submissions)
    assert least <= second - first
    assert [call[:3] for call in calls] == [("gpt_image_2", 1, "RateLimitError")]
    assert least * 0.99 <= calls[0][3] <= most


@pytest.mark.parametrize(
    "header",
    [
        "Retry-After: 61",
        pytest.param(f"Retry-After: {later(3600)}", id="Retry-After: in an hour"),
        "X-RateLimit-Reset: 61",
    ],
)
def test_a_pause_above_the_longest_ends_the_call_at_once(header: str, serve: Serve, open_client: Open) -> None:
    server = serve(*limits(1, header))
    started = time.monotonic()
    end = open_client(server.url, timeout=600.0, retry=RetryPolicy(rate_limited=5)).attempt()
    assert kind_of(end) == "RateLimitError"
    assert end.retry_after > 60
    assert time.monotonic() - started < SOON
    assert len(server.submissions) == 1


@kills(
    "A submission refused with 429 pauses although it cannot be sent again in time.",
    "_core.submission:SubmissionAttempts._pause",
    swap("_latest", "_deadline"),
)
@pytest.mark.parametrize("pause", [5, 2.5])
def test_a_pause_that_leaves_less_than_half_of_the_time_ends_the_call_at_once(
    pause: float, serve: Serve, open_client: Open
) -> None:
    server = serve(*limits(1, f"Retry-After: {pause}"))
    pauses: list[Any] = []
    retry = RetryPolicy(rate_limited=5, on_retry=lambda *call: pauses.append(call))
    assert kind_of(open_client(server.url, timeout=4.0, retry=retry).attempt()) == "RateLimitError"
    assert pauses == []
    assert len(server.submissions) == 1


@kills(
    "A submission whose outcome is unknown is sent once more.",
    "_core.submission:SubmissionAttempts._pause",
    swap("NeverSentError", "NeverSentError | SubmissionOutcomeUnknown"),
    swap("~.connects", "1"),
)
def test_an_unknown_outcome_after_a_429_is_final(serve: Serve, open_client: Open) -> None:
    server = serve(answers(429, refused(429)), answers(500, refused(500)))
    retry = RetryPolicy(connects=5, rate_limited=5, reads=5, first_pause=0.001)
    assert kind_of(open_client(server.url, retry=retry).attempt()) == UNKNOWN
    assert len(server.submissions) == 2


def test_the_time_of_an_unknown_outcome_is_that_of_its_own_attempt(serve: Serve, open_client: Open) -> None:
    server = serve(answers(429, refused(429), "Retry-After: 0.2"), answers(500, refused(500)))
    before = datetime.datetime.now(datetime.UTC)
    end = open_client(server.url, retry=RetryPolicy(rate_limited=1)).attempt()
    assert kind_of(end) == UNKNOWN
    assert end.sent_at - before >= datetime.timedelta(seconds=0.2)


def test_a_server_that_can_be_reached_only_while_others_wait_gets_each_submission_once(
    serve: Serve, open_client: Open
) -> None:
    """The port opens while the tries go on: whatever the moment, the submission arrives once or not at all."""
    for delay in (0.0, 0.005, 0.01, 0.02, 0.04):
        server = serve(is_listening=False)
        opener = threading.Timer(delay, server.listen)
        opener.start()
        end = open_client(server.url, retry=RetryPolicy(connects=4, first_pause=0.004)).attempt()
        opener.join()
        assert (kind_of(end), len(server.submissions)) in (("Task", 1), ("NeverSentError", 0))


def test_the_tls_that_the_client_speaks_is_checked(
    tls_context: ssl.SSLContext, serve: Serve, open_client: Open
) -> None:
    server: HostileServer = serve(tls=tls_context)
    assert kind_of(open_client(server.url).attempt()) == "Task"
    assert len(server.submissions) == 1
