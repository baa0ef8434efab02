"""Cuts a section into fields: for each its header rows, and the parts below them in the order of the page."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from page2openapi.copied import header as rows
from page2openapi.copied.header import Header, Layout
from page2openapi.copied.lines import Line
from page2openapi.copied.notation import (
    ATOMS,
    FLAGS,
    TAB,
    TOGGLES,
    WHOLE,
    is_broken_limit,
    is_label,
    parse_limits,
    parse_opening,
)
from page2openapi.copied.types import Kind
from page2openapi.copied.values import read_examples, read_options
from page2openapi.page import Findings, Problem, quoted

_SPELT = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9_]+|[A-Z][A-Za-z0-9]*)")  # snake_case and camelCase


@dataclass(frozen=True)
class Part:
    """Something below the header rows: prose, a limit, options, examples, a tab of a choice, or a toggle of children.

    `line` and `last` are the numbers of its first and last line.
    """

    what: str
    line: int
    last: int
    value: Any


@dataclass
class Block:
    """A field as it stands on the page. Without a name it only keeps its content from falling to its neighbour."""

    name: str | None
    header: Header
    parts: list[Part] = field(default_factory=list[Part])

    @property
    def line(self) -> int:
        """The number of the line that the field begins on."""
        return self.header.name.number

    @property
    def last(self) -> int:
        """The number of the last line that was read for the field."""
        return max([self.line, *(part.last for part in self.parts)])


@dataclass
class Section(Findings):
    """The lines before the first field, the fields, and what could not be read."""

    lead: list[Line] = field(default_factory=list[Line])
    blocks: list[Block] = field(default_factory=list[Block])


class BlockReader:
    """Reads the lines of one section from top to bottom."""

    def __init__(self, lines: Sequence[Line], layout: Layout, names: Set[str]) -> None:
        self._lines = lines
        self._layout = layout
        self._names = names
        self._section = Section()
        self._block: Block | None = None
        self._prose_at = -2  # the index of the last line taken as prose
        self._doubtful = -1  # the index of a name that may be an option as well

    def read(self) -> Section:
        """The whole section."""
        index = 0
        while index < len(self._lines):
            index = self._step(index) if self._lines[index].text else index + 1
        return self._section

    def _step(self, index: int) -> int:
        """Reads what begins on this line. Returns the index of the line after it."""
        line = self._lines[index]
        if rows.starts_field(self._lines, index, self._layout):
            return self._start_field(index)
        if self._repeats_below(index):
            return index + 1
        if not self._block and (TAB.fullmatch(line.text) or WHOLE.fullmatch(line.text)):
            return self._take_content(index)
        if rows.is_type_row(line.text) and not TAB.fullmatch(line.text):
            return self._start_nameless(index, f"a type without a name: {quoted(line.text)}")
        if rows.is_all_in_one(line.text):
            return self._start_lost(index, f"name and type run together: {quoted(line.text)}")
        if self._has_lost_type(index):
            return self._start_lost(index, f"no type below {quoted(line.text)}")
        return self._take_content(index)

    def _start_field(self, index: int) -> int:
        line = self._lines[index]
        found = rows.read_header(self._lines, index, self._layout, self._names)
        doubt = self._doubt_name(index, found.end)
        if doubt:
            found.doubts.append(Problem(line.number, f"{quoted(line.text)} {doubt}"))
        return self._start(Block(line.text, found))

    def _doubt_name(self, index: int, end: int) -> str | None:
        """Why a line with a type below it may yet be no name; `end` is the index of the line below the rows."""
        word = self._lines[index].text
        if word in self._names:
            return None
        if word in ATOMS or (word in FLAGS and index and self._lines[index - 1].text):
            return "may be a word of the layout or the name of a field"
        if index == self._doubtful:
            return "may be an option or the name of a field"
        if rows.is_run_on(word) and index and self._lines[index - 1].text:
            return "may be run together with a chip"
        below = self._lines[end].text if end < len(self._lines) else ""
        in_prose = self._prose_at == index - 1 and not self._layout.blankless and below and not is_label(below)
        return "stands within a description like the name of a field" if in_prose else None

    def _start_nameless(self, index: int, reason: str) -> int:
        found = rows.read_rows(self._lines, index, self._layout, self._names)
        found.doubts.append(Problem(self._lines[index].number, reason))
        return self._start(Block(None, found))

    def _start_lost(self, index: int, reason: str) -> int:
        line = self._lines[index]
        lost = Header(line, [Kind(known=False)], index + 1, line, doubts=[Problem(line.number, reason)])
        return self._start(Block(None, lost))

    def _start(self, block: Block) -> int:
        self._section.blocks.append(block)
        self._block = block
        self._prose_at = -2
        return block.header.end

    def _repeats_below(self, index: int) -> bool:
        below = index + 1
        same = below < len(self._lines) and self._lines[below].text == self._lines[index].text
        return same and rows.starts_field(self._lines, below, self._layout)

    def _has_lost_type(self, index: int) -> bool:
        """Whether a lone word is a name without a type: it has chips below it, or a sample has it."""
        after = rows.following(self._lines, index + 1, self._layout)
        below = self._lines[after].text if after is not None else ""
        if self._prose_at != index - 1 and self._is_lone_name(index):
            return True
        return rows.is_lone_chip(below) and rows.is_name(self._lines[index].text) and self._prose_at != index - 1

    def _is_lone_name(self, index: int) -> bool:
        """Whether a word is a field of a sample, or stands alone and is spelt like a name rather than a word."""
        text = self._lines[index].text
        if text in self._names:
            return self._block is None or text != self._block.name
        around = [self._lines[near].text for near in (index - 1, index + 1) if 0 <= near < len(self._lines)]
        return not any(around) and _SPELT.fullmatch(text) is not None

    def _take_content(self, index: int) -> int:
        line = self._lines[index]
        if self._block is None:
            self._section.lead.append(line)
            return index + 1
        if line.text in TOGGLES:
            return self._add("toggle", index, index + 1, TOGGLES[line.text])
        if is_label(line.text):
            return self._take_label(index)
        if TAB.fullmatch(line.text):
            return self._add("tab", index, index + 1, line.text)
        return self._take_prose(index)

    def _take_label(self, index: int) -> int:
        line = self._lines[index]
        opening = parse_opening(line.text)
        if opening and opening[0] == "options":
            return self._take_options(index, opening[1])
        if opening:
            return self._take_examples(index, opening[1], several=opening[0] == "examples")
        limits, end = parse_limits(line.text), index + 1
        if limits is None and line.text.endswith(":") and end < len(self._lines):
            limits, end = parse_limits(f"{line.text} {self._lines[end].text}"), end + 1
        if limits:
            return self._add("limit", index, end, limits)
        if is_broken_limit(line.text):
            self._section.doubt(line.number, f"a limit that cannot be read: {quoted(line.text)}")
        return self._take_prose(index)

    def _take_prose(self, index: int) -> int:
        self._prose_at = index
        return self._add("prose", index, index + 1, self._lines[index].text)

    def _take_options(self, index: int, rest: str) -> int:
        listed = read_options(self._lines, index, rest, self._layout)
        self._section.take(listed)
        if listed.doubtful is not None:
            self._doubtful = listed.doubtful
        self._add("options", index, listed.end, listed.values if not listed.problems else None)
        return self._take_examples(listed.end - 1, "", several=False) if listed.example_follows else listed.end

    def _take_examples(self, index: int, rest: str, *, several: bool) -> int:
        listed = read_examples(self._lines, index, rest, self._layout, several=several)
        self._section.take(listed)
        return self._add("examples", index, listed.end, listed.values)

    def _add(self, what: str, start: int, end: int, value: Any) -> int:
        assert self._block is not None
        last = max(start, end - 1)
        self._block.parts.append(Part(what, self._lines[start].number, self._lines[last].number, value))
        return end


def read_section(lines: Sequence[Line], layout: Layout, names: Set[str]) -> Section:
    """The fields of a section. `names` are the names seen in the page's samples."""
    return BlockReader(lines, layout, names).read()
