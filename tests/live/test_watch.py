"""What every reply of a run is looked at for: the key in it, which is not what was sent, and failures waited out."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import httpx
import pytest

from contract_tests.harness.redaction import KeyFinder
from contract_tests.harness.response_checks import faults_of_envelope
from contract_tests.model.bad_requests import all_bad_requests
from modellix._openapi import GET_TASK

from .apis import CONTRACT, KEY, PLAIN, accepts, refuses, says
from .conftest import Open, OpenTarget

SHOWN = [
    KEY,
    KEY.lower(),
    KEY[::-1],
    KEY[4:],
    KEY[:-5],
    f"Bearer {KEY}",
    b64encode(KEY.encode()).decode(),
    b64encode(f"Bearer {KEY}".encode()).decode(),
    KEY.encode().hex(),
]


@pytest.mark.parametrize("shown", SHOWN)
@pytest.mark.parametrize("way", ["body", "header", "escaped"])
def test_key_in_a_reply_is_seen(shown: str, way: str, open_transport: Open) -> None:
    reply = {
        "body": says(200, {"code": 0, "message": f"for {shown}"}),
        "header": says(200, {}, X_Caller=shown),
        "escaped": says(200, ('{"message":"' + "".join(f"\\u{ord(one):04x}" for one in shown) + '"}').encode()),
    }[way]
    made = open_transport(reply)
    made.send("valid")
    assert {name: len(found) for name, found in made.transport.watch.leaks.items()} == {PLAIN.operation_id: 1}


def test_key_in_a_cookie_is_seen_although_cookies_are_thrown_away(open_transport: Open) -> None:
    made = open_transport(says(404, {}, Set_Cookie=f"session={KEY}"))
    made.send("a read")
    assert list(made.transport.watch.leaks) == [GET_TASK]


@pytest.mark.parametrize("shown", [KEY[:8], KEY[-6:], f"{KEY[:4]}...{KEY[-4:]}", "*" * 20, "the API key is missing"])
def test_hint_at_a_key_is_no_key(shown: str, open_transport: Open) -> None:
    made = open_transport(says(401, {"code": 401, "message": f"Authentication failed: {shown}"}))
    made.outcome("valid")
    assert made.transport.watch.leaks == {}


@pytest.mark.parametrize("key", ["key", "secret", "apikey1"])
def test_key_that_is_a_word_is_not_looked_for(key: str) -> None:
    assert not KeyFinder(key)(f"Authentication failed: no {key} was sent")


def test_what_was_sent_in_another_place_may_be_sent_back(open_target: OpenTarget) -> None:
    """By a service that repeats address, headers and body of whatever it refuses."""
    from contract_tests.harness.recorded import RecordedExchanges

    def echoes(request: httpx.Request) -> httpx.Response:
        headers = [pair for pair in request.headers.multi_items() if pair != ("authorization", f"Bearer {KEY}")]
        told = f"Bad: {request.url} {headers} {request.content.decode(errors='replace')}"
        return httpx.Response(400, json={"code": 400, "message": told})

    target, _ = open_target(echoes)
    recorded = RecordedExchanges(target, [])
    for bad in all_bad_requests():
        recorded.refusal(bad)
    assert {name: found for name, found in target.watch.leaks.items() if found} == {}


def test_right_key_in_the_reply_to_another_one_is_seen(open_transport: Open) -> None:
    made = open_transport(says(401, {"code": 401, "message": f"Authentication failed: it should be {KEY}"}))
    made.send("another key")
    assert len(made.transport.watch.leaks) == 1


def test_failure_that_was_waited_out_is_kept(open_transport: Open) -> None:
    page = says(429, b"<h1>Busy</h1>", Content_Type="text/html")
    made = open_transport(page, refuses(429), accepts(), patience=60.0)
    assert made.send("valid").status_code == 200
    kept = made.transport.watch.failures[PLAIN.operation_id, 429]
    assert [bool(list(faults_of_envelope(reply))) for reply in kept] == [True, False]


def test_read_that_was_tried_again_is_kept(open_transport: Open) -> None:
    made = open_transport(says(503, b""), accepts(), patience=60.0)
    assert made.send("a read").status_code == 200
    assert list(made.transport.watch.failures) == [(GET_TASK, 503)]


@pytest.mark.parametrize("status", [200, 400, 401, 404, 502])
def test_other_statuses_are_not_kept(status: int, open_transport: Open) -> None:
    made = open_transport(says(status, {}))
    made.outcome("a read")
    assert made.transport.watch.failures == {}


def test_failure_beside_the_api_is_not_kept(open_transport: Open) -> None:
    """Files of results and unknown paths owe nobody an envelope."""
    made = open_transport(says(500, b""))
    made.http.get(PLAIN.url.partition(CONTRACT.prefix)[0] + "/results/1.png")
    assert made.transport.watch.failures == {}


def test_ids_are_counted_by_operation(open_transport: Open) -> None:
    made = open_transport(accepts("task-1"), refuses(), accepts("task-1"))
    for _ in range(3):
        made.send("valid")
    assert made.account.bought == [(PLAIN.operation_id, "task-1")] * 2


def test_long_key_costs_no_more_than_a_short_one() -> None:
    short, long = (KeyFinder("".join(chr(33 + (at * 7) % 90) for at in range(length))) for length in (30, 600))
    assert len(long._pieces) <= len(short._pieces) + 3
    text: Any = json.dumps(["text"] * 100)
    assert not long(text)
