"""A release is refused while something is left to do, and says what."""

from __future__ import annotations

import pytest

from scripts.release.changelog import Section
from scripts.release.readiness import tag_of, to_do_first
from tests.propose.repositories import Repo

DONE = Section("1.2.3", "2026-01-02", "- All.")


def left(repo: Repo, version: str = "1.2.3", newest: Section = DONE, dropped_links: int = 0) -> list[str]:
    return list(to_do_first(repo.folder, version, newest, dropped_links))


def test_a_tag_on_a_clean_commit_with_its_changelog_is_all(repo: Repo) -> None:
    repo.git("tag", "v1.2.3")
    assert left(repo) == []


def test_without_a_tag_it_says_which_one(repo: Repo) -> None:
    repo.git("tag", "docs-1")
    assert left(repo) == ["tag the commit, with `git tag v1.2.3`"]


def test_a_tag_on_an_older_commit_is_none(repo: Repo) -> None:
    repo.git("tag", "v1.2.3")
    repo.commit("more.txt", "more")
    assert tag_of(repo.folder) is None


def test_changed_and_new_files_are_refused(repo: Repo) -> None:
    repo.git("tag", "v1.2.3")
    repo.write("new.txt", "new")
    assert left(repo) == ["commit or put away what was changed, also new files"]


def test_what_is_built_is_what_the_tag_says(repo: Repo) -> None:
    repo.git("tag", "v1.2.3")
    assert left(repo, "1.2.4.dev0+g1234567") == [
        "the tag v1.2.3 built 1.2.4.dev0+g1234567: tag a clean commit with `v` and the version"
    ]


def test_the_changelog_is_about_the_same_version(repo: Repo) -> None:
    repo.git("tag", "v1.2.3")
    older = Section("1.2.2", "2026-01-01", "- Some.")
    assert left(repo, newest=older) == ["the newest heading of CHANGELOG.md is for 1.2.2, the tag for 1.2.3"]


@pytest.mark.parametrize("newest", [Section("1.2.3", None, "- All."), Section(None, None, "- All.")])
def test_the_changelog_has_a_date(repo: Repo, newest: Section) -> None:
    repo.git("tag", "v1.2.3")
    assert left(repo, newest=newest)[-1].startswith("put the date in place of `unreleased`")


def test_links_of_the_readme_go_somewhere(repo: Repo) -> None:
    repo.git("tag", "v1.2.3")
    [line] = left(repo, dropped_links=2)
    assert line.endswith("2 links of the README are plain words there")
