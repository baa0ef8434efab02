"""Repositories of the tests: small folders under git."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from scripts.propose.branch import Branch
from scripts.propose.git import BRANCH, Checkout, Repository


@dataclass(frozen=True)
class Repo:
    """A folder under git."""

    folder: Path

    @classmethod
    def new(cls, folder: Path) -> Repo:
        folder.mkdir(parents=True)
        repo = cls(folder)
        repo.git("init", "--quiet")
        repo.commit("CHANGELOG.md", "# Changelog\n")
        return repo

    def git(self, *arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=self.folder, capture_output=True, encoding="utf-8")
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())

    def commit(self, name: str, text: str, message: str = "Work") -> str:
        """Writes a file, commits it and returns the commit."""
        self.write(name, text)
        self.git("add", "--force", name)
        self.git("commit", "--quiet", "-m", message)
        return self.git("rev-parse", "HEAD")

    def clone(self, folder: Path, *arguments: str) -> Repo:
        subprocess.run(["git", "clone", "--quiet", *arguments, self.folder.as_uri(), str(folder)], check=True)
        return Repo(folder)

    def branch(self) -> Branch:
        return Branch(Repository(self.folder))

    def tip(self, name: str = BRANCH) -> str:
        return self.git("rev-parse", "--verify", f"refs/heads/{name}")

    def propose(self, text: str, scratch: Path) -> bool:
        """Proposes a changelog that says this, without any page. Whether the branch moved."""
        branch = self.branch()
        branch.check_free()
        scratch.mkdir()
        base = branch.repository.head
        checkout = Checkout(branch.repository, base, scratch)
        (checkout.project / "CHANGELOG.md").write_bytes(text.encode())
        return branch.move(base, checkout.tree())

    def state(self) -> tuple[str, ...]:
        """All that a proposal must not touch: files, index, where HEAD is, stash."""
        paths = [path for path in self.folder.rglob("*") if ".git" not in path.parts and path.is_file()]
        files = {str(path): path.read_bytes() for path in paths}
        index = (self.folder / ".git" / "index").read_bytes()
        head = (self.folder / ".git" / "HEAD").read_text()
        return str(files), str(index), head, self.git("stash", "list"), self.git("worktree", "list")
