"""Whose random tests run: a constant number of models, the changed ones first and the others by turns.

Random tests cost seconds for each model. Of a large document each run takes a few, another few with another seed, which
pytest-randomly prints; `--all-random` takes all.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from contract_tests.model.document import Document, Operation, contract

MODELS = 4  # of a run
ROOT = Path(__file__).parents[2]


def whose_turn(seed: int) -> tuple[Operation, ...]:
    """The submissions whose random tests run."""
    every = contract().submissions
    if len(every) <= MODELS:
        return every
    first = seed % len(every)
    changed = _changed()
    return tuple(sorted([*every[first:], *every[:first]], key=lambda one: one not in changed)[:MODELS])


def _changed() -> set[Operation]:
    """The submissions that are not as the committed client has them; none outside a repository."""
    command = ["git", "show", "HEAD:generated/modellix_client/openapi.json"]
    try:
        shown = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
        committed = Document(json.loads(shown))
    except (OSError, subprocess.CalledProcessError, ValueError, LookupError):
        return set()
    before = {one.operation_id: _said(committed, one) for one in committed.submissions}
    return {one for one in contract().submissions if before.get(one.operation_id) != _said(contract(), one)}


def _said(document: Document, operation: Operation) -> Any:
    return operation.node, document.fields(operation)
