"""Each page in `pages/` holds one difficulty; the file beside it lists every fact that is to come out, and no other."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from page2openapi import read_page

from .facts import facts_of

PAGES = Path(__file__).parent / "pages"
NAMES = sorted(path.name for path in PAGES.iterdir() if path.suffix in (".txt", ".md"))
SHARED = os.environ.get("MODELLIX_DOCS_PAGES")


def page_text(name: str) -> str:
    return (PAGES / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_a_page_gives_these_facts_and_no_others(name: str) -> None:
    expected = json.loads((PAGES / name).with_suffix(".json").read_text(encoding="utf-8"))
    page = read_page(page_text(name), name)
    assert facts_of(page) == expected["facts"]
    assert [problem.line for problem in page.problems] == expected["problems"]
    assert [warning.line for warning in page.warnings] == expected["warnings"]


@pytest.mark.parametrize("name", NAMES)
def test_every_line_that_is_named_exists(name: str) -> None:
    text = page_text(name)
    page = read_page(text, name)
    numbers = [*page.lines.values(), *(problem.line for problem in [*page.problems, *page.warnings])]
    assert all(0 <= number <= text.count("\n") + 1 for number in numbers)


def test_a_fact_is_found_on_its_line() -> None:
    text = page_text("copied_edit.txt")
    page, lines = read_page(text), text.split("\n")
    assert lines[page.lines["body.images"] - 1] == "images"
    assert lines[page.lines["body.images[]:description"] - 1] == "Address of a picture (https only)"
    assert lines[page.lines["body.prompt:maxLength"] - 1] == "Required string length: 1 - 4000"
    assert lines[page.lines["body.quality:enum"] - 1] == "Available options:"
    assert lines[page.lines["body.quality:default"] - 1] == "default:low"
    assert lines[page.lines["response.code"] - 1] == "code"
    assert lines[page.lines["auth"] - 1] == "Authorization"
    assert lines[page.lines["method"] - 1] == "POST"
    assert "sketch-edit/async" in "".join(lines[page.lines["url"] - 12 : page.lines["url"]])


def test_a_fact_of_an_export_is_found_behind_its_references() -> None:
    text = page_text("export.md")
    page, lines = read_page(text), text.split("\n")
    assert lines[page.lines["body.prompt:maxLength"] - 1].strip() == "maxLength: 4000"
    assert lines[page.lines["body.images[]"] - 1].strip() == "items:"
    assert lines[page.lines["response.code"] - 1].strip() == "code:"
    assert page.line_of("body.images[]", "nothing") == page.lines["body.images[]"]
    assert page.line_of("body.unknown.deep") == page.lines["body"]


def test_descriptions_are_text_without_control_characters() -> None:
    page = read_page(page_text("hostile_words.txt"))
    schema = body_schema(page.document)
    assert "\x1b" not in schema["properties"]["prompt"]["description"]
    assert "\u202e" not in schema["properties"]["prompt"]["description"]
    assert "{{ 7*7 }} ${jndi:x} <script>alert(1)</script>" in schema["properties"]["prompt"]["description"]


def test_descriptions_stand_where_the_page_has_them() -> None:
    document = read_page(page_text("copied_edit.txt")).document
    images = body_schema(document)["properties"]["images"]
    assert images["description"] == "Pictures to change. Up to 16 of them"
    assert images["items"]["description"] == "Address of a picture (https only)"
    generate = read_page(page_text("copied_generate.txt")).document["paths"]["/sketch/async"]["post"]
    assert generate["requestBody"]["description"] == "Request for Sketch."
    assert generate["responses"]["200"]["description"] == "Task accepted"


def test_samples_are_kept_as_examples_and_add_no_field() -> None:
    operation = read_page(page_text("copied_generate.txt")).document["paths"]["/sketch/async"]["post"]
    assert operation["requestBody"]["content"]["application/json"]["example"] == {"prompt": "A heron"}
    reply = operation["responses"]["200"]["content"]["application/json"]
    assert reply["example"]["data"]["task_id"] == "task-0001"
    assert reply["schema"]["properties"]["data"].keys() == {"description", "type"}


def test_a_long_description_is_cut() -> None:
    text = page_text("copied_generate.txt").replace("Width x height in pixels", "word " * 2_000)
    size = body_schema(read_page(text).document)["properties"]["size"]
    assert len(size["description"]) == 2_000
    assert size["enum"] == ["512x512", "768x512", "512x768"]


def body_schema(document: dict[str, Any]) -> dict[str, Any]:
    operation = next(iter(next(iter(document["paths"].values())).values()))
    schema: dict[str, Any] = operation["requestBody"]["content"]["application/json"]["schema"]
    return schema


# The vendor's own pages, which are not in the repository.


@pytest.mark.skipif(SHARED is None, reason="MODELLIX_DOCS_PAGES does not name the folder of the vendor's pages")
@pytest.mark.parametrize(("name", "images"), [("gpt-image-2", False), ("gpt-image-2-edit", True)])
def test_the_vendors_pages_give_the_facts_that_people_read_there(name: str, images: bool) -> None:
    page = read_page(Path(SHARED or "", f"{name}.txt").read_text(encoding="utf-8"))
    facts = facts_of(page)
    sizes = ["1024x1024", "1536x1024", "1024x1536", "2048x2048", "2048x1152", "3840x2160", "2160x3840"]
    assert page.problems == page.warnings == []
    assert facts.pop("url") == f"https://api.modellix.ai/api/v1/openai/{name}/async"
    assert (facts.pop("method"), facts.pop("auth")) == ("post", [{"bearerAuth": []}])
    assert facts.pop("scheme.bearerAuth") == {"type": "http", "scheme": "bearer"}
    examples = {key: value.pop("examples", None) for key, value in facts.items() if isinstance(value, dict)}
    assert examples["body.quality"] == ["high"]
    expected = {
        "body.required": True,
        "body": {"content": "application/json", "type": "object"},
        "body.prompt": {"type": "string", "minLength": 1, "maxLength": 32000, "required": True},
        "body.size": {"type": "string", "enum": sizes, "default": "1024x1024", "required": False},
        "body.quality": {"type": "string", "enum": ["low", "medium", "high"], "default": "low", "required": False},
        "response 200": {"content": "application/json", "type": "object"},
        "response 200.code": {"type": "integer", "required": True},
        "response 200.message": {"type": "string", "required": True},
        "response 200.data": {"type": "object", "required": True},
    }
    if images:
        expected["body.images"] = {"type": "array", "minItems": 1, "maxItems": 16, "required": True}
        expected["body.images[]"] = {"type": "string"}
    assert facts == expected
