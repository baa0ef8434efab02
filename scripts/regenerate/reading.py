"""Reads a document strictly: plain JSON data, no repeated keys, nothing that grows without end."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from modellix._openapi import Object, is_array, is_object
from scripts.regenerate.refusal import Refusal

LARGEST_FILE = 16 * 1024 * 1024  # bytes
MOST_NODES = 200_000  # with every alias written out; the shipped document has about 1,000
LARGEST_INTEGER = 2**64

# ruamel.yaml says little of its types. A node has `id` (mapping, sequence, scalar), `tag`, `value` and `start_mark`.
_Node = Any

_TAG = "tag:yaml.org,2002:"


def read_document(path: Path) -> Object:
    """The document as JSON data. Raises Refusal, also for a file that cannot be read."""
    text = _read_text(path)
    try:
        data = _parse_json(text) if path.suffix.lower() == ".json" else _parse_yaml(text)
    except RecursionError:
        raise Refusal("", "nested too deeply") from None
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
        data = json.loads(text, object_pairs_hook=_unique_pairs)
    except json.JSONDecodeError as error:
        raise Refusal(f"line {error.lineno}, column {error.colno}", f"not JSON: {error.msg}") from None
    except ValueError:
        raise Refusal("", "a number that is too long") from None
    _check_values(data)
    return data


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
        if count > MOST_NODES:
            raise Refusal("", f"more than {MOST_NODES} values")
        if is_object(value):
            nodes += [*value, *value.values()]
        elif is_array(value):
            nodes += value
        else:
            _check_scalar(value, "")


def _check_scalar(value: Any, place: str) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        raise Refusal(place, "a number that JSON cannot say")
    if isinstance(value, int) and abs(value) >= LARGEST_INTEGER:
        raise Refusal(place, "an integer of more than 64 bits")
    if isinstance(value, str) and any("\ud800" <= letter <= "\udfff" for letter in value):
        raise Refusal(place, "text with a lone surrogate")


def _parse_yaml(text: str) -> Any:
    yaml: Any = YAML(typ="safe", pure=True)
    try:
        root = yaml.compose(text)
    except MarkedYAMLError as error:
        marked: Any = error
        mark = marked.problem_mark or marked.context_mark
        raise Refusal(_position(mark) if mark else "", f"not YAML: {marked.problem or marked.context}") from None
    except (YAMLError, ValueError) as error:
        raise Refusal("", f"not YAML: {error}") from None
    if root is None:
        return None
    _refuse_bombs(root)
    return _Plain(yaml).data(root)


def _refuse_bombs(root: _Node) -> None:
    """Counts each node once for every place that an alias puts it in, without writing any alias out."""
    sizes: dict[int, int] = {}
    open_nodes = set[int]()

    def size(node: _Node) -> int:
        if id(node) in open_nodes:
            raise Refusal(_where(node), "an alias to something that contains it")
        if id(node) not in sizes:
            open_nodes.add(id(node))
            sizes[id(node)] = 1 + sum(map(size, _children(node)))
            open_nodes.discard(id(node))
        return sizes[id(node)]

    if size(root) > MOST_NODES:
        raise Refusal("", f"more than {MOST_NODES} values once aliases are written out")


def _children(node: _Node) -> list[_Node]:
    if node.id == "mapping":
        return [inner for pair in node.value for inner in pair]
    return list(node.value) if node.id == "sequence" else []


def _where(node: _Node) -> str:
    return _position(node.start_mark)


def _position(mark: Any) -> str:
    return f"line {mark.line + 1}, column {mark.column + 1}"


class _Plain:
    """Makes JSON data of YAML nodes. Dates stay the text that they were written as."""

    def __init__(self, yaml: Any) -> None:
        make = yaml.constructor
        self._scalars: dict[str, Callable[[_Node], Any]] = {
            f"{_TAG}null": lambda _node: None,
            f"{_TAG}bool": make.construct_yaml_bool,
            f"{_TAG}int": make.construct_yaml_int,
            f"{_TAG}float": make.construct_yaml_float,
            f"{_TAG}str": lambda node: node.value,
            f"{_TAG}timestamp": lambda node: node.value,
        }

    def data(self, node: _Node) -> Any:
        tag = str(node.tag)
        if node.id == "mapping" and tag == f"{_TAG}map":
            return self._mapping(node)
        if node.id == "sequence" and tag == f"{_TAG}seq":
            return [self.data(item) for item in node.value]
        if node.id == "scalar" and tag in self._scalars:
            return self._scalar(node, tag)
        raise Refusal(_where(node), f"the YAML tag {tag.removeprefix(_TAG)} has no place in JSON")

    def _mapping(self, node: _Node) -> Object:
        found: Object = {}
        for key_node, value_node in node.value:
            key = self.data(key_node)
            if isinstance(key, int) and not isinstance(key, bool):
                key = str(key)  # A status code, most often.
            if not isinstance(key, str):
                raise Refusal(_where(key_node), "a key that is not text")
            if key in found:
                raise Refusal(_where(key_node), f"the key {key!r} is repeated")
            found[key] = self.data(value_node)
        return found

    def _scalar(self, node: _Node, tag: str) -> Any:
        try:
            value = self._scalars[tag](node)
        except (ValueError, KeyError):
            raise Refusal(_where(node), "a number that cannot be read") from None
        _check_scalar(value, _where(node))
        return value
