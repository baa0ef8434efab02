"""A page that was read: the document that it comes to, how sure one can be of it, and words for messages about it."""

from __future__ import annotations

import hashlib
import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from modellix._openapi import Object
from scripts.regenerate.refusal import printable

LONGEST_QUOTE = 60  # characters of the page that a message repeats
LONGEST_DESCRIPTION = 2_000  # characters
_LONGEST_PATTERN = 5_000  # characters

# Control characters, invisible spaces and marks that reverse the direction of writing.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
)
_SPACES = re.compile("[\t\u2028\u2029]")
_SURROGATES = re.compile("[\ud800-\udfff]")

_LINK = re.compile(r"\[([^\[\]]{1,500})\]\([^()\s]{1,2000}\)")
_MARKS = re.compile(r"[`*\\]|</?[A-Za-z][^<>]{0,100}>")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")


class Problem(NamedTuple):
    """`line` counts from 1; 0 stands for the page as a whole."""

    line: int
    text: str


def quoted(text: str) -> str:
    """Words of the page for a message: short, on one line, printable."""
    short = text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE]}…"
    return f"'{printable(short)}'"


def visible(text: str) -> str:
    """The text without control characters; line ends stay."""
    return _SURROGATES.sub("\ufffd", _SPACES.sub(" ", _UNSEEN.sub("", text)))


def shortened(text: str) -> str:
    """A description within its bounds."""
    return text if len(text) <= LONGEST_DESCRIPTION else text[: LONGEST_DESCRIPTION - 1].rstrip() + "…"


def is_pattern(text: str) -> bool:
    """Whether a regular expression can be checked here, as OpenAPI validators do."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(text[: _LONGEST_PATTERN + 1])
    except (re.error, RecursionError, OverflowError):
        return False
    return len(text) <= _LONGEST_PATTERN


def plain_words(text: str) -> str:
    """A description without marks of Markdown and HTML, on one line: a browser shows none of them."""
    return " ".join(_MARKS.sub("", _LINK.sub(r"\1", text)).split())


def prose_digest(sentence: str) -> str:
    """The digest of a sentence, as `x-prose` has it; marks, spaces and the full stop do not count."""
    return f"sha256:{hashlib.sha256(plain_words(sentence).rstrip('.').encode()).hexdigest()}"


def prose_digests(text: str) -> Iterator[str]:
    """The digests of a description and of every sentence in it."""
    for sentence in {text, *_SENTENCE_END.split(text)}:
        yield prose_digest(sentence)


_TEMPLATE_NAME = re.compile(r"\{([^{}/]{1,150})\}")
MOST_PROBLEMS = 1_000  # of each sort that are kept


@dataclass(kw_only=True)
class Findings:
    """`problems` could not be read, `warnings` are contradictions, `lines` leads from a place to its line."""

    lines: dict[str, int] = field(default_factory=dict[str, int])
    problems: list[Problem] = field(default_factory=list[Problem])
    warnings: list[Problem] = field(default_factory=list[Problem])

    def doubt(self, line: int, text: str) -> None:
        """Adds a problem."""
        self.problems.append(Problem(line, text))

    def warn(self, line: int, text: str) -> None:
        """Adds a warning."""
        self.warnings.append(Problem(line, text))

    def take(self, other: Findings) -> None:
        """Adds all that was found elsewhere."""
        self.lines |= other.lines
        self.problems += other.problems
        self.warnings += other.warnings


@dataclass
class Page(Findings):
    """`document` is an OpenAPI 3.1 document; when method and path are known it has one operation.

    Otherwise the parts that are certain stand among its components: `requestBodies.Body`, `parameters`, `responses`.

    `lines` leads from a place to its line: `url`, `method`, `auth`, `param.<in>.<name>`, `body`, `body.<field>`,
    `body.<field>[]`, `body.<field>.<child>`, `response.<field>`, and with a keyword behind a colon to the line of that
    fact: `body.prompt:maxLength`. Replies other than the first are `response[400].<field>`.

    `problems` could not be read, `warnings` are contradictions between the field lists and the samples.
    """

    source: str
    document: Object

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
