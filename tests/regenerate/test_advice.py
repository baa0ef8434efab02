"""A value that is no URL, where the service wants one to fetch from, is refused in words."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contract_tests.model import good
from modellix_client import ConstraintError, checks
from modellix_client.constraints import check_json
from modellix_client.models import GptImage2EditRequest
from scripts.mutants.kills import always, kills

PICTURES = good.PICTURES
SECURE = "^https://[^ ]+"
ANY_FORM = (SECURE, "^(?:https)://", "(?i)^https://", "https://.+")
WITH_HTTP = ("^https?://.+", "^(http|https)://", "^(?:https?)://")
ADVICE = "; the API takes no uploads, so put the file where the service can fetch it; got "


def edit(images: Any) -> Any:
    body = {**good.body(good.EDIT, good.prompt("a")), PICTURES: images}
    return GptImage2EditRequest(**good.arguments(body, good.EDIT))


def refusal(action: Callable[[], object]) -> ConstraintError:
    with pytest.raises(ConstraintError) as caught:
        action()
    return caught.value


def judge(schema: dict[str, Any], value: object, monkeypatch: pytest.MonkeyPatch) -> ConstraintError:
    """What a schema under a name of its own has against a value."""
    monkeypatch.setitem(checks.SCHEMAS, "#/tried", schema)
    monkeypatch.setattr(checks, "_checks", {})
    return refusal(lambda: check_json("#/tried", value))


VALUES = [
    ("file.png", "'file.png'"),
    ("http://example.com/a.png", "'http://example.com/a.png'"),
    (b"PNG", "'bytes'"),
    (Path("file.png"), f"'{type(Path()).__name__}'"),
    (io.BytesIO(b"PNG"), "'BytesIO'"),
]


@pytest.mark.parametrize(("value", "told"), VALUES, ids=[told for _, told in VALUES])
def test_a_picture_that_is_no_url_is_refused_in_words(value: object, told: str) -> None:
    error = refusal(lambda: edit([value]))
    assert str(error) == f"{PICTURES}[0]: must be an https URL{ADVICE}{told}"
    twin = pickle.loads(pickle.dumps(error))
    assert list(map(str, twin.violations)) == [str(error)]


def test_the_violation_stays_data() -> None:
    pattern = good.field(PICTURES)["items"]["pattern"]
    (violation,) = refusal(lambda: edit(["file.png"])).violations
    assert (violation.keyword, violation.actual) == ("pattern", "file.png")
    assert violation.limit.startswith(pattern[:20])


@pytest.mark.parametrize(("value", "told"), VALUES, ids=[told for _, told in VALUES])
def test_one_picture_for_a_list_is_refused_in_words(value: object, told: str) -> None:
    got = "'string'" if isinstance(value, str) else told
    assert str(refusal(lambda: edit(value))) == f"{PICTURES}: must be a list of https URLs{ADVICE}{got}"


@pytest.mark.parametrize("pattern", [*ANY_FORM, *WITH_HTTP])
def test_it_is_told_by_the_pattern_whatever_the_field(pattern: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kind = "http or https URL" if pattern in WITH_HTTP else "https URL"
    field = {"type": "string", "pattern": pattern}
    schema = {"type": "object", "properties": {"a": {"type": "object", "properties": {"b": field}}}}
    for value, told in (("a.wav", "'a.wav'"), (b"RIFF", "'bytes'")):
        error = judge(schema, {"a": {"b": value}}, monkeypatch)
        assert str(error) == f"a.b: must be an {kind}{ADVICE}{told}"


@pytest.mark.parametrize("keyword", ["oneOf", "anyOf"])
def test_it_is_told_where_one_or_several_may_be_given(keyword: str, monkeypatch: pytest.MonkeyPatch) -> None:
    one = {"type": "string", "pattern": SECURE}
    schema = {keyword: [one, {"type": "array", "items": one}]}
    assert "must be an https URL;" in str(judge(schema, "a.png", monkeypatch))
    assert "no uploads" in str(judge(schema, b"PNG", monkeypatch))


@pytest.mark.parametrize("keyword", ["oneOf", "anyOf"])
def test_a_value_of_no_alternatives_type_is_told_their_types(keyword: str, monkeypatch: pytest.MonkeyPatch) -> None:
    schema = {keyword: [{"type": "string", "enum": ["small"]}, {"type": ["integer", "null"]}, {"type": "object"}]}
    error = judge(schema, [], monkeypatch)
    assert str(error) == "body: type ['string', 'integer', 'null', 'object'], got 'array'"
    assert str(judge(schema, "big", monkeypatch)) == "body: enum ['small'], got 'big'"


@pytest.mark.parametrize("keyword", ["oneOf", "anyOf"])
def test_of_several_objects_the_one_whose_fields_are_there_is_told(
    keyword: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}}
    size = {"type": "object", "required": ["size"], "properties": {"size": {"type": "integer", "maximum": 4}}}
    schema = {keyword: [text, size]}
    assert str(judge(schema, {"size": 5}, monkeypatch)) == "size: maximum 4, got 5"
    assert str(judge(schema, {}, monkeypatch)) == "body: must fit one of 2 forms, which `.limits` tells; got 0"


@kills(
    "Each pattern is taken for one of a URL.",
    "modellix_client.checks:_pattern",
    always("takes_any_url or"),
)
def test_a_pattern_that_asks_for_more_than_a_url_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    pattern = r"^https://.+\.png$"
    schema = {"type": "string", "pattern": pattern}
    assert str(judge(schema, "https://a/b.gif", monkeypatch)) == f"body: pattern '{pattern}', got 'https://a/b.gif'"
    assert "no uploads" in str(judge(schema, "b.gif", monkeypatch))


@pytest.mark.parametrize("pattern", ["^[a-z]+$", "^httpx$", "^#[0-9a-f]{6}$"])
def test_other_patterns_are_shown(pattern: str, monkeypatch: pytest.MonkeyPatch) -> None:
    error = judge({"type": "string", "pattern": pattern}, "A", monkeypatch)
    assert str(error).startswith(f"body: pattern '{pattern}'")
