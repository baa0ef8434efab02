"""A page that renames fields: the papers' programs and the demo, which name fields, fail with the line to change.

The pictures keep their name: their limit stands in a sentence of the page, so that `apply` leaves them for a hand.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from contract_tests.model import good
from tests.changes.checkout import TABLE, Checkout
from tests.changes.following import apply_page, operation_of
from tests.changes.table import with_names
from tests.page2openapi.from_document import page_of, renamed

NAMES = {
    good.GENERATE: {good.TEXT: "input", good.SIZE: "format", good.CHOICE: "detail"},  # the first two are Python's own
    good.EDIT: {good.EDIT_TEXT: "input", good.EDIT_SIZE: "format", good.EDIT_CHOICE: "detail"},
}
"""What the fields of each request are called then."""

SHOULD_FAIL = ("tests/papers/test_programs.py", "tests/test_demo.py")
NAME_FIELDS = (*SHOULD_FAIL, "tests/papers/test_projects.py", "tests/papers/test_observing.py")
_NAMED = re.compile(
    r"FAILED tests/(?:papers/test_\w+\.py::.* [\w/-]+\.md(?:: [\w.]+\.py)?|test_demo\.py::.*scripts/demo\.py)"
    r":\d+: .*(?:unexpected keyword|cannot import name)"
)


def apply_renames(checkout: Checkout) -> None:
    """Has `apply` read the pages with other names for their fields."""
    for one, names in NAMES.items():
        apply_page(checkout, renamed(page_of(*operation_of(checkout, one.name)), names))


def edit_names(checkout: Checkout) -> int:
    """Types the names into the table; how many."""
    path = checkout.folder / TABLE
    text = path.read_text("utf-8")
    for one, names in NAMES.items():
        text = with_names(text, one.name, names)
    path.write_text(text, "utf-8")
    return sum(map(len, NAMES.values()))


def unexpected(failed: Sequence[str]) -> list[str]:
    """Failures that are not of the papers' programs or the demo, or name no line; and which of the two did not fail."""
    missing = [f"{one}: should fail" for one in SHOULD_FAIL if one not in " ".join(failed)]
    return [one for one in failed if not _NAMED.match(one)] + missing
