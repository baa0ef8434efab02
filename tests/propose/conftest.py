"""A git of the tests' own: no configuration of whoever runs them, no network, repositories in temporary folders."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from .repositories import Repo


@pytest.fixture(autouse=True)
def own_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The global configuration of git for this test: a file that says who commits."""
    for name in os.environ:
        if name.startswith(("GIT_", "EMAIL")):
            monkeypatch.delenv(name)
    settings = tmp_path / "gitconfig"
    settings.write_text(
        '[user]\n\tname = "Änne"\n\temail = aenne@example.com\n[init]\n\tdefaultBranch = main\n', "utf-8"
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))  # temporary files may lie in a repository
    return settings


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """A repository with one commit, in a folder whose name has a space."""
    return Repo.new(tmp_path / "a repository")
