"""A changed document changes the stand-in, with no other edit."""

import json
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator

from contract_tests.model import good
from modellix._openapi import json_content, operations, request_body
from modellix.testing import StandIn
from modellix.testing.contract import shipped_contract

TEXT = json.dumps(good.body()).encode()
LINKS = {"task": {"operationId": "get_task", "parameters": {"task_id": "$response.body#/data/task_id"}}}


def add_submission(document: dict[str, Any], path: str, schema: dict[str, Any], reply: dict[str, Any]) -> None:
    document["paths"][path] = {
        "post": {
            "operationId": "third",
            "security": [{"bearerAuth": []}],
            "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
            "responses": {"200": {"description": "Accepted", "links": LINKS, **reply}},
        }
    }


def test_third_submission_without_a_reply_example(document: dict[str, Any], sender_to: Any) -> None:
    """Validation, reply, task and picture follow from the operation alone."""
    schema = {
        "type": "object",
        "required": ["text"],
        "properties": {
            "text": {"type": "string", "maxLength": 3},
            "size": {"enum": ["640x480", "1536x1024"], "default": "1536x1024"},
        },
    }
    add_submission(document, "/acme/painter-1/async", schema, {})
    stand_in = StandIn(document=document, reads=1)
    send = sender_to(stand_in)
    assert send("POST", "/acme/painter-1/async", {"text": "long"}).json() == {
        "code": 400,
        "message": "Value out of range: parameter 'text' is too long",
    }
    reply = send("POST", "/acme/painter-1/async", {"text": "abc"}).json()
    task_id = reply["data"]["task_id"]
    assert reply == {
        "code": 0,
        "message": "success",
        "data": {"status": "pending", "task_id": task_id, "model_id": "painter-1"},
    }
    data = send("GET", f"/tasks/{task_id}").json()["data"]
    assert data["model_id"] == "painter-1"
    assert [(r["width"], r["height"]) for r in data["result"]["resources"]] == [(1536, 1024)]
    assert [(s.operation, s.accepted) for s in stand_in.submissions] == [("third", False), ("third", True)]


def test_first_status_comes_from_the_reply_schema(document: dict[str, Any], sender_to: Any) -> None:
    status = {"type": "string", "enum": ["queued", "pending"]}
    data = {"type": "object", "properties": {"status": status}}
    content = {"application/json": {"schema": {"allOf": [{"properties": {"data": data}}]}}}
    add_submission(document, "/acme/painter", {"type": "object"}, {"content": content})
    reply = sender_to(StandIn(document=document))("POST", "/acme/painter", {}).json()
    assert (reply["data"]["status"], reply["data"]["model_id"]) == ("queued", "painter")


@pytest.mark.parametrize(
    ("size", "expected"),
    [("640x480", (640, 480)), ("auto", (1024, 1024)), ("99999x99999", (1024, 1024)), (7, (1024, 1024))],
)
def test_sizes_without_a_list_of_options(
    document: dict[str, Any], sender_to: Any, size: Any, expected: tuple[int, int]
) -> None:
    add_submission(document, "/acme/painter/async", {"type": "object"}, {})
    send = sender_to(StandIn(document=document, reads=1))
    task_id = send("POST", "/acme/painter/async", {"size": size}).json()["data"]["task_id"]
    (resource,) = send("GET", f"/tasks/{task_id}").json()["data"]["result"]["resources"]
    assert (resource["width"], resource["height"]) == expected


SIZES = ["640x480", "7680x4320", "auto"]


@pytest.mark.parametrize(
    "schema",
    [
        {"enum": SIZES},
        {"enum": SIZES, "default": "800x600"},
        {"type": "string", "default": "800x600"},
        {"anyOf": [{"type": "null"}, {"type": "string", "enum": SIZES}], "default": "800x600"},
        {"oneOf": [{"type": "string", "enum": SIZES, "default": "800x600"}, {"type": "null"}]},
    ],
)
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"frame": "640x480"}, (640, 480)),
        ({"words": "320x200", "frame": "640x480"}, (640, 480)),
        ({"words": "320x200"}, None),
        ({"frame": "7680x4320"}, None),
        ({}, None),
    ],
)
def test_the_field_of_sizes_may_have_any_name(
    document: dict[str, Any], sender_to: Any, schema: Any, body: Any, expected: tuple[int, int] | None
) -> None:
    """Without a size that can be made, it is the default's: text beside it is not taken for one."""
    fields = {"words": {"type": "string"}, "frame": schema}
    add_submission(document, "/acme/painter/async", {"allOf": [{"properties": fields}]}, {})
    send = sender_to(StandIn(document=document, reads=1))
    task_id = send("POST", "/acme/painter/async", body).json()["data"]["task_id"]
    (resource,) = send("GET", f"/tasks/{task_id}").json()["data"]["result"]["resources"]
    default = (800, 600) if "800x600" in repr(schema) else (1024, 1024)
    assert (resource["width"], resource["height"]) == (expected or default)


def test_changed_limits_and_options_are_kept(document: dict[str, Any], sender_to: Any) -> None:
    fields = document["components"]["schemas"]["GptImage2Request"]["properties"]
    fields |= {good.TEXT: {"type": "string", "maxLength": 5}, good.CHOICE: {"enum": ["ultra"]}}
    send = sender_to(StandIn(document=document))
    path = "/openai/gpt-image-2/async"
    assert send("POST", path, {good.TEXT: "12345", good.CHOICE: "ultra"}).status == 200
    assert send("POST", path, {good.TEXT: "123456"}).status == 400
    assert send("POST", path, {good.TEXT: "12345", good.CHOICE: "low"}).status == 400


def test_another_server_has_another_prefix(document: dict[str, Any]) -> None:
    document["servers"] = [{"url": "https://images.example/v9/"}]
    stand_in = StandIn(document=document)
    key = {"Authorization": "Bearer test-key"}
    answer = stand_in.handle("POST", "/v9/openai/gpt-image-2/async", key, TEXT)
    assert answer.json()["data"]["get_result"]["url"].startswith("https://images.example/v9/tasks/")
    assert stand_in.handle("POST", "/api/v1/openai/gpt-image-2/async", key, TEXT).status == 404


def test_categories_come_from_the_examples(document: dict[str, Any], sender_to: Any) -> None:
    for name, message in (("BadRequest", "Nope: x"), ("Unauthorized", "Who are you: x"), ("NotFound", "Gone: x")):
        content = document["components"]["responses"][name]["content"]["application/json"]
        content["examples"] = {"only": {"value": {"message": message}}}
    send = sender_to(StandIn(document=document))
    path = "/openai/gpt-image-2/async"
    assert send("POST", path, {}).json()["message"] == f"Nope: {good.TEXT}"
    assert send("POST", path, {}, {}).json()["message"].startswith("Who are you: ")
    assert send("GET", "/tasks/x").json()["message"].startswith("Gone: ")


def test_a_document_without_examples_still_works(document: dict[str, Any], sender_to: Any) -> None:
    contents = [response["content"] for response in document["components"]["responses"].values()]
    for item in document["paths"].values():
        for operation in item.values():
            contents.append(operation["responses"]["200"]["content"])
    for content in contents:
        content["application/json"].pop("examples", None)
    send = sender_to(StandIn(document=document, reads=1))
    reply = send("POST", "/openai/gpt-image-2/async", good.body()).json()
    data = send("GET", f"/tasks/{reply['data']['task_id']}").json()["data"]
    assert (data["status"], data["result"]["resources"][0]["type"]) == ("success", "image")
    assert send("GET", "/tasks/x").json() == {"code": 404, "message": "Not Found: no task has this id"}
    assert send("POST", "/openai/gpt-image-2/async", {}).json()["message"] == f"Bad Request: {good.TEXT}"


def test_an_operation_without_security_needs_no_key(document: dict[str, Any], sender_to: Any) -> None:
    document["paths"]["/openai/gpt-image-2/async"]["post"]["security"] = []
    send = sender_to(StandIn(document=document))
    assert send("POST", "/openai/gpt-image-2/async", good.body(), {}).status == 200


def test_security_of_the_whole_document_counts(document: dict[str, Any], sender_to: Any) -> None:
    del document["paths"]["/tasks/{task_id}"]["get"]["security"]
    document["security"] = [{"bearerAuth": []}]
    assert sender_to(StandIn(document=document))("GET", "/tasks/x", b"", {}).status == 401


def test_a_key_of_another_kind_is_refused_at_once(document: dict[str, Any]) -> None:
    document["components"]["securitySchemes"]["bearerAuth"] = {"type": "apiKey", "in": "header", "name": "X-Key"}
    with pytest.raises(ValueError, match="bearer keys only"):
        StandIn(document=document)


def test_paths_without_parameters_win(document: dict[str, Any], sender_to: Any) -> None:
    add_submission(document, "/tasks/new", {"type": "object"}, {})
    send = sender_to(StandIn(document=document))
    assert send("POST", "/tasks/new", {}).status == 200
    assert send("GET", "/tasks/newer").status == 404


def test_other_operations_are_left_out(document: dict[str, Any], sender_to: Any) -> None:
    document["paths"]["/models"] = {"get": {"operationId": "models", "responses": {"200": {"description": "All"}}}}
    assert sender_to(StandIn(document=document))("GET", "/models").status == 501


def test_nothing_is_fetched_for_a_schema(document: dict[str, Any]) -> None:
    fields = document["components"]["schemas"]["GptImage2Request"]["properties"]
    fields[good.TEXT] = {"$ref": "http://127.0.0.1:9/text.json"}
    with pytest.raises(ValueError, match=r"127\.0\.0\.1:9"):
        StandIn(document=document)


def test_the_document_is_not_changed(document: dict[str, Any], sender_to: Any) -> None:
    before = repr(document)
    send = sender_to(StandIn(document=document, reads=1))
    task_id = send("POST", "/openai/gpt-image-2/async", good.body()).json()["data"]["task_id"]
    send("GET", f"/tasks/{task_id}")
    assert repr(document) == before


def test_a_document_is_compiled_once_for_all_stand_ins(
    document: dict[str, Any], sender_to: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the shipped one a schema at a time: a client of a hundred models asks for one or two in a test."""
    compiled: list[object] = []

    def counted(root: dict[str, Any], **options: Any) -> Any:
        compiled.append(root)
        return Draft202012Validator(root, **options)

    monkeypatch.setattr("modellix.testing.validation.Draft202012Validator", counted)
    shipped_contract.cache_clear()
    for _ in range(3):
        send = sender_to(StandIn())
        assert send("POST", "/openai/gpt-image-2/async", good.body()).status == 200
    assert len(compiled) == 1
    document["info"]["title"] = "compiled by this test alone"
    bodies = [one for one in operations(document) if json_content(request_body(document, one))]
    for _ in range(3):
        StandIn(document=document)
    assert len(compiled) == 1 + len(bodies)


def test_a_document_may_change_after_its_stand_in_was_made(document: dict[str, Any], sender_to: Any) -> None:
    before = sender_to(StandIn(document=document))
    document["components"]["schemas"]["GptImage2Request"]["required"] = []
    assert before("POST", "/openai/gpt-image-2/async", {}).status == 400
    assert sender_to(StandIn(document=document))("POST", "/openai/gpt-image-2/async", {}).status == 200
