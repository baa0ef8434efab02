"""`python -m scripts.docs read`: what it prints, and how it exits."""

from __future__ import annotations

import io
import json
import runpy
from collections.abc import Callable
from pathlib import Path

import openapi_spec_validator
import pytest
from ruamel.yaml import YAML

from page2openapi import command, read_page
from page2openapi.command import COMMANDS
from page2openapi.outputs import made_valid

from .conftest import Outcome
from .test_pages import NAMES, PAGES, page_text


def test_a_page_is_printed_as_yaml_or_json(docs: Callable[..., Outcome]) -> None:
    page = str(PAGES / "copied_edit.txt")
    status, as_yaml, said = docs("read", page)
    assert (status, said) == (0, "")
    assert docs("read", page, "--format", "yaml") == (0, as_yaml, "")
    status, as_json, said = docs("read", page, "--format", "json")
    assert (status, said) == (0, "")
    assert (
        json.loads(as_json)
        == YAML(typ="safe", pure=True).load(as_yaml)
        == read_page(page_text("copied_edit.txt")).document
    )


def test_what_cannot_be_read_is_said_by_line_and_exits_3(docs: Callable[..., Outcome]) -> None:
    status, printed, said = docs("read", str(PAGES / "lost_lines.txt"))
    assert status == 3
    assert f"{PAGES / 'lost_lines.txt'}:44: no type below 'prompt'" in said
    assert "maximum" not in printed
    assert "tone:" in printed


def test_contradictions_are_warnings_and_exit_0(docs: Callable[..., Outcome]) -> None:
    status, _, said = docs("read", str(PAGES / "sample_contradicts.txt"))
    assert status == 0
    assert all(": warning: " in line for line in said.splitlines())
    assert len(said.splitlines()) == 3


@pytest.mark.parametrize(
    "arguments",
    [(), ("read",), ("read", "a", "b"), ("write", "a"), ("read", "a", "--format", "xml")],
    ids=["nothing", "no page", "two pages", "unknown command", "unknown format"],
)
def test_wrong_usage_exits_2(docs: Callable[..., Outcome], arguments: tuple[str, ...]) -> None:
    status, printed, said = docs(*arguments)
    assert (status, printed) == (2, "")
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize(("word", "meant"), [("page.txt", "check page.txt"), ("aply", "apply")])
def test_a_word_that_is_no_command_is_told_one(docs: Callable[..., Outcome], word: str, meant: str) -> None:
    status, _, said = docs(word)
    assert status == 2
    assert f"'{word}' is no command ({', '.join(COMMANDS)}); perhaps you mean: {meant}\n" in said


def test_a_missing_page_exits_3_in_one_line(docs: Callable[..., Outcome], tmp_path: Path) -> None:
    status, printed, said = docs("read", str(tmp_path / "none.txt"))
    assert (status, printed) == (3, "")
    assert said == f"{tmp_path / 'none.txt'}: cannot be read: No such file or directory\n"


@pytest.mark.parametrize("start", ["<!DOCTYPE html>\n<html>", "\ufeff <html lang='en'>", "<?xml version='1.0'?><html>"])
def test_html_is_turned_down_with_advice(docs: Callable[..., Outcome], tmp_path: Path, start: str) -> None:
    (tmp_path / "page").write_text(f"{start}<body>POST / images</body></html>", encoding="utf-8")
    status, printed, said = docs("read", str(tmp_path / "page"))
    assert status == 3
    assert "save the text of the page" in said
    assert YAML(typ="safe", pure=True).load(printed)["paths"] == {}


def test_a_page_comes_from_standard_input(docs: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch) -> None:
    content = io.TextIOWrapper(io.BytesIO((PAGES / "copied_edit.txt").read_bytes()), encoding="utf-8")
    monkeypatch.setattr("sys.stdin", content)
    assert docs("read", "-") == docs("read", str(PAGES / "copied_edit.txt"))


def test_bytes_that_are_no_text_are_said(docs: Callable[..., Outcome], tmp_path: Path) -> None:
    content = (
        (PAGES / "copied_edit.txt").read_bytes().replace(b"watercolour", b"x").replace(b"What to change", b"W\xff")
    )
    (tmp_path / "page").write_bytes(content)
    status, printed, said = docs("read", str(tmp_path / "page"))
    assert status == 3
    assert "is not UTF-8" in said
    assert "maxItems: 16" in printed


def test_messages_stand_on_one_printable_line_each(docs: Callable[..., Outcome], tmp_path: Path) -> None:
    (tmp_path / "page").write_text("Body\n\nEvil\u2029\x1b[31m\x07 word\n", encoding="utf-8")
    _, _, said = docs("read", str(tmp_path / "page"))
    assert all(line.isprintable() for line in said.splitlines())


@pytest.mark.parametrize("name", NAMES)
def test_every_document_is_valid_as_it_is(name: str) -> None:
    document = read_page(page_text(name)).document
    assert made_valid(document) == (document, [])


def test_parts_that_are_not_valid_are_left_out_and_said() -> None:
    text = (
        page_text("export.md").replace("          in: path", "").replace("      summary: Sketch", "      summary: [1]")
    )
    document, removed = made_valid(read_page(text).document)
    openapi_spec_validator.validate(document)
    assert len(removed) == 1
    assert "summary" in removed[0]
    assert "SketchRequest" in document["components"]["schemas"]


def test_a_document_that_cannot_be_mended_gives_an_empty_one() -> None:
    document, removed = made_valid({"openapi": "3.1.0", "paths": {}})
    openapi_spec_validator.validate(document)
    assert removed


def test_an_interrupted_command_is_one_line_and_exit_3(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object, **__: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "main", interrupted)
    with pytest.raises(SystemExit) as exited:
        runpy.run_module("scripts.docs", run_name="__main__")
    assert exited.value.code == 3
    assert capsys.readouterr().err == "interrupted; what was fetched is kept, and the same command goes on\n"
