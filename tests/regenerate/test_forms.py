"""`.limits` of a method is enough for a form: all that the document says of each field, without references."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from modellix_client import forms
from modellix_client.constraints import field_places
from modellix_client.models import GptImage2Request
from modellix_client.operations import document as shipped
from scripts.mutants.kills import kills, swap

from .documents import TASK, document, submission

SIZE = {"type": "string", "enum": ["a", "b"], "default": "a", "description": "How large."}
MORE = {"$ref": "#/components/schemas/Part"}
PART = {"type": "object", "required": ["x"], "properties": {"x": {"type": "integer"}, "more": MORE}}
LENGTH = {"type": "string", "maxLength": 5}
BASE = {"type": "object", "required": ["base"], "properties": {"base": LENGTH}}
OWN = {
    "type": "object",
    "required": ["class"],
    "properties": {
        "class": {"$ref": "#/components/schemas/Size", "description": "Its own.", "x-source": "a page"},
        "parts": {"type": "array", "maxItems": 2, "items": {"$ref": "#/components/schemas/Part"}},
        "either": {"oneOf": [{"$ref": "#/components/schemas/Size"}, {"type": "null"}]},
    },
}
SCHEMAS = {
    "Size": SIZE,
    "Part": PART,
    "Base": BASE,
    "AskRequest": {"type": "object", "allOf": [{"$ref": "#/components/schemas/Base"}, OWN]},
}
INNER = {"type": "object", "properties": {"x": {"type": "integer", "required": True}, "more": {"required": False}}}
EXPECTED = {
    "base": {**LENGTH, "required": True},
    "class_": {**SIZE, "description": "Its own.", "required": True},
    "parts": {"type": "array", "maxItems": 2, "items": INNER, "required": False},
    "either": {"oneOf": [SIZE, {"type": "null"}], "required": False},
}
PROGRAM = """
import json
from modellix_client.forms import form_of
from modellix_client.models import AskRequest
print(json.dumps(form_of(AskRequest)))
"""


@pytest.mark.slow
def test_references_are_written_out(build: Callable[..., Path], use: Callable[[Path, str], str]) -> None:
    folder = build(document({"/ask": submission("AskRequest", name="ask"), "/tasks/{task_id}": TASK}, SCHEMAS))
    assert json.loads(use(folder, PROGRAM)) == EXPECTED


@kills(
    "What a caller does to limits stays.", "modellix_client.forms:form_of", swap("copy.deepcopy(_form(~))", "_form(~)")
)
def test_limits_are_json_and_the_callers_own() -> None:
    form = forms.form_of(GptImage2Request)
    schema = shipped()["components"]["schemas"][GptImage2Request.__name__]
    assert json.loads(json.dumps(form)) == form
    _, wire_names = field_places(GptImage2Request)
    for name, field in form.items():
        wire_name = wire_names[name]
        stated = {key: value for key, value in schema["properties"][wire_name].items() if not key.startswith("x-")}
        assert field == {**stated, "required": wire_name in schema["required"]}
    before = json.dumps(form)
    form.popitem()[1].clear()
    assert json.dumps(forms.form_of(GptImage2Request)) == before
