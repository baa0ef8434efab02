"""A page that was read: the document that it comes to, and how sure one can be of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from modellix._openapi import Object
from page2openapi.text import Problem

_TEMPLATE_NAME = re.compile(r"\{([^{}/]{1,150})\}")
MOST_PROBLEMS = 1_000  # of each sort that are kept


@dataclass
class Page:
    """`document` is an OpenAPI 3.1 document; when method and path are known it has one operation.

    Otherwise the parts that are certain stand among its components: `requestBodies.Body`, `parameters`, `responses`.

    `lines` leads from a place to its line: `url`, `method`, `auth`, `param.<in>.<name>`, `body`, `body.<field>`,
    `body.<field>[]`, `body.<field>.<child>`, `response.<field>`, and with a keyword behind a colon to the line of that
    fact: `body.prompt:maxLength`. Replies other than the first are `response[400].<field>`.

    `problems` could not be read, `warnings` are contradictions between the field lists and the samples.
    """

    source: str
    document: Object
    lines: dict[str, int] = field(default_factory=dict[str, int])
    problems: list[Problem] = field(default_factory=list[Problem])
    warnings: list[Problem] = field(default_factory=list[Problem])

    def line_of(self, place: str, keyword: str = "") -> int | None:
        """The line of a fact, or of the nearest place around it; None when the page does not have it."""
        if f"{place}:{keyword}" in self.lines:
            return self.lines[f"{place}:{keyword}"]
        while place not in self.lines:
            around = re.sub(r"[.\[][^.\[]*$", "", place)
            if around == place:
                return None
            place = around
        return self.lines[place]


def empty_document(title: str = "") -> Object:
    """A document without any operation."""
    return {"openapi": "3.1.0", "info": {"title": title or "An operation", "version": "unknown"}, "paths": {}}


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Problems by line, each once, and not without end."""
    ordered = sorted(dict.fromkeys(problems), key=lambda problem: problem.line)
    if len(ordered) <= MOST_PROBLEMS:
        return ordered
    more = Problem(ordered[MOST_PROBLEMS].line, f"and {len(ordered) - MOST_PROBLEMS} more from here on")
    return [*ordered[:MOST_PROBLEMS], more]


def path_parameters(path: str | None) -> dict[str, Object]:
    """The parameters that a path names, as far as it tells."""
    names = _TEMPLATE_NAME.findall(path or "")
    return {name: {"name": name, "in": "path", "required": True, "schema": {}} for name in names}
