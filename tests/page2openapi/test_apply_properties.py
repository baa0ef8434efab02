"""Laws of `apply`, with operations drawn by Hypothesis and laid out as pages."""

from __future__ import annotations

import contextlib
import dataclasses
import io
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openapi_spec_validator import validate

from page2openapi import Page, read_page
from page2openapi.apply import application, running
from page2openapi.apply.trial import Verdict
from page2openapi.drift import Contract, Difference, compare_with_contract
from scripts.catalogue.layout import Operation, render

from .applying import BEFORE, comments
from .rendering import operations

SUBMISSIONS = operations().map(
    lambda drawn: dataclasses.replace(
        drawn, method="POST", server="https://api.modellix.ai/api/v1/acme", path="/thing/async", parameters=()
    )
)


def apply(path: Path, *pages: Page) -> None:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        assert running.apply_pages(pages, path) in (0, 1)


def left(path: Path, page: Page) -> list[Difference]:
    """What the document still does not say of a request."""
    return [one for one in compare_with_contract(page, Contract.load(path)) if not one.where.startswith("response")]


@pytest.mark.slow
@settings(max_examples=10)
@given(first=SUBMISSIONS, second=SUBMISSIONS)
def test_a_request_is_written_as_the_page_has_it_new_or_changed(first: Operation, second: Operation) -> None:
    """But for fields that changed their type. Comments stay, and the document is valid each time."""
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(application, "judge", lambda *_: Verdict())
        path = Path(folder) / "modellix.yaml"
        path.write_text(BEFORE, encoding="utf-8")
        old, new = (read_page(render(one), f"page-{number}") for number, one in enumerate((first, second)))
        assert old.problems == new.problems == []
        apply(path, old)
        assert left(path, old) == []
        types = {one.where for one in left(path, new) if one.kind == "type"}
        apply(path, new)
        assert all(any(one.where.startswith(place) for place in types) for one in left(path, new))
        document: Any = Contract.load(path).document
        validate(document)
        assert comments(path.read_text("utf-8")) == comments(BEFORE)


@pytest.mark.slow
@settings(max_examples=60)
@given(text=st.text(max_size=200), options=st.lists(st.text(min_size=1, max_size=20), min_size=1, max_size=5))
def test_any_words_come_back_from_the_file_as_they_were(text: str, options: list[str]) -> None:
    from page2openapi.apply.yaml_edit import dump, fresh, insert_after, load, plain

    root = load(BEFORE)
    fields = root["components"]["schemas"]["GptImage2EditRequest"]["properties"]
    insert_after(fields, list(fields), "words", fresh({"description": text, "enum": options}, 10))
    assert plain(load(dump(root))) == plain(root)
    assert plain(root)["components"]["schemas"]["GptImage2EditRequest"]["properties"]["words"]["enum"] == options
