"""The plain functions of the shipped client: nothing wrong is sent, and every odd reply is an error of one kind."""

from __future__ import annotations

import asyncio
import copy
import pickle
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from contract_tests.model import good
from modellix_client import AuthenticatedClient, ConstraintError
from modellix_client.api.openai import gpt_image_2, gpt_image_2_edit
from modellix_client.api.tasks import get_task
from modellix_client.errors import ReplyError, UnexpectedStatus, UnreadableReply
from modellix_client.models import ErrorReply, GptImage2EditRequest, GptImage2Request, SubmissionReply, TaskReply
from modellix_client.operations import document
from scripts.mutants.kills import kills, swap

PROMPT = good.prompt("a")
ACCEPTED = {"code": 0, "message": "success", "data": {"status": "pending", "task_id": "t", "model_id": "m"}}


class Service:
    """Answers every request alike and keeps what it was sent."""

    def __init__(self, status: int = 200, **reply: Any) -> None:
        self.requests: list[httpx.Request] = []
        self._reply = lambda: httpx.Response(status, **reply)
        transport = httpx.MockTransport(self._answer)
        arguments = {"transport": transport}
        self.client = AuthenticatedClient(base_url="https://api.example.com", token="k3y", httpx_args=arguments)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self._reply()


def submit(service: Service) -> Any:
    return gpt_image_2.sync(client=service.client, body=GptImage2Request(**good.words(PROMPT)))


def test_submission_is_sent_with_key_and_wire_form() -> None:
    service = Service(json=ACCEPTED)
    reply = submit(service)
    assert isinstance(reply, SubmissionReply)
    assert reply.data.task_id == "t"
    (request,) = service.requests
    assert request.headers["authorization"] == "Bearer k3y"
    assert request.content == f'{{"{good.TEXT}":"{PROMPT}"}}'.encode()
    assert request.extensions["timeout"]["read"] == 30.0


def test_async_functions_do_the_same() -> None:
    service = Service(json=ACCEPTED)
    reply = asyncio.run(gpt_image_2.asyncio(client=service.client, body=GptImage2Request(**good.words(PROMPT))))
    assert isinstance(reply, SubmissionReply)


@kills(
    "What was broken in place is sent.",
    "modellix_client.constraints:_checked",
    swap("if found", 'if found and schema.endswith("construction")'),
)
def test_body_that_was_broken_in_place_is_not_sent() -> None:
    service = Service(json=ACCEPTED)
    body = GptImage2EditRequest(**good.words(PROMPT, good.EDIT))
    getattr(body, good.attribute(good.PICTURES, good.EDIT))[-1] = "http://example.com/b"
    for send in (gpt_image_2_edit.sync_detailed, gpt_image_2_edit.sync):
        with pytest.raises(ConstraintError):
            send(client=service.client, body=body)
    with pytest.raises(ConstraintError):
        asyncio.run(gpt_image_2_edit.asyncio_detailed(client=service.client, body=body))
    assert service.requests == []


ODD: list[tuple[str, int, dict[str, Any], type[ReplyError]]] = [
    ("unregistered status", 520, {"json": ACCEPTED}, UnexpectedStatus),
    ("undocumented status", 418, {"json": ACCEPTED}, UnexpectedStatus),
    ("status beyond all", 999, {"text": "x"}, UnexpectedStatus),
    ("HTML", 200, {"html": "<html>secret</html>"}, UnreadableReply),
    ("nothing", 200, {"content": b""}, UnreadableReply),
    ("half a reply", 200, {"content": b'{"code": 0, "da'}, UnreadableReply),
    ("not UTF-8", 200, {"content": b"\xff\xfe\xff"}, UnreadableReply),
    ("a list", 200, {"json": []}, UnreadableReply),
    ("null", 200, {"json": None}, UnreadableReply),
    ("text", 200, {"json": "secret"}, UnreadableReply),
    ("parts missing", 200, {"json": {"code": 0}}, UnreadableReply),
    ("a part of another type", 200, {"json": {**ACCEPTED, "data": "secret"}}, UnreadableReply),
    ("deep nesting", 200, {"content": b"[" * 100_000}, UnreadableReply),
    ("an error without its parts", 400, {"json": {}}, UnreadableReply),
]


@pytest.mark.parametrize(("name", "status", "reply", "kind"), ODD, ids=[row[0] for row in ODD])
def test_odd_reply_is_an_error_that_does_not_repeat_it(
    name: str, status: int, reply: dict[str, Any], kind: type[ReplyError]
) -> None:
    with pytest.raises(ReplyError) as caught:
        submit(Service(status, **reply))
    error = caught.value
    assert type(error) is kind
    assert (error.status_code, type(error.content)) == (status, bytes)
    assert f"status {status}, {len(error.content)} bytes" in str(error)
    assert "secret" not in f"{error!r} {error}"


@pytest.mark.parametrize("twin", [copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))])
@pytest.mark.parametrize("kind", [UnexpectedStatus, UnreadableReply])
def test_reply_errors_survive_copies(kind: type[ReplyError], twin: Callable[[Any], Any]) -> None:
    error = twin(kind(520, b"a"))
    assert (type(error), error.status_code, error.content) == (kind, 520, b"a")


@pytest.mark.parametrize("status", [400, 401, 402, 404, 429, 500, 503])
def test_documented_errors_are_read(status: int) -> None:
    reply = submit(Service(status, json={"code": status, "message": "Category: detail", "new": 1}))
    assert isinstance(reply, ErrorReply)
    assert reply.additional_properties == {"new": 1}


def examples() -> list[tuple[str, Any]]:
    found = document()["paths"]["/tasks/{task_id}"]["get"]["responses"]["200"]["content"]["application/json"][
        "examples"
    ]
    return [(name, one["value"]) for name, one in found.items()]


def read(reply: Any) -> Any:
    return get_task.sync("../a b", client=Service(json=reply).client)


@pytest.mark.parametrize(("name", "reply"), examples())
def test_documented_states_are_read(name: str, reply: dict[str, Any]) -> None:
    task = read(reply)
    assert isinstance(task, TaskReply)
    assert (task.data.status, task.to_dict()) == (name, reply)


def test_states_that_nobody_knows_yet_are_read() -> None:
    data = {"status": "resting", "task_id": "t", "result": None, "model_id": None, "duration": None, "new": {"a": 1}}
    task = read({"code": 7, "message": "m", "data": data})
    assert task.data.status == "resting"
    assert task.to_dict()["data"] == data


def test_parts_of_a_resource_may_be_null_or_absent() -> None:
    resources = [
        {"url": "https://a", "type": "image", "width": None, "role": None},
        {"url": "https://b", "type": "new"},
    ]
    task = read(
        {"code": 0, "message": "m", "data": {"status": "success", "task_id": "t", "result": {"resources": resources}}}
    )
    assert [one.to_dict() for one in task.data.result.resources] == resources


def test_task_id_is_one_part_of_the_path() -> None:
    service = Service(json=examples()[0][1])
    get_task.sync("../a b/?", client=service.client)
    assert service.requests[0].url.raw_path == b"/tasks/..%2Fa%20b%2F%3F"
