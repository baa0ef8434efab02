"""The version comes from a tag, and what knows of no tag neither fails nor claims to be a release.

The hatchling of this environment reads the project's own settings in small repositories, as a build does.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.version import Version

from scripts.release.changelog import sections
from tests.propose.repositories import Repo

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
FALLBACK = PYPROJECT["tool"]["hatch"]["version"]["fallback-version"]
CALM = ["-W", "ignore::UserWarning"]  # of a shallow clone, which is what a test is about


def version_of(folder: Path, **environment: str) -> str:
    command = [sys.executable, *CALM, "-m", "hatchling", "version"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env={**os.environ, **environment})
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def project(tmp_path: Path) -> Repo:
    """A project with these settings, and two commits."""
    repo = Repo.new(tmp_path / "project")
    for name in ("README.md", "LICENSE", "pyproject.toml"):
        shutil.copy(ROOT / name, repo.folder)
    repo.git("add", "--force", ".")
    repo.git("commit", "--quiet", "-m", "Begin")
    return repo


def test_a_tag_is_the_version(project: Repo) -> None:
    project.git("tag", "v3.4.5")
    assert version_of(project.folder) == "3.4.5"


def test_a_candidate_may_be_tagged(project: Repo) -> None:
    project.git("tag", "v3.4.5rc1")
    assert version_of(project.folder) == "3.4.5rc1"


def test_work_after_a_tag_comes_after_it_and_names_its_commit(project: Repo) -> None:
    project.git("tag", "v3.4.5")
    commit = project.commit("more.txt", "more")
    found = version_of(project.folder)
    assert re.fullmatch(rf"3\.4\.6\.dev1\+g{commit[:7]}\w*", found)
    assert Version("3.4.5") < Version(found) < Version("3.4.6")


def test_a_tag_with_changed_files_is_no_release(project: Repo) -> None:
    project.git("tag", "v3.4.5")
    project.write("README.md", "changed")
    assert Version(version_of(project.folder)).is_devrelease


def test_tags_of_other_things_say_nothing(project: Repo) -> None:
    for name in ("docs-7.0.0", "7", "version", "latest-2"):
        project.git("tag", name)
    assert version_of(project.folder).startswith(FALLBACK.removesuffix("0"))


@pytest.mark.parametrize("how", [("--no-tags",), ("--no-tags", "--depth", "1")], ids=["whole", "shallow"])
def test_a_clone_without_tags_is_work_on_the_next_version(project: Repo, tmp_path: Path, how: tuple[str, ...]) -> None:
    project.git("tag", "v0.0.1")
    commit = project.commit("more.txt", "more")
    found = version_of(project.clone(tmp_path / "clone", *how).folder)
    assert re.fullmatch(rf"{re.escape(FALLBACK[:-1])}[1-9]\d*\+g{commit[:7]}\w*", found)


def test_files_without_their_history_are_work_on_the_next_version(project: Repo, tmp_path: Path) -> None:
    project.git("tag", "v0.0.1")
    project.git("archive", "--prefix=files/", f"--output={tmp_path / 'files.tar'}", "HEAD")
    shutil.unpack_archive(tmp_path / "files.tar", tmp_path)
    assert version_of(tmp_path / "files") == FALLBACK


def test_where_there_is_no_git_it_is_work_on_the_next_version(project: Repo) -> None:
    project.git("tag", "v3.4.5")
    assert version_of(project.folder, PATH="") == FALLBACK


def test_files_in_a_repository_of_somebody_else_have_none_of_its_versions(project: Repo, tmp_path: Path) -> None:
    other = Repo.new(tmp_path / "other")
    other.git("tag", "v9.9.9")
    shutil.copytree(project.folder, other.folder / "vendor", ignore=shutil.ignore_patterns(".git"))
    assert version_of(other.folder / "vendor") == FALLBACK


def test_what_knows_of_no_tag_works_on_the_newest_version_of_the_changelog() -> None:
    newest = next(one.version for one in sections((ROOT / "CHANGELOG.md").read_text("utf-8")) if one.version)
    assert f"{newest}.dev0" == FALLBACK


def test_the_tests_build_with_what_a_build_requires() -> None:
    assert PYPROJECT["dependency-groups"]["build"] == PYPROJECT["build-system"]["requires"]


def test_a_copy_that_was_never_installed_says_that_it_knows_no_version(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "src" / "modellix", tmp_path / "modellix", ignore=shutil.ignore_patterns("__pycache__"))
    done = subprocess.run(
        [sys.executable, "-S", "-c", "import modellix; print(modellix.__version__)"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert (done.stdout, done.stderr) == ("0+unknown\n", "")
