"""The branch of proposals: whose it is, and how it moves. It holds one commit, replaced while nobody adds to it."""

from __future__ import annotations

from dataclasses import dataclass

from scripts.propose.git import BRANCH, REF, Repository
from scripts.propose.refusal import Refused
from scripts.regenerate.refusal import one_line

_MESSAGE = """Follow the vendor's pages

`python -m scripts.docs propose` wrote this commit. It replaces the commit
as long as nobody changes it or adds to it.

Tree: {tree}
"""


@dataclass(frozen=True)
class Branch:
    """The branch in a repository and on its remotes, as last fetched."""

    repository: Repository

    def check_free(self) -> None:
        """Raises Refused where the branch is checked out, or holds what this command did not write."""
        if where := self._checked_out():
            raise Refused(f"{BRANCH} is checked out in {where}; go to another branch there")
        if inside := self._git("for-each-ref", "--format=%(refname:lstrip=2)", f"{REF}/"):
            raise Refused(f"the branch {inside.splitlines()[0]} leaves no place for {BRANCH}; rename it")
        for name, tip in self._tips().items():
            if not self._is_ours(tip):
                what = self._git("log", "-1", "--format=%h (%an: %s)", tip)
                advice = f"merge it, or rename the branch; in a shallow clone first `git fetch --unshallow`; {tip}"
                raise Refused(one_line(f"{_short(name)} has a commit that propose did not write: {what}; {advice}"))

    def move(self, base: str, tree: str) -> bool:
        """Makes the branch one commit with this tree on the base. False if it was that already.

        Raises Refused when somebody else moved the branch meanwhile.
        """
        tips = self._tips()
        here = tips.get(REF, "")
        for tip in dict.fromkeys([here, *tips.values()]):
            if tip and self._facts(tip) == (tree, [base]):
                break
        else:
            tip = self._git("commit-tree", tree, "-p", base, given=_MESSAGE.format(tree=tree))
        if tip != here:
            moved = f"{BRANCH} was moved by somebody else meanwhile; run this again"
            self._git("update-ref", "--create-reflog", "-m", "propose", REF, tip, here, otherwise=moved)
        return tip != here

    def _checked_out(self) -> str | None:
        """The folder in which the branch is checked out."""
        for block in self._git("worktree", "list", "--porcelain").split("\n\n"):
            lines = block.splitlines()
            if f"branch {REF}" in lines and not any(line.startswith("prunable") for line in lines):
                return lines[0].removeprefix("worktree ")
        return None

    def _tips(self) -> dict[str, str]:
        """The branch here and on the remotes, by reference: the commits."""
        shown = self._git("for-each-ref", "--format=%(refname) %(objectname)", "refs/heads", "refs/remotes")
        found = dict(line.rsplit(" ", 1) for line in shown.splitlines())
        on_remotes = [name for name in found if name.startswith("refs/remotes/") and name.endswith(f"/{BRANCH}")]
        return {name: found[name] for name in (REF, *on_remotes) if name in found}

    def _is_ours(self, tip: str) -> bool:
        """Whether nothing is lost with a commit: HEAD has it, or this command wrote it, on what other branches have."""
        if not self._git("rev-list", "--max-count=1", tip, "--not", "HEAD"):
            return True
        tree, parents = self._facts(tip)
        message = self._git("log", "-1", "--format=%B", "--encoding=UTF-8", tip)
        is_written = message.strip() == _MESSAGE.format(tree=tree).strip()
        return is_written and not any(map(self._only_reached_by, parents))

    def _only_reached_by(self, commit: str) -> bool:
        """Whether HEAD and all other branches are without a commit."""
        others = (f"--exclude={BRANCH}", "--branches", f"--exclude=*/{BRANCH}", "--remotes")
        return bool(self._git("rev-list", "--max-count=1", commit, "--not", "HEAD", *others))

    def _facts(self, commit: str) -> tuple[str, list[str]]:
        tree, *parents = self._git("log", "-1", "--format=%T %P", commit).split()
        return tree, parents

    def _git(self, *arguments: str, otherwise: str = "", given: str = "") -> str:
        return self.repository.git(*arguments, otherwise=otherwise, given=given)


def _short(reference: str) -> str:
    return reference.split("/", 2)[2]
