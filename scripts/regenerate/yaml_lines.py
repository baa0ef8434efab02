"""Reads YAML as plain data with the line of every key, by the rules of YAML 1.2: `on` and `16:9` are text.

PyYAML's parser, written in C, cuts the text into events; what they mean is decided here, strictly: no tags, no repeated
keys, nothing that grows without end.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.error import MarkedYAMLError, YAMLError
from yaml.reader import ReaderError

from modellix._openapi import Object, is_array, is_object

DEEPEST = 100  # levels of nesting

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
_UNFINISHED: Any = object()  # what an anchor stands for while its value is being read
_LONGEST_QUOTE = 60  # characters of the text that a message repeats
_Event = Any  # PyYAML's own; each has `start_mark`, most have `anchor` and `tag`


@dataclass(frozen=True)
class Bounds:
    """How much is read: characters, values that aliases stand for, and integers below `integers`."""

    characters: int = 4 * 1024 * 1024
    written_out: int = 100_000
    integers: int = 10**40


class NotYaml(Exception):
    """`line` and `column` count from 1 within the text; `column` is 0 where it is not known."""

    def __init__(self, line: int, reason: str, column: int = 0) -> None:
        super().__init__(line, reason)
        self.line = line
        self.column = column
        self.reason = reason

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"


_USUAL = Bounds()


@dataclass
class Parsed:
    """`lines` leads from the id of an object to the line of each of its keys."""

    value: Any
    lines: dict[int, dict[str, int]] = field(default_factory=dict[int, dict[str, int]])


def parse_yaml(text: str, bounds: Bounds = _USUAL) -> Parsed:
    """The data of a YAML text. Raises NotYaml."""
    if len(text) > bounds.characters:
        raise NotYaml(1, f"longer than {bounds.characters} characters")
    try:
        return _Reader(text.translate(_BREAKS_IN_OLD_YAML), bounds).read()
    except MarkedYAMLError as error:
        reason = f"not YAML: {error.problem or error.context}"
        raise _refusal(error.problem_mark or error.context_mark, reason) from None
    except ReaderError as error:  # of a character; libyaml counts bytes
        before = text.encode("utf-8", "surrogatepass")[: error.position]
        raise NotYaml(before.count(b"\n") + 1, f"not YAML: {error.reason}") from None
    except (YAMLError, ValueError) as error:
        raise NotYaml(1, f"not YAML: {type(error).__name__}") from None


class _Reader:
    def __init__(self, text: str, bounds: Bounds) -> None:
        self._events: Iterator[_Event] = yaml.parse(  # pyright: ignore[reportUnknownMemberType]
            text, Loader=_LOADER
        )
        self._bounds = bounds
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
                raise _refused(after, "not YAML: a second document")
        return self._parsed

    def _value(self, event: _Event, depth: int) -> Any:
        if depth > DEEPEST:
            raise _refused(event, "nested too deeply")
        if isinstance(event, yaml.AliasEvent):
            return self._written(event)
        if isinstance(event, yaml.ScalarEvent):
            found = self._scalar(event)
        else:
            is_mapping = isinstance(event, yaml.MappingStartEvent)
            if event.tag not in (None, f"{_TAG}{'map' if is_mapping else 'seq'}"):
                raise _strange_tag(event, event.tag)
            self._anchors[event.anchor] = _UNFINISHED
            found = (self._mapping if is_mapping else self._sequence)(depth)
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
                raise _refused(event, f"the key {key[:_LONGEST_QUOTE]!r} is repeated")
            lines[key] = event.start_mark.line + 1
            found[key] = self._value(next(self._events), depth + 1)
        return found

    def _key(self, event: _Event, depth: int) -> str:
        key = self._value(event, depth + 1)
        if isinstance(key, int) and not isinstance(key, bool):
            return str(key)  # A status code, most often.
        if key == "<<" and event.implicit[0]:
            raise _strange_tag(event, "merge")
        if not isinstance(key, str):
            raise _refused(event, "a key that is not text")
        return key

    def _scalar(self, event: _Event) -> Any:
        if event.tag == f"{_TAG}str" or (event.tag is None and not event.implicit[0]):
            return event.value
        if event.tag is not None:
            raise _strange_tag(event, event.tag)
        if event.value in _WORDS:
            return _WORDS[event.value]
        try:
            value = _number(event.value)
        except ValueError:
            raise _refused(event, "a number that cannot be read") from None
        if isinstance(value, float) and not math.isfinite(value):
            raise _refused(event, "a number that JSON cannot say")
        if isinstance(value, int) and abs(value) >= self._bounds.integers:
            raise _refused(event, f"an integer of more than {(self._bounds.integers - 1).bit_length()} bits")
        return value

    # Aliases: each stands for a copy, so that whoever changes one place changes no other.

    def _written(self, event: _Event) -> Any:
        if event.anchor not in self._anchors:
            raise _refused(event, f"not YAML: an alias to nothing: {event.anchor[:_LONGEST_QUOTE]!r}")
        return self._copy(self._anchors[event.anchor], event)

    def _copy(self, value: Any, event: _Event) -> Any:
        self._written_out += 1
        if self._written_out > self._bounds.written_out:
            raise _refused(event, f"more than {self._bounds.written_out} values once aliases are written out")
        if value is _UNFINISHED:
            raise _refused(event, "an alias to something that contains it")
        if is_array(value):
            return [self._copy(inner, event) for inner in value]
        if not is_object(value):
            return value
        copied = {key: self._copy(inner, event) for key, inner in value.items()}
        self._parsed.lines[id(copied)] = self._parsed.lines[id(value)]
        return copied


def _number(text: str) -> Any:
    """What a word without quotes means: a number if it looks like one, else text."""
    if _OTHER_BASE.fullmatch(text):
        return int(text, 0)
    if _NO_NUMBER.fullmatch(text):
        return math.nan
    if not _NUMBER.fullmatch(text):
        return text
    return float(text) if set(text) & set(".eE") else int(text)


def _refused(event: _Event, reason: str) -> NotYaml:
    return _refusal(event.start_mark, reason)


def _refusal(mark: Any, reason: str) -> NotYaml:
    return NotYaml(mark.line + 1, reason, mark.column + 1) if mark else NotYaml(1, reason)


def _strange_tag(event: _Event, tag: str) -> NotYaml:
    shown = tag.removeprefix(_TAG)[:_LONGEST_QUOTE]
    return _refused(event, f"the YAML tag {shown} has no place in JSON")
