"""Whole runs: what an API was asked, what it sold, what the run says of it, and how it ends."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from contract_tests.model import good
from contract_tests.model.planned import whole_plan
from modellix.testing.server import serve

from .apis import KEY, Api, Honest, Seen
from .runs import DETERMINISTIC, REPOSITORY, Run, run, run_against

pytestmark = pytest.mark.slow

PLAN = len(whole_plan())


def books_agree(done: Run, api: Api) -> None:
    """The server's count, the count printed and the purchase log are one and the same."""
    counts = done.counts
    assert counts["sent"] == len(api.submissions) == len(done.events("sending"))
    assert counts["accepted"] == len(api.bought) == len(done.events("accepted"))
    assert counts["refused"] == len(done.events("refused"))
    assert counts["unknown"] == len(done.events("unknown"))
    assert done.known_ids == api.bought


def skip_reasons(done: Run) -> set[str]:
    """Without those of tests that look back at a run and find nothing."""
    every = re.findall(r"^SKIPPED \[\d+\] \S+ (?:\S+: )?(.*)$", done.output, re.MULTILINE)
    return {reason for reason in every if not reason.startswith(("not seen: ", "not run: nothing was accepted"))}


@pytest.mark.parametrize("budget", [0, 5, 500])
def test_faultless_api_passes(budget: int, tmp_path: Path) -> None:
    api = Api()
    done = run(api, tmp_path, budget)
    assert (done.status, done.broken, done.open_questions) == (0, set(), []), done.output[-3000:]
    books_agree(done, api)
    assert set(done.outcomes) <= {"passed", "skipped"}
    came = len(api.seen), len(api.submissions), len(api.bought)
    assert list(done.forecast) == [pytest.approx(number, rel=0.25) for number in came]
    assert done.outcomes["passed"] > 30
    if budget == 500:
        assert PLAN < len(api.bought) < 500
        assert skip_reasons(done) == set()
    else:
        assert len(api.bought) == budget
        assert skip_reasons(done) == {"not run: budget"}
        told = re.findall(r"^not run: budget: (\d+) tests? of ", done.output, re.MULTILINE)
        assert sum(map(int, told)) > 20


BUDGETS = {
    "of the chosen model alone": (("--models", f"openai/{good.EDIT.name}"), {good.EDIT.operation_id: 2}),
    "shared by all": ((), {good.EDIT.operation_id: 1, good.GENERATE.operation_id: 1}),
}


@pytest.mark.parametrize("case", BUDGETS)
def test_budget_goes_to_the_chosen_models_by_turns(case: str, tmp_path: Path) -> None:
    options, shares = BUDGETS[case]
    api = Api()
    done = run(api, tmp_path, 2, *DETERMINISTIC, *options)
    assert (done.status, done.broken, done.open_questions) == (0, set(), []), done.output[-3000:]
    books_agree(done, api)
    assert Counter(one.operation for one in api.stand_in.submissions if one.task_id is not None) == shares
    unpaid = re.findall(r"^not run: budget: \d+ tests? of (\S+)$", done.output, re.MULTILINE)
    assert unpaid == sorted(one.name for one in (good.EDIT, good.GENERATE) if one.operation_id in shares)


def test_plan_is_printed_before_the_first_request(tmp_path: Path) -> None:
    api = Api()
    done = run(api, tmp_path, 7, "--collect-only", "-q")
    assert api.seen == []
    plan = done.output[done.output.index("live run against") :]
    assert re.search(rf"^  {PLAN} planned submissions", plan, re.MULTILINE)
    assert "the budget covers 7 of the planned submissions and 0 more" in plan
    assert re.search(r"^  (\d+) tests: (\d+) are free \(.*\), (\d+) look at submissions that cost", plan, re.MULTILINE)


def test_plan_in_the_papers_has_the_real_words(tmp_path: Path) -> None:
    """Its figures are of one day, and the port of one run."""
    api = Api()
    with serve(api.handle, 0) as origin:
        done = run_against(origin, tmp_path, "--live", "--live-budget", "20", "--collect-only", "-q")
    plan = done.output[done.output.index("live run against") :].splitlines()[:8]
    told = re.sub(r"\d+", "N", (REPOSITORY / "docs" / "live-runs.md").read_text("utf-8"))
    assert [line for line in plan if re.sub(r"\d+", "N", line) not in told] == []
    assert api.seen == []


def without_validation(seen: Seen, honest: Honest) -> Any:
    """Takes every submission for a good one, without a key too."""
    if not seen.is_submission:
        return honest(seen)
    body = json.dumps(good.body(good.EDIT)).encode()
    headers = {**seen.headers, "authorization": f"Bearer {KEY}", "content-type": "application/json"}
    return honest(replace(seen, headers=headers, body=body))


def test_api_without_any_validation_sells_one_more_than_the_budget(tmp_path: Path) -> None:
    api = Api(without_validation)
    done = run(api, tmp_path, 2)
    assert done.status == 1
    books_agree(done, api)
    assert len(api.bought) == len(api.submissions) == 3
    head = r"^PROMISE BROKEN (\S+): .+ \((?:follows from \S+; )?\d+ tests?: contract_tests/api/.+\)$"
    named = re.findall(head, done.output, re.MULTILINE)
    assert set(named) == done.broken
    assert named
    assert done.output.count("ACCEPTED although it should have been refused") == 3
    assert "not run: budget" in skip_reasons(done)


def test_one_accepted_refusal_fails_a_run_without_a_budget(tmp_path: Path) -> None:
    shouted = good.options(good.SIZE)[0].upper()
    valid = json.dumps(good.body()).encode()

    def lax(seen: Seen, honest: Honest) -> Any:
        is_taken = seen.is_submission and seen.payload.get(good.SIZE) == shouted and "edit" not in seen.path
        return honest(replace(seen, body=valid)) if is_taken else honest(seen)

    api = Api(lax)
    done = run(api, tmp_path, 0, *DETERMINISTIC)
    assert done.status == 1
    books_agree(done, api)
    assert (len(api.bought), done.broken) == (1, {f"gpt-image-2.{good.SIZE}.enum"})
