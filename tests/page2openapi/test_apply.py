"""`apply`: what is written of a page's drift, for whom, and what is left for a hand."""

from __future__ import annotations

import os
import re
import shutil
import stat
import sys
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate
from ruamel.yaml import YAML

from contract_tests.model import good
from contract_tests.model.document import contract
from page2openapi import read_page
from page2openapi.apply import running
from page2openapi.apply.examples import follow_names
from page2openapi.apply.yaml_edit import dump, load, plain
from page2openapi.drift import CONTRACT as SHIPPED_CONTRACT
from tests.changes.pages import field_of, page_of, renamed

from .model_pages import EDIT, GENERATE, changed

pytestmark = pytest.mark.slow

CONTRACT = Path(__file__).parent / "contract.yaml"  # as shipped, but short
BEFORE = CONTRACT.read_text("utf-8")
REQUESTS = ("GptImage2Request", "GptImage2EditRequest")
QUALITY = "low,\nmedium,\nhigh"


class Applied:
    """What an `apply` came to."""

    def __init__(self, status: int, path: Path, out: str, err: str) -> None:
        self.status, self.text, self.out, self.err = status, path.read_text("utf-8"), out, err

    @property
    def lines(self) -> list[str]:
        """The lines that changed, as in the diff."""
        return [line for line in self.out.splitlines() if re.match(r"[+-](?![+-])", line)]

    @cached_property
    def document(self) -> Any:
        return YAML(typ="safe", pure=True).load(self.text)

    def fields(self, name: str) -> Any:
        return self.document["components"]["schemas"][name]["properties"]


Apply = Callable[..., Applied]


@pytest.fixture
def apply(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Apply:
    """Applies pages to a contract. Whether a client can be generated is looked at in fewer tests: it takes a second."""
    monkeypatch.setattr(running, "why_not", lambda *_: None)
    path = tmp_path / "modellix.yaml"
    shutil.copy(CONTRACT, path)

    def run(*texts: str, dry_run: bool = False, document: str | None = None) -> Applied:
        if document is not None:
            path.write_text(document, encoding="utf-8")
        pages = [read_page(text, f"page-{number}.txt") for number, text in enumerate(texts, 1)]
        status = running.apply_pages(pages, path, dry_run=dry_run)
        said = capsys.readouterr()
        return Applied(status, path, said.out, said.err)

    return run


def comments(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.lstrip().startswith("#")]


def test_pages_without_drift_leave_every_byte(apply: Apply) -> None:
    done = apply(GENERATE, EDIT)
    assert (done.status, done.out, done.err) == (0, "", "")
    assert done.text == BEFORE


def test_a_limit_that_one_page_changed_changes_for_its_operation_alone(apply: Apply) -> None:
    done = apply(changed(GENERATE, "1 - 32000", "1 - 10000"))
    assert done.status == 0
    assert done.fields("GptImage2Request")["prompt"]["maxLength"] == 10000
    assert done.fields("GptImage2EditRequest")["prompt"]["maxLength"] == 32000
    assert done.lines == ["-          maxLength: 32000", "+          maxLength: 10000"]


def test_a_limit_that_all_pages_changed_changes_in_each_request(apply: Apply) -> None:
    done = apply(changed(GENERATE, "1 - 32000", "1 - 10000"), changed(EDIT, "1 - 32000", "1 - 10000"))
    assert done.status == 0
    assert done.lines == ["-          maxLength: 32000", "+          maxLength: 10000"] * 2


def test_pages_that_follow_one_another_end_where_they_would_have_together(apply: Apply) -> None:
    pages = [changed(GENERATE, "1 - 32000", "1 - 10000"), changed(EDIT, "1 - 32000", "1 - 10000")]
    together = apply(*pages).text
    apply(pages[0], document=BEFORE)
    assert apply(pages[1]).text == together


def test_a_default_that_one_page_changed_or_dropped_is_kept_for_the_other(apply: Apply) -> None:
    done = apply(changed(GENERATE, "default:low", "default:high"))
    assert done.lines == ["-          default: low", "+          default: high"]
    done = apply(changed(GENERATE, "enum<string>\ndefault:low", "enum<string>"), document=BEFORE)
    assert done.lines == ["-          default: low"]
    assert done.fields("GptImage2EditRequest")["quality"]["default"] == "low"


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        ("1 - 16 elements", "1 - 8 elements", ["-          maxItems: 16", "+          maxItems: 8"]),
        ("Required array length: 1 - 16 elements", "Minimum array length: 1", ["-          maxItems: 16"]),
        ("string[]\nrequired", "string[]", ["-      required: [images, prompt]", "+      required: [prompt]"]),
        ("string[]\nrequired", "string[]\nrequired\ndeprecated", ["+          deprecated: true"]),
        ("string[]", "string[] | null", ["-          type: array", '+          type: [array, "null"]']),
    ],
    ids=["limit", "limit removed", "optional", "deprecated", "nullable"],
)
def test_each_change_of_a_field_is_its_own_lines(apply: Apply, old: str, new: str, lines: list[str]) -> None:
    done = apply(changed(EDIT, old, new))
    assert (done.status, done.lines) == (0, lines)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (f"{QUALITY},\nultra", ["low", "medium", "high", "ultra"]),
        ("draft,\nlow,\nmedium,\nhigh", ["draft", "low", "medium", "high"]),
        ("low,\nhigh", ["low", "high"]),
        (f"{QUALITY},\non,\n16:9,\n512", ["low", "medium", "high", "on", "16:9", "512"]),
    ],
)
def test_options_come_and_go_as_on_the_pages(apply: Apply, options: str, expected: list[str]) -> None:
    done = apply(changed(GENERATE, QUALITY, options), changed(EDIT, QUALITY, options))
    assert done.status == 0
    assert [done.fields(name)["quality"]["enum"] for name in REQUESTS] == [expected, expected]
    assert len(done.lines) == 4
    older: Any = YAML(typ="safe", pure=True)
    older.version = (1, 1)  # as other readers of YAML still take `on` and `16:9`
    assert older.load(done.text)["components"]["schemas"][REQUESTS[0]]["properties"]["quality"]["enum"] == expected


def test_null_is_an_option_where_it_is_accepted(apply: Apply) -> None:
    done = apply(changed(GENERATE, "enum<string>\ndefault:low", "enum<string> | null\ndefault:low"))
    assert done.fields("GptImage2Request")["quality"]["enum"] == ["low", "medium", "high", None]


SEED = "seed\ninteger\n\nFor the same picture again\n\nRequired range: 0 <= x <= 99\n\n"


def test_a_new_field_stands_where_the_page_has_it(apply: Apply) -> None:
    done = apply(changed(GENERATE, "quality\nenum", f"{SEED}quality\nenum"))
    assert list(done.fields("GptImage2Request")) == ["prompt", "size", "seed", "quality"]
    assert done.fields("GptImage2Request")["seed"] == {
        "description": "For the same picture again",
        "type": "integer",
        "minimum": 0,
        "maximum": 99,
    }
    assert all(line.startswith("+") for line in done.lines)


def test_a_new_last_field_stands_above_the_heading_of_what_follows(apply: Apply) -> None:
    done = apply(changed(EDIT, "Response\n\nTask", f"{SEED}Response\n\nTask"))
    lines = done.text.splitlines()
    assert lines.index("        seed:") < lines.index(
        "    # Replies to submissions: the reply samples and field lists of the two model pages."
    )
    assert comments(done.text) == comments(BEFORE)
    assert lines[lines.index("        seed:") + 5 :][:1] == [""]


def test_a_new_field_of_all_pages_stands_in_each_request(apply: Apply) -> None:
    pages = [changed(page, "quality\nenum", f"{SEED}quality\nenum") for page in (GENERATE, EDIT)]
    done = apply(*pages)
    assert [done.fields(name)["seed"]["maximum"] for name in REQUESTS] == [99, 99]


def test_a_new_required_field_is_required(apply: Apply) -> None:
    done = apply(changed(GENERATE, "quality\nenum", SEED.replace("integer", "integer\nrequired") + "quality\nenum"))
    assert done.document["components"]["schemas"]["GptImage2Request"]["required"] == ["prompt", "seed"]


def test_a_field_that_went_takes_its_limits(apply: Apply) -> None:
    start, end = GENERATE.index("size\nenum"), GENERATE.index("quality\nenum")
    done = apply(GENERATE.replace(GENERATE[start:end], ""))
    assert done.status == 0
    assert [line.split(":")[0] for line in done.lines] == [
        "-        size",
        *(f"-          {keyword}" for keyword in ("description", "type", "enum", "default")),
    ]
    assert comments(done.text) == comments(BEFORE)


WITHOUT_QUALITY = [
    page[: page.index("quality\nenum")] + page[page.index("Response\n\nTask") :] for page in (GENERATE, EDIT)
]
SHARING = re.sub(
    r"(?m)^(        quality:\n)(?:          .*\n)+", r'\1          $ref: "#/components/schemas/Quality"\n', BEFORE
).replace(
    "    GptImage2Request:\n",
    "    Quality:\n      type: string\n      enum: [low, medium, high]\n      default: low\n    GptImage2Request:\n",
)


def test_a_schema_that_requests_share_is_copied_before_it_changes_for_one(apply: Apply) -> None:
    """Somebody may write one."""
    done = apply(changed(GENERATE, QUALITY, "low,\nhigh"), document=SHARING)
    assert done.fields("GptImage2Request")["quality"]["enum"] == ["low", "high"]
    assert done.fields("GptImage2EditRequest")["quality"] == {"$ref": "#/components/schemas/Quality"}
    assert done.document["components"]["schemas"]["Quality"]["enum"] == ["low", "medium", "high"]


def test_a_shared_schema_goes_with_the_last_field_that_used_it(apply: Apply) -> None:
    assert "Quality" in apply(WITHOUT_QUALITY[0], document=SHARING).document["components"]["schemas"]
    assert "Quality" not in apply(WITHOUT_QUALITY[1]).document["components"]["schemas"]


def test_applying_back_and_forth_comes_home(apply: Apply) -> None:
    page = changed(changed(GENERATE, QUALITY, "low,\nhigh"), "quality\nenum", f"{SEED}quality\nenum")
    assert apply(page).text != BEFORE
    assert apply(GENERATE).text == BEFORE


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


# What is left for a hand.


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


def said(done: Applied) -> list[str]:
    return [line for line in done.err.splitlines() if "warning" not in line]


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
    """With the generator itself: `json` is a name that the generated models need."""
    path = tmp_path / "modellix.yaml"
    shutil.copy(CONTRACT, path)
    page = read_page(changed(GENERATE, "quality\nenum", f"{SEED.replace('seed', 'json', 1)}quality\nenum"), "page.txt")
    assert page.problems == []
    assert running.apply_pages([page], path) == 1
    said = capsys.readouterr()
    assert "nothing was written, because the client could not be generated" in said.err
    assert path.read_text("utf-8") == BEFORE
