"""Regenerating says when a type that users import has another name, or became several."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scripts.regenerate.renamed import describe_types

from .documents import document, post

Regenerate = Callable[..., tuple[int, str, str]]
NO_LONGER = "`from modellix_client.models import Size` no longer works"
SIZE = {"type": "string", "enum": ["s", "m"]}
SHARED = {"$ref": "#/components/schemas/Size"}


def two_operations(first: dict[str, Any], second: dict[str, Any], **schemas: Any) -> dict[str, Any]:
    """A document in which two requests have a size each."""
    requests = {
        name: {"type": "object", "properties": {"size": size, "n": {"type": "integer"}}}
        for name, size in (("Draw", first), ("Paint", second))
    }
    refs = {name: {"$ref": f"#/components/schemas/{name}"} for name in requests}
    paths = {f"/{name}": post(ref, name=name.lower(), tags=["art"]) for name, ref in refs.items()}
    return copy.deepcopy(document(paths, {**requests, **schemas}))


CHANGES: list[tuple[str, dict[str, Any], str]] = [
    ("nothing", two_operations(SHARED, SHARED, Size=SIZE), ""),
    (
        "an option of one page, so that the type splits",
        two_operations({**SIZE, "enum": ["s", "m", "l"]}, SHARED, Size=SIZE),
        "type Size split -> DrawSize (draw size); Size stays for paint size",
    ),
    (
        "both pages for themselves",
        two_operations({**SIZE, "enum": ["s", "m", "l"]}, SIZE),
        f"type Size split -> DrawSize (draw size), PaintSize (paint size): {NO_LONGER}",
    ),
    (
        "another name",
        two_operations({"$ref": "#/components/schemas/Format"}, {"$ref": "#/components/schemas/Format"}, Format=SIZE),
        f"type Size renamed -> Format (draw size, paint size): {NO_LONGER}",
    ),
    (
        "another type without a name",
        two_operations({"type": "integer"}, {"type": "integer"}),
        f"type Size renamed -> plain values (draw size, paint size): {NO_LONGER}",
    ),
]


SPLITS = ("an option of one page, so that the type splits", "both pages for themselves")
ROWS = [pytest.param(*row[1:], id=row[0], marks=() if row[0] in SPLITS else pytest.mark.slow) for row in CHANGES]


@pytest.mark.parametrize(("new", "expected"), ROWS)
def test_what_became_of_a_type_is_said(regenerate: Regenerate, new: dict[str, Any], expected: str) -> None:
    """By `--check` too."""
    regenerate(two_operations(SHARED, SHARED, Size=SIZE))
    for options in (("--check",), ()):
        _, said, _ = regenerate(new, *options)
        assert [line for line in said.splitlines() if line.startswith("type ")] == ([expected] if expected else [])


def package(folder: Path, models: dict[str, str], operation: str) -> Path:
    """The skeleton of a generated package."""
    for name, code in {**{f"models/{stem}": code for stem, code in models.items()}, "api/art/draw": operation}.items():
        path = folder / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code)
    return folder


DRAW = "def sync_detailed(*, client: Client, body: {body}) -> Response[Reply]: ...\n"
LOOP = 'class {name}:\n    inner: "list[{name}] | Unset"\n    reply: Reply | None\n'


def test_places_are_found_at_any_depth_and_in_quotes(tmp_path: Path) -> None:
    """Also in models that hold themselves."""
    reply = {"reply": "class Reply:\n    code: int\n"}
    old = package(tmp_path / "old", {"a": LOOP.format(name="Old"), **reply}, DRAW.format(body="Old"))
    new = package(tmp_path / "new", {"a": LOOP.format(name="New"), **reply}, DRAW.format(body="New"))
    assert describe_types(old, new) == [
        "type Old renamed -> New (draw, draw inner): `from modellix_client.models import Old` no longer works"
    ]


def test_a_type_goes_with_its_field(tmp_path: Path) -> None:
    kinds = "Size: TypeAlias = Literal['s']\n"
    old = package(tmp_path / "old", {"a": "class Draw:\n    size: Size\n", "size": kinds}, DRAW.format(body="Draw"))
    new = package(tmp_path / "new", {"a": "class Draw:\n    n: int\n"}, DRAW.format(body="Draw"))
    assert describe_types(old, new) == [f"type Size gone: {NO_LONGER}"]


def test_an_option_is_no_type(tmp_path: Path) -> None:
    """It may be any text, also one that is no Python or names a type."""
    models = {"a": "class Draw:\n    size: Literal['{ odd', 'Reply'] | Unset\n", "reply": "class Reply: ...\n"}
    old = package(tmp_path / "old", models, DRAW.format(body="Draw"))
    new = package(tmp_path / "new", {**models, "a": "class Draw:\n    size: int\n"}, DRAW.format(body="Draw"))
    assert describe_types(old, new) == []


def test_many_places_are_shortened(tmp_path: Path) -> None:
    fields = "".join(f"    f{number}: {{name}}\n" for number in range(9))
    made = [
        package(
            tmp_path / name,
            {"a": "class Draw:\n" + fields.format(name=name), "b": f"class {name}: ...\n"},
            DRAW.format(body="Draw"),
        )
        for name in ("Old", "New")
    ]
    assert "(draw f0, draw f1, draw f2, draw f3, draw f4, draw f5 and 3 more)" in describe_types(*made)[0]


@pytest.mark.parametrize("code", ["class (", "\x00", ""])
def test_an_old_package_that_somebody_edited_stops_nothing(tmp_path: Path, code: str) -> None:
    old = package(tmp_path / "old", {"a": code}, code)
    assert describe_types(old, package(tmp_path / "new", {}, DRAW.format(body="Draw"))) == []
    assert describe_types(tmp_path / "none", old) == []
