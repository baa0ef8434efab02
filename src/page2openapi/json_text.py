"""JSON as it stands on a page: strictly read, bounded in size and depth, found across lines."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from page2openapi.data import is_array, is_object
from page2openapi.lines import Line

DEEPEST = 50  # levels of nesting
LONGEST = 200_000  # characters of one JSON text
_MOST_DIGITS = 40

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}"]')


def json_value(text: str) -> Any:
    """The value of a JSON text. Raises ValueError for anything that JSON, or this tool, cannot hold."""
    if len(text) > LONGEST:
        raise ValueError("too long")
    return _checked(_decode(text))


def json_start(text: str) -> tuple[Any, int]:
    """The JSON value at the start of a text and where it ends. Raises ValueError."""
    try:
        value, end = _DECODER.raw_decode(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return _checked(value), end


def json_end(lines: Sequence[Line], start: int, stop: Callable[[int], bool]) -> int | None:
    """The index after the line that closes the brackets opened on the line `start`.

    None when they are not closed before a line for which `stop` is true, or a string is left open.
    """
    depth = 0
    for index in range(start, len(lines)):
        if index > start and stop(index):
            return None
        for token in _TOKEN.finditer(lines[index].text):
            if token.group() == '"':
                return None
            depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(token.group(), 0)
            if depth <= 0 and token.group() in "}]":
                return index + 1 if token.end() == len(lines[index].text) else None
    return None


def _decode(text: str) -> Any:
    try:
        return _DECODER.decode(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _integer(text: str) -> int:
    if len(text) > _MOST_DIGITS:
        raise ValueError("a number that is too long")
    return int(text)


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("a number that is too large")
    return value


_DECODER = json.JSONDecoder(parse_constant=_refuse, parse_int=_integer, parse_float=_float, strict=False)


def _checked(value: Any) -> Any:
    level: list[Any] = [value]
    for _ in range(DEEPEST):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return value
    raise ValueError("nested too deeply")


def _inside(value: Any) -> list[Any]:
    if isinstance(value, str):
        value.encode()  # UnicodeEncodeError, a ValueError, for half of a surrogate pair.
        return []
    if is_object(value):
        return [*value, *value.values()]
    return value if is_array(value) else []
