"""The document itself: valid OpenAPI, complete, and honest about what is not on the two pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate
from ruamel.yaml import YAML

from contract_tests.harness.parametrize import every_operation, every_submission
from contract_tests.model.document import Document, Node, Operation
from contract_tests.model.page_facts import PAGES
from modellix._keywords import KEYWORDS
from modellix._openapi import GET_TASK, Found, at, objects_in, reference

SOURCE = Path(__file__).parents[2] / "openapi" / "modellix.yaml"

# What ships, by hand. Operations beyond these may come without examples or error replies of their own.
SHIPPED = {
    "gpt_image_2": ("openai", "https://docs.modellix.ai/openai/gpt-image-2"),
    "gpt_image_2_edit": ("openai", "https://docs.modellix.ai/openai/gpt-image-2-edit"),
    "get_task": ("tasks", "https://docs.modellix.ai/api-reference/query-task-result"),
}
STATUSES = ["200", "400", "401", "402", "404", "429", "500", "503"]
LIMITS = [name for name, keyword in KEYWORDS.items() if keyword.is_limit or name in ("enum", "const")]

shipped = pytest.mark.parametrize("operation_id", SHIPPED)
replies = pytest.mark.parametrize(("operation_id", "status"), [(one, status) for one in SHIPPED for status in STATUSES])
errors = pytest.mark.parametrize(
    ("operation_id", "status"), [(one, status) for one in SHIPPED for status in STATUSES if status != "200"]
)


def test_document_is_valid_openapi(document: Document) -> None:
    validate(document.root)


def test_client_carries_the_document_in_the_repository(document: Document) -> None:
    assert YAML(typ="safe", pure=True).load(SOURCE) == document.root


def test_shipped_operations_are_there(document: Document) -> None:
    assert set(SHIPPED) <= {operation.operation_id for operation in document.operations}


def test_operation_ids_are_unique(document: Document) -> None:
    counted = Counter(operation.operation_id for operation in document.operations)
    assert [name for name, count in counted.items() if count > 1] == []


@shipped
def test_operation_has_its_tag_and_its_page(operation_id: str, document: Document) -> None:
    node = document.operation(operation_id).node
    assert (*node["tags"], node["externalDocs"]["url"]) == SHIPPED[operation_id]


def test_every_tag_is_described(document: Document) -> None:
    described = {tag["name"] for tag in document.root["tags"] if tag["description"]}
    assert {tag for operation in document.operations for tag in operation.node["tags"]} <= described


@shipped
def test_operation_states_its_security(operation_id: str, document: Document) -> None:
    """On the operation itself, because the client's generator overlooks what is stated for the whole document."""
    assert document.operation(operation_id).node["security"] == [{"bearerAuth": []}]


@every_submission
def test_submission_links_to_its_task_by_id(operation: Operation, document: Document) -> None:
    [link] = document.links(operation)
    assert link["operationId"] == GET_TASK
    assert link["parameters"] == {"task_id": "$response.body#/data/task_id"}


def test_shipped_submissions_are_recognised(document: Document) -> None:
    assert {"gpt_image_2", "gpt_image_2_edit"} <= {operation.operation_id for operation in document.submissions}
    assert GET_TASK not in {operation.operation_id for operation in document.submissions}


@shipped
def test_operation_has_every_documented_status(operation_id: str, document: Document) -> None:
    assert sorted(document.replies(document.operation(operation_id))) == STATUSES


@replies
def test_reply_has_a_named_example(operation_id: str, status: str, document: Document) -> None:
    assert document.examples(document.replies(document.operation(operation_id))[status])


@errors
def test_error_reply_has_the_envelope(operation_id: str, status: str, document: Document) -> None:
    content = document.replies(document.operation(operation_id))[status]
    envelope = document.schema(content["schema"])
    assert envelope["required"] == ["code", "message"]
    assert {example["code"] for example in document.examples(content).values()} == {int(status)}


@every_operation
def test_examples_satisfy_their_schemas(operation: Operation, document: Document) -> None:
    contents = {"request": document.body(operation), **document.replies(operation)}
    wrong = [
        f"{where} example {name}"
        for where, content in contents.items()
        for name, value in document.examples(content).items()
        if not document.validator(content["schema"]).is_valid(value)
    ]
    assert wrong == []


@shipped
def test_extra_properties_are_not_forbidden(operation_id: str, document: Document) -> None:
    """No page says that they are."""
    closed = [
        place
        for place, node in _reached(document, document.operation(operation_id).node)
        if node.get("additionalProperties", True) is not True or node.get("unevaluatedProperties", True) is not True
    ]
    assert closed == []


def test_a_request_schema_serves_one_operation_alone(document: Document) -> None:
    """So a page that changes one model's request changes no other's, and no name of a type."""
    bodies = [_reached(document, document.body(operation)) for operation in document.operations]
    uses = Counter(place for body in bodies for place in {place for place, _ in body})
    assert [place for place, count in uses.items() if count > 1] == []


def test_each_limit_beside_those_of_requests_stands_once(document: Document) -> None:
    """Two fields of one name, type and limits are one schema written twice; `$ref` is there for that."""
    nodes: dict[str, Node] = {}
    for operation in _operations_with_known_pages(document):
        asked = {id(node) for _, node in _reached(document, document.body(operation))}
        nodes |= {place: node for place, node in _reached(document, operation.node) if id(node) not in asked}
    limits: dict[str, list[str]] = {}
    for place, node in nodes.items():
        stated = {key: node[key] for key in LIMITS if key in node}
        if stated and "type" in node:
            name = place.rpartition("/")[2].lower()
            limits.setdefault(repr((name, node["type"], stated)), []).append(place)
    assert [places for places in limits.values() if len(places) > 1] == []


def test_what_is_not_on_the_pages_names_its_source(document: Document) -> None:
    """Operations, parameters, replies and schemas that no page's request or reply 200 leads to carry `x-source`."""
    on_pages = _reached_from_pages(document, document.submissions)
    silent = [
        pointer for pointer, node in _components(document) if pointer not in on_pages and not node.get("x-source")
    ]
    assert silent == []
    assert document.operation(GET_TASK).node["x-source"]


def test_what_is_on_the_pages_names_no_other_source(document: Document) -> None:
    typed = [operation for operation in document.submissions if operation.name in PAGES]
    on_pages = _reached_from_pages(document, typed)
    assert [place for place, node in on_pages.items() if "x-source" in node] == []


def _operations_with_known_pages(document: Document) -> list[Operation]:
    return [document.operation(operation_id) for operation_id in SHIPPED]


def _reached_from_pages(document: Document, operations: Any) -> dict[str, Node]:
    reached: dict[str, Node] = {}
    for operation in operations:
        for content in (document.body(operation), document.replies(operation)["200"]):
            reached |= dict(_reached(document, content))
    return reached


def _reached(document: Document, node: Node) -> Iterator[tuple[str, Node]]:
    """Every object that a part of the document holds or leads to by `$ref`, by its place."""
    seen: set[str] = set()
    waiting = [Found(f"#{id(node)}", node)]
    while waiting:
        found = waiting.pop(0)
        for inner in objects_in(found.value, found.place):
            yield inner
            if (ref := reference(inner.value)) is not None and ref not in seen:
                seen.add(ref)
                waiting.append(Found(ref, at(document.root, ref)))


def _components(document: Document) -> Iterator[tuple[str, Node]]:
    for kind in ("schemas", "responses", "parameters"):
        for name, node in document.root["components"].get(kind, {}).items():
            yield f"#/components/{kind}/{name}", node
