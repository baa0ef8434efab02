"""The types of a request's fields are called by operation and field, whatever options and models come and go."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from contract_tests.model import good
from scripts.regenerate.field_types import type_names
from scripts.regenerate.output import types_gone

from .documents import SHIPPED, TASK, document, submission

Build = Callable[..., Path]
Regenerate = Callable[..., tuple[int, str, str]]
Use = Callable[[Path, str], str]
DOCUMENT: dict[str, Any] = YAML(typ="safe", pure=True).load(SHIPPED)
REQUEST, OTHER = "GptImage2Request", "GptImage2EditRequest"
SIZE = {"type": "string", "enum": ["s", "m"]}
LIST = (
    "from modellix_client import requests; print(*(f'{name} {getattr(requests, name)}' for name in requests.__all__),"
    " sep='\\n')"
)


def exported(folder: Path, use: Use) -> dict[str, str]:
    """What users import, and what it is."""
    return dict(line.split(" ", 1) for line in use(folder, LIST).splitlines())


def changed(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """The shipped document after a change of the fields of one request."""
    new = copy.deepcopy(DOCUMENT)
    change(new["components"]["schemas"][REQUEST]["properties"])
    return new


def drawing(request: dict[str, Any], **schemas: Any) -> dict[str, Any]:
    """A document of one submission."""
    schemas = {"Draw": {"type": "object", "properties": request}, **schemas}
    return document({"/draw": submission("Draw"), "/t/{task_id}": TASK}, schemas)


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from scripts.regenerate.command import main

    folder = tmp_path_factory.mktemp("before")
    assert main(["--output", str(folder)]) == 0
    return folder


@pytest.mark.parametrize(
    "option",
    ["brand-new", pytest.param(None, marks=pytest.mark.slow)],
)
def test_names_stay_when_one_model_gains_an_option(option: str | None, before: Path, build: Build, use: Use) -> None:
    old = exported(before, use)
    field = good.SIZE
    folder = build(changed(lambda fields: fields[field].update(_with(fields[field], option))))
    new = exported(folder, use)
    assert new.keys() == old.keys() > {REQUEST, OTHER}
    different = {name for name in old if old[name] != new[name]}
    assert different == ({"GptImage2" + field.capitalize()} if option else set())
    assert types_gone(before / "modellix_client", folder / "modellix_client") == []


def _with(schema: dict[str, Any], option: str | None) -> dict[str, Any]:
    kinds = {"type": ["string", "null"]} if option is None else {}
    return {"enum": [*schema["enum"], option], **kinds}


@pytest.mark.slow
def test_names_stay_when_another_model_goes(before: Path, build: Build, use: Use) -> None:
    new = copy.deepcopy(DOCUMENT)
    new["paths"] = {path: item for path, item in new["paths"].items() if "edit" not in path}
    del new["components"]["schemas"][OTHER]
    old, now = exported(before, use), exported(build(new), use)
    assert now == {name: old[name] for name in old if not name.startswith("GptImage2Edit")}


@pytest.mark.slow
def test_objects_and_items_have_names_alike_and_components_keep_theirs(build: Build, use: Use) -> None:
    frame = {"type": "object", "properties": {"edge": SIZE, "n": {"type": "integer"}}, "required": ["edge"]}
    request = {
        "frame": {**frame, "type": ["object", "null"]},
        "sizes": {"type": "array", "items": SIZE},
        "level": {"type": ["integer", "null"], "enum": [1, 2, None]},
        "mark": {"$ref": "#/components/schemas/Mark"},
        "text": {"type": "string"},
    }
    folder = build(drawing(request, Mark={"type": "object", "properties": {"at": SIZE}}))
    names = ["Draw", "DrawFrame", "DrawFrameEdge", "DrawLevel", "DrawSizesItem", "Mark", "MarkAt"]
    assert list(exported(folder, use)) == names
    code = """
from modellix_client.requests import Draw, DrawFrame, Mark
print(Draw(frame=DrawFrame("s"), sizes=["m"], level=2, mark=Mark(at="s")).to_dict())
print(Draw(frame=None, level=None).to_dict())
try:
    Draw(frame=DrawFrame("x"))
except ValueError as error:
    print(error.violations[0].field)
"""
    assert use(folder, code).splitlines() == [
        "{'frame': {'edge': 's'}, 'sizes': ['m'], 'level': 2, 'mark': {'at': 's'}}",
        "{'frame': None, 'level': None}",
        "edge",
    ]


@pytest.mark.slow
def test_null_among_the_options_of_openapi_30_changes_no_name(build: Build, use: Use) -> None:
    null = {"nullable": True, "enum": [*SIZE["enum"], None]}
    folder = build(drawing({"size": {**SIZE, **null}}) | {"openapi": "3.0.3"})
    assert list(exported(folder, use)) == ["Draw", "DrawSize"]
    assert (
        use(folder, "from modellix_client.requests import Draw; print(Draw(size=None).to_dict())") == "{'size': None}"
    )


@pytest.mark.parametrize(
    ("request_fields", "schemas", "expected"),
    [
        (
            {"frame_size": SIZE, "frame": {"type": "object", "properties": {"size": SIZE}}},
            {},
            {"frame_size": "DrawFrameSize", "frame": "DrawFrame", "frame/properties/size": "DrawRequestFrameSize"},
        ),
        ({"size": SIZE}, {"DrawSize": SIZE}, {"size": "DrawRequestSize"}),
    ],
    ids=["of two fields", "of a component"],
)
def test_two_types_of_one_name_get_two(
    request_fields: dict[str, Any], schemas: dict[str, Any], expected: dict[str, str], regenerate: Regenerate
) -> None:
    """The inner one, and the one that is no component, get the longer name; the command says so."""
    for fields in (request_fields, dict(reversed(request_fields.items()))):
        contents = drawing(fields, **schemas)
        called = {one.rpartition("Draw/properties/")[2]: name for one, name in type_names(contents).items()}
        assert called == expected
    _, said, _ = regenerate(contents)
    assert [line for line in said.splitlines() if "is taken" in line] == [
        f"#/components/schemas/Draw/properties/{place}: its type is {name}, because {wanted} is taken"
        for place, name in expected.items()
        if name != (wanted := name.replace("Request", ""))
    ]


@pytest.mark.parametrize("order", [1, -1])
def test_a_field_of_one_model_and_another_model_do_not_share_a_type(order: int) -> None:
    """The longer request keeps the plain name."""
    paths = {"/draw": submission("DrawRequest"), "/edit": submission("DrawEditRequest", name="draw_edit")}
    schemas = {
        "DrawRequest": {"type": "object", "properties": {"edit_size": SIZE}},
        "DrawEditRequest": {"type": "object", "properties": {"size": {"type": "string", "enum": ["l"]}}},
    }
    contents = document(dict([*paths.items()][::order]) | {"/t/{task_id}": TASK}, schemas)
    assert type_names(contents) == {
        "#/components/schemas/DrawRequest/properties/edit_size": "DrawRequestEditSize",
        "#/components/schemas/DrawEditRequest/properties/size": "DrawEditSize",
    }


@pytest.mark.slow
def test_a_type_that_cannot_be_imported_any_more_is_said(regenerate: Regenerate) -> None:
    """By `--check` too."""
    regenerate(drawing({"size": SIZE}))
    for options in (("--check",), ()):
        _, said, _ = regenerate(drawing({"format": SIZE}), *options)
        assert [line for line in said.splitlines() if line.startswith("type ")] == [
            "type DrawSize gone: `from modellix_client.models import DrawSize` no longer works"
        ]


@pytest.mark.parametrize("code", ["class (", "\x00", "", None])
def test_an_old_package_that_somebody_edited_stops_nothing(tmp_path: Path, code: str | None) -> None:
    (tmp_path / "models").mkdir()
    if code is not None:
        (tmp_path / "models" / "__init__.py").write_text(code)
    assert types_gone(tmp_path, tmp_path / "none") == []
