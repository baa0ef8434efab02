"""Which types that users import have another name in a new package than in the old one, or were split.

Read from the code of both packages, place by place: the field that had `Size` and has another type now tells what
became of `Size`, whatever the generator made of its name.
"""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

MOST_PLACES = 6  # named in one line
DEEPEST = 12  # levels of fields


@dataclass
class Types:
    """The types of a package: what can be imported, and what stands in each place of an operation."""

    exported: set[str] = field(default_factory=set[str])
    in_place: dict[str, list[str]] = field(default_factory=dict[str, list[str]])  # gpt_image_2 size: [Size]

    def places_of(self, name: str) -> list[str]:
        """Where a type stands."""
        return [place for place, names in self.in_place.items() if name in names]


def describe_types(old: Path, new: Path) -> list[str]:
    """One line for each type that users import and that some place no longer has, although the place is still there."""
    before, after = read_types(old), read_types(new)
    return [line for name in sorted(before.exported) for line in _became(name, before, after)]


def _became(name: str, before: Types, after: Types) -> Iterator[str]:
    moved: dict[str, list[str]] = {}
    for place in before.places_of(name):
        now = after.in_place.get(place, [])
        others = [other for other in now if other not in before.in_place[place]] or ["plain values"]
        for other in others if name not in now and place in after.in_place else ():
            moved.setdefault(other, []).append(place)
    new_names = ", ".join(f"{other} ({_listed(places)})" for other, places in moved.items())
    stays = after.places_of(name)
    what = f"type {name} {'split' if stays or len(moved) > 1 else 'renamed'} -> {new_names}"
    if name not in after.exported:
        yield f"{what if moved else f'type {name} gone'}: `from modellix_client.models import {name}` no longer works"
    elif moved:
        yield what + (f"; {name} stays for {_listed(stays)}" if stays else "")


def _listed(places: list[str]) -> str:
    more = len(places) - MOST_PLACES
    return ", ".join(places[:MOST_PLACES]) + (f" and {more} more" if more > 0 else "")


def read_types(package: Path) -> Types:
    """The types of a generated package; none of what cannot be read, for somebody may have edited it."""
    models = {name: node for path in _modules(package / "models") for name, node in _defined(path)}
    found = Types(exported=set(models))
    for path in _modules(package / "api", "*/*.py"):
        for place, annotation in _signature(path):
            _collect(place, annotation, models, found, ())
    return found


def _collect(
    place: str, annotation: ast.expr, models: dict[str, ast.stmt], found: Types, inside: tuple[str, ...]
) -> None:
    """Notes the types of a place and of all fields below it."""
    names = [name for name in _names(annotation) if name in models]
    known = found.in_place.setdefault(place, [])
    known += [name for name in names if name not in known]
    for name in names if len(inside) < DEEPEST else ():
        model = models[name]
        for inner in model.body if isinstance(model, ast.ClassDef) and name not in inside else ():
            if isinstance(inner, ast.AnnAssign) and isinstance(inner.target, ast.Name):
                _collect(f"{place} {inner.target.id}", inner.annotation, models, found, (*inside, name))


def _names(annotation: ast.expr) -> Iterator[str]:
    """The names in an annotation, those in quotes too. What stands in a Literal is a text of the document's."""
    if isinstance(annotation, ast.Name):
        yield annotation.id
    elif isinstance(annotation, ast.Constant):
        yield from _names_in(str(annotation.value))
    elif not (isinstance(annotation, ast.Subscript) and ast.unparse(annotation.value) == "Literal"):
        for node in ast.iter_child_nodes(annotation):
            if isinstance(node, ast.expr):
                yield from _names(node)


def _names_in(quoted: str) -> Iterator[str]:
    with contextlib.suppress(SyntaxError, ValueError, RecursionError):  # somebody may have edited it
        yield from _names(ast.parse(quoted, mode="eval").body)


def _signature(path: Path) -> Iterator[tuple[str, ast.expr]]:
    """What an operation takes and gives: the body stands for the operation itself."""
    for node in _statements(path):
        if isinstance(node, ast.FunctionDef) and node.name == "sync_detailed":
            for argument in (*node.args.args, *node.args.kwonlyargs):
                if argument.annotation is not None:
                    yield path.stem if argument.arg == "body" else f"{path.stem} {argument.arg}", argument.annotation
            if node.returns is not None:
                yield f"{path.stem} reply", node.returns


def _defined(path: Path) -> Iterator[tuple[str, ast.stmt]]:
    """Classes, and aliases of literals, that a module defines."""
    for node in _statements(path):
        if isinstance(node, ast.ClassDef):
            yield node.name, node
        elif isinstance(node, ast.AnnAssign) and ast.unparse(node.annotation) == "TypeAlias":
            yield ast.unparse(node.target), node


def _modules(folder: Path, pattern: str = "*.py") -> list[Path]:
    return sorted(path for path in folder.glob(pattern) if path.name != "__init__.py")


def _statements(path: Path) -> list[ast.stmt]:
    try:
        return ast.parse(path.read_text("utf-8")).body
    except (OSError, ValueError, SyntaxError, RecursionError):
        return []
