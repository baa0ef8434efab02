"""Reads a document strictly: plain JSON data, no repeated keys, nothing that grows without end."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from modellix._openapi import Object, is_array, is_object
from scripts.regenerate.refusal import Refusal
from scripts.regenerate.yaml_lines import Bounds, NotYaml, parse_yaml

LARGEST_FILE = 16 * 1024 * 1024  # bytes
MOST_VALUES = 200_000  # with every alias written out; the shipped one has about 1,000
BOUNDS = Bounds(characters=LARGEST_FILE, written_out=MOST_VALUES, integers=2**64)


def read_document(path: Path) -> Object:
    """The document as JSON data. Raises Refusal, also for a file that cannot be read."""
    text = _read_text(path)
    try:
        data = _parse_json(text) if path.suffix.lower() == ".json" else _parse_yaml(text)
    except RecursionError:
        raise Refusal("", "nested too deeply") from None
    _check_values(data)
    if not is_object(data):
        raise Refusal("", "the document is not a mapping")
    return data


def _read_text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise Refusal("", f"cannot be read: {error.strerror or error}") from None
    if len(content) > LARGEST_FILE:
        raise Refusal("", f"larger than {LARGEST_FILE} bytes")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refusal(f"byte {error.start}", "not UTF-8") from None


def _parse_json(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_unique_pairs)
    except json.JSONDecodeError as error:
        raise Refusal(f"line {error.lineno}, column {error.colno}", f"not JSON: {error.msg}") from None
    except ValueError:
        raise Refusal("", "a number that is too long") from None


def _unique_pairs(pairs: list[tuple[str, Any]]) -> Object:
    found: Object = {}
    for key, value in pairs:
        if key in found:
            raise Refusal("", f"the key {key!r} is repeated")
        found[key] = value
    return found


def _check_values(data: Any) -> None:
    nodes = [data]
    count = 0
    while nodes:
        count += 1
        value = nodes.pop()
        if count > MOST_VALUES:
            raise Refusal("", f"more than {MOST_VALUES} values")
        if is_object(value):
            nodes += [*value, *value.values()]
        elif is_array(value):
            nodes += value
        else:
            _check_scalar(value)


def _check_scalar(value: Any) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        raise Refusal("", "a number that JSON cannot say")
    if isinstance(value, int) and abs(value) >= BOUNDS.integers:
        raise Refusal("", "an integer of more than 64 bits")
    if isinstance(value, str) and any("\ud800" <= letter <= "\udfff" for letter in value):
        raise Refusal("", "text with a lone surrogate")


def _parse_yaml(text: str) -> Any:
    try:
        return parse_yaml(text, BOUNDS).value
    except NotYaml as error:
        raise Refusal(f"line {error.line}, column {error.column}", error.reason) from None
