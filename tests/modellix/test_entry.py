"""An entry is data: it is compared by what it says, and travels."""

from __future__ import annotations

import copy
import datetime
import pickle

from attrs import evolve

from modellix._entry import Entry

NOW = datetime.datetime(2026, 11, 29, tzinfo=datetime.UTC)
ENTRY = Entry(1, "an_operation", "2:0", "order-1", NOW, NOW, outcome="accepted", task_id="task-1", token="canary")


def test_the_token_of_a_grant_is_neither_shown_nor_compared() -> None:
    assert "canary" not in repr(ENTRY)
    assert evolve(ENTRY, token="another") == ENTRY
    assert evolve(ENTRY, task_id="task-2") != ENTRY


def test_an_entry_travels_with_all_that_it_holds() -> None:
    for twin in (pickle.loads(pickle.dumps(ENTRY)), copy.deepcopy(ENTRY)):
        assert (twin, twin.token) == (ENTRY, "canary")
