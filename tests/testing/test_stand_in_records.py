"""What the stand-in remembers of the requests that reached it."""

from __future__ import annotations

from typing import Any

import pytest

from contract_tests.model import good
from modellix.testing import Request, StandIn
from modellix.testing.records import KEPT_REQUESTS
from tests.support.carried import CARRIERS, carried
from tests.support.clients import FACES, KEY, PATHS, body

GENERATE = PATHS["gpt_image_2"].removeprefix("/api/v1")


@pytest.mark.parametrize("kind", FACES)
@pytest.mark.parametrize("carrier", CARRIERS)
def test_all_requests_in_order(carrier: str, kind: str) -> None:
    with carried(carrier, kind, reads=2) as way:
        task = way.face.submit()
        way.face.run(way.face.wait(task).read)
    paths = [PATHS["gpt_image_2"], *[f"/api/v1/tasks/{task.id}"] * 2, f"/results/{task.id}/0.png"]
    requests = way.stand_in.requests
    assert [(each.method, each.path) for each in requests] == list(zip(["POST", *["GET"] * 3], paths, strict=True))
    assert [each.body for each in requests] == [body("gpt_image_2"), None, None, None]
    assert [each.answer.status for each in requests] == [200] * 4
    assert requests[0].answer.json()["data"]["task_id"] == task.id
    assert requests[0].headers["content-type"] == "application/json"
    assert len(way.stand_in.submissions) == 1


def test_no_key_is_kept(stand_in: StandIn) -> None:
    headers = {"Authorization": f"Bearer {KEY}", "Cookie": KEY, "Proxy-Authorization": KEY, "Accept": "text/plain"}
    stand_in.handle("POST", "/api/v1" + GENERATE, headers, b"not JSON")
    [request] = stand_in.requests
    assert request.headers == {"accept": "text/plain"}
    assert (request.body, request.answer.status) == (b"not JSON", 401)
    assert KEY not in str(vars(request))


def test_the_path_is_as_it_was_sent(stand_in: StandIn) -> None:
    for target in ("/api/v1/tasks/a%2Fb?page=1", "https://api.modellix.ai/nowhere"):
        stand_in.handle("GET", target, {}, b"")
    assert [each.path for each in stand_in.requests] == ["/api/v1/tasks/a%2Fb?page=1", "/nowhere"]


def test_what_scripts_did_is_told(send: Any, stand_in: StandIn) -> None:
    stand_in.answer_next(503)
    stand_in.cut_next("status")
    for _ in range(3):
        send("POST", GENERATE, good.body())
    assert [each.answer.status for each in stand_in.requests] == [503, 200, 200]
    assert [each.answer.fault is None for each in stand_in.requests] == [True, False, True]


def test_the_latest_are_kept(stand_in: StandIn) -> None:
    for number in range(KEPT_REQUESTS + 5):
        stand_in.handle("GET", f"/{number}", {}, b"")
    assert [each.path for each in stand_in.requests] == [f"/{number}" for number in range(5, KEPT_REQUESTS + 5)]


def test_a_record_is_short_in_messages(stand_in: StandIn) -> None:
    stand_in.handle("GET", "/x", {}, b"secret")
    assert repr(stand_in.requests[0]) == "Request(method='GET', path='/x')"
    assert isinstance(stand_in.requests[0], Request)
