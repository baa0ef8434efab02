"""How a fault gets into running code. Each way raises NotApplied when what it changes is not there any more.

A function is changed in its own body: its source is taken, pieces of it exchanged, and the code compiled from that is
put into the very function object that everybody already holds. So it does not matter who has imported it before.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

PACKAGES = ("modellix", "modellix_client", "contract_tests")  # whose modules may hold a changed constant


class NotApplied(Exception):
    """A mutant's change has nothing to change: the code has moved on, and the catalogue has to follow."""


def edit(where: str, *exchanges: tuple[str, str]) -> None:
    """Exchanges pieces of the source of a function, named as `package.module:Class.function`: each what it holds once,
    and what it holds instead.
    """
    function = _find(where)
    lines, first = inspect.getsourcelines(function)
    piece = "".join(lines)
    for old, new in exchanges:
        if piece.count(old) != 1:
            raise NotApplied(f"{where} holds {piece.count(old)} times {old!r}")
        piece = piece.replace(old, new)
    source = Path(inspect.getfile(function)).read_text("utf-8").splitlines(keepends=True)
    source[first - 1 : first - 1 + len(lines)] = [piece]
    changed = compile("".join(source), inspect.getfile(function), "exec", dont_inherit=True)
    code = _code_of(changed, function.__code__)
    if code is None or code.co_freevars != function.__code__.co_freevars:
        raise NotApplied(f"{where} cannot be changed like this")
    if _essence(code) == _essence(function.__code__):
        raise NotApplied(f"{where} does the same as before")
    function.__code__ = code


def _find(where: str) -> types.FunctionType:
    name, _, path = where.partition(":")
    found: Any = importlib.import_module(name)
    for step in path.split("."):
        found = inspect.getattr_static(found, step, None)
    inner = [getattr(found, name) for name in ("fget", "__func__") if getattr(found, name, None) is not None]
    found = inspect.unwrap(inner[0] if inner else found) if found is not None else None
    if not isinstance(found, types.FunctionType):
        raise NotApplied(f"there is no function {where}")
    return found


def _code_of(code: types.CodeType, wanted: types.CodeType) -> types.CodeType | None:
    """The code of the function with the same name and first line, anywhere within a module's code."""
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            if (inner.co_qualname, inner.co_firstlineno) == (wanted.co_qualname, wanted.co_firstlineno):
                return inner
            found = _code_of(inner, wanted)
            if found is not None:
                return found
    return None


def _essence(code: types.CodeType) -> tuple[Any, ...]:
    """What a code does, without where it stands."""
    inner = [_essence(one) if isinstance(one, types.CodeType) else repr(one) for one in code.co_consts]
    return code.co_code, code.co_names, code.co_varnames, inner


def wrap(where: str, make: Callable[[Any], Callable[..., Any]]) -> None:
    """Puts `make(original)` in the place of a function or a method, in every module that holds it by any name."""
    original = _find(where)
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
