"""The changelog as a release reads it."""

from __future__ import annotations

import pytest

from scripts.release.changelog import Section, newest_release, notes, sections

CHANGELOG = """\
# Changelog

## Unreleased

- New.

## 1.1.0 (unreleased)

- Not yet:
  in two lines.

## 1.0.0rc1 (2026-05-04)

### Fixed

- Old.
"""


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_each_version_has_its_text(end: str) -> None:
    newest, coming, old = sections(CHANGELOG.replace("\n", end))
    assert newest == Section(None, None, "- New.")
    assert coming == Section("1.1.0", None, f"- Not yet:{end}  in two lines.")
    assert old == Section("1.0.0rc1", "2026-05-04", f"### Fixed{end}{end}- Old.")


def test_users_have_the_newest_version_with_a_date() -> None:
    assert newest_release(sections(CHANGELOG)) == "1.0.0rc1"


@pytest.mark.parametrize("changelog", ["", "# Changelog\n", "## 1.0.0 (unreleased)\n\n- All.\n", "## 1.0.0 (soon)\n"])
def test_before_the_first_release_users_have_none(changelog: str) -> None:
    assert newest_release(sections(changelog)) is None


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_notes_have_a_line_for_each_point(end: str) -> None:
    text = "- One point\n  in two lines.\n- Another:\n  - below it.\n\n### Fixed\n\n- One."
    shown = notes(Section("1.0", None, text.replace("\n", end)))
    assert shown.split() == text.split()
    assert [line for line in shown.splitlines() if line] == [
        "- One point in two lines.",
        "- Another:",
        "  - below it.",
        "### Fixed",
        "- One.",
    ]


def test_notes_link_to_no_file() -> None:
    section = Section("1.0", None, "- [Files](docs/files.md#names), [site](https://example.org)")
    assert notes(section) == "- Files, [site](https://example.org)\n"
