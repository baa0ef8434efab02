"""Pages that no client can be generated with are left out by the places that refusals name."""

from __future__ import annotations

from pathlib import Path

import pytest

from page2openapi import read_page
from page2openapi.apply import application, running
from page2openapi.apply.application import place_on_page
from page2openapi.apply.trial import Verdict, judge
from page2openapi.apply.yaml_edit import load

from .applying import BEFORE
from .model_pages import BRUSH, changed

pytestmark = pytest.mark.slow

BODY = "Body\n\napplication/json\n\n"
SAME = "a-b\nstring\n\nOne.\n\na_b\nstring\n\nOther.\n\n"  # both become a_b
TAKEN = "check_it\nstring\n\nWords.\n\n"  # like a function of the generated code


def named(name: str, fields: str = "") -> str:
    """A page of another model, with these fields first."""
    text = changed(BRUSH, BODY, BODY + fields) if fields else BRUSH
    return text.replace("brush-1.5-pro", name)


def applied(path: Path, *texts: str) -> int:
    path.write_text(BEFORE, encoding="utf-8")
    return running.apply_pages([read_page(text, f"page-{number}.txt") for number, text in enumerate(texts, 1)], path)


def test_each_refused_page_is_one_line_and_the_others_are_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    judged = list[Verdict]()

    def counting(*arguments: object) -> Verdict:
        judged.append(judge(*arguments))  # type: ignore[arg-type]
        return judged[-1]

    monkeypatch.setattr(application, "judge", counting)
    path = tmp_path / "modellix.yaml"
    status = applied(path, named("one"), named("two", SAME), named("three", TAKEN), named("four", SAME), named("five"))
    lines = [line for line in capsys.readouterr().err.splitlines() if "not written" in line]
    assert status == 1
    assert [line.partition(":")[0] for line in sorted(lines)] == ["page-2.txt", "page-3.txt", "page-4.txt"]
    assert sorted(lines)[0].endswith(
        ": not written, because the client could not be generated: "
        "body.a_b: the properties 'a-b' and 'a_b' would both be named a_b"
    )
    assert "check_it is one that the generated code needs" in sorted(lines)[1]
    written = path.read_text("utf-8")
    assert [name for name in ("one", "two", "three", "four", "five") if f"/studio-nord/{name}/async" in written] == [
        "one",
        "five",
    ]
    assert len(judged) == 2


def test_the_line_is_that_of_the_field(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = named("two", SAME)
    assert applied(tmp_path / "modellix.yaml", page) == 1
    line = page.splitlines().index("a_b") + 1
    assert f"page-1.txt:{line}: not written" in capsys.readouterr().err


def test_a_text_that_is_read_back_otherwise_has_a_reason() -> None:
    verdict = judge(BEFORE, load(BEFORE.replace("gpt-image-2", "other")), "modellix.yaml", ())
    assert (verdict.refused, verdict.reason) == ({}, "document: what would be written would not be read back the same")


@pytest.mark.parametrize(
    ("place", "on_page"),
    [
        ("#/components/schemas/ARequest/properties/a~1b/items/properties/c/minimum", "body.a/b[].c"),
        ("#/components/schemas/ARequest/properties/properties/type", "body.properties"),
        ("#/components/schemas/ARequest/properties", "body"),
        ("#/components/schemas/ARequest/anyOf/0", "body"),
        ("#/paths/~1a/post", ""),
        ("model A", ""),
    ],
)
def test_places_in_a_request_are_fields_of_the_page(place: str, on_page: str) -> None:
    assert place_on_page(place) == on_page
