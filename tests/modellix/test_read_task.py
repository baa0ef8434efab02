"""Reading a task under the same faults: free, so repeated; and always a documented end."""

from __future__ import annotations

import time
from typing import Any

import pytest

from modellix import APIError, ConnectionLostError, RetryPolicy, UnexpectedReplyError
from scripts.mutants.kills import control, kills, returns, swap
from tests.modellix.conftest import Open, Serve
from tests.support.clients import KEY, kind_of
from tests.support.hostile_server import Script, healthy, refused, reply, succeeded
from tests.support.marks import ON_SOCKETS
from tests.support.rows import PATIENT, REDIRECTS, ROWS, SHORT, Row
from tests.support.scripts import answers, close_after, close_at_once, drips, reset_after, said, stall_after, whole
from tests.support.statuses import FINAL, REPEATED, kind_of_status
from tests.support.timing import SOON

pytestmark = [*ON_SOCKETS, pytest.mark.slow]

ONCE = RetryPolicy(reads=0)


MATRIX = [pytest.param(row, id=row.name, marks=[pytest.mark.slow] if row.is_waiting else []) for row in ROWS]


@pytest.mark.parametrize("row", MATRIX)
def test_each_fault_ends_a_read_as_documented(row: Row, serve: Serve, open_client: Open) -> None:
    server = serve(row.script, tls=row.tls)
    buyer = open_client(server.url, timeout=PATIENT, retry=ONCE)
    end = (buyer.within(3 * SHORT) if row.is_waiting else buyer).attempt_read()  # one try gets a third
    if kind_of(end) != "Task":
        assert isinstance(end, APIError | ConnectionLostError | UnexpectedReplyError), repr(end)
        assert (end.operation, end.task_id) == ("get_task", "task-1")
        assert len(getattr(end, "body", b"")) <= 4096
    assert server.submissions == []
    server.play()
    assert "Task" in [kind_of(buyer.attempt_read()) for _ in range(2)]  # the first may meet a connection just closed


SOUND: dict[str, tuple[bytes, str]] = {
    "a task that runs": (b'{"code": 0, "data": {"status": "processing", "task_id": "task-1"}}', "processing"),
    "no code": (b'{"data": {"status": "pending", "task_id": "task-1"}}', "pending"),
    "no id": (b'{"code": 0, "data": {"status": "pending"}}', "pending"),
    "a status that nobody knows": (b'{"code": 0, "data": {"status": "dreaming"}}', "dreaming"),
    "resources null": (b'{"code": 0, "data": {"status": "success", "result": {"resources": null}}}', "success"),
    "result a list": (b'{"code": 0, "data": {"status": "success", "result": []}}', "success"),
    "resources of all kinds": (
        b'{"code": 0, "data": {"status": "success", "result": {"resources": [null, 5, {}, {"url": 5}]}}}', "success",
    ),
    "an expiry beyond all calendars": (
        b'{"code": 0, "data": {"status": "success", "result_expires_at": 1e300}}', "success",
    ),
    "an expiry that is a text": (
        b'{"code": 0, "data": {"status": "success", "result_expires_at": "soon"}}', "success",
    ),
}  # fmt: skip


@control("a task that runs")
@pytest.mark.parametrize("name", SOUND)
def test_odd_but_sound_replies_are_read(name: str, serve: Serve, open_client: Open) -> None:
    body, status = SOUND[name]
    server = serve(answers(200, body))
    buyer = open_client(server.url)
    assert buyer.read().status == status
    if status == "success":
        result = buyer.wait()
        assert (result.resources, result.expires_at) == ([], None)


ODD = {
    "no data": {"code": 0},
    "data null": {"code": 0, "data": None},
    "data a list": {"code": 0, "data": []},
    "no status": {"code": 0, "data": {}},
    "a status that is a number": {"code": 0, "data": {"status": 5}},
    "status null": {"code": 0, "data": {"status": None}},
    "another task": {"code": 0, "data": {"status": "success", "task_id": "task-2"}},
    "code false": {"code": False, "data": {"status": "success"}},
    "code as text": {"code": "0", "data": {"status": "success"}},
    "code 7": {"code": 7, "data": {"status": "success"}},
    "a list": [],
    "null": None,
}


@pytest.mark.parametrize("body", ODD.values(), ids=ODD)
def test_a_reply_that_the_contract_does_not_know_is_unexpected(body: Any, serve: Serve, open_client: Open) -> None:
    server = serve(answers(200, body))
    end = open_client(server.url).attempt_read()
    assert (kind_of(end), end.status) == ("UnexpectedReplyError", 200)
    assert len(server.reads) == 1


def test_each_status_ends_a_read_as_the_interface_says(serve: Serve, open_client: Open) -> None:
    server = serve()
    buyer = open_client(server.url, retry=ONCE)
    for status in (*range(200, 600), 600, 777, 999):
        server.play(answers(status, b"" if status in (204, 304) else {"message": "No"}))
        end = buyer.attempt_read()
        assert (kind_of(end), end.status) == (kind_of_status(status), status)


@pytest.mark.parametrize("code", [*FINAL, *REPEATED])
def test_an_error_code_with_200_is_treated_as_that_status(code: int, serve: Serve, open_client: Open) -> None:
    server = serve(answers(200, refused(code)))
    end = open_client(server.url).attempt_read()
    assert isinstance(end, APIError)
    assert (end.status, end.code) == (code, code)
    assert len(server.reads) == (4 if code in REPEATED else 1)


# Repeats

FAULTS: dict[str, Script] = {
    **{f"status {status}": answers(status, refused(status)) for status in REPEATED},
    "code 503 with 200": answers(200, refused(503)),
    "close at once": close_at_once,
    "close after the request": close_after(whole),
    "reset after the request": reset_after(whole),
    "reset within the body": reset_after(said(reply(200, succeeded())[:-9])),
    "close within the body": close_after(said(reply(200, succeeded())[:-9])),
}


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("script", FAULTS.values(), ids=FAULTS)
def test_a_passing_fault_is_read_again(script: Script, times: int, serve: Serve, open_client: Open) -> None:
    server = serve(*[script] * times, healthy)
    calls: list[tuple[Any, ...]] = []
    retry = RetryPolicy(reads=3, first_pause=0.001, on_retry=lambda *call: calls.append(call))
    assert open_client(server.url, retry=retry).read().status == "success"
    assert [call[:2] for call in calls] == [("get_task", number + 1) for number in range(times)]


@pytest.mark.parametrize("reads", [0, 2])
@pytest.mark.parametrize("script", FAULTS.values(), ids=FAULTS)
def test_a_lasting_fault_is_read_as_often_as_the_policy_says(
    script: Script, reads: int, serve: Serve, open_client: Open
) -> None:
    server = serve(script)
    end = open_client(server.url, retry=RetryPolicy(reads=reads, first_pause=0.001)).attempt_read()
    assert isinstance(end, APIError | ConnectionLostError)
    assert server.connections == reads + 1 or len(server.reads) == reads + 1


@pytest.mark.parametrize("status", [*FINAL, 302, 999])
def test_a_final_status_is_not_read_again(status: int, serve: Serve, open_client: Open) -> None:
    server = serve(answers(status, refused(status)))
    end = open_client(server.url, retry=RetryPolicy(reads=5, first_pause=0.001)).attempt_read()
    assert end.status == status
    assert len(server.reads) == 1


def test_a_refused_port_is_tried_again_until_it_opens(serve: Serve, open_client: Open) -> None:
    server = serve(is_listening=False)
    retry = RetryPolicy(first_pause=0.001, on_retry=lambda _, attempt, *__: server.listen() if attempt == 2 else None)
    assert open_client(server.url, retry=retry).read().status == "success"
    assert len(server.reads) == 1


@pytest.mark.parametrize("row", REDIRECTS, ids=lambda row: row.name)
def test_a_redirect_is_not_followed_and_the_key_goes_nowhere(row: Row, serve: Serve, open_client: Open) -> None:
    elsewhere = serve()
    server = serve(answers(row.status or 302, b"", f"Location: {elsewhere.url}/steal"))
    assert kind_of(open_client(server.url).attempt_read()) == "UnexpectedReplyError"
    assert (len(server.reads), elsewhere.connections) == (1, 0)
    assert server.reads[0].headers["authorization"] == f"Bearer {KEY}"


def test_a_get_result_url_elsewhere_is_never_asked(serve: Serve, open_client: Open) -> None:
    elsewhere = serve()
    where = {"method": "GET", "url": f"{elsewhere.url}/steal"}
    server = serve(
        answers(200, {"code": 0, "data": {"status": "pending", "task_id": "task-9", "get_result": where}}), healthy
    )
    buyer = open_client(server.url)
    task = buyer.submit()
    assert buyer.read(task.id).status == "success"
    assert elsewhere.connections == 0


IDS = {
    "a/b": "a%2Fb",
    "../../x": "..%2F..%2Fx",
    "a?b#c": "a%3Fb%23c",
    "a b": "a%20b",
    "ünï": "%C3%BCn%C3%AF",
    "%2e": "%252e",
}


@kills("A task's id is put into the path as it is.", "_core.replies:quote_id", returns("quote(task_id)"))
@pytest.mark.parametrize("task_id", IDS)
def test_an_id_stays_one_segment_of_the_path(task_id: str, serve: Serve, open_client: Open) -> None:
    server = serve(answers(200, {"code": 0, "data": {"status": "pending"}}))
    open_client(server.url).read(task_id)
    assert [request.path for request in server.reads] == [f"/api/v1/tasks/{IDS[task_id]}"]


@kills("An id with control characters is sent.", "_values:is_usable_id", swap('("Cc", "Cs")', '("Cs",)'))
@pytest.mark.parametrize("task_id", ["", ".", "..", "a\nb", "a\0b", "x" * 513, 5, None, b"x", "\ud800"])
def test_an_id_that_cannot_be_used_is_refused_locally(task_id: Any, serve: Serve, open_client: Open) -> None:
    server = serve()
    assert kind_of(open_client(server.url).attempt_read(task_id)) == "ConfigurationError"
    assert server.connections == 0


SLOW: dict[str, Script] = {
    "silence": stall_after(whole),
    "a dripped head": drips(b"", reply(200, succeeded()), 0.02),
    "a dripped body": drips(reply(200, succeeded())[:-60], reply(200, succeeded())[-60:], 0.02),
}


@pytest.mark.parametrize("script", SLOW.values(), ids=SLOW)
def test_the_timeout_bounds_all_tries_together(script: Script, serve: Serve, open_client: Open) -> None:
    server = serve(script)
    buyer = open_client(server.url, timeout=3.0, retry=RetryPolicy(reads=99, first_pause=0.001))
    started = time.monotonic()
    assert kind_of(buyer.attempt_read()) == "ConnectionLostError"
    assert 1.9 <= time.monotonic() - started < SOON  # a hundred tries take ten times that
    assert 2 <= server.connections <= 4


def test_a_read_waits_as_long_as_the_service_asks(serve: Serve, open_client: Open) -> None:
    server = serve(answers(503, refused(503), "Retry-After: 0.2"), healthy)
    assert open_client(server.url, retry=RetryPolicy(first_pause=40.0)).read().status == "success"
    first, second = (request.at for request in server.reads)
    assert 0.2 <= second - first < SOON
