"""Reads YAML as plain data with the line of every key, by the rules of YAML 1.2: `on` and `16:9` are text.

PyYAML's parser, written in C, cuts the text into events; what they mean is decided here, strictly: no tags, no repeated
keys, nothing that grows without end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.error import MarkedYAMLError, YAMLError

from modellix._openapi import Object, is_array, is_object
from page2openapi.json_text import json_value
from page2openapi.text import quoted

LARGEST = 4 * 1024 * 1024  # characters that are read at all
DEEPEST = 100  # levels of nesting
MOST_WRITTEN_OUT = 100_000  # values that aliases stand for

_TAG = "tag:yaml.org,2002:"
_NUMBER = re.compile(r"[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?")
_OTHER_BASE = re.compile(r"0o[0-7]+|0x[\da-fA-F]+")
_NO_NUMBER = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "null", "Null", "NULL", "~"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_BREAKS_IN_OLD_YAML = str.maketrans("\x85\u2028\u2029", "   ")
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Event = Any  # PyYAML's own; each has `start_mark`, most have `anchor` and `tag`


class NotYaml(Exception):
    """`line` counts from 1 within the text."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(line, reason)
        self.line = line
        self.reason = reason

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"


@dataclass
class Parsed:
    """`lines` leads from the id of an object to the line of each of its keys."""

    value: Any
    lines: dict[int, dict[str, int]] = field(default_factory=dict[int, dict[str, int]])


def parse_yaml(text: str) -> Parsed:
    """The data of a YAML text. Raises NotYaml."""
    if len(text) > LARGEST:
        raise NotYaml(1, f"longer than {LARGEST} characters")
    try:
        return _Reader(text.translate(_BREAKS_IN_OLD_YAML)).read()
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise NotYaml(mark.line + 1 if mark else 1, f"not YAML: {error.problem or error.context}") from None
    except (YAMLError, ValueError) as error:
        raise NotYaml(1, f"not YAML: {type(error).__name__}") from None


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


class _Reader:
    def __init__(self, text: str) -> None:
        self._events: Iterator[_Event] = yaml.parse(  # pyright: ignore[reportUnknownMemberType]
            text, Loader=_LOADER
        )
        self._anchors: dict[str, Any] = {}
        self._written_out = 0
        self._parsed = Parsed(None)

    def read(self) -> Parsed:
        next(self._events)  # The stream begins.
        if isinstance(next(self._events), yaml.DocumentStartEvent):
            self._parsed.value = self._value(next(self._events), 0)
            next(self._events)  # The document ends.
            after = next(self._events)
            if not isinstance(after, yaml.StreamEndEvent):
                raise NotYaml(_line(after), "not YAML: a second document")
        return self._parsed

    def _value(self, event: _Event, depth: int) -> Any:
        if depth > DEEPEST:
            raise NotYaml(_line(event), "nested too deeply")
        if isinstance(event, yaml.AliasEvent):
            return self._written(event)
        if isinstance(event, yaml.ScalarEvent):
            found = _scalar(event)
        else:
            kind, read = (
                ("map", self._mapping) if isinstance(event, yaml.MappingStartEvent) else ("seq", self._sequence)
            )
            if event.tag not in (None, f"{_TAG}{kind}"):
                raise _strange_tag(event)
            found = read(depth)
        if event.anchor is not None:
            self._anchors[event.anchor] = found
        return found

    def _sequence(self, depth: int) -> list[Any]:
        found = list[Any]()
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            found.append(self._value(event, depth + 1))
        return found

    def _mapping(self, depth: int) -> Object:
        found: Object = {}
        lines = self._parsed.lines[id(found)] = dict[str, int]()
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._key(event, depth)
            if key in found:
                raise NotYaml(_line(event), f"the key {quoted(key)} is repeated")
            lines[key] = _line(event)
            found[key] = self._value(next(self._events), depth + 1)
        return found

    def _key(self, event: _Event, depth: int) -> str:
        key = self._value(event, depth + 1)
        if isinstance(key, int) and not isinstance(key, bool):
            return str(key)  # A status code, most often.
        if not isinstance(key, str) or (key == "<<" and event.implicit[0]):
            raise NotYaml(_line(event), "a key that is no text")
        return key

    # Aliases: each stands for a copy, so that whoever changes one place changes no other.

    def _written(self, event: _Event) -> Any:
        if event.anchor not in self._anchors:
            raise NotYaml(
                _line(event), f"not YAML: an alias to nothing, or to what contains it: {quoted(event.anchor)}"
            )
        return self._copy(self._anchors[event.anchor], _line(event))

    def _copy(self, value: Any, line: int) -> Any:
        self._written_out += 1
        if self._written_out > MOST_WRITTEN_OUT:
            raise NotYaml(line, "too many values once aliases are written out")
        if is_array(value):
            return [self._copy(inner, line) for inner in value]
        if not is_object(value):
            return value
        copied = {key: self._copy(inner, line) for key, inner in value.items()}
        self._parsed.lines[id(copied)] = self._parsed.lines[id(value)]
        return copied


def _line(event: _Event) -> int:
    return int(event.start_mark.line) + 1


def _strange_tag(event: _Event) -> NotYaml:
    return NotYaml(_line(event), f"the tag {quoted(str(event.tag).removeprefix(_TAG))} has no place here")


def _scalar(event: _Event) -> Any:
    if event.tag == f"{_TAG}str" or (event.tag is None and not event.implicit[0]):
        return event.value
    if event.tag is not None:
        raise _strange_tag(event)
    if event.value in _WORDS:
        return _WORDS[event.value]
    try:
        return _number(event.value)
    except ValueError:
        raise NotYaml(_line(event), "a number that cannot be read") from None


def _number(text: str) -> Any:
    """What a word without quotes means: a number if it looks like one, else text."""
    if _OTHER_BASE.fullmatch(text):
        return int(text, 0)
    if _NO_NUMBER.fullmatch(text):
        raise ValueError
    if not _NUMBER.fullmatch(text):
        return text
    return json_value(repr(float(text)) if set(text) & set(".eE") else str(int(text)))
