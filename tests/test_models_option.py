"""`--models`: which names choose a model, what is said when none does, and whose turn it is in a plan."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contract_tests.harness.account import Account
from contract_tests.harness.selection import chosen_models
from contract_tests.model import good
from contract_tests.model.document import contract
from contract_tests.model.planned import PlannedSubmission, in_turns


def test_a_model_is_chosen_by_each_of_its_names() -> None:
    for name in good.EDIT.names:
        assert chosen_models(name.upper()) == [good.EDIT], name
    assert chosen_models("*") == list(contract().submissions)
    assert chosen_models(None) is None


def test_an_unknown_name_is_answered_with_close_ones_or_all() -> None:
    with pytest.raises(pytest.UsageError, match=f"close: .*{good.EDIT.operation_id}"):
        chosen_models(f"{good.EDIT.operation_id}s")
    with pytest.raises(pytest.UsageError, match=f"there are {good.GENERATE.operation_id}, "):
        chosen_models("zzzz*")


def test_models_take_turns_in_a_plan() -> None:
    """A model with a long plan does not come before the first submission of one with a short plan."""
    models = [replace(good.GENERATE, operation_id=f"painter_{number}") for number in range(5)]
    plans = [[PlannedSubmission(one, at, good.body()) for at in range(2 + 3 * models.index(one))] for one in models]
    plan = [planned.operation for planned in in_turns(plans)]
    assert plan[:5] == models
    assert plan[5:10] == models
    assert (plan[10:14], plan[14:18], len(plan)) == (models[1:], models[1:], 40)


def test_what_is_left_of_a_budget_is_shared_among_the_tests_that_draw() -> None:
    account = Account(budget=10, accepted=4)
    account.share_out(3)
    bought = 0
    while account.covers("accepted"):
        account.accepted += 1
        bought += 1
    assert bought == 2
    assert account.covers("refused")
    account.share_out(1)
    account.accepted = 10
    assert not account.covers("accepted")
    assert account.covers("refused")
    account.accepted = 11
    assert not account.covers("refused")
