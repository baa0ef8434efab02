"""Whole runs against an API that refuses or fails what is valid: it is blamed where nothing else can be at fault."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from contract_tests.model import good
from contract_tests.model.contents import MAY_BE_STOPPED
from modellix.testing import Answer

from .apis import Api, Honest, Seen, Twist, changed, is_read_of_task, refusal
from .runs import DETERMINISTIC, run
from .test_runs import books_agree
from .test_runs_faults import suffixes

pytestmark = pytest.mark.slow

CHOSEN = good.options(good.CHOICE)[0]
STOPPED = next(text for text, reason in MAY_BE_STOPPED.items() if reason == "SQL")


def fails(answer: Answer) -> Answer:
    """The read of a task that has failed where it had ended well."""
    is_end = is_read_of_task(answer) and answer.json()["data"]["status"] == "success"
    return changed(answer, lambda reply: reply["data"].update(status="failed", result=None)) if is_end else answer


def refuses(answer: Answer) -> Answer:
    """A refusal of what would be accepted."""
    return refusal(400) if answer.status == 200 else answer


NOTHING_FOLLOWS: dict[str, Twist] = {
    "every submission refused": lambda seen, honest: refuses(honest(seen)) if seen.is_submission else honest(seen),
    "every task failed": lambda seen, honest: fails(honest(seen)),
    "402 to all": lambda seen, honest: refusal(402),
    "503 to submissions": lambda seen, honest: refusal(503) if seen.is_submission else honest(seen),
}


@pytest.mark.parametrize("case", NOTHING_FOLLOWS)
def test_nothing_is_broken_where_nothing_follows(case: str, tmp_path: Path) -> None:
    done = run(Api(NOTHING_FOLLOWS[case]), tmp_path, 500)
    assert (done.status, suffixes(done)) == (1, set()), done.output[-3000:]


def test_firewall_that_stops_a_valid_text_breaks_the_promise_of_valid_bodies(tmp_path: Path) -> None:
    def stops(seen: Seen, honest: Honest) -> Any:
        return refusal(403) if STOPPED in seen.payload.values() else honest(seen)

    api = Api(stops)
    done = run(api, tmp_path, 500, *DETERMINISTIC)
    books_agree(done, api)
    assert (done.status, suffixes(done)) == (1, {"body.valid"})


def test_option_whose_tasks_fail_breaks_the_promise_of_results(tmp_path: Path) -> None:
    def twist(seen: Seen, honest: Honest) -> Any:
        answer, task_id = honest(seen), seen.path.rpartition("/")[2]
        asked = next((one for one in api.stand_in.submissions if one.task_id == task_id), None)
        is_meant = asked is not None and isinstance(asked.body, dict) and asked.body.get(good.CHOICE) == CHOSEN
        return fails(answer) if is_meant else answer

    api = Api(twist)
    done = run(api, tmp_path, 500, *DETERMINISTIC)
    books_agree(done, api)
    assert (done.status, suffixes(done)) == (1, {"task.result"})
