"""Where a page could not be read whole, so that what is missing there proves nothing."""

from __future__ import annotations

import re

from page2openapi.page import Page
from page2openapi.text import Problem, quoted

_HEAD = ("url", "method", "auth", "param")  # what stands above the body, without headings of their own in `lines`
_ALL = (*_HEAD, "body", "response")


class Doubts:
    """The sections and the fields that the problems of a page touch. An export counts as one section.

    Sections that are not on a page with problems may have been lost.
    """

    def __init__(self, page: Page, *, whole: bool = False) -> None:
        self._sections = set[str]()
        self._fields = set[str]()
        self._page = page
        if page.problems:
            self._sections.update(set(_ALL) - {_section(place.split(":")[0]) for place in page.lines})
        for problem in page.problems:
            if problem.line == 0 or whole:
                self._sections.update(_ALL)
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
