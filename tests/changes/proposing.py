"""`propose` for a changed page, with the real contract tests: the branch, its text, and what stays as it was."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from scripts.propose.git import BRANCH
from scripts.propose.verdict import TABLE
from tests.changes.catalogue import CHANGES, Change
from tests.changes.checkout import Broken, Checkout
from tests.changes.following import operation_of
from tests.page2openapi.from_document import field_of, page_of

CHANGE = next(change for change in CHANGES if change.name == "a shorter prompt")
ALL_IS_WELL = re.compile(r"^(\d+) passed\. Only those on the table typed by hand failed\.$", re.MULTILINE)


def check_proposal(checkout: Checkout) -> int:
    """Returns how many contract tests passed on the branch."""
    checkout.git("config", "user.name", "Session changes")
    checkout.git("config", "user.email", "changes@example.com")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.txt"
        path.write_text(_page(checkout, CHANGE), "utf-8")
        text = _propose(checkout, path)
    checkout.git("branch", "--quiet", "-D", BRANCH)
    found = ALL_IS_WELL.search(text)
    if found is None or TABLE not in text or CHANGE.field not in text:
        raise Broken(f"the proposal says other things than it should:\n{text}")
    return int(found[1])


def _page(checkout: Checkout, change: Change) -> str:
    document, operation = operation_of(checkout, change.model)
    before = field_of(document, operation, change.field)
    return page_of(document, operation, {change.field: change.said(before)})


def _propose(checkout: Checkout, page: Path) -> str:
    """The text. Nothing but a branch may be new."""
    text = checkout.python("-m", "scripts.docs", "propose", str(page))
    if changed := checkout.changed_files():
        raise Broken(f"propose changed {', '.join(changed)}")
    return text
