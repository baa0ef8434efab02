"""Changes of whole functions and of JSON data. Each raises NotApplied when what it changes is not there any more."""

from __future__ import annotations

import functools
import importlib
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

from scripts.mutants.edits import NotApplied, find

PACKAGES = ("modellix", "modellix_client", "contract_tests")  # whose modules may hold a changed constant


def wrap(where: str, make: Callable[[Any], Callable[..., Any]]) -> None:
    """Puts `make(original)` in the place of a function or a method, in every module that holds it by any name."""
    original = find(where)
    name, _, path = where.partition(":")
    holder: Any = importlib.import_module(name)
    *outer, last = path.split(".")
    for step in outer:
        holder = getattr(holder, step)
    replacement = functools.wraps(original)(make(original))
    setattr(holder, last, replacement)
    for module in _modules():
        for known in [known for known, value in vars(module).items() if value is original]:
            setattr(module, known, replacement)


def _modules() -> Iterator[types.ModuleType]:
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in PACKAGES:
            yield module


def at(node: Any, *path: str | int) -> Any:
    """What a path leads to within JSON data."""
    for step in path:
        try:
            node = node[step]
        except (KeyError, IndexError, TypeError):
            raise NotApplied(f"{step!r} of {path!r} leads nowhere") from None
    return node


def put(node: Any, path: tuple[str | int, ...], value: Any) -> None:
    """Another value at a path within JSON data, where there is one already."""
    if at(node, *path) == value:
        raise NotApplied(f"{path!r} is {value!r} already")
    at(node, *path[:-1])[path[-1]] = value


def drop(node: Any, path: tuple[str | int, ...]) -> None:
    """Removes what a path leads to."""
    at(node, *path)
    del at(node, *path[:-1])[path[-1]]
