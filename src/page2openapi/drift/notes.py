"""What a comparison of two operations knows of both sides, and the differences it has noted."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from page2openapi.drift.difference import NOT_ON_COPIES, Difference, Verdict
from page2openapi.drift.document import Operation
from page2openapi.drift.views import View, Viewer
from page2openapi.page import Page
from page2openapi.text import Problem, quoted

T = TypeVar("T")

_HEAD = ("url", "method", "auth", "param")  # what stands above the body, without headings of their own in `lines`
_SECTIONS = (*_HEAD, "body", "response")
_LINE_OF_KIND = {"nullable": "type", "example": "examples", "order": "enum"}


@dataclass(frozen=True)
class Pair:
    """The two views of one place. `near` is what a page says of the list whose items these are."""

    old: View
    new: View
    place: str
    reply: bool
    near: str = ""

    def keywords(self, keyword: str) -> tuple[Any, Any]:
        """The values of a keyword on both sides, None where it is not stated."""
        return self.old.keywords.get(keyword), self.new.keywords.get(keyword)


class Doubts:
    """The sections and the fields that the problems of a page touch. An export counts as one section.

    Sections that are not on a page with problems may have been lost.
    """

    def __init__(self, page: Page, *, whole: bool = False) -> None:
        self._sections = set[str]()
        self._fields = set[str]()
        self._page = page
        if page.problems:
            self._sections.update(set(_SECTIONS) - {_section(place.split(":")[0]) for place in page.lines})
        for problem in page.problems:
            if problem.line == 0 or whole:
                self._sections.update(_SECTIONS)
            else:
                self._take(problem)

    def touch(self, place: str) -> bool:
        """Whether a field or a parameter may stand here although it was not read."""
        return _section(place) in self._sections

    def touch_facts(self, place: str) -> bool:
        """Whether this field may say more than was read."""
        return self.touch(place) or place.removesuffix("[]") in self._fields

    def _take(self, problem: Problem) -> None:
        place = self._nearest(problem.line)
        if self._is_about(problem.text, place):
            self._fields.add(place.removesuffix("[]"))
        elif _section(place) in _HEAD:
            self._sections.update(_HEAD)
        else:
            self._sections.add(_section(place))

    def _nearest(self, line: int) -> str:
        """The place that begins last above a line."""
        places = [(number, len(place), place) for place, number in self._page.lines.items() if ":" not in place]
        return max((one for one in places if one[0] <= line), default=(0, 0, "url"))[2]

    def _is_about(self, text: str, place: str) -> bool:
        """Whether a message begins with the name of the field at a place: then it is about that field alone."""
        names = {place.split(".", 1)[-1], re.split(r"[.\]]", place.removesuffix("[]"))[-1]}
        return any(text.startswith(f"{quoted(name)}: ") for name in names)


def _section(place: str) -> str:
    return re.split(r"[.\[]", place, maxsplit=1)[0]


class Side:
    """One of two operations: what it says, and what its silence means."""

    def __init__(self, operation: Operation, *, mixed: bool) -> None:
        self.operation = operation
        self.viewer = Viewer(operation.document)
        self.is_page = operation.voice != "document"
        self.is_copy = operation.voice == "copied"
        # A page beside a contract, which may know more of the replies than the page shows.
        self.is_beside = mixed and self.is_page
        self.doubts = Doubts(operation.page, whole=operation.voice == "export")

    def is_silent(self, place: str, keyword: str, *, reply: bool) -> bool:
        """Whether it proves nothing that a keyword is not here."""
        unseen = self.is_copy and keyword in NOT_ON_COPIES
        return unseen or (self.is_beside and reply) or self.doubts.touch_facts(place)

    def is_closed(self, view: View) -> bool:
        """Whether a page shows an object without its children."""
        return (self.is_copy or self.is_beside) and not view.properties


class Notes:
    """Both sides, and what was found. `mixed`: one is a page and the other a document, whose words are not compared."""

    def __init__(self, old: Operation, new: Operation) -> None:
        self.mixed = (old.voice == "document") != (new.voice == "document")
        self.ordered = old.voice == new.voice  # copies and exports may list fields differently
        self.old, self.new = Side(old, mixed=self.mixed), Side(new, mixed=self.mixed)
        self.found = list[Difference]()

    def both(self, ask: Callable[[Side], T]) -> tuple[T, T]:
        """What both sides answer, the old one first."""
        return ask(self.old), ask(self.new)

    def note(self, where: str, kind: str, change: tuple[Any, Any], verdict: Verdict) -> None:
        """Adds a difference, with the lines of both sides."""
        keyword = "enum" if kind.startswith("enum") else _LINE_OF_KIND.get(kind, kind)
        place = "response" if where == "sample_response" else where
        old_line, new_line = self.both(lambda side: side.operation.line_of(place, keyword))
        self.found.append(Difference(where, kind, *change, verdict.severity, verdict.why, new_line, old_line))

    def proves_nothing(self, pair: Pair, keyword: str, change: tuple[Any, Any]) -> bool:
        """Whether one of two values is None where that may be silence."""
        sides = [side for side, value in zip((self.old, self.new), change, strict=True) if value is None]
        return any(side.is_silent(pair.place, keyword, reply=pair.reply) for side in sides)

    def is_doubtful(self, place: str) -> bool:
        """Whether either side may say more here than was read."""
        return self.old.doubts.touch_facts(place) or self.new.doubts.touch_facts(place)
