"""Laws of the reader: what was laid out comes back, what was damaged is never made up, whatever comes is answered."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from page2openapi import Page, read_page
from page2openapi.outputs import as_json, as_yaml, made_valid
from scripts.catalogue.layout import Operation, render

from .rendering import expected, operations
from .test_pages import NAMES, page_text

pytestmark = pytest.mark.slow

USUAL = settings(max_examples=50)
COPIED = [name for name in NAMES if name.endswith(".txt")]


@USUAL
@given(operations())
def test_an_operation_comes_back_from_its_page(operation: Operation) -> None:
    page = read_page(render(operation))
    event(operation.style)
    assert page.problems == []
    assert page.document["servers"] == [{"url": operation.server}]
    found = page.document["paths"][operation.path][operation.method.lower()]
    wanted = expected(operation)
    found["requestBody"].pop("required", None)
    assert found.pop("parameters", []) == wanted.pop("parameters")
    assert found == wanted


# Damage.


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A page with some of its lines dropped, doubled, swapped or cut."""
    lines = page_text(draw(st.sampled_from(COPIED))).split("\n")
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(lines) - 2))
        what = draw(st.sampled_from(["drop", "double", "swap", "cut"]))
        if what == "drop":
            del lines[at]
        elif what == "double":
            lines.insert(at, lines[at])
        elif what == "swap":
            lines[at : at + 2] = reversed(lines[at : at + 2])
        else:
            lines[at] = lines[at][: draw(st.integers(0, len(lines[at])))]
            if draw(st.booleans()):
                del lines[at + 1 :]
        assume(len(lines) > 2)
    return "\n".join(lines)


def field_names(document: dict[str, Any]) -> set[str]:
    """Every name that the document gives to a field or a parameter."""
    found, waiting = set[str](), [document.get("paths", {}), document.get("components", {}).get("requestBodies", {})]
    while waiting:
        value: Any = waiting.pop()
        if isinstance(value, dict):
            found |= value["properties"].keys() if isinstance(value.get("properties"), dict) else set()
            found |= {value["name"]} if "in" in value else set()
            waiting += [inner for key, inner in value.items() if key not in ("example", "examples")]
        elif isinstance(value, list):
            waiting += value
    return found


@USUAL
@given(damaged())
def test_no_name_is_made_up_from_a_damaged_page(text: str) -> None:
    page = read_page(text)
    words = {word for line in text.split("\n") for word in (line.strip(), *re.split(r"\.|\[\]\.", line.strip()))}
    in_path = set(re.findall(r"\{(\w+)\}", text))
    unescaped = {word.replace("\\", "") for word in words}
    assert field_names(page.document) <= words | unescaped | in_path


@pytest.mark.parametrize("name", ["copied_edit.txt", "lists.txt", "parameters.txt", "export.md"])
def test_a_page_that_is_cut_off_anywhere_is_recognised(name: str) -> None:
    lines = page_text(name).rstrip("\n").split("\n")
    whole = read_page("\n".join(lines))
    assert whole.problems == []
    response = next((index for index, line in enumerate(lines) if line == "Response"), len(lines) - 1)
    for end in range(1, response + 1):
        page = read_page("\n".join(lines[:end]))
        assert page.problems
        assert field_names(page.document) <= field_names(whole.document)


# Anything.


PIECES = st.sampled_from(
    """\
POST|/|thing|curl --url https://a.b/c \\|--data '|{|}|[|"|Authorizations|Body|Response|Headers|application/json|200
string|integer[]|enum<string>|required|default:|default:5|Example:|Examples:|Available options:|low,|,|a.b|x.y.z
Hide child attributes|Required range: 1 <= x <= 2|Required string length: 1 - |Pattern: [|X · object|Option 1|\x00
A sentence.|object|header|⌘I|#### Body|## OpenAPI|````yaml POST /x|openapi: 3.1.0|````|paths:|  /x:|    post:
      responses: {}|\u2028|\ud800|requiredresult|stringrequired|{key}|https://a.b|404 - text/plain|ids[]|x-key|null
""".replace("\n", "|").split("|")
)


def is_sound(page: Page) -> bool:
    """Whether the answer can be written, and says what it could not read."""
    return bool(as_json(page.document) and as_yaml(page.document).encode() and page.document["openapi"] == "3.1.0")


@USUAL
@given(st.lists(PIECES | st.just(""), max_size=40) | st.lists(st.text(max_size=20), max_size=10))
def test_any_text_gets_a_sound_answer(lines: list[str]) -> None:
    page = read_page("\n".join(lines))
    assert is_sound(page)
    assert page.problems or any("responses" in one for item in page.document["paths"].values() for one in item.values())


@settings(max_examples=15)
@given(st.lists(PIECES | st.just(""), min_size=10, max_size=60))
def test_any_answer_is_valid_openapi(lines: list[str]) -> None:
    document = read_page("\n".join(lines)).document
    assert made_valid(document) == (document, [])


START = (
    "POST\n/\nx\ncurl --request POST --url https://a.example/x --data '{}'\n\nBody\n\napplication/json\n\nx\nobject\n\n"
)
LARGE = 10_000_000  # characters
HOSTILE = {
    "one line": "a" * LARGE,
    "quotes": START + 'Example:\n"' + '\\"' * (LARGE // 2),
    "brackets": START + "Example:\n" + "[" * LARGE,
    "options on a line": START + "y\nenum<string>\n\nAvailable options: " + "a, " * (LARGE // 3),
    "types": START + "y\nstring" + " | string" * (LARGE // 9),
    "chips": START + "y\nstring\ndefault:" + "required" * (LARGE // 8),
    "quoted command": "curl --url https://a.example/x --data '" + "x" * LARGE,
    "number": START + "Required array length: " + "9" * LARGE,
    "fence of dashes": "## OpenAPI\n\n````yaml POST /x\n" + "- " * (LARGE // 2),
    "fence of braces": "## OpenAPI\n\n````yaml POST /x\na: " + "{" * 20_000 + "\n````\n",
    "surrogates": "\ud800" * LARGE,
    "blank lines": "\n" * LARGE,
}
MANY_LINES = {
    "brackets": START + "Example:\n" + "[\n" * (LARGE // 2),
    "invisible": "\u200b\u202e" * (LARGE // 2),
    "unfinished examples": START + "Example:\n{\n" * (LARGE // 11),
    "options": START + "y\nenum<string>\n\nAvailable options:\n" + "a,\n" * (LARGE // 3),
    "children": START + "Hide child attributes\n\nz\nobject\n\n" * (LARGE // 33),
    "headings": "Body\n\nResponse\n\n" * (LARGE // 16),
    "commands": "curl --url https://a.example/x --data '{\n" * (LARGE // 41),
    "crumbs": "POST\n" + "/\na\n" * (LARGE // 4),
    "fields": START + "".join(f"f{n}\nstring\n" for n in range(LARGE // 14)),
    "words": START + "word\n" * (LARGE // 5),
    "fence": "## OpenAPI\n\n````yaml POST /x\n" + "a:\n  b: c\n" * (LARGE // 10),
    "fence of items": "## OpenAPI\n\n````yaml POST /x\n" + "- a\n" * (LARGE // 4) + "````\n",
    "fence of aliases": "## OpenAPI\n\n````yaml POST /x\na: &a [x]\n" + "b: *a\n" * 20_000 + "````\n",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_huge_hostile_page_is_answered_in_bounded_time(text: str) -> None:
    start = time.process_time()
    page = read_page(text)
    assert is_sound(page)
    assert page.problems
    assert time.process_time() - start < 4


@pytest.mark.parametrize("text", MANY_LINES.values(), ids=MANY_LINES)
def test_a_huge_page_of_many_lines_is_answered_in_bounded_time(text: str) -> None:
    test_a_huge_hostile_page_is_answered_in_bounded_time(text)


def test_a_page_reads_in_milliseconds() -> None:
    texts = [page_text(name) for name in ("copied_edit.txt", "examples.txt", "markdown_copy.txt", "export.md")]
    start = time.process_time()
    for _ in range(10):
        for text in texts:
            read_page(text)
    assert (time.process_time() - start) / 40 < 0.01
