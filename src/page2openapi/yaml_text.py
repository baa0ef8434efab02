"""Reads the YAML of an exported page: plain data, with the line of every key.

Exports are machine-written, so a small reader for that style does it in a millisecond. Whatever it does not know goes
to ruamel.yaml, strictly: no tags, no repeated keys, nothing that grows without end.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

from modellix._openapi import Object
from page2openapi.json_text import json_value

DEEPEST = 100  # levels of nesting
LARGEST = 4 * 1024 * 1024  # characters that are read at all
LARGEST_SLOW = 100_000  # characters that ruamel.yaml, which is slow, is given

_FIRST = r"""[^\s'"#&*!|>%@`{}\[\],?:-]"""
_KEY = re.compile(
    rf"""(?P<key>'(?:[^']|'')*'|"(?:[^"\\]|\\.)*"|{_FIRST}(?:[^#:\s]|:(?=\S)|[ ](?=[^#\s]))*):(?:[ ]+(?P<rest>.*))?"""
)
_PLAIN = re.compile(rf"""(?:{_FIRST}|[?:-](?=\S))(?:[^#:\s]|:(?=\S)|(?<=\S)\#|[ ])*""")
_BLOCK = re.compile(r"(?P<style>[|>])(?:(?P<size>[1-9])?(?P<chomp>[+-])?|(?P<chomp2>[+-])(?P<size2>[1-9]))")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
_LIKE_NUMBER = re.compile(
    r"[-+]?(?:0[xob][\da-f_]+|(?=[._]*\d)[\d_]*\.?[\d_]*(?:e[-+]?\d*)?|\.(?:inf|nan))", re.IGNORECASE
)
_OTHER_BREAKS = re.compile("[\x85\u2028\u2029\ufeff]")
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("null", "Null", "NULL", "~"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


class NotYaml(Exception):
    """`line` counts from 1 within the text."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(line, reason)
        self.line = line
        self.reason = reason

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"


class Unusual(Exception):
    """Something that only the slow reader knows."""


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
        if _OTHER_BREAKS.search(text):
            raise Unusual
        return _Reader(text.removesuffix("\n").split("\n")).read()
    except (Unusual, RecursionError):
        if len(text) > LARGEST_SLOW:
            raise NotYaml(1, "too large for a text that is not in the usual style") from None
    from page2openapi.yaml_slow import parse_slowly

    return parse_slowly(text)


class _Reader:
    """Block mappings, block sequences, block scalars, quoted and plain scalars of one line; nothing else."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = [line.rstrip(" ") for line in lines]
        self._raw = lines
        self._at = 0
        self._parsed = Parsed(None)

    def read(self) -> Parsed:
        indent = self._peek()
        if indent != 0:
            raise Unusual
        self._parsed.value = self._node(0, 0)
        if self._peek() is not None:
            raise Unusual
        return self._parsed

    def _peek(self) -> int | None:
        """The indent of the next line that is not blank, or None at the end."""
        while self._at < len(self._lines) and not self._lines[self._at]:
            self._at += 1
        if self._at == len(self._lines):
            return None
        line = self._lines[self._at]
        indent = len(line) - len(line.lstrip(" "))
        if line[indent] in "\t#%" or line.startswith(("---", "...")) or "\t" in line or "\r" in line:
            raise Unusual
        return indent

    def _node(self, indent: int, depth: int) -> Any:
        if depth > DEEPEST:
            raise NotYaml(self._at + 1, "nested too deeply")
        line = self._lines[self._at]
        if line[indent] == "-" and line[indent + 1 : indent + 2] in ("", " "):
            return self._sequence(indent, depth)
        if _KEY.fullmatch(line, indent):
            return self._mapping(indent, depth)
        raise Unusual

    def _sequence(self, indent: int, depth: int) -> list[Any]:
        found = list[Any]()
        while self._peek() == indent and self._dash(indent):
            line = self._lines[self._at]
            rest = line[indent + 1 :].lstrip(" ")
            start = len(line) - len(rest)
            if not rest:
                self._at += 1
                found.append(self._below(indent + 1, depth))
            elif rest.startswith("- ") or rest == "-" or _KEY.fullmatch(rest):
                self._lines[self._at] = " " * start + rest
                found.append(self._node(start, depth + 1))
            else:
                found.append(self._value(rest, indent + 1))
        return found

    def _dash(self, indent: int) -> bool:
        return self._lines[self._at][indent : indent + 2] in ("-", "- ")

    def _mapping(self, indent: int, depth: int) -> Object:
        found: Object = {}
        marks = self._parsed.lines.setdefault(id(found), {})
        while self._peek() == indent and not self._dash(indent):
            match = _KEY.fullmatch(self._lines[self._at], indent)
            if match is None:
                raise Unusual
            key = self._key(match["key"])
            if key in found:
                raise NotYaml(self._at + 1, f"the key {key!r} is repeated")
            marks[key] = self._at + 1
            rest = match["rest"] or ""
            if rest:
                found[key] = self._value(rest, indent + 1)
            else:
                self._at += 1
                found[key] = self._below(indent + 1, depth, sequence_at=indent)
        return found

    def _key(self, text: str) -> str:
        value = self._scalar(text)
        if isinstance(value, str):
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        raise Unusual

    def _below(self, least: int, depth: int, sequence_at: int = -1) -> Any:
        """What stands on the lines below a key or a dash, deeper inside; a sequence may begin right below its key."""
        indent = self._peek()
        if indent is not None and (indent >= least or (indent == sequence_at and self._dash(indent))):
            return self._node(indent, depth + 1)
        return None

    def _value(self, rest: str, least: int) -> Any:
        """A scalar on the line of its key or dash, or the block that it opens."""
        block = _BLOCK.fullmatch(rest)
        self._at += 1
        if block:
            return self._block(block, least)
        indent = self._peek() if self._at < len(self._lines) else None
        if indent is not None and indent >= least:
            raise Unusual  # A scalar that goes on over several lines.
        return self._scalar(rest)

    def _scalar(self, text: str) -> Any:
        if text in ("{}", "[]"):
            return {} if text == "{}" else []
        if text[0] == "'":
            return self._single(text)
        if text[0] == '"':
            return self._double(text)
        if not _PLAIN.fullmatch(text):
            raise Unusual
        return self._plain(text)

    def _single(self, text: str) -> str:
        if not re.fullmatch(r"'(?:[^']|'')*'", text):
            raise Unusual
        return text[1:-1].replace("''", "'")

    def _double(self, text: str) -> str:
        if not re.fullmatch(r'"(?:[^"\\]|\\["\\/bfnrt]|\\u(?![dD][89a-fA-F])[0-9a-fA-F]{4})*"', text):
            raise Unusual
        return str(json_value(text))

    def _plain(self, text: str) -> Any:
        if text in _WORDS:
            return _WORDS[text]
        if _NUMBER.fullmatch(text):
            try:
                return json_value(text)
            except ValueError:
                self._fail("a number that cannot be read")
        if _LIKE_NUMBER.fullmatch(text) or text in ("<<", "="):
            raise Unusual
        return text

    def _fail(self, reason: str) -> NoReturn:
        raise NotYaml(self._at + 1, reason)

    # Block scalars.

    def _block(self, match: re.Match[str], least: int) -> str:
        size, chomp = match["size"] or match["size2"], match["chomp"] or match["chomp2"] or ""
        start = self._at
        while self._at < len(self._lines) and self._is_inside(self._lines[self._at], least):
            self._at += 1
        lines = [line.rstrip("\r") for line in self._raw[start : self._at]]
        indent = least - 1 + int(size) if size else _indent_of(lines)
        if any(line[:indent].strip(" ") for line in lines) or any("\t" in line[: indent + 1] for line in lines):
            raise Unusual
        return _chomped(match["style"], [line[indent:] for line in lines], chomp)

    def _is_inside(self, line: str, least: int) -> bool:
        return not line or len(line) - len(line.lstrip(" ")) >= least


def _indent_of(lines: Sequence[str]) -> int:
    filled = [line for line in lines if line.strip(" ")]
    if not filled:
        raise Unusual
    indent = len(filled[0]) - len(filled[0].lstrip(" "))
    leading = lines[: lines.index(filled[0])]
    if any(leading):
        raise Unusual
    return indent


def _chomped(style: str, lines: list[str], chomp: str) -> str:
    ends = 0
    while lines and not lines[-1]:
        lines.pop()
        ends += 1
    if not lines:
        return "\n" * ends if chomp == "+" else ""
    body = "\n".join(lines) if style == "|" else _folded(lines)
    return body + {"-": "", "": "\n", "+": "\n" * (ends + 1)}[chomp]


def _folded(lines: Sequence[str]) -> str:
    """Joins lines by spaces; blank lines and lines that stand further in keep their breaks."""
    text, breaks, before = "", 0, ""
    for line in lines:
        if not line:
            breaks += 1
            continue
        deeper = bool(before) and (line[0] in " \t" or before[0] in " \t")
        joint = "\n" * (breaks + 1 if deeper else breaks) if breaks or deeper else " " if before else ""
        text, breaks, before = text + joint + line, 0, line
    return text
