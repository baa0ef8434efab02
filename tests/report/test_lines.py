"""Every promise leads to the line of the document that says it."""

from __future__ import annotations

from pathlib import Path

import pytest

from contract_tests.model import good
from contract_tests.model.document import Document, contract
from contract_tests.model.promises import OF_LIMITS, Promise, all_promises
from scripts.report.command import DOCUMENT, ROOT
from scripts.report.lines import ALIASES, STEPS, Lines
from scripts.report.reading import Unreadable

TEXT = (ROOT / DOCUMENT).read_text(encoding="utf-8").splitlines()
OPERATIONS = {operation.name: operation for operation in contract().operations}
LINES = Lines(ROOT / DOCUMENT, contract())


def line_of(promise: str) -> str:
    name, _, suffix = promise.partition(".")
    return TEXT[LINES.of(OPERATIONS[name], suffix) - 1].strip()


@pytest.mark.parametrize(
    ("promise", "text"),
    [
        (f"gpt-image-2.{good.TEXT}.maxLength", f"maxLength: {len(good.longest_prompt())}"),
        (f"gpt-image-2.{good.TEXT}.counting", f"maxLength: {len(good.longest_prompt())}"),
        (f"gpt-image-2.{good.TEXT}.required", "required: ["),
        (f"gpt-image-2-edit.{good.PICTURES}.required", "required: ["),
        (f"gpt-image-2-edit.{good.PICTURES}.maxItems", f"maxItems: {good.field(good.PICTURES)['maxItems']}"),
        (f"gpt-image-2-edit.{good.PICTURES}[].pattern", "pattern: '^https://"),
        (f"gpt-image-2.{good.SIZE}.optional", f"{good.SIZE}:"),
        (f"gpt-image-2.{good.SIZE}.result", "enum:"),
        (f"gpt-image-2.{good.CHOICE}.default", f"default: {good.field(good.CHOICE, good.GENERATE)['default']}"),
        ("gpt-image-2.body.type", "type: object"),
        ("gpt-image-2.body.json", "requestBody:"),
        ("get-task.auth.near_miss", "security:"),
        ("gpt-image-2.refusal.category", "x-categories: [Invalid parameters"),
        ("gpt-image-2.failure.503", '"503":'),
        ("gpt-image-2.reply.status", "status:"),
        ("gpt-image-2.task.states", "enum: [pending, processing, success, failed]"),
        ("gpt-image-2.task.expiry", "result_expires_at:"),
        ("get-task.task_id.unknown", '"404":'),
        ("gpt-image-2.price", "post:"),
    ],
)
def test_line_says_what_the_promise_is_about(promise: str, text: str) -> None:
    assert line_of(promise).startswith(text)


@pytest.mark.parametrize(
    "promise", [one for one in all_promises().values() if one.limit is not None], ids=lambda one: one.id
)
def test_line_of_a_limit_states_it(promise: Promise) -> None:
    keyword = promise.id.rpartition(".")[2]
    assert line_of(promise.id).startswith(f"{keyword}:")


def test_every_way_leads_somewhere() -> None:
    """A way that the document does not have any more would end at its operation."""
    operations = {name: LINES.of_operation(operation) for name, operation in OPERATIONS.items()}
    parts = [promise.partition(".")[::2] for promise in all_promises()]
    vague = {suffix for name, suffix in parts if LINES.of(OPERATIONS[name], suffix) == operations[name]}
    assert vague & {*STEPS, *ALIASES, *OF_LIMITS} == set()


def test_operations_have_lines_of_their_own() -> None:
    lines = [LINES.of_operation(operation) for operation in OPERATIONS.values()]
    assert [TEXT[line - 1].strip() for line in lines] == [f"{one.method.lower()}:" for one in OPERATIONS.values()]
    assert len(set(lines)) == len(OPERATIONS)


def test_what_is_not_in_the_file_leads_to_what_is_around_it(tmp_path: Path) -> None:
    """The document that the client carries may be older or newer than the file."""
    file = tmp_path / "document.yaml"
    file.write_text("openapi: 3.1.0\npaths:\n  /openai/gpt-image-2/async:\n    post:\n      operationId: x\n")
    lines = Lines(file, contract())
    assert lines.of(OPERATIONS["gpt-image-2"], f"{good.TEXT}.maxLength") == 4
    assert lines.of(OPERATIONS["get-task"], "auth.missing") == 2


def test_references_in_a_circle_end(tmp_path: Path) -> None:
    file = tmp_path / "document.yaml"
    file.write_text('paths: {$ref: "#/paths"}\n')
    assert (
        Lines(file, Document({"servers": [{"url": "https://a"}], "paths": {}})).of_operation(OPERATIONS["get-task"])
        == 1
    )


def test_a_file_that_is_no_yaml_is_unreadable(tmp_path: Path) -> None:
    (tmp_path / "document.yaml").write_text("a: [")
    with pytest.raises(Unreadable, match=r"document\.yaml: "):
        Lines(tmp_path / "document.yaml", contract())
