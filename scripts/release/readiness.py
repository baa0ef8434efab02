"""What a person has to do before a release."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from scripts.release.changelog import Section
from scripts.release.running import Wrong, run


def to_do_first(project: Path, version: str, newest: Section, dropped_links: int) -> Iterator[str]:
    """In words; nothing when all is done. `version` is what was built."""
    if run("git", "status", "--porcelain", folder=project):
        yield "commit or put away what was changed, also new files"
    if (tag := tag_of(project)) is None:
        yield f"tag the commit, with `git tag v{newest.version or '1.2.3'}`"
    elif tag != f"v{version}":
        yield f"the tag {tag} built {version}: tag a clean commit with `v` and the version"
    elif newest.version != version:
        yield f"the newest heading of CHANGELOG.md is for {newest.version or 'no version'}, the tag for {version}"
    if newest.date is None:
        yield "put the date in place of `unreleased` into the newest heading of CHANGELOG.md"
    if dropped_links:
        yield (
            "give the repository's address in pyproject.toml, because an index keeps what it shows of a version: "
            f"{dropped_links} links of the README are plain words there"
        )


def tag_of(project: Path) -> str | None:
    """That of the commit."""
    try:
        return run("git", "describe", "--exact-match", "--tags", "--match", "v[0-9]*", folder=project).strip()
    except Wrong:
        return None
