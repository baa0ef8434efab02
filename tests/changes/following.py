"""The steps that docs/docs-reader.md tells for a change of the docs, and whether what it promises of them is so."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from contract_tests.model.document import Document, Operation
from scripts.catalogue.layout import Schema
from scripts.regenerate.reading import read_document
from tests.changes.catalogue import Change
from tests.changes.checkout import TABLE, Broken, Checkout
from tests.changes.table import edited
from tests.page2openapi.from_document import field_of, page_of
from tests.page2openapi.model_pages import BRUSH

OBJECTION = "contract_tests/document/test_page_facts.py"
UNTYPED = "no page facts yet: brush_1_5_pro"
USER = """
from modellix import ConstraintError, Modellix
from modellix.testing import StandIn

stand_in = StandIn(reads=1)
with stand_in.mock(), Modellix("test-key") as client:
    client.studio_nord.brush_1_5_pro(prompt="A heron", ratio="16:9", seed=None, tiles=[1, 2], draft=True).wait()
    try:
        client.studio_nord.brush_1_5_pro(prompt="A heron", strength=0)
    except ConstraintError as error:
        print(error.violations[0].field, error.violations[0].keyword)
print(stand_in.submissions[0].body)
"""
SAID = (
    "strength exclusiveMinimum\n{'prompt': 'A heron', 'ratio': '16:9', 'seed': None, 'tiles': [1, 2], 'draft': True}\n"
)


@dataclass(frozen=True)
class Told:
    """What a page said of a field, and what it says now."""

    change: Change
    before: Schema
    after: Schema


def apply_change(checkout: Checkout, change: Change) -> Told:
    """Writes the changed page and has `apply` read it."""
    document, operation = operation_of(checkout, change.model)
    before = field_of(document, operation, change.field)
    told = Told(change, before, change.said(before))
    apply_page(checkout, page_of(document, operation, {change.field: told.after}))
    return told


def apply_new_model(checkout: Checkout) -> None:
    """The same for the page of a model that nobody has seen yet."""
    apply_page(checkout, BRUSH)


def check_objection(checkout: Checkout, told: Sequence[Told]) -> None:
    """Before anybody edits the table it objects, to the fields that were changed and to no other."""
    output = checkout.python("-m", "pytest", "-q", "--tb=no", OBJECTION, expects=1)
    objected = {line.split("[", 1)[1].partition(":")[0] for line in output.splitlines() if line.startswith("FAILED")}
    changed = {f"{one.change.model} {one.change.field}" for one in told}
    if {name.partition(".")[0] for name in objected} != changed - _unseen(told):
        raise Broken(f"the table objects to {sorted(objected)}, while {sorted(changed)} were changed")


def _unseen(told: Sequence[Told]) -> set[str]:
    """Fields that changed and changed back."""
    first = {f"{one.change.model} {one.change.field}": one.before for one in reversed(told)}
    last = {f"{one.change.model} {one.change.field}": one.after for one in told}
    return {name for name, before in first.items() if before == last[name]}


def edit_table(checkout: Checkout, told: Sequence[Told]) -> int:
    """Types into the table what the pages say now; the number of entries edited."""
    path, edits = checkout.folder / TABLE, 0
    for one in told:
        text = path.read_text("utf-8")
        text, count = edited(text, one.change.model, one.change.field, one.before, one.after)
        path.write_text(text, "utf-8")
        edits += count
    return edits


def check_followers(checkout: Checkout, output: str) -> list[str]:
    """Whether all that should follow the new model has: its method, its limits, the stand-in, tests and faults."""
    problems = [] if UNTYPED in output else [f"the run of the tests does not say “{UNTYPED}”"]
    if (said := checkout.python("-c", USER)) != SAID:
        problems.append(f"the new model does other things than it should: {said}")
    for command in (("pytest", "--collect-only", "-q", "contract_tests/api"), ("scripts.mutants", "--list")):
        if "brush-1-5-pro" not in checkout.python("-m", *command):
            problems.append(f"nothing is about the new model in {' '.join(command)}")
    return problems


def apply_page(checkout: Checkout, page: str) -> None:
    """Has `apply` read a page; then `check` finds no drift."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.txt"
        path.write_text(page, "utf-8")
        for command in ("apply", "check"):
            checkout.python("-m", "scripts.docs", command, str(path))


def operation_of(checkout: Checkout, name: str) -> tuple[Document, Operation]:
    """The document of the checkout, and an operation in it."""
    document = Document(read_document(checkout.folder / "openapi" / "modellix.yaml"))
    return document, next(one for one in document.submissions if one.name == name)
