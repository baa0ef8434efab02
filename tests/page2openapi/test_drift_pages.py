"""Drift between pages, and between pages and a contract: what happened to the vendor's pages, and what is no drift."""

from __future__ import annotations

from typing import Any

import pytest

from page2openapi import read_page
from page2openapi.drift import Contract, compare_any, compare_with_contract
from page2openapi.page import prose_digest

from .drifting import B, H, N, Row, document, fields, operation, page, page_drift, rows
from .test_pages import NAMES, page_text

STRING: dict[str, Any] = {"type": "string"}
SENTENCE = "Address of a picture (https only)"


# What has happened to the vendor's pages.


def test_a_raised_limit() -> None:
    assert page_drift("copied_edit.txt", ("length: 1 - 4000", "length: 1 - 10000")) == [
        ("body.prompt", "maxLength", 4000, 10000, N)
    ]


IMAGES_LIST = """\
images
string[]
required

Pictures to change. Up to 16 of them

Required array length: 1 - 16 elements

Address of a picture (https only)

Example:
["https://pictures.example/heron.png"]
"""
OBJECTS_LIST = """\
image_list
object[]
required

Pictures to change. Up to 16 of them

Required array length: 1 - 16 elements

Hide child attributes

image_list.url
string
required

Address

image_list.weight
number
default:1

How much it counts

"""


def test_objects_that_became_strings_under_another_name() -> None:
    old = page("copied_edit.txt", (IMAGES_LIST, OBJECTS_LIST))
    assert old.problems == []
    found = compare_any(old, page("copied_edit.txt"))
    properties = {"url": {"type": "string"}, "weight": {"type": "number", "default": 1}}
    items = {"type": "object", "properties": properties, "required": ["url"]}
    limits = {"minItems": 1, "maxItems": 16}
    assert rows(found) == [
        ("body.image_list", "field removed", {"type": "array", **limits, "items": items}, None, B),
        ("body.images", "field added", None, {"type": "array", **limits, "items": {"type": "string"}}, B),
    ]
    assert "'images'" in found[0].why
    assert "'image_list'" in found[1].why


def test_another_host() -> None:
    assert page_drift("copied_edit.txt", ("api.atelier.example", "gw.atelier.example")) == [
        (
            *("url", "url", "https://api.atelier.example/v1/acme/sketch-edit/async"),
            *("https://gw.atelier.example/v1/acme/sketch-edit/async", B),
        )
    ]


def test_a_path_without_its_last_segment() -> None:
    changes = ("/\nasync\n", ""), ("sketch-edit/async", "sketch-edit")
    address = "https://api.atelier.example/v1/acme/sketch-edit"
    assert page_drift("copied_edit.txt", *changes) == [("url", "url", f"{address}/async", address, B)]


def test_another_default() -> None:
    assert page_drift("copied_edit.txt", ("default:low", "default:high")) == [
        ("body.quality", "default", "low", "high", H)
    ]


# One change of a page each.

CHANGES: list[tuple[tuple[str, str], list[Row]]] = [
    (("enum<string>\ndefault:low", "enum<string>"), [("body.quality", "default", "low", None, H)]),
    (
        ("enum<string>\ndefault:low", "enum<string>\ndefault:low\nrequired"),
        [("body.quality", "required", False, True, B)],
    ),
    (("low,\nhigh\n", "low,\nfair,\nhigh\n"), [("body.quality", "enum option added", None, "fair", N)]),
    (("1 - 16 elements", "1 - 4 elements"), [("body.images", "maxItems", 16, 4, B)]),
    (
        ("Required string length: 1 - 4000\n", "Maximum string length: 4000\n"),
        [("body.prompt", "minLength", 1, None, N)],
    ),
    (("prompt\nstring\nrequired", "prompt\nstring | null\nrequired"), [("body.prompt", "nullable", False, True, N)]),
    (("images\nstring[]", "images\nstring<uri>[]"), [("body.images[]", "format", None, "uri", B)]),
    (
        ("images\nstring[]\nrequired", "images\nstring[]\nrequired\ndeprecated"),
        [("body.images", "deprecated", False, True, H)],
    ),
    (("What to change", "What to alter"), [("body.prompt", "description", "What to change", "What to alter", N)]),
    (('\nhigh\nExample:\n\n"high"', '\nhigh\nExample:\n\n"low"'), [("body.quality", "example", "high", "low", N)]),
    (("message\nstring\nrequired", "message\nstring"), [("response.message", "required", True, False, B)]),
    (
        ("message\nstring\nrequired", "message\nstring | null\nrequired"),
        [("response.message", "nullable", False, True, B)],
    ),
    (("Bearer authentication header", "A bearer header"), [("auth", "description", "", "", N)]),
    (("POST\n/", "PUT\n/"), [("method", "method", "POST", "PUT", B)]),
]


@pytest.mark.parametrize(("change", "expected"), CHANGES)
def test_one_change_of_a_page_is_one_difference(change: tuple[str, str], expected: list[Row]) -> None:
    changes = [change, ("--request POST", "--request PUT")] if expected[0][0] == "method" else [change]
    found = page_drift("copied_edit.txt", *changes)
    if expected[0][0] == "auth":  # long words
        found = [(*row[:2], "", "", row[4]) for row in found]
    assert found == expected


def test_a_sample_reply_that_changed_is_an_example() -> None:
    [row] = page_drift("copied_edit.txt", ('"task_id": "task-0001"', '"id": 7'))
    assert (row[:2], row[4]) == (("sample_response", "example"), N)
    assert row[3]["data"] == {"status": "pending", "id": 7}


def test_a_difference_knows_the_lines_of_both_pages() -> None:
    new = page("copied_edit.txt", ("Authorizations\n", "Authorizations\n\n\n"), ("1 - 4000", "1 - 10"))
    [found] = compare_any(page("copied_edit.txt"), new)
    assert page_text("copied_edit.txt").split("\n")[(found.old_line or 0) - 1] == "Required string length: 1 - 4000"
    assert found.new_line == (found.old_line or 0) + 2


# What is no drift.


@pytest.mark.parametrize("name", NAMES)
def test_a_page_does_not_differ_from_itself(name: str) -> None:
    assert compare_any(page(name), page(name)) == []


CUT = ["copied_edit.txt", "children_plain.txt", "parameters.txt", "export.md"]


@pytest.mark.parametrize("name", CUT)
def test_a_page_that_is_cut_off_here_and_there_shows_no_drift(name: str) -> None:
    check_cuts(name, step=9)


@pytest.mark.slow
@pytest.mark.parametrize("name", CUT)
def test_a_page_that_is_cut_off_anywhere_within_its_request_shows_no_drift(name: str) -> None:
    check_cuts(name, step=1)


def check_cuts(name: str, *, step: int) -> None:
    lines = page_text(name).rstrip("\n").split("\n")
    end = next((index for index, line in enumerate(lines) if line == "Response"), len(lines) - 1)
    for last in range(1, end + 1, step):
        cut = read_page("\n".join(lines[:last]))
        assert compare_any(page(name), cut) == compare_any(cut, page(name)) == []


def test_a_field_that_was_not_read_is_not_missing() -> None:
    lost = page("copied_edit.txt", ("prompt\nstring\nrequired", "prompt\nrequired"))
    assert lost.problems
    assert compare_any(page("copied_edit.txt"), lost) == []


def test_a_doubt_about_one_field_leaves_the_others_certain() -> None:
    doubtful = page("copied_edit.txt", ("default:low", "default:fair"), ("1 - 16 elements", "1 - 4 elements"))
    assert doubtful.problems
    assert rows(compare_any(page("copied_edit.txt"), doubtful)) == [("body.images", "maxItems", 16, 4, B)]


def test_an_option_that_was_perhaps_not_read_is_not_missing() -> None:
    doubtful = page("copied_edit.txt", ("\nlow,\nhigh\n", "\nhigh\n"))
    assert doubtful.problems  # the default is none of the options
    assert compare_any(page("copied_edit.txt"), doubtful) == []
    assert compare_any(doubtful, page("copied_edit.txt")) == []


def test_closed_children_and_statuses_that_are_not_shown_are_no_drift() -> None:
    shown = page_text("children_plain.txt")
    start, end = shown.index("Hide child attributes\n\nstatus"), shown.index("message\nstring")
    closed = read_page(shown[:start] + "Show child attributes\n\n" + shown[end:])
    assert closed.problems == []
    assert compare_any(page("children_plain.txt"), closed) == compare_any(closed, page("children_plain.txt")) == []
    replies = page_text("several_replies.txt")
    one = read_page(replies[: replies.index("401 - ")].replace("401\n4XX\n", ""))
    assert one.problems == []
    assert compare_any(page("several_replies.txt"), one) == compare_any(one, page("several_replies.txt")) == []


# Pages beside a contract.

ACME = "https://api.atelier.example/v1"


def contract(images: dict[str, Any], reply: dict[str, Any] | None = None, **others: Any) -> Contract:
    """A document that says what `copied_edit.txt` says, with other words."""
    quality = {"type": "string", "enum": ["high", "low"], "default": "low", "description": "Ours."}
    prompt = {"type": "string", "minLength": 1, "maxLength": 4000, "examples": ["Ours."], "needed": True}
    body = fields(prompt=prompt, images=images | {"needed": True}, quality=quality)
    data = fields(status={"type": "string", "enum": ["pending"], "needed": True}) | {"needed": True}
    code = {"type": "integer", "const": 0, "needed": True}
    known = fields(code=code, message=STRING | {"needed": True}, data=data)
    node = operation(body, reply or known)
    node["responses"]["404"] = {"description": "Not on the page"}
    return Contract.of(document(node, path="/acme/sketch-edit/async", server=ACME, **others))


IMAGES: dict[str, Any] = {"type": "array", "minItems": 1, "maxItems": 16, "items": STRING}


def held(sentence: str) -> dict[str, Any]:
    """The images, with a pattern because of a sentence."""
    return IMAGES | {"items": STRING | {"pattern": "^https:", "x-prose": {"pattern": [prose_digest(sentence)]}}}


def test_the_contract_may_know_more_of_replies_and_use_other_words() -> None:
    assert compare_with_contract(page("copied_edit.txt"), contract(IMAGES)) == []
    assert compare_any(page("copied_edit.txt"), contract(IMAGES)) == []


def test_a_limit_of_the_request_that_is_only_in_the_contract_is_drift() -> None:
    longer = IMAGES | {"items": STRING | {"maxLength": 9}}
    assert rows(compare_with_contract(page("copied_edit.txt"), contract(longer))) == [
        ("body.images[]", "maxLength", 9, None, N)
    ]


def test_a_reply_that_the_page_shows_is_compared() -> None:
    reply = fields(code=STRING | {"needed": True}, message=STRING | {"needed": True}, extra=STRING)
    assert [row[:2] for row in rows(compare_with_contract(page("copied_edit.txt"), contract(IMAGES, reply)))] == [
        ("response.code", "type"),
        ("response.extra", "field removed"),
        ("response.data", "field added"),
    ]


def test_what_rests_on_a_sentence_is_no_drift_while_the_sentence_stands() -> None:
    assert compare_with_contract(page("copied_edit.txt"), contract(held(SENTENCE))) == []
    longer = page("copied_edit.txt", (SENTENCE, f"New words. {SENTENCE}. More."))
    assert compare_with_contract(longer, contract(held(SENTENCE))) == []
    moved = page("copied_edit.txt", (f"{SENTENCE}\n", ""), ("Up to 16 of them", f"Up to 16 of them. {SENTENCE}"))
    assert compare_with_contract(moved, contract(held(SENTENCE))) == []


def test_a_sentence_that_changed_is_one_question() -> None:
    new = page("copied_edit.txt", (SENTENCE, "Address of a picture"))
    [found] = compare_with_contract(new, contract(held(SENTENCE)))
    assert rows([found]) == [("body.images[]", "description", None, "Address of a picture", H)]
    assert "`pattern`" in found.why
    assert page_text("copied_edit.txt").split("\n")[(found.new_line or 0) - 1] == SENTENCE


def test_a_keyword_that_the_page_states_itself_needs_no_sentence() -> None:
    new = page("copied_edit.txt", (f"{SENTENCE}\n", "Address\n\nPattern: ^http:\n"))
    assert rows(compare_with_contract(new, contract(held(SENTENCE)))) == [
        ("body.images[]", "pattern", "^https:", "^http:", B)
    ]


# Which operation a page is about.


def addresses(found: list[Any]) -> list[tuple[str, Any, Any]]:
    return [(one.where, one.old, one.new) for one in found]


@pytest.mark.parametrize(
    ("changes", "url"),
    [
        ([("api.atelier.example", "gw.atelier.example")], "https://gw.atelier.example/v1/acme/sketch-edit/async"),
        ([("/\nasync\n", ""), ("sketch-edit/async", "sketch-edit")], f"{ACME}/acme/sketch-edit"),
        ([("v1/acme", "v2/acme")], "https://api.atelier.example/v2/acme/sketch-edit/async"),
    ],
)
def test_a_page_that_moved_is_known_by_provider_and_model(changes: list[tuple[str, str]], url: str) -> None:
    found = compare_with_contract(page("copied_edit.txt", *changes), contract(IMAGES))
    assert addresses(found) == [("url", f"{ACME}/acme/sketch-edit/async", url)]


@pytest.mark.parametrize("change", [("sketch-edit", "sketch"), ("acme", "other")])
def test_another_model_or_provider_is_another_operation(change: tuple[str, str]) -> None:
    [found] = compare_with_contract(page("copied_edit.txt", change), contract(IMAGES))
    assert (found.where, found.kind, found.old, found.severity) == ("url", "url", None, N)


def test_a_page_that_was_fetched_is_known_by_its_address() -> None:
    site = "https://docs.atelier.example/sketch-edit"
    moved = page("copied_edit.txt", ("sketch-edit", "drawing"))
    moved.source = f"{site}.md"
    known = contract(IMAGES)
    known.operations[0].node["externalDocs"] = {"url": site}
    assert addresses(compare_with_contract(moved, known)) == [
        ("url", f"{ACME}/acme/sketch-edit/async", f"{ACME}/acme/drawing/async")
    ]


def test_of_many_operations_that_of_the_page_is_compared() -> None:
    many = contract(IMAGES)
    both = Contract.of({**many.document, "paths": {**many.document["paths"], "/acme/other": {"post": operation()}}})
    assert compare_any(page("copied_edit.txt"), both) == compare_any(both, page("copied_edit.txt")) == []
