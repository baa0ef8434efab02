"""Of a large document a few models have random tests in a run, the changed ones first; of a small one all have."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from contract_tests.harness import turns
from contract_tests.model.document import Document
from modellix_client.operations import document


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> Document:
    """A document of ten models, all of them committed."""
    root: dict[str, Any] = document()
    [first, *_] = Document(root).submissions
    for number in range(8):
        node = copy.deepcopy(first.node)
        node["operationId"] = f"made_up_{number}"
        root["paths"][f"/made-up/{number}/async"] = {"post": node}
    made = Document(root)
    monkeypatch.setattr(turns, "contract", lambda: made)
    monkeypatch.setattr(turns, "_changed", set[Any])
    return made


def test_a_small_document_has_all_its_models_in_turn(large: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "MODELS", len(large.submissions))
    assert turns.whose_turn(1) == large.submissions


def test_each_model_has_its_turn(large: Document) -> None:
    drawn = [turns.whose_turn(seed) for seed in range(len(large.submissions))]
    assert {len(some) for some in drawn} == {turns.MODELS}
    assert {one for some in drawn for one in some} == set(large.submissions)
    assert drawn[3] == turns.whose_turn(3)


def test_changed_models_come_first(large: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = {large.submissions[5], large.submissions[9]}
    monkeypatch.setattr(turns, "_changed", lambda: changed)
    assert all(changed <= set(turns.whose_turn(seed)) for seed in range(len(large.submissions)))
