"""`apply`: what is left for a person, and what is not applied at all."""

from __future__ import annotations

import re

import pytest

from .applying import BEFORE, Apply, said
from .model_pages import EDIT, GENERATE, changed

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("api.modellix.ai", "api2.modellix.ai", "`servers` holds for every operation"),
        ("gpt-image-2-edit/async", "gpt-image-2-edit", "`servers` holds for every operation"),
        ("--request POST", "--request PUT", "clients call it by its method"),
        ("prompt\nstring\nrequired", "prompt\nstring[]\nrequired", "another type may need other limits"),
        ("message\nstring", "message\ninteger", "all submissions share their replies"),
        ("(https only)", "", "x-prose"),
    ],
    ids=["host", "path", "method", "type", "reply", "sentence"],
)
def test_what_is_not_safe_is_said_with_its_places(apply: Apply, old: str, new: str, reason: str) -> None:
    text = EDIT.replace(old, new)
    text = text.replace("\nPOST\n", "\nPUT\n") if "PUT" in new else text
    text = text.replace("/\nasync\n", "") if new == "gpt-image-2-edit" else text
    text = text.replace("Required string length: 1 - 32000\n", "") if "string[]" in new else text
    done = apply(text)
    assert done.status == 1
    assert all(re.match(r"page-1\.txt:\d+: .*\(.*modellix\.yaml:\d+\).*; by hand: ", line) for line in said(done))
    assert any(reason in line for line in said(done))


def test_the_rest_of_a_page_is_applied_beside_what_is_left(apply: Apply) -> None:
    done = apply(changed(changed(EDIT, "api.modellix.ai", "api2.modellix.ai"), "1 - 16", "1 - 8"))
    assert done.status == 1
    assert done.lines == ["-          maxItems: 16", "+          maxItems: 8"]
    assert len(said(done)) == 1


def test_a_limit_taken_from_a_sentence_is_not_lost_unseen(apply: Apply) -> None:
    """A renamed field is one removed and one added: whether the sentence still holds is for a person to say."""
    done = apply(changed(changed(EDIT, "images\nstring[]", "pictures\nstring[]"), '"images"', '"pictures"'))
    assert done.status == 1
    assert "body.images had a limit because of a sentence" in done.err
    assert "pictures" in done.fields("GptImage2EditRequest")


def test_a_page_that_was_not_read_whole_is_not_applied(apply: Apply) -> None:
    broken = changed(changed(EDIT, "prompt\nstring\n", "prompt\nstrng\n"), "1 - 16", "1 - 8")
    done = apply(broken)
    assert (done.status, done.text) == (3, BEFORE)
    assert "page-1.txt: not read whole, so nothing of it is applied" in done.err
    both = apply(broken, changed(GENERATE, "1 - 32000", "1 - 10000"))
    assert both.status == 3
    assert both.fields("GptImage2Request")["prompt"]["maxLength"] == 10000


def test_two_pages_of_one_operation_are_a_mistake(apply: Apply) -> None:
    done = apply(GENERATE, changed(GENERATE, "1 - 32000", "1 - 10000"))
    assert (done.status, done.text) == (2, BEFORE)
    assert "page-1.txt and page-2.txt are pages of the same operation" in done.err


def test_a_document_that_is_none_is_a_mistake(apply: Apply) -> None:
    done = apply(GENERATE, document="- 1\n")
    assert (done.status, len(done.err.splitlines())) == (2, 1)
