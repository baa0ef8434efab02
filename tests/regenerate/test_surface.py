"""Regenerating says what changed for users of the client, one line each."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from ruamel.yaml import YAML

from scripts.regenerate.surface import describe_changes

from .documents import ROOT, document, get

BEFORE: dict[str, Any] = YAML(typ="safe").load(ROOT / "tests" / "page2openapi" / "contract.yaml")
Change = Callable[[dict[str, Any], dict[str, Any]], Any]  # of the schemas and the paths


def fields(schemas: dict[str, Any], name: str = "GptImage2Request") -> dict[str, Any]:
    """The fields of a request, the prompt for one."""
    found: dict[str, Any] = schemas[name]["properties"]
    return found


CHANGES: list[tuple[str, Change, list[str]]] = [
    ("nothing", lambda schemas, paths: None, ["no change to the public surface"]),
    (
        "a description",
        lambda schemas, paths: fields(schemas)["prompt"].update(description="x"),
        ["no change to the public surface"],
    ),
    (
        "a limit",
        lambda schemas, paths: fields(schemas)["prompt"].update(maxLength=16000),
        ["gpt_image_2 prompt: maxLength 32000 -> 16000"],
    ),
    (
        "a limit gone",
        lambda schemas, paths: fields(schemas)["prompt"].pop("minLength"),
        ["gpt_image_2 prompt: minLength 1 removed"],
    ),
    (
        "options",
        lambda schemas, paths: fields(schemas)["quality"].update(enum=["low", "high", "best"]),
        ["gpt_image_2 quality: option medium removed", "gpt_image_2 quality: option best added"],
    ),
    (
        "a field",
        lambda schemas, paths: fields(schemas).update(seed={"type": "integer"}),
        ["gpt_image_2 seed: added"],
    ),
    (
        "a field gone",
        lambda schemas, paths: fields(schemas, "GptImage2EditRequest").pop("size"),
        ["gpt_image_2_edit size: removed"],
    ),
    (
        "a field that became optional",
        lambda schemas, paths: schemas["GptImage2EditRequest"].update(required=["images"]),
        ["gpt_image_2_edit prompt: required true -> false"],
    ),
    (
        "items",
        lambda schemas, paths: fields(schemas, "GptImage2EditRequest")["images"]["items"].update(maxLength=9),
        ["gpt_image_2_edit images[]: maxLength 9 added"],
    ),
    (
        "a limit on all fields",
        lambda schemas, paths: schemas["GptImage2Request"].update(dependentRequired={"size": ["quality"]}),
        ['gpt_image_2: dependentRequired {"size": ["quality"]} added'],
    ),
    (
        "a limit on all elements",
        lambda schemas, paths: fields(schemas, "GptImage2EditRequest")["images"].update(contains={"pattern": "a"}),
        ['gpt_image_2_edit images: contains {"pattern": "a"} added'],
    ),
    (
        "a reply",
        lambda schemas, paths: schemas["Submission"]["properties"].pop("model_id"),
        [f"{name} reply 200 data.model_id: removed" for name in ("gpt_image_2", "gpt_image_2_edit")],
    ),
    (
        "a default",
        lambda schemas, paths: fields(schemas)["quality"].update(default="high"),
        ["gpt_image_2 quality: default low -> high"],
    ),
    ("an operation gone", lambda schemas, paths: paths.pop("/tasks/{task_id}"), ["get_task: operation removed"]),
    ("an operation", lambda schemas, paths: paths.update({"/new": get(name="new")}), ["new: operation added"]),
    (
        "a path",
        lambda schemas, paths: paths.update({"/t/{task_id}": paths.pop("/tasks/{task_id}")}),
        ["get_task: path /tasks/{task_id} -> /t/{task_id}"],
    ),
]


@pytest.mark.parametrize(("name", "change", "expected"), CHANGES, ids=[row[0] for row in CHANGES])
def test_change_is_one_line(name: str, change: Change, expected: list[str]) -> None:
    new = copy.deepcopy(BEFORE)
    change(new["components"]["schemas"], new["paths"])
    assert describe_changes(BEFORE, new) == expected


def test_first_generation_lists_the_operations() -> None:
    assert describe_changes(None, BEFORE) == [
        "gpt_image_2: operation added",
        "gpt_image_2_edit: operation added",
        "get_task: operation added",
    ]


@pytest.mark.slow
def test_old_document_that_cannot_be_read_does_not_stop_anything(regenerate: Callable[..., Any], tmp_path: Any) -> None:
    regenerate(document({"/a": get()}))
    old = tmp_path / "out" / "modellix_client" / "openapi.json"
    for text in (
        "{",
        "[]",
        '{"paths": {"/a": {"get": {"operationId": "read", "responses": {"200": {"$ref": "#/no"}}}}}}',
        '{"servers": [1]}',
    ):
        old.write_text(text)
        status, out, _ = regenerate(document({"/a": get()}))
        assert (status, out) == (0, "read: operation added\n")
