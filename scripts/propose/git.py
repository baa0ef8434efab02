"""The git repository around a project. A proposal touches nothing in it but its own branch.

It needs no worktree that git knows of: the commit is checked out through an index of its own. So no hook runs, and
whoever is killed leaves a temporary folder and nothing else.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from scripts.propose.refusal import Refused
from scripts.regenerate.refusal import one_line

BRANCH = "docs-drift"
REF = f"refs/heads/{BRANCH}"
WRITTEN = ("openapi/modellix.yaml", "generated/modellix_client", "CHANGELOG.md")  # by a proposal

_SETTINGS = (
    f"core.hooksPath={os.devnull}",
    "core.fsmonitor=false",
    "log.showSignature=false",
    "user.useConfigOnly=true",
)
_BYTES_AS_THEY_ARE = ("core.autocrlf=false", "core.safecrlf=false", "core.sparseCheckout=false")
_PLACES = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_NAMESPACE")  # set by git around its hooks
_MOST_FILES = 3


@dataclass(frozen=True)
class Repository:
    """The repository, seen from a project's folder, which is the repository's own or one inside."""

    folder: Path

    def __post_init__(self) -> None:
        """Raises Refused where there is no repository with a commit, or git does not know who commits."""
        self.git("rev-parse", "--git-dir", otherwise="this is no git repository")
        self.git("rev-parse", "--verify", "--quiet", "HEAD^{commit}", otherwise="the repository has no commit yet")
        advice = "set it with `git config user.name NAME` and `git config user.email ADDRESS`"
        for who in ("GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"):
            self.git("var", who, otherwise=f"git does not know who commits; {advice}")

    @property
    def head(self) -> str:
        """The commit that a proposal builds on."""
        return self.git("rev-parse", "--verify", "HEAD^{commit}")

    @property
    def prefix(self) -> str:
        """Where the project is in the repository: empty, or a path with a slash at its end."""
        return self.git("rev-parse", "--show-prefix")

    def check_clean(self) -> None:
        """Raises Refused where a file that git knows was changed. Other files are not looked at."""
        lines = self.git("--no-optional-locks", "status", "--porcelain", "--untracked-files=no").splitlines()
        if lines:
            names = ", ".join(line.split(maxsplit=1)[-1] for line in lines[:_MOST_FILES])
            more = f" and {len(lines) - _MOST_FILES} more" if len(lines) > _MOST_FILES else ""
            raise Refused(f"commit or put away what was changed here first: {names}{more}")

    def git(self, *arguments: str, otherwise: str = "", given: str = "", places: dict[str, str] | None = None) -> str:
        """What git prints, without the line end. Raises Refused, with `otherwise` before git's own words."""
        settings = _SETTINGS if places is None else (*_SETTINGS, *_BYTES_AS_THEY_ARE)
        command = ["git", *(word for one in settings for word in ("-c", one)), *arguments]
        names = {name: value for name, value in os.environ.items() if name not in _PLACES}
        names |= {"LC_ALL": "C", **(places or {})}
        folder = (places or {}).get("GIT_WORK_TREE", self.folder)
        try:
            done = subprocess.run(
                command,
                cwd=folder,
                env=names,
                input=given,
                capture_output=True,
                encoding="utf-8",
                errors="surrogateescape",
            )
        except FileNotFoundError:
            raise Refused("git is not installed" if Path(folder).is_dir() else f"{folder}: no such folder") from None
        if done.returncode:
            reason = one_line(done.stderr.strip() or f"git {arguments[0]} failed").removeprefix("fatal: ")
            raise Refused(f"{otherwise}: {reason}" if otherwise else f"git {arguments[0]}: {reason}")
        return done.stdout.removesuffix("\n")


class Checkout:
    """The files of a commit in a folder of their own, with an index of their own."""

    def __init__(self, repository: Repository, commit: str, folder: Path) -> None:
        self._repository = repository
        self._tree = folder / "tree"
        self._tree.mkdir()
        self._places = {
            "GIT_DIR": repository.git("rev-parse", "--absolute-git-dir"),
            "GIT_INDEX_FILE": str(folder / "index"),
            "GIT_WORK_TREE": str(self._tree),
        }
        self._prefix = repository.prefix
        self._git("read-tree", commit)
        self._git("checkout-index", "--all", "--force", "--quiet")

    @property
    def project(self) -> Path:
        """The project's folder in it."""
        return self._tree / self._prefix

    def tree(self) -> str:
        """What git calls the files as they are now: those that a proposal writes are taken in."""
        there = [f"{self._prefix}{one}" for one in WRITTEN if (self.project / one).exists()]
        self._git("add", "--all", "--force", "--", *there)
        return self._git("write-tree")

    def _git(self, *arguments: str) -> str:
        return self._repository.git(*arguments, places=self._places)
