"""Provider once, then the model's whole slug: names of methods, modules, classes and types, whoever else is there."""

from __future__ import annotations

import ast
import itertools
import random
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from modellix._openapi import operations
from scripts.regenerate.field_types import type_names
from scripts.regenerate.method_names import folder, module, unlike_the_path, with_names

from .documents import TASK, document, submission

Build = Callable[..., Path]
Regenerate = Callable[..., tuple[int, str, str]]
Use = Callable[[Path, str], str]
SIZE = {"type": "string", "enum": ["s", "m"]}
FRAME = {"type": "object", "properties": {"at": {"type": "integer"}, "mode": {"type": "string", "enum": ["on"]}}}
SHAPE: dict[str, Any] = {
    "type": "object",
    "required": ["size"],
    "properties": {
        "size": SIZE,
        "frames": {"type": "array", "items": FRAME},
        "camera": FRAME,
        "input": {"oneOf": [FRAME, {"type": "object", "properties": {"url": {"type": "string"}}}]},
        "level": {"anyOf": [{"type": "string", "enum": ["x"]}, {"type": "integer"}]},
    },
}
PATHS = {
    "/text-to-video/kling/kling-v1-t2v/async": "KlingKlingV1T2vRequest",
    "/alibaba/wan-2/async": "AlibabaWan2Request",
    "/wan/wan-2/async": "Wan2Request",
    "/wan/wan-2-edit/async": "Wan2EditRequest",
    "/task/brush/async": "TaskBrushRequest",
}


def catalogue(paths: Iterable[str], requests: dict[str, str] = PATHS, **fields: Any) -> dict[str, Any]:
    """A document of models that differ in nothing but their options; as `apply` once wrote it, with odd tags."""
    items: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    for path in paths:
        name = requests.get(path, f"Model{sum(map(ord, path))}Request")
        schemas[name] = {**SHAPE, "properties": {**SHAPE["properties"], "size": {**SIZE, "enum": [path]}, **fields}}
        items[path] = submission(name, name=path.strip("/").replace("/", "_"), tag=path.split("/")[1])
    return document(items | {"/t/{task_id}": TASK}, schemas)


def methods(contents: dict[str, Any]) -> dict[str, str]:
    """By path, how the client calls each submission."""
    every = operations(with_names(contents))
    return {one.path: f"{folder(one)}.{module(one)}" for one in every if one.method == "post"}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/openai/gpt-image-2/async", "openai.gpt_image_2"),
        ("/text-to-video/kling/kling-v1-t2v/async", "kling.kling_v1_t2v"),
        ("/v2/text-to-video/kling/kling-v1.5/async", "kling.kling_v1_5"),
        ("/alibaba/wan2.2-T2V/async", "alibaba.wan2_2_t2v"),
        ("/Black-Forest-Labs/FLUX.1-dev/async", "black_forest_labs.flux_1_dev"),
        ("/302ai/3d-model/async", "provider_302ai.model_3d_model"),
        ("/lambda/import/async", "lambda_.import_"),
        ("/task/brush/async", "provider_task.brush"),
        ("/submit/submit/async", "provider_submit.submit"),
        ("/kling/kling-v1", "tag.written_by_hand"),
        ("/kling/{model}/async", "tag.written_by_hand"),
        ("/kling-v1/async", "tag.written_by_hand"),
    ],
)
def test_the_path_names_the_method(path: str, expected: str) -> None:
    contents = document({path: submission("A", name="writtenByHand", tag="tag"), "/t/{task_id}": TASK}, {"A": SHAPE})
    assert methods(contents) == {path: expected}


@pytest.mark.parametrize(
    ("paths", "longer", "same_provider"),
    [
        (["/text-to-video/x/y/async", "/image-to-video/x/y/async"], ["y_text_to_video", "y_image_to_video"], "x"),
        (["/x/wan-2.2/async", "/x/wan-2-2/async", "/x/wan/async"], ["wan_2_2_bc47b5", "wan_2_2_a16edf", "wan"], "x"),
        (["/a-b/y/async", "/a.b/y/async"], ["y_0765c4", "y_43985d"], "a_b"),
    ],
    ids=["kinds of task", "spellings of a model", "spellings of a provider"],
)
def test_models_of_one_name_get_longer_ones_whatever_their_order(
    paths: list[str], longer: list[str], same_provider: str
) -> None:
    for order in itertools.permutations(paths):
        found = methods(catalogue(order))
        assert found == {path: f"{same_provider}.{name}" for path, name in zip(paths, longer, strict=True)}


def test_a_name_that_a_longer_one_takes_is_left_by_both() -> None:
    paths = ["/text-to-video/x/y/async", "/image-to-video/x/y/async", "/x/y-image-to-video/async"]
    found = {tuple(sorted(methods(catalogue(order)).items())) for order in itertools.permutations(paths)}
    [names] = found
    assert len({name for _, name in names}) == len(paths)
    assert not {"x.y", "x.y_image_to_video"} & {name for _, name in names}


def test_a_method_that_somebody_wrote_keeps_its_name() -> None:
    contents = catalogue(["/x/y/async"])
    contents["paths"]["/other"] = submission("Other", name="y", tag="x")
    contents["components"]["schemas"]["Other"] = SHAPE
    assert methods(contents)["/other"] == "x.y"
    assert methods(contents)["/x/y/async"].startswith("x.y_")


def test_what_is_not_called_by_its_path_alone_is_said(regenerate: Regenerate) -> None:
    paths = ["/text-to-video/x/y/async", "/image-to-video/x/y/async", "/task/z/async", "/a-b/c/async", "/a.b/d/async"]
    contents = catalogue(paths)
    expected = [
        "task_z_async: in client.provider_task, because `task` is a method of the client",
        "client.a_b: several providers in one, 'a-b', 'a.b'",
        "image-to-video_x_y_async: client.x.y_image_to_video, because client.x.y could be several operations",
        "text-to-video_x_y_async: client.x.y_text_to_video, because client.x.y could be several operations",
    ]
    assert unlike_the_path(contents) == expected
    status, said, _ = regenerate(contents)
    assert status == 0
    assert said.splitlines()[-4:] == expected
    status, said, _ = regenerate(contents, "--check")
    assert status == 0
    assert said.splitlines()[:-1] == expected


SUBSETS = [paths for count in range(1, len(PATHS)) for paths in itertools.combinations(PATHS, count)]


def test_names_stay_whatever_other_models_come_and_go() -> None:
    whole = catalogue(PATHS)
    types, called = type_names(whole), methods(whole)
    assert len(set(types.values())) == len(types) == 5 * len(PATHS)
    for paths in SUBSETS:
        part = catalogue(random.Random(len(paths)).sample(paths, len(paths)))
        assert type_names(part).items() <= types.items()
        assert methods(part) == {path: called[path] for path in paths}


@pytest.mark.slow
def test_names_of_the_generated_code_stay_too(build: Build) -> None:
    """Of classes that upstream names by itself as well, such as those of a choice."""
    found: dict[tuple[str, ...], dict[str, set[str]]] = {}
    for paths in (tuple(PATHS), tuple(PATHS)[::-1], *((path,) for path in PATHS)):
        folder = build(catalogue(paths)) / "modellix_client"
        found[paths] = {path: names_of(folder, path) for path in paths}
        assert len(set(itertools.chain(*found[paths].values()))) == sum(map(len, found[paths].values()))
    whole = found[tuple(PATHS)]
    assert all(len(names) >= 7 for names in whole.values())
    for part in found.values():
        assert part == {path: whole[path] for path in part}


def names_of(package: Path, path: str) -> set[str]:
    """The module of an operation and the modules and classes of all that it sends, found by what they import."""
    [operation] = [one for one in (package / "api").rglob("*.py") if f'"{path}"' in one.read_text("utf-8")]
    found = {operation.relative_to(package).as_posix()}
    waiting = [*_imported(operation)]
    while waiting:
        name, where = waiting.pop()
        file = package / "models" / f"{where}.py"
        if f"{where}.{name}" not in found and file.exists():
            found.add(f"{where}.{name}")
            waiting += _imported(file)
    return found


def _imported(file: Path) -> Iterable[tuple[str, str]]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (where := node.module or "").startswith("models."):
            yield from ((one.name, where.removeprefix("models.")) for one in node.names if one.name[0].isupper())


def test_a_catalogue_of_before_is_renamed_and_the_command_says_so(regenerate: Regenerate, build: Build) -> None:
    """A package that this generator's ancestor made has its methods by tag and operationId."""
    path = "/text-to-video/kling/kling-v1-t2v/async"
    contents = catalogue([path])
    api = build(contents) / "modellix_client" / "api"
    (api / "kling").rename(api / "text_to_video")
    (api / "text_to_video" / "kling_v1_t2v.py").rename(api / "text_to_video" / "kling_kling_v1_t2v.py")
    moved = f"POST {path}: client.text_to_video.kling_kling_v1_t2v is now client.kling.kling_v1_t2v"
    for options in (["--check"], []):
        _, said, _ = regenerate(contents, *options)
        assert [line for line in said.splitlines() if line.startswith("POST")] == [moved]
    assert regenerate(contents)[1] == "no change to the public surface\n"


def test_the_client_calls_a_model_by_its_path(build: Build, use: Use) -> None:
    folder = build(catalogue(["/text-to-video/kling/kling-v1-t2v/async", "/task/brush/async"]))
    code = """
from modellix_client.namespaces import Submissions
submissions = Submissions(lambda request: type(request).__name__)
print(submissions.kling.kling_v1_t2v(size="/text-to-video/kling/kling-v1-t2v/async"))
print(submissions.provider_task.brush(size="/task/brush/async"))
"""
    assert use(folder, code).splitlines() == ["KlingKlingV1T2VRequest", "TaskBrushRequest"]
