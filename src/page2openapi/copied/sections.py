"""Where the sections of a copied page begin and end: what is above them, between their headings, and below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from page2openapi.copied.header import Layout, following, is_lone_chip, is_type_row, starts_field
from page2openapi.copied.lines import Line, next_filled
from page2openapi.copied.notation import (
    CHIPS,
    CONTENT_TYPE,
    FOOTER_STARTS,
    FOOTERS,
    HEADINGS,
    RANKS,
    STATUS,
    STATUS_ROW,
    WHOLE,
)
from page2openapi.page import Findings, quoted


@dataclass
class Sections(Findings):
    """The lines of a page by section. `after` is what comes below them, such as code and links."""

    layout: Layout
    before: list[Line]
    parts: dict[str, list[Line]] = field(default_factory=dict[str, list[Line]])
    headings: dict[str, Line] = field(default_factory=dict[str, Line])
    after: list[Line] = field(default_factory=list[Line])


def layout_of(lines: Sequence[Line]) -> Layout:
    """How the page sets its rows. Blank lines between them are believed only where chips stand apart as well."""
    apart = any(_has_chip(lines, index, Layout(spaced=True)) for index in range(len(lines)))
    if apart and not any(_has_chip(lines, index, Layout()) for index in range(len(lines))):
        return Layout(spaced=True)
    return Layout(blankless=not any(not line.text for line in lines[:-1]))


def _has_chip(lines: Sequence[Line], index: int, layout: Layout) -> bool:
    """Whether a type stands here with a chip below it, right there or behind a blank line."""
    after = following(lines, index + 1, layout)
    chip = after is not None and (lines[after].text in CHIPS or is_lone_chip(lines[after].text))
    return chip and is_type_row(lines[index].text)


def split(lines: Sequence[Line]) -> Sections:
    """Cuts a page at its headings."""
    layout = layout_of(lines)
    found = Sections(layout, [])
    marks = _headings(lines, layout, found)
    end = _footer(lines, layout, marks[-1] if marks else len(lines))
    found.before = list(lines[: marks[0] if marks else len(lines)])
    for start, stop in zip(marks, [*marks[1:], end][: len(marks)], strict=True):
        name = HEADINGS[lines[start].text]
        found.parts[name] = list(lines[start + 1 : stop])
        found.headings[name] = lines[start]
    found.after = list(lines[end:]) if marks else []
    return found


def _headings(lines: Sequence[Line], layout: Layout, found: Sections) -> list[int]:
    """The indexes of the headings: in their usual order, each kind once."""
    candidates = [index for index, line in enumerate(lines) if line.text in HEADINGS]
    chosen = dict[str, int]()
    for name in RANKS:
        same = [index for index in candidates if HEADINGS[lines[index].text] == name]
        sure = [index for index in same if _is_structural(lines, index, layout)]
        if same:
            above = [index for other, index in chosen.items() if RANKS[other] < RANKS[name]]
            chosen[name] = _choose(sure or same, above, last=name == "response")
    marks = _in_order(chosen)
    for index in candidates:
        if index not in marks and marks and index > marks[0] and not starts_field(lines, index, layout):
            text = f"{quoted(lines[index].text)} stands here like a heading, but out of place"
            found.doubt(lines[index].number, text)
    return marks


def _choose(indexes: list[int], above: list[int], *, last: bool) -> int:
    """The first one below the headings that come before it, as words of an introduction may look like headings.

    `last` says that without such headings the last one counts.
    """
    below = [index for index in indexes if index > max(above, default=-1)]
    if not below:
        return indexes[0]
    return below[-1] if last and not above else below[0]


def _in_order(chosen: dict[str, int]) -> list[int]:
    """Parameters stand between the authorizations and the body, in any order."""
    marks, rank = list[int](), 0
    for name, index in sorted(chosen.items(), key=lambda one: one[1]):
        if RANKS[name] >= rank:
            marks.append(index)
            rank = RANKS[name]
    return marks


def _is_structural(lines: Sequence[Line], index: int, layout: Layout) -> bool:
    """Whether what follows a heading belongs to the layout rather than to a text."""
    after = next_filled(lines, index + 1)
    if after >= len(lines):
        return False
    text = lines[after].text
    marks = (CONTENT_TYPE, STATUS, STATUS_ROW, WHOLE)
    return any(mark.fullmatch(text) for mark in marks) or starts_field(lines, after, layout)


def _footer(lines: Sequence[Line], layout: Layout, last_heading: int) -> int:
    """The index of the first line below the last field that belongs to the site rather than to the page."""
    fields = [
        index for index in range(last_heading, len(lines)) if lines[index].text and starts_field(lines, index, layout)
    ]
    for index in range(max(fields, default=last_heading), len(lines)):
        text = lines[index].text
        if text in FOOTERS or text.startswith(FOOTER_STARTS):
            return index
    return len(lines)
