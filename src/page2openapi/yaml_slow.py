"""The slow and complete way to read YAML: ruamel.yaml, kept to plain data."""

from __future__ import annotations

import re
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from modellix._openapi import Object
from page2openapi.json_text import json_value
from page2openapi.yaml_text import DEEPEST, NotYaml, Parsed

MOST_NODES = 100_000  # with every alias written out

# ruamel.yaml says little of its types. A node has `id` (mapping, sequence, scalar), `tag`, `value` and `start_mark`.
_Node = Any

_MOST_BRACKETS = 500  # open at a time, those in words included
_TAG = "tag:yaml.org,2002:"
_TEXT = (f"{_TAG}str", f"{_TAG}timestamp")


def parse_slowly(text: str) -> Parsed:
    """The data of a YAML text, with the lines of its keys. Raises NotYaml."""
    _refuse_deep_brackets(text)
    yaml: Any = YAML(typ="safe", pure=True)
    try:
        root = yaml.compose(text)
    except MarkedYAMLError as error:
        marked: Any = error
        mark = marked.problem_mark or marked.context_mark
        raise NotYaml(mark.line + 1 if mark else 1, f"not YAML: {marked.problem or marked.context}") from None
    except (YAMLError, ValueError, RecursionError) as error:
        raise NotYaml(1, f"not YAML: {type(error).__name__}") from None
    return _Plain(yaml).read(root)


def _refuse_deep_brackets(text: str) -> None:
    """ruamel.yaml takes quadratic time over brackets that stay open."""
    depth = 0
    for match in re.finditer(r"[\[{]|[\]}]", text):
        depth = depth + 1 if match.group() in "[{" else max(depth - 1, 0)
        if depth > _MOST_BRACKETS:
            raise NotYaml(text.count("\n", 0, match.start()) + 1, "nested too deeply")


class _Plain:
    """Makes plain data of nodes. Dates stay text."""

    def __init__(self, yaml: Any) -> None:
        self._make = yaml.constructor
        self._nodes = 0
        self._parsed = Parsed(None)

    def read(self, root: _Node) -> Parsed:
        self._parsed.value = self._data(root, 0) if root is not None else None
        return self._parsed

    def _data(self, node: _Node, depth: int) -> Any:
        self._nodes += 1
        if self._nodes > MOST_NODES or depth > DEEPEST:
            raise NotYaml(_line(node), "too many values, or nested too deeply")
        tag = str(node.tag)
        if node.id == "mapping" and tag == f"{_TAG}map":
            return self._mapping(node, depth)
        if node.id == "sequence" and tag == f"{_TAG}seq":
            return [self._data(one, depth + 1) for one in node.value]
        if node.id == "scalar":
            return self._scalar(node, tag)
        raise NotYaml(_line(node), f"the tag {tag.removeprefix(_TAG)} has no place here")

    def _mapping(self, node: _Node, depth: int) -> Object:
        found: Object = {}
        marks = self._parsed.lines.setdefault(id(found), {})
        for key_node, value_node in node.value:
            key = self._data(key_node, depth + 1)
            key = str(key) if isinstance(key, int) and not isinstance(key, bool) else key
            if not isinstance(key, str) or key in found:
                raise NotYaml(_line(key_node), "a key that is repeated, or no text")
            marks[key] = _line(key_node)
            found[key] = self._data(value_node, depth + 1)
        return found

    def _scalar(self, node: _Node, tag: str) -> Any:
        if tag in _TEXT:
            return node.value
        try:
            if tag == f"{_TAG}null":
                return None
            if tag == f"{_TAG}bool":
                return bool(self._make.construct_yaml_bool(node))
            if tag == f"{_TAG}int":
                return json_value(str(int(self._make.construct_yaml_int(node))))
            if tag == f"{_TAG}float":
                return json_value(repr(float(self._make.construct_yaml_float(node))))
        except (ValueError, KeyError):
            raise NotYaml(_line(node), "a number that cannot be read") from None
        raise NotYaml(_line(node), f"the tag {tag.removeprefix(_TAG)} has no place here")


def _line(node: _Node) -> int:
    return int(node.start_mark.line) + 1
