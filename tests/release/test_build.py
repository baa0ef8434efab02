"""What is built holds what git has, twice the same, and metadata that lead somewhere."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from scripts.release.build import Built, build, check_contents, sdist_files, wheel_files
from scripts.release.metadata import check_entry_points, dropped_links, links_to_nowhere, read_metadata
from scripts.release.running import Wrong
from tests.propose.repositories import Repo

pytestmark = pytest.mark.slow

PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "small"
version = "1.2.3"

[project.entry-points.pytest11]
small = "small"

[tool.hatch.build.targets.wheel]
packages = ["src/small", "made/other"]

[tool.hatch.build.targets.sdist]
include = ["/src", "/made", "/README.md"]
"""
FILES = {"src/small/__init__.py": "", "made/other/a.py": "", "README.md": "# Small\n", "tests/test_it.py": ""}


@pytest.fixture
def project(tmp_path: Path) -> Repo:
    """A project of two packages, all in git."""
    repo = Repo.new(tmp_path / "project")
    for name, text in {"pyproject.toml": PYPROJECT, ".gitignore": "*.log\n", **FILES}.items():
        repo.write(name, text)
    repo.git("add", ".")
    repo.git("commit", "--quiet", "-m", "All")
    return repo


@pytest.fixture
def built(project: Repo, tmp_path: Path) -> Built:
    return build(project.folder, tmp_path / "built")


def test_wheel_and_sdist_hold_what_git_has(project: Repo, built: Built) -> None:
    assert built.version == "1.2.3"
    assert check_contents(project.folder, built) == len(wheel_files(built.wheel)) == 2
    assert "tests/test_it.py" not in sdist_files(built.sdist)
    assert read_metadata(built)["Name"] == "small"


def test_built_again_it_is_the_same(project: Repo, built: Built, tmp_path: Path) -> None:
    again = build(project.folder, tmp_path / "again")
    assert again.wheel.read_bytes() == built.wheel.read_bytes()
    assert again.sdist.read_bytes() == built.sdist.read_bytes()


def test_a_file_that_git_has_not_is_not_released(project: Repo, tmp_path: Path) -> None:
    project.write("src/small/key.txt", "secret")
    built = build(project.folder, tmp_path / "built")
    with pytest.raises(Wrong) as caught:
        check_contents(project.folder, built)
    assert str(caught.value).splitlines() == [
        "the wheel has small/key.txt, which git has not",
        "the sdist has src/small/key.txt, which git has not",
    ]


def test_a_file_that_git_has_is_not_left_out(project: Repo, tmp_path: Path) -> None:
    project.commit("src/small/data.log", "needed")  # a pattern leaves it out
    built = build(project.folder, tmp_path / "built")
    with pytest.raises(Wrong, match=r"^the wheel has no small/data.log\nthe sdist has no src/small/data.log$"):
        check_contents(project.folder, built)


def test_an_entry_point_is_in_the_wheel(built: Built) -> None:
    check_entry_points(built.wheel, {"pytest11": {"small": "small"}})
    for declared in ({}, {"pytest11": {"small": "small", "other": "other"}}):
        with pytest.raises(Wrong, match=r"^the list of entry points has "):
            check_entry_points(built.wheel, declared)


def test_metadata_are_the_same_in_both(built: Built) -> None:
    with zipfile.ZipFile(built.wheel) as content:
        held = {one: content.read(one) for one in content.namelist()}
    with zipfile.ZipFile(built.wheel, "w") as content:
        for name, text in held.items():
            content.writestr(name, text.replace(b"Version: 1.2.3", b"Version: 1.2.4"))
    with pytest.raises(Wrong, match="metadata of the wheel and of the sdist differ"):
        read_metadata(built)


def test_links_on_an_index_do_not_lead_to_files() -> None:
    page = '<a href="https://example.org/a">a</a> <a class="b" href="b.md">b</a> <img alt="" src="c.png"> <a href="#d">'
    assert links_to_nowhere(page) == ["b.md", "c.png"]


def test_links_that_an_index_does_not_show_are_counted(project: Repo) -> None:
    project.write("README.md", "[a](docs/a.md), [b](docs/b.md#c) and [d](https://example.org)\n")
    page = '<h1>A <a href="#a"></a></h1> a, b and <a href="https://example.org">d</a>'
    assert dropped_links(project.folder, page) == 2
