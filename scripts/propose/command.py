"""The way of a proposal, from the pages to the branch and the text."""

from __future__ import annotations

import importlib.util
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from page2openapi.drift import Contract
from page2openapi.report import DONE, DRIFTED, NOTHING_REACHED, UNREAD, USAGE, say
from page2openapi.site import Pauses
from scripts.propose.branch import Branch
from scripts.propose.git import BRANCH, Checkout, Repository
from scripts.propose.pages import NothingReached, Pages, fetched_pages, given_pages
from scripts.propose.refusal import Refused
from scripts.propose.text import left_lines, pull_request
from scripts.propose.verdict import Verdict, run_contract_tests
from scripts.propose.work import DOCUMENT, Work, carry_out, released
from scripts.regenerate.yaml_lines import NotYaml

ROOT = Path(__file__).parents[2]

Judge = Callable[[Path], Verdict]


def propose(names: Sequence[str], left: str | None) -> int:
    """Proposes what these pages say, or those of the site; writes what is left for a hand into the file `left`.

    Returns 0 when the branch is there or there is no drift, 1 for drift of which nothing could be written, 2 when
    nothing may be changed here, 3 when something could not be read, 4 when no page was reached.
    """
    if importlib.util.find_spec("pytest") is None:
        say("the contract tests need pytest: run `nox -s docs -- propose`, which installs it")
        return USAGE
    return Proposing(ROOT, left=Path(left) if left else None).run(names)


@dataclass(frozen=True)
class Proposing:
    """A project, and how its pages are fetched and its contract tests run."""

    project: Path
    left: Path | None = None
    pauses: Pauses = field(default_factory=Pauses)
    judge: Judge = run_contract_tests

    def run(self, names: Sequence[str]) -> int:
        """Goes the way, and returns the exit status."""
        try:
            repository = Repository(self.project)
            repository.check_clean()
            branch = Branch(repository)
            branch.check_free()
            contract = Contract.load(self.project / DOCUMENT)
            pages = given_pages(names, contract) if names else fetched_pages(contract, self.pauses)
            with tempfile.TemporaryDirectory(prefix=f"{BRANCH}-", ignore_cleanup_errors=True) as folder:
                return self._propose(branch, pages, Path(folder))
        except NothingReached as reason:
            say(str(reason))
            return NOTHING_REACHED
        except (Refused, OSError, NotYaml, UnicodeDecodeError) as reason:
            say(f"nothing was changed: {reason}")
            return USAGE

    def _propose(self, branch: Branch, pages: Pages, folder: Path) -> int:
        base = branch.repository.head
        checkout = Checkout(branch.repository, base, folder)
        version = released(checkout.project)
        work = carry_out(checkout.project, pages.read) if _worth_writing(pages) else Work([], [], [])
        left = left_lines(pages, work)
        for line in left:
            say(line)
        self._write_left(left)
        if not work.surface:
            return _nothing(pages)
        tree = checkout.tree()
        verdict = self.judge(checkout.project)
        moved = branch.move(base, tree)
        sys.stdout.write(pull_request(pages, work, verdict, version))
        sys.stdout.flush()
        say(f"the branch {BRANCH} {'is new or was replaced' if moved else 'is as it was'}")
        return DONE if pages.is_whole else UNREAD

    def _write_left(self, left: Sequence[str]) -> None:
        if self.left is not None:
            self.left.write_text("".join(f"{line}\n" for line in left), encoding="utf-8")


def _worth_writing(pages: Pages) -> bool:
    return bool(pages.drift) or any(page.problems for page in pages.read)


def _nothing(pages: Pages) -> int:
    if not pages.drift:
        say("nothing to propose: what was read of the pages says what the contract says")
    else:
        say("nothing to propose: no command could write any of the drift")
    return UNREAD if not pages.is_whole else DRIFTED if pages.drift else DONE
