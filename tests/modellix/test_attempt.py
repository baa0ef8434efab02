"""What becomes of a paid submission: every fault, both operations, both clients, against real sockets."""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from contract_tests.model import good
from modellix import ConfigurationError, RetryPolicy
from scripts.mutants.kills import always, kills, never, returns, swap, without
from tests.modellix.conftest import Open, Serve
from tests.support.clients import KEY, OPERATIONS, PATHS, Face, SyncFace, body, kind_of
from tests.support.hostile_server import HostileServer, Script, Wire, accepted, healthy, reply
from tests.support.law import NOT_JSON, end_of
from tests.support.marks import ON_SOCKETS
from tests.support.rows import ERRORS, NEVER_SENT, PATIENT, REDIRECTS, ROWS, UNKNOWN, Row, is_counted
from tests.support.scripts import answers, close_after, drips, late
from tests.support.timing import LONG, SOON

pytestmark = [*ON_SOCKETS, pytest.mark.slow]

DRIPS = {
    "the head": drips(b"", reply(200, accepted()), 0.01),
    "the body": drips(reply(200, accepted())[:-60], reply(200, accepted())[-60:], 0.02),
}


MATRIX = [
    pytest.param(row, operation, id=f"{row.name}-{operation}", marks=[pytest.mark.slow] if is_slow else [])
    for row in ROWS
    for operation in OPERATIONS
    for is_slow in [operation != OPERATIONS[0]]
]


@kills(
    "A submission refused with 429 is sent once more than was asked for.",
    "_core.submission:SubmissionAttempts._pause",
    swap("_limited <", "_limited <="),
    row="status 429 with nonsense for Retry-After",
)
@kills(
    "That the first byte has left is not noted, so a lost reply looks like a request that never left.",
    "_io.driver:noting",
    swap("sent = is_first_byte", "sent = False"),
    row="close after the whole request",
)
@kills(
    "An error status whose body holds a task id counts as refused.",
    "_core.attempt:Attempt.answered",
    never("status"),
    row="status 400 with an id",
)
@kills("`code` may be false.", "_core.replies:is_success_code", without("type"), row="code False with 200 and an id")
@kills(
    "A `code` of 400 in a reply with status 200 is not taken for a refusal.",
    "_core.attempt:Attempt.answered",
    never("type"),
    row="code 400 with 200",
)
@kills(
    "A task id that can stand in no path makes a task.",
    "_core.attempt:Attempt.answered",
    without("is_usable"),
    row="the id '..' of str that cannot be used",
)
@kills(
    "A reply whose end is missing counts as whole.",
    "_core.effects:AttemptTrace.reply",
    always("is_whole"),
    row="claim one byte too many",
)
@kills(
    "A reply that is not JSON is not searched for the id of what was bought.",
    "_core.replies:_ids",
    swap("_ids_in_text(~.body)", "iter(())"),
    row="JSON that is cut",
)
@kills(
    "A reply is read to its end, however long it is.",
    "_core.replies:Collector.add",
    swap("self.size <= LARGEST_BODY", "True"),
    "_core.replies:Collector.reply",
    never("LARGEST_BODY"),
    row="a whole reply of 20 MB",
)
@kills(
    "A submission whose outcome is unknown gives its place back.",
    "_core.submission:SubmissionAttempts._settle",
    swap("Accepted | SubmissionOutcomeUnknown", "Accepted"),
    row="close after the whole request",
)
@pytest.mark.parametrize(("row", "operation"), MATRIX)
def test_each_fault_has_the_end_that_the_table_gives_it(
    row: Row, operation: str, serve: Serve, open_client: Open
) -> None:
    for pace in (1, 10) if row.is_waiting else (1,):
        server = serve(row.script, tls=row.tls)
        server.pace = pace
        buyer = open_client(server.url, timeout=PATIENT, max_submissions=1, retry=RetryPolicy(connects=0))
        before = datetime.datetime.now(datetime.UTC)
        end = (buyer.within(pace * row.timeout) if row.is_waiting else buyer).attempt(operation)
        if is_of(row, end):
            break
        # A busy machine had not come so far: it gets more time.
        assert (kind_of(end) in (UNKNOWN, NEVER_SENT), len(server.submissions) <= row.seen) == (True, True)

    assert kind_of(end) in (row.end, row.otherwise)
    check_fields(end, row, operation, before)
    assert server.wait_for(row.seen) == row.seen
    check_request(server, operation)
    check_count(end, row, server, buyer)


def is_of(row: Row, end: Any) -> bool:
    """Whether it has what the row promises, as far as time could keep it from that."""
    kind, told = kind_of(end), (getattr(end, "status", None), getattr(end, "task_id", None))
    return kind in (row.end, row.otherwise) and (kind != UNKNOWN or told == (row.status, row.task_id))


def check_fields(end: Any, row: Row, operation: str, before: datetime.datetime) -> None:
    """What the end carries, by its kind."""
    if kind_of(end) == "Task":
        assert end.id == row.task_id
        return
    assert end.operation == operation
    if kind_of(end) == "NeverSentError":
        assert end.attempts == 1
        return
    assert end.status == row.status or (row.end != UNKNOWN and end.status in (row.status, end.code))
    assert end.task_id == row.task_id
    assert len(end.body) <= 4096
    for name, value in row.fields.items():
        assert getattr(end, name) == value, name
    if row.end == UNKNOWN:
        assert before <= end.sent_at <= datetime.datetime.now(datetime.UTC)
        assert end.fingerprint == fingerprint(operation)
        assert ("look for it in the vendor's console or bill" in str(end)) == (end.task_id is None)


def fingerprint(operation: str) -> str:
    """SHA-256 of method, path and body, its names in order."""
    sent = json.dumps(json.loads(wire_body(operation)), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    path = PATHS[operation].removeprefix("/api/v1")
    return "2:" + hashlib.sha256("\0".join(("POST", path, sent)).encode()).hexdigest()


def wire_body(operation: str) -> bytes:
    """The bytes that the client sends for `arguments(operation)`."""
    return json.dumps(body(operation), ensure_ascii=False, separators=(",", ":")).encode()


def check_request(server: HostileServer, operation: str) -> None:
    """What arrived is the request that was meant."""
    for request in server.submissions:
        assert (request.path, json.loads(request.body)) == (PATHS[operation], body(operation))
        assert request.headers["authorization"] == f"Bearer {KEY}"


def check_count(end: Any, row: Row, server: HostileServer, buyer: Face) -> None:
    """A further submission is refused locally if this one counted, and goes through otherwise."""
    server.play()
    counted = is_counted(kind_of(end))
    further = buyer.attempt("gpt_image_2", "a further one")
    assert kind_of(further) == ("BudgetExceeded" if counted else "Task")
    expected = row.seen + (not counted)
    assert server.wait_for(expected) == expected


def test_the_table_names_only_ends_that_exist() -> None:
    assert {row.end for row in ROWS} <= {*ERRORS, "Task"}


@kills(
    "A submission answered with 409 counts as refused.",
    "_core.attempt:Attempt.answered",
    swap(".refuses", ".refuses or counted == 409"),
)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_each_status_has_the_end_that_the_table_gives_it(operation: str, serve: Serve, open_client: Open) -> None:
    """Every status that HTTP can carry, with nothing in the body, with an envelope and with an id."""
    server = serve()
    buyer = open_client(server.url)
    expected, found = [], []
    for status in (*range(200, 600), 600, 777, 999):
        for payload in ({"message": "No: no"}, {"code": status, "message": "No"}, {"task_id": "task-1"}):
            server.play(answers(status, b"" if status in (204, 304) else payload))
            expected.append((status, end_of(status, NOT_JSON if status in (204, 304) else payload)))
            found.append((status, kind_of(buyer.attempt(operation))))
    assert found == expected
    assert server.wait_for(len(expected)) == len(expected)


@kills(
    "A redirect of a submission is followed, with the key.",
    sync=(
        "_io.sync_driver:SyncDriver._send_through",
        swap(
            "(request)",
            '(request)\n            if "location" in response.headers:'
            '\n                request.url = request.url.join(response.headers["location"])'
            "\n                response = httpx.HTTPTransport().handle_request(request)",
        ),
    ),
    asynchronous=(
        "_io.async_driver:AsyncDriver._send_through",
        swap(
            "(request)",
            '(request)\n            if "location" in response.headers:'
            '\n                request.url = request.url.join(response.headers["location"])'
            "\n                response = await httpx.AsyncHTTPTransport().handle_async_request(request)",
        ),
    ),
)
@pytest.mark.parametrize("row", REDIRECTS, ids=lambda row: row.name)
def test_a_redirect_to_another_port_is_not_followed(row: Row, serve: Serve, open_client: Open) -> None:
    elsewhere = serve()
    server = serve(answers(row.status or 302, b"", f"Location: {elsewhere.url}/api/v1/steal"))
    assert kind_of(open_client(server.url).attempt()) == UNKNOWN
    assert (len(server.submissions), elsewhere.connections) == (1, 0)


@kills(
    "A connection on which more has come than was asked for is used again.",
    "_io.transports:has_leftovers",
    returns("False"),
)
def test_the_second_of_two_replies_is_not_taken_for_the_answer_to_the_next_request(
    serve: Serve, open_client: Open
) -> None:
    """Both replies arrive in one piece on a connection that stays open: the second must not become a later task."""
    server = serve(answers_twice, healthy)
    buyer = open_client(server.url)
    assert buyer.submit(text="the first one").id == "first-reply"
    second = buyer.attempt(text="the second one")
    if kind_of(second) == "Task":
        assert server.bought[second.id].text == "the second one"
    assert [request.text for request in server.submissions] == ["the first one", "the second one"]


def answers_twice(wire: Wire) -> bool:
    wire.read_request()
    wire.send(reply(200, accepted("first-reply")) + reply(200, accepted("stray-reply")))
    return True


def test_an_unasked_reply_on_an_idle_connection_is_not_an_answer(serve: Serve, open_client: Open) -> None:
    """As proxies do that announce with 408 that they close an idle connection."""
    has_said = threading.Event()

    def says_408_when_idle(wire: Wire) -> bool:
        healthy(wire)
        time.sleep(0.05)
        wire.send(reply(408, b""))
        has_said.set()
        return False

    server = serve(says_408_when_idle, healthy)
    buyer = open_client(server.url)
    buyer.submit(text="the first one")
    assert has_said.wait(LONG)
    assert buyer.submit(text="the second one").id == "task-2"
    assert len(server.submissions) == 2


def test_a_connection_closed_while_idle_is_not_used_again(serve: Serve, open_client: Open) -> None:
    server = serve(close_after(healthy))
    buyer = open_client(server.url)
    for number in range(5):
        assert kind_of(buyer.attempt(text=f"lighthouse {number}")) == "Task"
        server.wait_until_closed()
    assert len(server.submissions) == 5


@pytest.mark.slow
def test_an_idle_connection_is_given_up_before_it_is_stale(serve: Serve, open_client: Open) -> None:
    """After about two seconds, which is less than servers wait."""
    server = serve()
    buyer = open_client(server.url)
    buyer.submit()
    buyer.submit()
    assert server.connections == 1
    time.sleep(2.2)
    buyer.submit()
    assert server.connections == 2


SHORT_KEYS = ["k", "task", "task-1", "0", "code", '"']


@pytest.mark.parametrize("key", SHORT_KEYS)
def test_a_short_key_does_not_spoil_the_replies(key: str, serve: Serve, open_client: Open) -> None:
    """Redacting the key must not turn the id of a purchase into another one."""
    server = serve()
    task = open_client(server.url, api_key=key).attempt()
    assert (kind_of(task), getattr(task, "id", None)) == ("Task", "task-1")
    assert len(server.submissions) == 1


@pytest.mark.parametrize("timeout", [1e9, 1e13])
def test_a_very_long_timeout_works_or_is_refused(timeout: float, serve: Serve, open_client: Open) -> None:
    server = serve()
    try:
        buyer = open_client(server.url, timeout=timeout)
    except ConfigurationError:
        return
    assert kind_of(buyer.attempt()) == "Task"
    assert kind_of(buyer.attempt()) == "Task"
    assert kind_of(buyer.attempt_read("task-1")) == "Task"


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "TLS"])
@pytest.mark.parametrize("script", DRIPS.values(), ids=DRIPS)
def test_the_timeout_holds_against_slow_drips(script: Script, tls: bool, serve: Serve, open_client: Open) -> None:
    server = serve(tls=tls)
    buyer = open_client(server.url)
    buyer.read()  # so that the connection is there
    server.play(script)
    started = time.monotonic()
    assert kind_of(buyer.within(1.0).attempt(text=good.longest_prompt())) == UNKNOWN
    assert time.monotonic() - started < SOON


def test_closing_the_client_while_a_submission_is_under_way_gives_a_documented_end(serve: Serve) -> None:
    server = serve(late(reply(200, accepted()), 0.2))
    with SyncFace.to(server.url, timeout=10.0) as buyer, ThreadPoolExecutor() as pool:
        under_way = pool.submit(buyer.attempt)
        server.wait_for(1)
        buyer.close()
        assert kind_of(under_way.result()) in ("Task", UNKNOWN)
    assert len(server.submissions) == 1


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_process_that_forks_does_not_mix_up_replies(operation: str, serve: Serve) -> None:
    """Parent and child inherit one pool: each must get the replies to its own requests."""
    server = serve()
    with SyncFace.to(server.url) as buyer:
        buyer.submit(operation, "before the fork")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 on: threads and fork
            child = os.fork()
        if child == 0:
            is_own = False
            try:  # whatever happens, no second pytest goes on from here
                is_own = own_replies(buyer, server, operation, "child lighthouse") == "ids"
            finally:
                os._exit(0 if is_own else 1)
        ids = [buyer.submit(operation, f"parent lighthouse {number}").id for number in range(30)]
        _, status = os.waitpid(child, 0)
    assert [server.bought[task_id].text for task_id in ids] == [f"parent lighthouse {number}" for number in range(30)]
    assert os.waitstatus_to_exitcode(status) == 0


def own_replies(buyer: Face, server: HostileServer, operation: str, name: str) -> str:
    """Submit in the child; the ids must not be those of the parent, whose prompts the server answers in turn."""
    try:
        ids = {buyer.submit(operation, f"{name} {number}").id for number in range(30)}
        return "ids" if len(ids) == 30 else "twice"
    except BaseException as error:
        return repr(error)
