"""What callers of the service get, beside the stand-in in process."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

import service
import studio
from modellix import Modellix, SqliteJournal
from modellix.testing import StandIn

ORDER = {"prompt": "A lighthouse in fog", "size": "1024x1024"}
PATIENCE = 60.0  # seconds


@pytest.fixture
def stand_in(modellix_stand_in: StandIn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> StandIn:
    """A service that paints, and an empty folder for journal and files."""
    monkeypatch.chdir(tmp_path)
    return modellix_stand_in


@pytest.fixture
def caller(stand_in: StandIn) -> Iterator[TestClient]:
    with TestClient(service.app) as caller:
        yield caller


@pytest.fixture
def path() -> str:
    """Of an order that nobody has given yet."""
    return f"/pictures/{uuid.uuid4()}"


def end_of(caller: TestClient, path: str) -> dict[str, Any]:
    """What the service tells of an order when it has come to its end."""
    end = time.monotonic() + PATIENCE
    while (told := caller.get(path).json())["state"] in ("ordered", "in the making"):
        assert time.monotonic() < end
        time.sleep(0.01)
    return dict(told)


def test_an_order_is_bought_once_however_often_it_is_sent(caller: TestClient, stand_in: StandIn, path: str) -> None:
    assert [caller.put(path, json=ORDER).status_code for _ in range(3)] == [202, 202, 202]
    told = end_of(caller, path)
    assert (told["state"], len(stand_in.submissions)) == ("done", 1)
    [file] = told["files"]
    assert caller.get(file).headers["content-type"] == "image/png"


def test_another_order_under_the_same_id_is_a_conflict(caller: TestClient, stand_in: StandIn, path: str) -> None:
    caller.put(path, json=ORDER)
    assert caller.put(path, json={"prompt": "A harbour"}).status_code == 409
    assert len(stand_in.submissions) == 1


def test_what_nobody_ordered_is_not_found(caller: TestClient, path: str) -> None:
    assert [caller.get(path).status_code, caller.get(f"{path}/files/0").status_code] == [404, 404]


def test_the_form_has_the_limits_of_the_client(caller: TestClient) -> None:
    operation = caller.get("/openapi.json").json()["paths"]["/pictures/{id}"]["put"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    with Modellix("test-key") as client:
        limits = client.openai.gpt_image_2.limits
    told = {name: {**field, "required": name in schema["required"]} for name, field in schema["properties"].items()}
    assert told == limits


@pytest.mark.parametrize(
    ("order", "wrong"),
    [
        ({}, {"prompt": "missing"}),
        ({"prompt": ""}, {"prompt": "minLength"}),
        ({"prompt": "A harbour", "size": "1x1", "quality": 7}, {"size": "enum", "quality": "type"}),
        ({"prompt": "A harbour", "colour": "red"}, {"colour": "extra_forbidden"}),
    ],
)
def test_what_breaks_a_limit_is_named_field_by_field(
    caller: TestClient, stand_in: StandIn, path: str, order: dict[str, Any], wrong: dict[str, str]
) -> None:
    reply = caller.put(path, json=order)
    assert (reply.status_code, stand_in.submissions) == (422, [])
    assert {one["loc"][-1]: one["type"] for one in reply.json()["detail"]} == wrong


@pytest.mark.parametrize(("told", "passed_on"), [({"Retry-After": "7"}, "7"), ({}, str(service.PAUSE))])
def test_too_many_requests_become_come_again_later(
    caller: TestClient, stand_in: StandIn, path: str, told: dict[str, str], passed_on: str
) -> None:
    stand_in.answer_next(429, told, to="submissions")
    reply = caller.put(path, json=ORDER)
    assert (reply.status_code, reply.headers["Retry-After"]) == (503, passed_on)
    assert caller.get(path).json()["state"] == "not bought"
    assert caller.put(path, json=ORDER).status_code == 202
    assert (end_of(caller, path)["state"], len(stand_in.submissions)) == ("done", 2)


@pytest.mark.parametrize(("status", "answer"), [(400, 422), (401, 503), (402, 503)])
def test_a_refusal_is_told_without_its_words(
    caller: TestClient, stand_in: StandIn, path: str, status: int, answer: int
) -> None:
    stand_in.answer_next(status, to="submissions")
    reply = caller.put(path, json=ORDER)
    assert (reply.status_code, len(stand_in.submissions)) == (answer, 1)
    assert set(reply.json()) == {"detail"}


def test_more_than_may_be_bought_is_not_bought(stand_in: StandIn, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.setenv("MOST_PICTURES", "0")
    with TestClient(service.app) as caller:
        assert (caller.put(path, json=ORDER).status_code, stand_in.submissions) == (503, [])


def test_what_may_have_been_bought_is_unclear_and_never_sent_again(stand_in: StandIn, path: str) -> None:
    stand_in.answer_next(500, to="submissions")
    with TestClient(service.app) as caller:
        assert [caller.put(path, json=ORDER).status_code for _ in range(2)] == [202, 202]
        assert (end_of(caller, path)["state"], len(stand_in.submissions)) == ("unclear", 1)
    with SqliteJournal("purchases.db") as journal:
        assert [f"/pictures/{entry.reference}" for entry in journal.unresolved()] == [path]


def test_a_failed_picture_is_told(caller: TestClient, stand_in: StandIn, path: str) -> None:
    stand_in.fail_next()
    caller.put(path, json=ORDER)
    assert end_of(caller, path) == {"id": path.rpartition("/")[2], "state": "failed", "files": []}


@pytest.mark.parametrize("owner", ["", "web"])
def test_what_is_bought_comes_home_after_a_restart(
    stand_in: StandIn, path: str, monkeypatch: pytest.MonkeyPatch, owner: str
) -> None:
    """This one shuts down in good order; test_fastapi.py kills."""
    monkeypatch.setenv("OWNER", owner)
    is_down = threading.Event()
    stand_in.answer_next(503, count=1000, to="reads", when=lambda _: not is_down.is_set())
    with TestClient(service.app) as caller:
        caller.put(path, json=ORDER)
        assert caller.get(path).json()["state"] == "in the making"
    is_down.set()
    with TestClient(service.app) as caller:
        assert (end_of(caller, path)["state"], len(stand_in.submissions)) == ("done", 1)


def test_a_file_that_cannot_be_had_at_first_comes_with_a_later_sweep(
    stand_in: StandIn, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio, "SWEEP", 0.1)
    stand_in.answer_next(404, to="results")
    with TestClient(service.app) as caller:
        caller.put(path, json=ORDER)
        assert (end_of(caller, path)["state"], len(stand_in.submissions)) == ("done", 1)


def test_no_prompt_is_in_a_log(caller: TestClient, path: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    caller.put(path, json=ORDER)
    end_of(caller, path)
    assert "modellix" in caplog.text
    assert ORDER["prompt"] not in caplog.text
