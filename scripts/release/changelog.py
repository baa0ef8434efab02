"""What CHANGELOG.md says of each version, newest first."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_HEADING = re.compile(r"^## (?:(?P<version>\d\S*) \((?P<date>[^)]+)\)|Unreleased)[ \t]*\r?$", re.MULTILINE)
_FILE_LINK = re.compile(r"\[([^\]]+)\]\((?!https?:)[^)]+\)")
_DATE = re.compile(r"\d{4}-\d\d-\d\d$")


@dataclass(frozen=True)
class Section:
    """What changed with a version. `version` is None for changes that nobody has numbered yet."""

    version: str | None
    date: str | None  # None while it is not released
    text: str


def sections(changelog: str) -> list[Section]:
    """Those of a whole file."""
    headings = list(_HEADING.finditer(changelog))
    ends = [one.start() for one in headings[1:]] + [len(changelog)]
    return [_section(one, changelog[one.end() : end].strip()) for one, end in zip(headings, ends, strict=False)]


def newest_release(found: Sequence[Section]) -> str | None:
    """The version that users have, or None before the first."""
    return next((one.version for one in found if one.version and one.date), None)


def _section(heading: re.Match[str], text: str) -> Section:
    date = heading["date"] or ""
    return Section(heading["version"], date if _DATE.match(date) else None, text)


def notes(section: Section) -> str:
    """The text for a page of releases. It shows each end of a line, so a point has one, and has no files to link to."""
    text = _FILE_LINK.sub(r"\1", section.text)
    return re.sub(r"(?<=\S)\r?\n[ \t]+(?![-*\s])", " ", text) + "\n"
