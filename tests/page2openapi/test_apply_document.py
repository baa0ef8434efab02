"""`apply`: the shipped document, its examples, and the file on disk."""

from __future__ import annotations

import os
import re
import shutil
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

from contract_tests.model import good
from contract_tests.model.document import contract
from page2openapi import read_page
from page2openapi.apply import running
from page2openapi.apply.examples import follow_names
from page2openapi.apply.yaml_edit import dump, load, plain
from page2openapi.drift import CONTRACT as SHIPPED_CONTRACT
from tests.page2openapi.from_document import field_of, page_of, renamed

from .applying import BEFORE, CONTRACT, SEED, Applied, Apply
from .model_pages import EDIT, GENERATE, changed

pytestmark = pytest.mark.slow


def test_the_shipped_document_keeps_all_but_what_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the generator itself, and the validator."""
    path = tmp_path / "modellix.yaml"
    shutil.copy(SHIPPED_CONTRACT, path)
    images = field_of(contract(), good.EDIT, good.PICTURES)
    fewest, most = images["minItems"], images["maxItems"]
    new = {good.PICTURES: {**images, "minItems": fewest + 1, "maxItems": most + 1}, "brand_new": {"type": "integer"}}
    page = page_of(contract(), good.EDIT, new)
    assert running.apply_pages([read_page(page, "page.txt")], path) == 0
    done = Applied(0, path, capsys.readouterr().out, "")
    removed = [line[1:].strip() for line in done.lines if line.startswith("-")]
    assert removed == [f"minItems: {fewest}", f"maxItems: {most}"]
    assert "brand_new" in done.text
    validate(done.document)


def test_renamed_fields_are_renamed_in_the_examples_and_nothing_else_changes(tmp_path: Path) -> None:
    path = tmp_path / "modellix.yaml"
    shutil.copy(SHIPPED_CONTRACT, path)
    old = {good.TEXT, good.EDIT_TEXT, good.SIZE, good.EDIT_SIZE, good.CHOICE, good.EDIT_CHOICE}
    for operation in (good.GENERATE, good.EDIT):
        page = renamed(page_of(contract(), operation), {name: f"brand_new_{name}" for name in old})
        assert running.apply_pages([read_page(page, "page.txt")], path) == 0
    before, now = SHIPPED_CONTRACT.read_text("utf-8"), path.read_text("utf-8")
    names = "|".join(sorted(old))
    anew = re.sub(rf"(?m)^( +)({names}):(?= |$)", r"\1brand_new_\2:", before)
    anew = re.sub(
        r"(?m)(?<=required: \[)(.*)(?=\]$)", lambda found: re.sub(rf"\b({names})\b", r"brand_new_\1", found[0]), anew
    )
    assert now == anew


REQUEST = """
paths:
  /a:
    post:
      requestBody:
        content:
          application/json:
            schema:
              required: [words]
              properties: {words: {type: string}, seed: {type: integer}}
            examples:
              little: {value: {words: A heron}}
              all: {value: {words: A heron, seed: 7}}
"""


@pytest.mark.parametrize(
    ("required", "fields", "examples"),
    [
        (["words"], {"words": "string"}, {"little": {"words": "A heron"}, "all": {"words": "A heron"}}),
        (["text"], {"text": "string"}, {"little": {"text": "A heron"}, "all": {"text": "A heron"}}),
        (["words", "grain"], {"words": "string", "grain": "integer"}, {"all": {"words": "A heron", "grain": 7}}),
        (["words", "ratio"], {"words": "string", "ratio": "number"}, None),
    ],
    ids=["one less", "another name", "a needed one has it", "none can be right"],
)
def test_examples_have_the_fields_of_the_request(required: list[str], fields: Any, examples: Any) -> None:
    root = load(REQUEST)
    content = root["paths"]["/a"]["post"]["requestBody"]["content"]["application/json"]
    content["schema"] = {"required": required, "properties": {name: {"type": type_} for name, type_ in fields.items()}}
    root = load(dump(root))
    follow_names(root, load(REQUEST), [("/a", "post")])
    left = plain(root["paths"]["/a"]["post"]["requestBody"]["content"]["application/json"]).get("examples")
    assert (left and {name: one["value"] for name, one in left.items()}) == examples


def test_the_shipped_document_is_written_as_ruamel_writes_it() -> None:
    """Otherwise the first edit would change lines that nobody touched."""
    text = SHIPPED_CONTRACT.read_text("utf-8")
    assert dump(load(text)) == text


# Writing.


def test_a_dry_run_shows_and_writes_nothing(apply: Apply) -> None:
    done = apply(changed(EDIT, "1 - 16", "1 - 8"), dry_run=True)
    assert (done.status, done.text) == (1, BEFORE)
    assert done.lines == ["-          maxItems: 16", "+          maxItems: 8"]
    assert apply(EDIT, dry_run=True).status == 0


@pytest.mark.skipif(sys.platform == "win32", reason="because Windows has no such permissions")
def test_the_file_keeps_its_mode_and_its_folder_nothing_else(apply: Apply, tmp_path: Path) -> None:
    path = tmp_path / "modellix.yaml"
    path.chmod(0o640)
    apply(changed(EDIT, "1 - 16", "1 - 8"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert [one.name for one in tmp_path.iterdir()] == ["modellix.yaml"]


def test_an_interrupted_write_leaves_the_old_file(
    apply: Apply, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        apply(changed(EDIT, "1 - 16", "1 - 8"))
    assert (tmp_path / "modellix.yaml").read_text("utf-8") == BEFORE
    assert [one.name for one in tmp_path.iterdir()] == ["modellix.yaml"]


def test_a_symlink_stays_one(apply: Apply, tmp_path: Path) -> None:
    path, real = tmp_path / "modellix.yaml", tmp_path / "real.yaml"
    path.rename(real)
    path.symlink_to(real)
    apply(changed(EDIT, "1 - 16", "1 - 8"))
    assert path.is_symlink()
    assert "maxItems: 8" in real.read_text("utf-8")


def test_a_document_that_gives_no_client_is_not_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the generator itself: the field would be named like a function of the generated code."""
    path = tmp_path / "modellix.yaml"
    shutil.copy(CONTRACT, path)
    field = SEED.replace("seed", "check_it", 1)
    page = read_page(changed(GENERATE, "quality\nenum", f"{field}quality\nenum"), "page.txt")
    assert page.problems == []
    assert running.apply_pages([page], path) == 1
    said = capsys.readouterr()
    assert "page.txt:11: not written, because the client could not be generated" in said.err
    assert path.read_text("utf-8") == BEFORE
