"""JSON as it stands on a page: strictly read, bounded in size and depth; and compared as JSON compares values."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

from modellix._openapi import is_array, is_object
from scripts.regenerate.yaml_lines import NotYaml, Parsed, parse_yaml

DEEPEST = 50  # levels of nesting
LONGEST = 200_000  # characters of one JSON text
_MOST_DIGITS = 40
_ENCODER = json.JSONEncoder(sort_keys=True, default=str)


def json_value(text: str) -> Any:
    """The value of a JSON text. Raises ValueError for anything that JSON, or this tool, cannot hold."""
    if len(text) > LONGEST:
        raise ValueError("too long")
    return _checked(_decode(text))


def parse_json(text: str) -> Parsed:
    """The data of a JSON text, with lines where it is YAML as well: nearly always. Raises NotYaml."""
    try:
        value = json_value(text)
    except ValueError as error:
        raise NotYaml(1, f"not JSON: {error}") from None
    try:
        parsed = parse_yaml(text)
    except NotYaml:
        return Parsed(value)
    return parsed if parsed.value == value else Parsed(value)


def is_json(text: str) -> bool:
    """Whether a text is one JSON value."""
    try:
        json_value(text)
    except ValueError:
        return False
    return True


def json_start(text: str) -> tuple[Any, int]:
    """The JSON value at the start of a text and where it ends. Raises ValueError."""
    try:
        value, end = _DECODER.raw_decode(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return _checked(value), end


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


def key_of(value: Any) -> str:
    """The same text for the same JSON value: 1 and 1.0 are one, 1 and true are two; the order of keys is nothing."""
    return _ENCODER.encode(_plain(value))


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if is_object(value):
        return {str(key): _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if is_array(value) else value
