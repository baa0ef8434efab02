"""The lists of options and of examples: how they are written, where they end, and what they hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from page2openapi.copied.header import Layout, is_type_row, starts_field
from page2openapi.copied.lines import Line, next_filled
from page2openapi.copied.notation import GLUED_EXAMPLE, TOGGLES, is_label
from page2openapi.json_text import is_json, json_start, json_value
from page2openapi.page import Findings, Problem, quoted

MOST_OPTIONS = 2_000
LONGEST_OPTION = 500  # characters
LONGEST_EXAMPLE = 20_000  # characters
_MOST_STRING_LINES = 50

_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}"]')


@dataclass
class Listed(Findings):
    """What was read. `doubtful` is the index of a last option that may be the next field's name as well."""

    end: int
    values: list[Any] = field(default_factory=list[Any])
    doubtful: int | None = None
    example_follows: bool = False


class Raw(str):
    """An example that is not JSON: bare words."""

    __slots__ = ()


def ends_values(lines: Sequence[Line], index: int, layout: Layout) -> bool:
    """Whether a line belongs to what comes after a list of values."""
    text = lines[index].text
    return is_label(text) or text in TOGGLES or starts_field(lines, index, layout)


def read_options(lines: Sequence[Line], index: int, rest: str, layout: Layout) -> Listed:
    """The options on the line `index`, or on those below it, as text. One that is not clear spoils them all."""
    listed = Listed(index + 1)
    more = not rest or _take_option(listed, rest)
    while more and len(listed.values) <= MOST_OPTIONS:
        more = _next_option(lines, listed, layout)
    if not listed.problems:
        _separate(listed, lines[index])
    return listed


def _next_option(lines: Sequence[Line], listed: Listed, layout: Layout) -> bool:
    """Reads an option. False when no other can follow."""
    index = listed.end
    if index < len(lines) and not lines[index].text and (layout.spaced or not listed.values):
        index += 1
    if index < len(lines) and not lines[index].text and listed.values and not layout.spaced:
        listed.end = index + 1
        listed.values.append("")  # An empty option leaves a blank line after the comma of the one before.
        return False
    if index >= len(lines) or not lines[index].text or ends_values(lines, index, layout):
        return _break_off(lines, listed, index, layout)
    listed.end = index + 1
    return _take_option(listed, lines[index].text)


def _break_off(lines: Sequence[Line], listed: Listed, index: int, layout: Layout) -> bool:
    line = lines[min(index, len(lines) - 1)]
    listed.doubt(line.number, "the list of options breaks off here")
    if index < len(lines) and lines[index].text and starts_field(lines, index, layout):
        listed.doubtful = index
    return False


def _take_option(listed: Listed, text: str) -> bool:
    glued = GLUED_EXAMPLE.fullmatch(text) if text.endswith(("xample:", "xamples:")) else None
    if glued:
        text, listed.example_follows = glued["value"], True
    more = text.endswith(",")
    listed.values.append(text[:-1].rstrip() if more else text)
    return more


def _separate(listed: Listed, line: Line) -> None:
    """Splits options that stand on one line; several lines with commas inside them cannot be told apart."""
    values = [one.strip() for one in listed.values[0].split(", ")] if len(listed.values) == 1 else listed.values
    if len(values) > MOST_OPTIONS or any(", " in one or len(one) > LONGEST_OPTION for one in values):
        listed.doubt(line.number, "options that cannot be told apart")
    if len(values) > 1 and all(one[:1] == one[-1:] == '"' and is_json(one) for one in values):
        values = [json_value(one) for one in values]
    listed.values = list(dict.fromkeys(values))


def read_examples(lines: Sequence[Line], index: int, rest: str, layout: Layout, *, several: bool) -> Listed:
    """The value, or with `several` the values, after `Example:` on the line `index`; `rest` is JSON, if anything."""
    listed = Listed(index + 1)
    if rest:
        return _read_rest(listed, rest)
    while True:
        start = next_filled(lines, listed.end)
        if start >= len(lines) or ends_values(lines, start, layout) or is_type_row(lines[start].text):
            break
        if listed.values and not (several and _begins_json(lines[start].text)):
            break
        _read_example(listed, lines, start, layout)
        if listed.problems:
            break
    if not listed.values and not listed.problems:
        listed.doubt(lines[index].number, "an example without its value")
    return listed


def _begins_json(text: str) -> bool:
    return text[0] in '"[{' or is_json(text)


def _read_rest(listed: Listed, rest: str) -> Listed:
    """Values on the line of the label itself, one or several."""
    while rest:
        value, end = json_start(rest)
        listed.values.append(value)
        rest = rest[end:].lstrip(" ,")
    return listed


def _read_example(listed: Listed, lines: Sequence[Line], start: int, layout: Layout) -> None:
    """Reads one value and moves the end behind it; what cannot be read is passed over."""
    end = _example_end(lines, start, layout)
    text = "\n".join(line.text for line in lines[start:end]) if end else ""
    try:
        if not end or len(text) > LONGEST_EXAMPLE:
            raise ValueError("unfinished, or too long")
        listed.values.append(json_value(text))
    except ValueError:
        if end and text[0] not in '"{[' and len(text) <= LONGEST_EXAMPLE:
            listed.values.append(Raw(text))
        else:
            problem = Problem(lines[start].number, f"an example that cannot be read: {quoted(lines[start].text)}")
            listed.problems.append(problem)
            end = end or _skip(lines, start + 1, layout)
    listed.end = end or start + 1


def _example_end(lines: Sequence[Line], start: int, layout: Layout) -> int | None:
    first = lines[start].text
    if first[0] in "{[":
        return _json_end(lines, start, lambda index: ends_values(lines, index, layout))
    if first[0] == '"' and (len(first) == 1 or first[-1] != '"'):
        for index in range(start + 1, min(len(lines), start + _MOST_STRING_LINES)):
            if ends_values(lines, index, layout):
                return None
            if lines[index].text.endswith('"'):
                return index + 1
        return None
    return start + 1


def _skip(lines: Sequence[Line], index: int, layout: Layout) -> int:
    while index < len(lines) and not ends_values(lines, index, layout) and not is_type_row(lines[index].text):
        index += 1
    return index


def _json_end(lines: Sequence[Line], start: int, stop: Callable[[int], bool]) -> int | None:
    """The index after the line that closes the brackets opened on the line `start`.

    None when they are not closed before a line for which `stop` is true, or a string is left open.
    """
    depth = 0
    for index in range(start, len(lines)):
        if index > start and stop(index):
            return None
        for token in _BRACKET.finditer(lines[index].text):
            if token.group() == '"':
                return None
            depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(token.group(), 0)
            if depth <= 0 and token.group() in "}]":
                return index + 1 if token.end() == len(lines[index].text) else None
    return None
