"""The branch of proposals: what it becomes, and whose commits are never lost on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.propose.branch import Branch
from scripts.propose.git import BRANCH, Repository
from scripts.propose.refusal import Refused

from .repositories import Repo


def test_it_holds_one_commit_on_head_by_the_user(repo: Repo, tmp_path: Path) -> None:
    before = repo.state()
    assert repo.propose("# Changelog\n\n- New\n", tmp_path / "s")
    assert repo.git("rev-list", "--count", f"HEAD..{BRANCH}") == "1"
    assert repo.git("log", "-1", "--format=%an %ae %cn %P", BRANCH) == (
        f"Änne aenne@example.com Änne {repo.git('rev-parse', 'HEAD')}"
    )
    assert repo.git("diff", "--name-only", "HEAD", BRANCH) == "CHANGELOG.md"
    assert repo.state() == before


def test_the_same_again_is_the_same_commit(repo: Repo, tmp_path: Path) -> None:
    repo.propose("one\n", tmp_path / "s1")
    tip = repo.tip()
    assert not repo.propose("one\n", tmp_path / "s2")
    assert repo.tip() == tip


def test_another_change_replaces_the_commit(repo: Repo, tmp_path: Path) -> None:
    repo.propose("one\n", tmp_path / "s1")
    repo.propose("two\n", tmp_path / "s2")
    assert repo.git("rev-list", "--count", f"HEAD..{BRANCH}") == "1"
    assert repo.git("show", f"{BRANCH}:CHANGELOG.md") == "two"


def test_it_follows_head(repo: Repo, tmp_path: Path) -> None:
    repo.propose("one\n", tmp_path / "s1")
    head = repo.commit("other.txt", "more\n")
    repo.propose("one\n", tmp_path / "s2")
    assert repo.git("rev-parse", f"{BRANCH}^") == head


def test_it_is_free_again_once_it_was_merged(repo: Repo, tmp_path: Path) -> None:
    repo.propose("one\n", tmp_path / "s1")
    repo.git("merge", "--quiet", "--no-ff", "--no-edit", f"refs/heads/{BRANCH}")
    repo.propose("two\n", tmp_path / "s2")
    assert repo.git("rev-parse", f"{BRANCH}^") == repo.git("rev-parse", "HEAD")


def test_a_detached_head_is_a_base_like_any(repo: Repo, tmp_path: Path) -> None:
    repo.git("checkout", "--quiet", "--detach")
    assert repo.propose("one\n", tmp_path / "s")


@pytest.mark.parametrize("how", ["added", "amended", "said otherwise", "merged into"])
def test_what_somebody_did_there_is_kept(repo: Repo, tmp_path: Path, how: str) -> None:
    repo.propose("one\n", tmp_path / "s1")
    repo.git("checkout", "--quiet", BRANCH)
    if how == "added":
        repo.commit("notes.txt", "by hand\n", "By hand")
    elif how == "amended":
        repo.write("notes.txt", "by hand\n")
        repo.git("add", ".")
        repo.git("commit", "--quiet", "--amend", "--no-edit")
    elif how == "said otherwise":
        repo.git("commit", "--quiet", "--amend", "-m", "In better words")
    else:
        repo.git("checkout", "--quiet", "-b", "mine", "main")
        repo.commit("notes.txt", "by hand\n", "By hand")
        repo.git("checkout", "--quiet", BRANCH)
        repo.git("merge", "--quiet", "--no-ff", "--no-edit", "mine")
    repo.git("checkout", "--quiet", "main")
    tip = repo.tip()
    with pytest.raises(Refused, match=f"{BRANCH} has a commit that propose did not write"):
        repo.propose("two\n", tmp_path / "s2")
    assert repo.tip() == tip


def test_another_branch_of_the_same_name_is_not_taken(repo: Repo, tmp_path: Path) -> None:
    repo.git("checkout", "--quiet", "-b", BRANCH)
    repo.commit("own.txt", "work\n")
    repo.git("checkout", "--quiet", "main")
    with pytest.raises(Refused, match=r"did not write"):
        repo.propose("one\n", tmp_path / "s")


def test_what_somebody_pushed_is_kept(repo: Repo, tmp_path: Path) -> None:
    """Also where the branch here is still as it was written."""
    repo.propose("one\n", tmp_path / "s1")
    mine = repo.clone(tmp_path / "mine")
    repo.git("checkout", "--quiet", BRANCH)
    repo.commit("notes.txt", "by hand\n", "By hand")
    mine.git("fetch", "--quiet")
    with pytest.raises(Refused, match=rf"origin/{BRANCH} has a commit that propose did not write: \w+ \(Änne: By hand"):
        mine.propose("two\n", tmp_path / "s2")


def test_a_fresh_clone_takes_the_same_commit(repo: Repo, tmp_path: Path) -> None:
    repo.propose("one\n", tmp_path / "s1")
    mine = repo.clone(tmp_path / "mine")
    mine.propose("one\n", tmp_path / "s2")
    assert mine.tip() == repo.tip()


def test_a_base_that_is_behind_the_branch_is_no_trouble(repo: Repo, tmp_path: Path) -> None:
    """Another branch has the commits between them."""
    first = repo.git("rev-parse", "HEAD")
    repo.commit("other.txt", "more\n")
    repo.propose("one\n", tmp_path / "s1")
    repo.git("checkout", "--quiet", "-b", "old", first)
    repo.propose("one\n", tmp_path / "s2")
    assert repo.git("rev-parse", f"{BRANCH}^") == first


def test_a_branch_that_is_checked_out_is_left_alone(repo: Repo, tmp_path: Path) -> None:
    repo.propose("one\n", tmp_path / "s1")
    other = tmp_path / "another tree"
    repo.git("worktree", "add", "--quiet", str(other), BRANCH)
    with pytest.raises(Refused, match=r"is checked out in .*another tree"):
        repo.propose("two\n", tmp_path / "s2")
    with pytest.raises(Refused, match=r"is checked out in .*another tree"):
        Branch(Repository(other)).check_free()


def test_a_tree_that_is_gone_holds_nothing(repo: Repo, tmp_path: Path) -> None:
    repo.propose("one\n", tmp_path / "s1")
    other = tmp_path / "another tree"
    repo.git("worktree", "add", "--quiet", str(other), BRANCH)
    other.rename(tmp_path / "elsewhere")
    assert repo.propose("two\n", tmp_path / "s2")


def test_a_tag_of_the_same_name_is_another_thing(repo: Repo, tmp_path: Path) -> None:
    repo.git("tag", BRANCH)
    repo.propose("one\n", tmp_path / "s1")
    assert not repo.propose("one\n", tmp_path / "s2")
    assert repo.git("rev-parse", f"refs/tags/{BRANCH}") == repo.git("rev-parse", "HEAD")


def test_branches_inside_the_name_are_named(repo: Repo, tmp_path: Path) -> None:
    repo.git("branch", f"{BRANCH}/mine")
    with pytest.raises(Refused, match=f"the branch {BRANCH}/mine leaves no place"):
        repo.propose("one\n", tmp_path / "s")


def test_a_branch_that_moves_meanwhile_is_not_overwritten(repo: Repo, tmp_path: Path) -> None:
    repo.propose("one\n", tmp_path / "s1")
    branch = repo.branch()
    tips = branch._tips()
    repo.propose("two\n", tmp_path / "s2")
    tip = repo.tip()
    late = Late(branch.repository, tips)
    with pytest.raises(Refused, match=r"was moved by somebody else meanwhile"):
        late.move(branch.repository.head, repo.git("rev-parse", "HEAD^{tree}"))
    assert repo.tip() == tip


class Late(Branch):
    """One that saw the branch a while ago."""

    def __init__(self, repository: Repository, tips: dict[str, str]) -> None:
        super().__init__(repository)
        object.__setattr__(self, "seen", tips)

    def _tips(self) -> dict[str, str]:
        return dict(self.__dict__["seen"])


def test_a_shallow_clone_knows_too_little_of_an_old_branch_and_says_so(repo: Repo, tmp_path: Path) -> None:
    repo.propose("one\n", tmp_path / "s1")
    repo.commit("other.txt", "more\n")
    shallow = repo.clone(tmp_path / "shallow", "--depth", "1")
    assert shallow.propose("two\n", tmp_path / "s2")
    shallow.git("update-ref", "-d", f"refs/heads/{BRANCH}")
    shallow.git("fetch", "--quiet", "origin", f"{BRANCH}:refs/remotes/origin/{BRANCH}")
    with pytest.raises(Refused, match=r"in a shallow clone first `git fetch --unshallow`"):
        shallow.propose("two\n", tmp_path / "s3")
    shallow.git("fetch", "--quiet", "--unshallow")
    assert shallow.propose("two\n", tmp_path / "s4")
