"""`check` and `diff`: what they print, and how they exit."""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from page2openapi.command import check_files
from page2openapi.drift import Contract, compare_with_contract
from page2openapi.outputs import as_json, as_yaml
from page2openapi.page import prose_digest

from .conftest import Outcome
from .drifting import page
from .test_pages import PAGES, page_text

SHARED = os.environ.get("MODELLIX_DOCS_PAGES")
EDIT = str(PAGES / "copied_edit.txt")
DOCUMENT = (Path(__file__).parent / "contract.yaml").read_text(encoding="utf-8")  # as shipped, but short
KEYS = ["where", "kind", "old", "new", "class", "why"]


@pytest.fixture
def changed(tmp_path: Path) -> str:
    """A page with three changes, one of each class."""
    text = page_text("copied_edit.txt").replace("1 - 4000", "1 - 600").replace("low,\nhigh", "low,\nfair,\nhigh")
    path = tmp_path / "changed.txt"
    path.write_text(text.replace("default:low", "default:high"), encoding="utf-8")
    return str(path)


# diff.


def test_a_page_and_itself_differ_in_nothing(docs: Callable[..., Outcome]) -> None:
    assert docs("diff", EDIT, EDIT) == (0, "", "")
    assert docs("diff", EDIT, EDIT, "--format", "json") == (0, "[]\n", "")


def test_drift_is_one_line_each_worst_first_with_both_lines(docs: Callable[..., Outcome], changed: str) -> None:
    status, printed, said = docs("diff", EDIT, changed)
    assert (status, said) == (1, "")
    first, second, third = printed.splitlines()
    assert first.startswith(f"{changed}:65: breaking: body.prompt: maxLength: 4000 -> 600 ({EDIT}:65): ")
    assert second.startswith(f'{changed}:72: behavioural: body.quality: default: "low" -> "high" ({EDIT}:72): ')
    assert ': non-breaking: body.quality: enum option added: nothing -> "fair" (' in third


def test_drift_as_json_has_six_keys_each(docs: Callable[..., Outcome], changed: str) -> None:
    status, printed, _ = docs("diff", EDIT, changed, "--format", "json")
    assert status == 1
    found = json.loads(printed)
    assert [list(one) for one in found] == [KEYS] * 3
    assert [(one["where"], one["kind"], one["old"], one["new"], one["class"]) for one in found] == [
        ("body.prompt", "maxLength", 4000, 600, "breaking"),
        ("body.quality", "default", "low", "high", "behavioural"),
        ("body.quality", "enum option added", None, "fair", "non-breaking"),
    ]


@pytest.mark.parametrize("write", [as_json, as_yaml])
@pytest.mark.parametrize("suffix", [".json", ".yaml", ".txt"])
def test_a_page_and_its_document_differ_in_nothing(
    docs: Callable[..., Outcome], tmp_path: Path, write: Callable[[object], str], suffix: str
) -> None:
    path = tmp_path / f"document{suffix}"
    path.write_text(write(page("copied_edit.txt").document), encoding="utf-8")
    assert docs("diff", EDIT, str(path)) == docs("diff", str(path), EDIT) == (0, "", "")
    assert docs("diff", str(path), str(path)) == (0, "", "")


def test_two_documents_are_compared_with_their_lines(docs: Callable[..., Outcome], tmp_path: Path) -> None:
    text = as_yaml(page("copied_edit.txt").document)
    (tmp_path / "old.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "new.yaml").write_text(text.replace("maxItems: 16", "maxItems: 4"), encoding="utf-8")
    line = text[: text.index("maxItems")].count("\n") + 1
    status, printed, _ = docs("diff", str(tmp_path / "old.yaml"), str(tmp_path / "new.yaml"))
    assert status == 1
    assert printed.startswith(f"{tmp_path / 'new.yaml'}:{line}: breaking: body.images: maxItems: 16 -> 4 (")
    assert f"({tmp_path / 'old.yaml'}:{line})" in printed


def test_one_side_may_come_from_standard_input(docs: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch) -> None:
    content = io.TextIOWrapper(io.BytesIO(Path(EDIT).read_bytes()), encoding="utf-8")
    monkeypatch.setattr("sys.stdin", content)
    assert docs("diff", "-", EDIT) == (0, "", "")


def test_what_could_not_be_read_outranks_drift(docs: Callable[..., Outcome]) -> None:
    status, printed, said = docs("diff", EDIT, str(PAGES / "lost_lines.txt"))
    assert status == 3
    assert "no type below 'prompt'" in said
    assert printed


def test_contradictions_on_a_page_are_only_warnings(docs: Callable[..., Outcome]) -> None:
    path = str(PAGES / "sample_contradicts.txt")
    status, printed, said = docs("diff", path, path)
    assert (status, printed) == (0, "")
    assert ": warning: " in said


# check.


def test_a_page_of_an_unknown_model_is_said(docs: Callable[..., Outcome]) -> None:
    status, printed, said = docs("check", EDIT)
    assert (status, said) == (1, "")
    assert ": non-breaking: url: url: nothing -> " in printed
    assert len(printed.splitlines()) == 1


def test_drift_of_several_pages_names_the_page(docs: Callable[..., Outcome]) -> None:
    other = str(PAGES / "lists.txt")
    status, printed, _ = docs("check", EDIT, other, "--format", "json")
    assert status == 1
    assert [one["page"] for one in json.loads(printed)] == [EDIT, other]


def test_a_page_is_compared_with_the_document_on_disk(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, changed: str
) -> None:
    path = tmp_path / "contract.yaml"
    path.write_text(as_yaml(page("copied_edit.txt").document), encoding="utf-8")
    assert check_files([EDIT], path, "text") == 0
    assert check_files([EDIT, changed], path, "json") == 1
    assert {one["page"] for one in json.loads(capsys.readouterr().out)} == {changed}


# Bad usage, bad files.


@pytest.mark.parametrize(
    "arguments",
    [("diff",), ("diff", EDIT), ("diff", EDIT, EDIT, EDIT), ("diff", "-", "-"), ("check", EDIT, "--format", "yaml")],
    ids=["nothing", "one side", "three sides", "standard input twice", "unknown format"],
)
def test_wrong_usage_exits_2(docs: Callable[..., Outcome], arguments: tuple[str, ...]) -> None:
    status, printed, said = docs(*arguments)
    assert (status, printed) == (2, "")
    assert len(said.splitlines()) == 1


BROKEN = {
    "missing.txt": None,
    "html": b"<!DOCTYPE html><html>",
    "empty.txt": b"",
    "broken.yaml": b"openapi: [3.1.0\n",
    "older.json": b'{"swagger": "2.0"}',
    "older.yaml": b"swagger: '2.0'\n",
    "list.yaml": b"- 1\n",
    "bytes.yaml": b"openapi: 3.1.0\ninfo: \xff\n",
    "tagged.yaml": b"openapi: 3.1.0\ninfo: !!python/object/apply:os.system ['true']\n",
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_cannot_be_read_exits_3_in_one_line(
    docs: Callable[..., Outcome], tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    content = BROKEN[name]
    if content is not None:
        path.write_bytes(content)
    for arguments in (("diff", EDIT, str(path)), ("diff", str(path), EDIT)):
        status, printed, said = docs(*arguments)
        assert (status, printed) == (3, "")
        assert said.startswith(f"{path}:")
        assert len(said.splitlines()) == 1


# A document as ours with pages as the vendor's; and the vendor's own pages, which are not in the repository.


@pytest.fixture
def contract(tmp_path: Path) -> Path:
    """The document, resting on the sentence of our own page instead of the vendor's."""
    text, replaced = re.subn(r"sha256:\w{64}", prose_digest("Address of a picture (https only)"), DOCUMENT)
    assert replaced == 1
    path = tmp_path / "modellix.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_pages_in_the_vendors_layout_show_no_drift(contract: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Our own words, in the shapes of the two pages that the document was written from."""
    paths = [str(PAGES / name) for name in ("gpt_image_2.txt", "gpt_image_2_edit.txt")]
    assert check_files(paths, contract, "json") == 0
    assert capsys.readouterr() == ("[]\n", "")


@pytest.mark.skipif(SHARED is None, reason="MODELLIX_DOCS_PAGES does not name the folder of the vendor's pages")
def test_the_vendors_pages_show_no_drift(docs: Callable[..., Outcome]) -> None:
    paths = [str(path) for path in sorted(Path(SHARED or "").glob("*.txt"))]
    assert len(paths) == 2
    assert docs("check", *paths) == (0, "", "")
    assert docs("check", *paths, "--format", "json") == (0, "[]\n", "")


def test_the_sentence_on_https_is_watched(contract: Path) -> None:
    changed = page("gpt_image_2_edit.txt", ("Address of a picture (https only)", "Address of a picture"))
    [found] = compare_with_contract(changed, Contract.load(contract))
    assert (found.where, found.kind, found.severity) == ("body.images[]", "description", "behavioural")
    assert DOCUMENT.split("\n")[(found.old_line or 0) - 1].strip().startswith("description: Direct address")


def test_drift_from_the_document_names_its_line(contract: Path) -> None:
    changed = page("gpt_image_2_edit.txt", ("length: 1 - 32000", "length: 1 - 600"))
    [found] = compare_with_contract(changed, Contract.load(contract))
    assert (found.where, found.kind, found.old, found.new) == ("body.prompt", "maxLength", 32000, 600)
    assert DOCUMENT.split("\n")[(found.old_line or 0) - 1].strip() == "maxLength: 32000"
