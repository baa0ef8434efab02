"""Changes in the lines of a function, each found by a fragment that stands in it once.

A function is changed in its own body: its source is taken, changed, and the code compiled from that is put into the
very function object that everybody already holds. So it does not matter who has imported it before.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import types
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

Edit = Callable[[str], str]
"""Takes the source of a function and returns it changed. Raises NotApplied."""


class NotApplied(Exception):
    """A mutant's change has nothing to change: the code has moved on, and the mutant has to follow."""


ANY_NAME = "~"
"""Stands for any one name in a fragment."""


# What can be changed. A fragment that tells no local variable by its name outlives its renaming.


def swap(old: str, new: str) -> Edit:
    """Another text in the place of one; the first `~` of both is the same name, and so on."""
    return partial(_swap, old, new)


def never(fragment: str) -> Edit:
    """The condition that holds the fragment is never met."""
    return partial(_answer, fragment, "False")


def always(fragment: str) -> Edit:
    """The condition that holds the fragment is always met."""
    return partial(_answer, fragment, "True")


def without(fragment: str) -> Edit:
    """The statement that holds the fragment is left out, or the operand of `and` or `or`."""
    return partial(_leave_out, fragment)


def returns(value: str) -> Edit:
    """The function returns this at once."""
    return partial(_return, value)


def _swap(old: str, new: str, source: str) -> str:
    found = list(re.finditer(_pattern(old), source))
    if len(found) != 1:
        raise NotApplied(f"holds {len(found)} times {old!r}")
    names = iter(found[0].groups())
    text = re.sub(ANY_NAME, lambda _: next(names), new)
    return source[: found[0].start()] + text + source[found[0].end() :]


def _pattern(fragment: str) -> str:
    return re.escape(fragment).replace(re.escape(ANY_NAME), r"(\w+)")


def _answer(fragment: str, answer: str, source: str) -> str:
    tests = [node.test for node in _nodes(source) if isinstance(node, ast.If | ast.While | ast.IfExp)]
    return _replaced(source, _innermost(fragment, source, tests), answer)


def _leave_out(fragment: str, source: str) -> str:
    nodes = list(_nodes(source))
    operands = {operand: node for node in nodes if isinstance(node, ast.BoolOp) for operand in node.values}
    found = _innermost(fragment, source, [*operands, *(node for node in nodes if isinstance(node, ast.stmt))])
    if found not in operands:
        return _replaced(source, found, "pass")
    whole = operands[found]
    left = [operand for operand in whole.values if operand is not found]
    return _replaced(source, whole, ast.unparse(ast.BoolOp(whole.op, left) if left[1:] else left[0]))


def _return(value: str, source: str) -> str:
    function = next(node for node in _nodes(source) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    first = function.body[0]
    start, _ = _span(source, first)
    return f"{source[:start]}return {value}\n{' ' * first.col_offset}{source[start:]}"


def _nodes(source: str) -> Iterator[Any]:
    """Everything in the source of a function; a method is indented, and wants something to stand in."""
    tree = ast.parse(f"if 1:\n{source}" if source[0] == " " else f"\n{source}")
    yield from ast.walk(ast.increment_lineno(tree, -1))


def _span(source: str, node: Any) -> tuple[int, int]:
    """Where a node begins and ends in the source, whose lines ast counts in bytes."""
    lines = source.encode().splitlines(keepends=True)

    def position(line: int, column: int) -> int:
        return len((b"".join(lines[: line - 1]) + lines[line - 1][:column]).decode())

    return position(node.lineno, node.col_offset), position(node.end_lineno, node.end_col_offset)


def _innermost(fragment: str, source: str, nodes: Iterable[Any]) -> Any:
    """The one of these nodes that holds a fragment, and within it no other of them does."""
    spans = {node: _span(source, node) for node in nodes}
    holding = {span: node for node, span in spans.items() if re.search(_pattern(fragment), source[slice(*span)])}
    found = [node for span, node in holding.items() if not any(_is_within(other, span) for other in holding)]
    if len(found) != 1:
        raise NotApplied(f"has {len(found)} places to change that hold {fragment!r}")
    return found[0]


def _is_within(inner: tuple[int, int], outer: tuple[int, int]) -> bool:
    return inner != outer and outer[0] <= inner[0] and inner[1] <= outer[1]


def _replaced(source: str, node: Any, text: str) -> str:
    start, end = _span(source, node)
    return source[:start] + text + source[end:]


# How it gets into the running code.


def edit(where: str, *edits: Edit) -> None:
    """Changes the source of a function, which is named as `package.module:Class.function`."""
    function = find(where)
    lines, first = inspect.getsourcelines(function)
    piece = "".join(lines)
    try:
        for change in edits:
            piece = change(piece)
    except NotApplied as error:
        raise NotApplied(f"{where} {error}") from None
    source = Path(inspect.getfile(function)).read_text("utf-8").splitlines(keepends=True)
    source[first - 1 : first - 1 + len(lines)] = [piece]
    changed = compile("".join(source), inspect.getfile(function), "exec", dont_inherit=True)
    code = _code_of(changed, function.__code__)
    if code is None or code.co_freevars != function.__code__.co_freevars:
        raise NotApplied(f"{where} cannot be changed like this")
    if _essence(code) == _essence(function.__code__):
        raise NotApplied(f"{where} does the same as before")
    function.__code__ = code


def find(where: str) -> types.FunctionType:
    """The function of that name, below any decorators."""
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
