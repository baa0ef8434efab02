"""What becomes of a request: its end by the reply, sent once whatever happens, and what may be sent again."""

from __future__ import annotations

import gzip
from typing import Any

import httpx
import pytest
from hypothesis import strategies as st

from contract_tests.harness.not_concluded import SAYS_NOTHING, NotConcluded
from contract_tests.model.laws import hold
from tests.support import statuses

from .apis import REQUESTS, Answers, accepts, loses, refuses, says
from .conftest import Clock, Open

DATA = {"status": "pending", "task_id": "task-1"}


def named(code: int) -> dict[str, Any]:
    """An error that names a task."""
    return {"code": code, "message": "Oh: no", "data": {"task_id": "task-1"}}


ACCEPTED: dict[str, Answers] = {
    "as documented": accepts(),
    "without a code": says(200, {"data": DATA}),
    "202": says(202, {"code": 0, "data": DATA}),
    "as text": says(200, b'{"code": 0, "data": {"task_id": "task-1"}}', Content_Type="text/plain"),
    "a number for an id": accepts(1),
    "id beside the data": says(200, {"code": 0, "task_id": "task-1"}),
}
REFUSED: dict[str, Answers] = {str(code): refuses(code) for code in statuses.REFUSED}
REFUSED |= {f"200 with code {code}": says(200, {"code": code, "message": "Oh: no"}) for code in (400, 401, 422, 429)}
REFUSED |= {"400 without a body": says(400, b""), "404 in HTML": says(404, b"<html>", Content_Type="text/html")}
UNKNOWN: dict[str, Answers] = {
    str(code): says(code, {"code": code, "message": "Oh: no"})
    for code in (408, 409, 410, 418, 451, 500, 501, 502, 503, 504, 520, 599)
}
UNKNOWN |= {str(code): says(code, b"", Location="https://example.com/") for code in (301, 302, 303, 307, 308)}
UNKNOWN |= {"304": says(304, b"")}
UNKNOWN |= {f"{code} that names a task": says(code, named(code)) for code in (400, 401, 500)}
UNKNOWN |= {
    error.__name__: loses(error)
    for error in (
        httpx.ReadError, httpx.ReadTimeout, httpx.WriteError, httpx.WriteTimeout, httpx.CloseError, httpx.PoolTimeout,
        httpx.RemoteProtocolError, httpx.LocalProtocolError, httpx.ProxyError,
    )
}  # fmt: skip
UNKNOWN |= {
    "not gzip": says(200, b"\x1f\x8b no", Content_Encoding="gzip"),
    "half of gzip": says(200, gzip.compress(b'{"code": 0}')[:-9], Content_Encoding="gzip"),
}
# Not an outcome of its own in the reply, but nothing to read either: paid, and perhaps never found again.
UNREADABLE: dict[str, Answers] = {
    "200 in no JSON": says(200, b"<ok>", Content_Type="text/xml"),
    "200 without a body": says(200, b""),
    "204": says(204, b""),
    "200 cut short": says(200, b'{"code": 0, "data": {"task_id": "ta'),
    "200 without an id": says(200, {"code": 0, "message": "success", "data": {"status": "pending"}}),
    "200 with an empty id": accepts(""),
    "200 with code 500": says(200, {"code": 500, "message": "Internal: no"}),
    "200 with a list": says(200, []),
    "200 with null": says(200, None),
    "200 nested without end": says(200, b"[" * 100_000),
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_accepted(case: str, open_transport: Open) -> None:
    bench = open_transport(ACCEPTED[case])
    assert bench.send("valid").is_success
    assert (bench.account.accepted, bench.account.refused, bench.account.unknown) == (1, 0, 0)
    assert bench.account.task_ids in (["task-1"], ["1"])
    assert bench.account.unsettled == []


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str, open_transport: Open) -> None:
    bench = open_transport(REFUSED[case])
    bench.outcome("valid")
    assert (bench.account.accepted, bench.account.refused, bench.account.unknown) == (0, 1, 0)
    assert bench.account.unsettled == []
    assert len(bench.wire.arrived) == 1


@pytest.mark.parametrize("case", UNKNOWN)
def test_unknown_is_sent_once_and_said(case: str, open_transport: Open) -> None:
    """With patience too: only a 429 that bought nothing is waited out."""
    bench = open_transport(UNKNOWN[case], patience=100.0)
    end = bench.outcome("valid")
    assert len(bench.wire.arrived) == 1
    assert (bench.account.accepted, bench.account.refused, bench.account.unknown) == (0, 0, 1)
    assert len(bench.account.unsettled) == 1
    assert isinstance(end, httpx.Response | AssertionError), f"{end!r} is no answer and no failure of a test"


@pytest.mark.parametrize("case", UNREADABLE)
def test_success_that_names_no_task_is_unknown(case: str, open_transport: Open) -> None:
    bench = open_transport(UNREADABLE[case], patience=100.0)
    assert isinstance(bench.outcome("valid"), httpx.Response), "what the reply breaks is for the tests to say"
    assert len(bench.wire.arrived) == 1
    assert (bench.account.accepted, bench.account.refused, bench.account.unknown) == (0, 0, 1)


OF_GATEWAYS = (505, 511, 520, 522, 524, 529, 530)


@pytest.mark.parametrize("status", [*SAYS_NOTHING, *OF_GATEWAYS])
@pytest.mark.parametrize("name", REQUESTS)
def test_status_that_says_nothing_is_not_concluded_whatever_was_asked(
    status: int, name: str, open_transport: Open
) -> None:
    """And it says what happened and what to do; a submission is counted all the same."""
    bench = open_transport(says(status, {"code": status, "message": "Oh: no"}))
    end = bench.outcome(name)
    assert isinstance(end, NotConcluded)
    assert f"{status}" in end.reason
    assert end.advice in str(end)
    assert bench.account.sent == bench.account.refused + bench.account.unknown == (name != "a read")
    assert bench.transport.recent[-1].status_code == status


@pytest.mark.parametrize("status", SAYS_NOTHING)
def test_status_at_another_place_than_the_api_is_handed_on(status: int, open_transport: Open) -> None:
    """A file of a result, say, which may lie anywhere."""
    bench = open_transport(says(status))
    assert bench.http.get("https://pictures.example.com/a.png").status_code == status


PAGES_OF_OTHERS: dict[str, tuple[int, Answers]] = {
    "a redirection": (302, says(302, b"", Location="https://login.example.com/")),
    "a page": (200, says(200, b"<html>Log in</html>", Content_Type="text/html; charset=utf-8")),
}


@pytest.mark.parametrize("case", PAGES_OF_OTHERS)
@pytest.mark.parametrize("name", REQUESTS)
def test_page_in_the_place_of_an_api_is_not_concluded(case: str, name: str, open_transport: Open) -> None:
    """A login page, or the address of something else. What has once answered like an API is judged as one."""
    status, page = PAGES_OF_OTHERS[case]
    bench = open_transport(page, refuses(400), page)
    end = bench.outcome(name)
    assert isinstance(end, NotConcluded)
    assert "MODELLIX_BASE_URL" in end.advice
    bench.send("no prompt")
    assert bench.send(name).status_code == status


def test_wrong_key_that_a_firewall_stops_with_a_page_is_not_concluded(open_transport: Open) -> None:
    """As Alibaba Cloud's does. In the words of an API, or with the right key, the same status is judged."""
    page = says(405, b"<html>Blocked</html>", Content_Type="text/html")
    bench = open_transport(page, says(405, {"code": 405, "message": "No: never"}), page)
    assert isinstance(bench.outcome("another key"), NotConcluded)
    assert bench.send("another key").status_code == bench.send("valid").status_code == 405


@pytest.mark.parametrize("name", ["valid", "no prompt", "a read"])
def test_key_of_the_run_that_nothing_takes_is_not_concluded(name: str, open_transport: Open) -> None:
    """Nobody can say anything of the API then. Once the key was taken, a 401 is judged like any other reply."""
    bench = open_transport(refuses(401), refuses(401), accepts(), refuses(401))
    assert not isinstance(bench.outcome("another key"), NotConcluded)
    end = bench.outcome(name)
    assert isinstance(end, NotConcluded)
    assert "MODELLIX_API_KEY" in end.advice
    bench.send("valid")
    assert bench.send(name).status_code == 401


def test_task_in_an_error_is_kept(open_transport: Open) -> None:
    bench = open_transport(UNKNOWN["400 that names a task"])
    bench.send("no prompt")
    assert bench.account.task_ids == ["task-1"]
    assert "status 400" in bench.account.unsettled[0]


def test_redirect_of_a_submission_is_not_followed(open_transport: Open) -> None:
    bench = open_transport(refuses(400), says(307, b"", Location="https://example.com/elsewhere"))
    bench.send("no prompt")  # from here on it is an API
    assert bench.send("valid").status_code == 307
    assert len(bench.wire.arrived) == 2


# What was never sent, and what costs nothing, is tried again


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ConnectTimeout])
@pytest.mark.parametrize("name", ["valid", "a read"])
def test_connection_is_tried_three_times_a_second_apart(
    error: type[Exception], name: str, open_transport: Open, clock: Clock
) -> None:
    bench = open_transport(loses(error), loses(error), accepts(), budget=1)
    assert bench.send(name).status_code == 200
    assert (len(bench.wire.arrived), clock.pauses) == (3, [1.0, 1.0])
    assert bench.account.spent == (name == "valid")


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ConnectTimeout])
@pytest.mark.parametrize("name", ["valid", "a read"])
def test_unreachable_ends_the_run(error: type[Exception], name: str, open_transport: Open) -> None:
    bench = open_transport(loses(error), budget=1)
    with pytest.raises(pytest.exit.Exception, match=r"(?i)not concluded: https://\S+ cannot be reached") as ending:
        bench.send(name)
    assert ending.value.returncode == 1
    assert len(bench.wire.arrived) == 3
    assert bench.account.spent == 0, "nothing was sent, so nothing was bought"


@pytest.mark.parametrize("error", [httpx.ReadError, httpx.ReadTimeout, httpx.RemoteProtocolError])
def test_lost_read_is_tried_again(error: type[Exception], open_transport: Open) -> None:
    bench = open_transport(loses(error), loses(error), accepts())
    assert bench.send("a read").status_code == 200
    assert len(bench.wire.arrived) == 3


def test_read_lost_three_times_is_not_concluded(open_transport: Open) -> None:
    bench = open_transport(loses(httpx.ReadError))
    with pytest.raises(NotConcluded, match="ReadError"):
        bench.send("a read")
    assert len(bench.wire.arrived) == 3


@pytest.mark.parametrize("name", ["valid", "no prompt", "another path", "a deletion"])
def test_whatever_may_buy_is_never_tried_again(name: str, open_transport: Open) -> None:
    bench = open_transport(loses(httpx.ReadError), accepts(), patience=100.0)
    assert isinstance(bench.outcome(name), NotConcluded)
    assert len(bench.wire.arrived) == 1


def test_what_a_law_raises_stays_what_it_is_beside_the_longest_body() -> None:
    """Hypothesis warns before it shows so much, and pytest makes errors of warnings: those would break a promise."""

    def law(body: str) -> None:
        raise NotConcluded("nothing follows", "run again")

    with pytest.raises(NotConcluded):
        hold("a law of this test", law, st.just("a" * 40_000))


def test_cookies_of_refusals_are_kept_behind_those_of_good_replies(open_transport: Open) -> None:
    """Each may be a way in."""
    anonymous = says(401, {"code": 401, "message": "No: never"}, Set_Cookie="guest=1; Path=/")
    good = says(200, {"code": 0, "message": "success", "data": DATA}, Set_Cookie="sid=good; Path=/")
    again = says(401, {"code": 401, "message": "No: never"}, Set_Cookie="sid=bad; Path=/")
    bench = open_transport(anonymous, good, again, good)
    for name in ("another key", "valid", "another key", "valid"):
        bench.send(name)
    assert set(bench.transport.session["Cookie"].split("; ")) == {"guest=1", "sid=good"}
