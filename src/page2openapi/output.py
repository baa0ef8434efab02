"""Writes a document as JSON or YAML. Every reader of YAML gets back exactly what went in."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any

from page2openapi.data import is_array, is_object

# Words that no version of YAML takes for anything but text; all else is written between double quotes.
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:[ ./-][A-Za-z0-9_]+)*")
_NOT_PLAIN = frozenset(["true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf"])
_LONGEST_PLAIN = 100
_UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def as_json(document: Any) -> str:
    """JSON, indented, with a line end."""
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def as_yaml(document: Any) -> str:
    """YAML in blocks, with a line end."""
    return "\n".join(_lines(document, "")) + "\n"


def _lines(value: Any, indent: str) -> Iterator[str]:
    if is_object(value) and value:
        for key, inner in value.items():
            yield from _entry(f"{indent}{_text(str(key))}:", inner, indent + "  ")
    elif is_array(value) and value:
        for inner in value:
            yield from _item(inner, indent)
    else:
        yield indent + _scalar(value)


def _entry(start: str, value: Any, indent: str) -> Iterator[str]:
    if (is_object(value) or is_array(value)) and value:
        yield start
        yield from _lines(value, indent)
    else:
        yield f"{start} {_scalar(value)}"


def _item(value: Any, indent: str) -> Iterator[str]:
    """An item of a list: its first line follows the dash."""
    first, *others = list(_lines(value, indent + "  "))
    yield f"{indent}- {first[len(indent) + 2 :]}"
    yield from others


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float) and math.isfinite(value):
        return _float(value)
    return json.dumps(value, allow_nan=False)


def _text(value: str) -> str:
    if len(value) <= _LONGEST_PLAIN and _PLAIN.fullmatch(value) and value.lower() not in _NOT_PLAIN:
        return value
    quoted = json.dumps(value, ensure_ascii=False)
    return _UNSAFE.sub(lambda match: f"\\u{ord(match.group()):04x}", quoted)


def _float(value: float) -> str:
    """With a point and a signed exponent, as YAML 1.1 wants them."""
    mantissa, exponent, power = repr(value).partition("e")
    mantissa = mantissa if "." in mantissa else f"{mantissa}.0"
    return mantissa + (f"{exponent}{power if power[0] in '+-' else '+' + power}" if exponent else "")
