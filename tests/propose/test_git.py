"""What is asked of git, and what becomes of a commit's files on the way out and back."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.propose.git import BRANCH, Checkout, Repository
from scripts.propose.refusal import Refused

from .repositories import Repo


def test_a_folder_without_git(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"^this is no git repository: "):
        Repository(tmp_path)


def test_a_machine_without_git(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(repo.folder))
    with pytest.raises(Refused, match=r"^git is not installed$"):
        Repository(repo.folder)


def test_a_repository_without_a_commit(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    with pytest.raises(Refused, match=r"^the repository has no commit yet"):
        Repository(tmp_path)


def test_who_commits_must_be_known(repo: Repo, own_git: Path) -> None:
    own_git.write_text("")
    with pytest.raises(Refused, match=r"does not know who commits; set it with `git config user.name NAME`"):
        Repository(repo.folder)


@pytest.mark.parametrize("staged", [True, False])
def test_a_changed_file_is_named(repo: Repo, staged: bool) -> None:
    repo.write("CHANGELOG.md", "changed\n")
    if staged:
        repo.git("add", "CHANGELOG.md")
    with pytest.raises(Refused, match=r"^commit or put away what was changed here first: CHANGELOG.md$"):
        Repository(repo.folder).check_clean()


def test_files_that_git_does_not_know_are_left_there_and_out(repo: Repo, tmp_path: Path) -> None:
    repo.write("notes.txt", "mine\n")
    Repository(repo.folder).check_clean()
    repo.propose("one\n", tmp_path / "s")
    assert repo.git("ls-tree", "-r", "--name-only", BRANCH) == "CHANGELOG.md"
    assert (repo.folder / "notes.txt").exists()


def test_what_is_stashed_stays_so(repo: Repo, tmp_path: Path) -> None:
    repo.write("CHANGELOG.md", "changed\n")
    repo.git("stash", "--quiet")
    before = repo.state()
    repo.propose("one\n", tmp_path / "s")
    assert repo.state() == before


def test_no_hook_runs(repo: Repo, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    for name in ("pre-commit", "post-commit", "post-checkout", "reference-transaction", "commit-msg"):
        hook = repo.folder / ".git" / "hooks" / name
        hook.write_text(f'#!/bin/sh\necho {name} >> "{ran}"\nexit 1\n')
        hook.chmod(0o755)
    repo.propose("one\n", tmp_path / "s")
    assert not ran.exists()


def test_the_places_of_a_hook_around_it_are_not_taken(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Git sets them for programs that its hooks start."""
    other = Repo.new(tmp_path / "other")
    monkeypatch.setenv("GIT_DIR", str(other.folder / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other.folder / ".git" / "index"))
    branch = repo.branch()
    (tmp_path / "s").mkdir()
    checkout = Checkout(branch.repository, branch.repository.head, tmp_path / "s")
    assert branch.move(branch.repository.head, checkout.tree())
    monkeypatch.delenv("GIT_DIR")
    monkeypatch.delenv("GIT_INDEX_FILE")
    assert repo.tip()
    assert other.git("branch", "--list", BRANCH) == ""


@pytest.mark.parametrize("name", ["project", "pro ject/inner", "prüfung"])
def test_a_project_inside_a_bigger_repository(tmp_path: Path, name: str) -> None:
    around = Repo.new(tmp_path / "around")
    around.commit("elsewhere.txt", "kept\n")
    around.commit(f"{name}/CHANGELOG.md", "# Changelog\n")
    inside = Repo(around.folder / name)
    inside.propose("one\n", tmp_path / "s")
    assert around.git("show", f"{BRANCH}:{name}/CHANGELOG.md") == "one"
    assert around.git("-c", "core.quotePath=false", "diff", "--name-only", "HEAD", BRANCH) == f"{name}/CHANGELOG.md"


@pytest.mark.parametrize("setting", ["true", "input", "false"])
def test_line_ends_are_those_of_the_commit(repo: Repo, own_git: Path, tmp_path: Path, setting: str) -> None:
    repo.git("config", "core.autocrlf", "false")
    repo.commit("openapi/modellix.yaml", "a: 1\r\nb: 2\n")
    repo.git("config", "core.autocrlf", setting)
    repo.propose("one\r\ntwo\n", tmp_path / "s")
    assert (tmp_path / "s" / "tree" / "openapi" / "modellix.yaml").read_bytes() == b"a: 1\r\nb: 2\n"
    assert repo.git("diff", "--name-only", "HEAD", BRANCH) == "CHANGELOG.md"
    shown = subprocess.run(["git", "show", f"{BRANCH}:CHANGELOG.md"], cwd=repo.folder, capture_output=True, check=True)
    assert shown.stdout == b"one\r\ntwo\n"


def test_files_that_are_ignored_or_gone_are_taken_in(repo: Repo, tmp_path: Path) -> None:
    repo.commit(".gitignore", "generated/\n")
    repo.commit("generated/modellix_client/old.py", "old\n")
    (tmp_path / "s").mkdir()
    branch = repo.branch()
    checkout = Checkout(branch.repository, branch.repository.head, tmp_path / "s")
    (checkout.project / "generated/modellix_client/old.py").rename(
        checkout.project / "generated/modellix_client/new.py"
    )
    (checkout.project / "elsewhere.txt").write_text("not taken in")
    branch.move(branch.repository.head, checkout.tree())
    assert repo.git("diff", "--no-renames", "--name-status", "HEAD", BRANCH).split() == [
        *("A", "generated/modellix_client/new.py"),
        *("D", "generated/modellix_client/old.py"),
    ]


def test_a_submodule_that_is_not_there_stays_as_it_is(repo: Repo, tmp_path: Path) -> None:
    inner = Repo.new(tmp_path / "inner")
    repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", inner.folder.as_uri(), "part")
    repo.git("commit", "--quiet", "-m", "Part")
    mine = repo.clone(tmp_path / "mine")
    assert mine.propose("one\n", tmp_path / "s")
    assert mine.git("diff", "--name-only", "HEAD", BRANCH) == "CHANGELOG.md"


@pytest.mark.skipif(sys.platform == "win32", reason="because Windows has no such locale")
def test_a_locale_without_umlauts(repo: Repo, tmp_path: Path) -> None:
    """In a process of its own, because Python reads the locale when it starts."""
    repo.write("Ä.txt", "x\n")
    repo.git("add", ".")
    repo.git("commit", "--quiet", "-m", "Ä")
    program = (
        "import sys; from pathlib import Path; from tests.propose.repositories import Repo;"
        "print(Repo(Path(sys.argv[1])).propose('one\\n', Path(sys.argv[2])))"
    )
    names = os.environ | {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    names["PYTHONPATH"] = os.pathsep.join((".", "src", "generated"))
    command = [sys.executable, "-c", program, str(repo.folder), str(tmp_path / "ä")]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], env=names, capture_output=True, encoding="utf-8")
    assert (done.stdout, done.stderr) == ("True\n", "")
