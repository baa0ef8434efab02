"""A page as lines, numbered as an editor numbers them and freed of what nobody sees."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from page2openapi.copied.notation import HEADINGS
from page2openapi.page import Problem, visible

MOST_LINES = 20_000  # of a page that are read; the longest real ones have a thousand
LONGEST_LINE = 50_000  # characters of a line that are read

_MARKDOWN = re.compile(rf"^#{{1,6}} +(?:{'|'.join(HEADINGS)}) *$", re.MULTILINE)
_ANCHOR = re.compile(r"(?:\[[^\]\[\w]?\]\([^()\s]{0,500}\))+")
_ANCHOR_END = re.compile(r"\]\([^()\s]{0,500}\)")
_HASHES = re.compile(r"#{1,6} +")
_ESCAPE = re.compile(r"\\([\\_\[\]*|<>~#`{}()+.!-])")
_CODE = re.compile(r"`[^`]*`,?")
_LABELLED_CODE = re.compile(r"[A-Z][a-z ]+: +`")


class Line(NamedTuple):
    """One line: its number from 1, and its text without the space around it."""

    number: int
    text: str


def lines_of(text: str) -> tuple[list[Line], list[Problem]]:
    """The lines of a page, as far as they are read. A copy that was turned into Markdown loses its marks first."""
    parts = text.split("\n", MOST_LINES)
    problems = [Problem(MOST_LINES, "the lines from here on are not read")] if len(parts) > MOST_LINES else []
    for number, part in enumerate(parts[:MOST_LINES], 1):
        if len(part) > LONGEST_LINE:
            parts[number - 1] = part[:LONGEST_LINE]
            problems.append(Problem(number, f"only {LONGEST_LINE} characters of this line are read"))
    clean = visible("\n".join(parts[:MOST_LINES]))
    lines = [Line(number, line.strip()) for number, line in enumerate(clean.split("\n"), 1)]
    return list(_unmarked(lines)) if _MARKDOWN.search(clean) else lines, problems


def next_filled(lines: Sequence[Line], index: int) -> int:
    """The index of the first line from `index` on that is not blank, or the number of lines."""
    while index < len(lines) and not lines[index].text:
        index += 1
    return index


def _unmarked(lines: Sequence[Line]) -> Iterable[Line]:
    for index, (number, text) in enumerate(lines):
        if text == "[" and _ends_anchor(lines, index + 1):
            text = ""
        yield Line(number, _unmarked_text(text))


def _ends_anchor(lines: Sequence[Line], index: int) -> bool:
    after = next_filled(lines, index)
    return after < len(lines) and _ANCHOR_END.fullmatch(lines[after].text) is not None


def _unmarked_text(text: str) -> str:
    if text.startswith("```") or _ANCHOR_END.fullmatch(text):
        return ""
    match = _ANCHOR.match(text)
    text = text[match.end() :] if match else text
    match = _HASHES.match(text)
    text = text[match.end() :] if match else text
    if _CODE.fullmatch(text) or _LABELLED_CODE.match(text):
        return text.replace("`", "").strip()
    text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return _ESCAPE.sub(r"\1", text).strip()
