"""Whole runs against an API with one fault: it is named as what it is, in time, and within the budget."""

from __future__ import annotations

import itertools
import json
import re
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from contract_tests.model import good
from contract_tests.model.planned import whole_plan
from modellix.testing.replies import Answer
from modellix.testing.server import serve
from tests.support.timing import LONG

from .apis import KEY, Api, Honest, Seen, Twist, changed, is_read_of_task, refusal
from .runs import DETERMINISTIC, FAST, Run, end_of, run, run_against, start
from .test_runs import PLAN, books_agree

pytestmark = pytest.mark.slow

CHOICE, SIZE, TEXT, PICTURES = good.CHOICE, good.SIZE, good.TEXT, good.PICTURES
CHOSEN, MOST = good.options(CHOICE)[0], good.field(PICTURES)["maxItems"]


def suffixes(done: Run) -> set[str]:
    """The broken promises without their operations."""
    return {name.partition(".")[2] for name in done.broken}


# Valid bodies that are refused, with much money or little to find out why


def refuses_when(name: str, value: Any) -> Twist:
    """An API that refuses a text, or whatever has that length."""

    def twist(seen: Seen, honest: Honest) -> Any:
        found = seen.payload.get(name)
        measured = found if isinstance(value, str) else len(found) if isinstance(found, list | str) else None
        return refusal(400) if seen.is_submission and measured == value else honest(seen)

    return twist


@pytest.mark.parametrize(
    ("name", "value", "budget", "promise", "others"),
    [
        (CHOICE, CHOSEN, 500, f"{CHOICE}.enum", set()),
        (SIZE, good.options(SIZE)[0], 500, f"{SIZE}.enum", {f"{SIZE}.result"}),
        (TEXT, len(good.longest_prompt()), 500, f"{TEXT}.maxLength", {f"{TEXT}.counting"}),
        (PICTURES, MOST, 500, f"{PICTURES}.maxItems", set()),
    ],
)
def test_valid_value_that_is_refused_is_named_and_nothing_else(
    name: str, value: Any, budget: int, promise: str, others: set[str], tmp_path: Path
) -> None:
    """Besides the promise about valid bodies as such; not those about fields that happened to share the submission."""
    api = Api(refuses_when(name, value))
    done = run(api, tmp_path, budget, *DETERMINISTIC)
    assert done.status == 1
    books_agree(done, api)
    assert {promise} <= suffixes(done) <= {promise, "body.valid"} | others


@pytest.mark.parametrize(
    ("name", "value", "budget", "promise"),
    [(CHOICE, CHOSEN, PLAN, f"{CHOICE}.enum"), (PICTURES, MOST, None, f"{PICTURES}.maxItems")],
)
def test_valid_value_that_is_refused_is_named_with_the_last_of_the_money(
    name: str, value: Any, budget: int | None, promise: str, tmp_path: Path
) -> None:
    """A refused submission leaves its money to the next one, so that none may be left to try its cases alone. Then it
    is the promise about valid bodies.
    """
    refused = [at for at, planned in enumerate(whole_plan(), 1) if is_refused(planned.body, name, value)]
    budget = budget or refused[0]
    assert refused[0] <= budget
    api = Api(refuses_when(name, value))
    done = run(api, tmp_path, budget, *DETERMINISTIC)
    books_agree(done, api)
    assert len(api.bought) <= budget
    assert done.status == 1
    assert {promise, "body.valid"} & suffixes(done), done.broken
    assert f"{SIZE}.result" not in suffixes(done), "nobody asked whether the picture has the size"


def is_refused(body: Any, name: str, value: Any) -> bool:
    seen = Seen("POST", "/async", {}, json.dumps(body).encode())
    return bool(refuses_when(name, value)(seen, lambda seen: None))  # type: ignore[arg-type, return-value]


# Outcomes that are no answer


def test_wrong_key_is_said_in_one_line_and_at_the_end(tmp_path: Path) -> None:
    """The tests that draw requests say it in the same words, without what they have drawn."""
    done = run(Api(key="another-key-than-that-of-the-run"), tmp_path, 0, "-m", "not paid and not closing")
    last = done.output.splitlines()[-1]
    assert re.fullmatch(r"NOT CONCLUDED for \S+ and \d+ more: .* refuses the key .*MODELLIX_API_KEY", last)
    assert done.output.count("NOT CONCLUDED") == 1


def test_unreachable_is_not_concluded(closed_port: int, tmp_path: Path) -> None:
    done = run_against(f"http://127.0.0.1:{closed_port}", tmp_path, "--live", "--live-budget", "5", *FAST)
    assert (done.status, done.broken) == (1, set())
    last = done.output.splitlines()[-1]
    assert last.startswith(f"NOT CONCLUDED: http://127.0.0.1:{closed_port} cannot be reached"), "not that no test ran"
    assert "MODELLIX_BASE_URL" in last
    assert done.known_ids == []
    assert done.counts["accepted"] == done.counts["unknown"] == 0
    assert done.seconds < LONG


def test_api_that_goes_away_in_the_middle_is_not_concluded(tmp_path: Path) -> None:
    api = Api()
    with ExitStack() as stack:
        origin = stack.enter_context(serve(api.handle, 0))
        process = start(origin, tmp_path, "--live", "--live-budget", "5", *FAST)
        while len(api.seen) < 100 and process.poll() is None:
            time.sleep(0.01)
    done = end_of(process, tmp_path)
    assert done.status == 1
    assert [reason for reason in done.open_questions if "cannot be reached" in reason]
    assert done.broken == set(), "no promise is broken by a connection that is"


def test_lost_submission_is_not_concluded(tmp_path: Path) -> None:
    """It was read, and perhaps bought. Nobody sends it again, and no promise is broken by a lost connection."""
    lost: list[bytes] = []

    def drops_one(seen: Seen, honest: Honest) -> Any:
        if seen.is_submission and seen.payload.get(CHOICE) == CHOSEN and not lost:
            lost.append(seen.body)
            raise ConnectionResetError
        return honest(seen)

    api = Api(drops_one)
    done = run(api, tmp_path, 500, *DETERMINISTIC)
    assert done.status == 1
    assert done.counts["unknown"] == len(done.events("unknown")) == len(done.open_questions) == 1
    assert [seen.body for seen in api.submissions].count(lost[0]) == 1
    assert done.known_ids == api.bought
    assert done.broken == set()


def test_failure_that_bought_is_in_the_purchase_log(tmp_path: Path) -> None:
    """An API that makes the task and then says 500 with its id."""

    def fails(seen: Seen, honest: Honest) -> Any:
        answer = honest(seen)
        if not (seen.is_submission and answer.status == 200):
            return answer
        return changed(refusal(500), lambda reply: reply.update(data=answer.json()["data"]))

    api = Api(fails)
    done = run(api, tmp_path, 3, *DETERMINISTIC)
    assert done.status == 1
    assert done.counts["unknown"] == len(api.bought) == 3
    assert done.known_ids == api.bought


def test_undecodable_replies_are_bought_once_each(tmp_path: Path) -> None:
    """Else every test that looks at a planned submission would buy it again. After such an edit no other goes."""

    def garbles(seen: Seen, honest: Honest) -> Any:
        answer = honest(seen)
        if seen.is_submission and answer.status == 200:
            return type(answer)(200, {**answer.headers, "Content-Encoding": "gzip"}, answer.body)
        return answer

    api = Api(garbles)
    done = run(api, tmp_path, 500, *DETERMINISTIC, "-k", "test_task_ends or test_states or test_planned")
    assert done.status == 1
    others = [planned for planned in whole_plan() if planned.operation is not good.EDIT]
    assert done.counts["unknown"] == len(api.bought) == len(others) + 1
    assert done.open_questions


def test_nothing_follows_from_results_at_a_dead_host(tmp_path: Path) -> None:
    def dead(seen: Seen, honest: Honest) -> Any:
        answer = honest(seen)
        if is_read_of_task(answer) and b'"resources"' in answer.body:
            [resource] = answer.json()["data"]["result"]["resources"]
            resource |= {"url": "https://nowhere.invalid/1.png", "width": None, "height": None}
            return changed(answer, lambda reply: reply["data"]["result"].update(resources=[resource]))
        return answer

    api = Api(dead)
    done = run(api, tmp_path, 6, *DETERMINISTIC, "-k", "test_tasks")
    assert done.status == 1
    books_agree(done, api)
    assert sum(done.outcomes.values()) == done.selected, "the run went on to its end"
    assert done.broken == set()
    assert re.search(r"NOT CONCLUDED\b.*\btask\.file\b", done.output), done.output[-3000:]


# Time


def test_429_now_and_then_is_waited_out(tmp_path: Path) -> None:
    waited: list[int] = []
    api = Api()

    def busy(seen: Seen, honest: Honest) -> Any:
        if len(api.seen) % 20 == 0:
            waited.append(len(api.seen))
            return refusal(429, "Too many requests: wait", Retry_After="1")
        return honest(seen)

    api._twist = busy
    done = run(api, tmp_path, 10, *DETERMINISTIC, "-k", "test_task_ends or test_picture or test_planned")
    assert (done.status, done.broken, done.open_questions) == (0, set(), []), done.output[-3000:]
    assert waited
    assert len(api.bought) == 10 == done.counts["accepted"]
    assert done.known_ids == api.bought


def test_tasks_that_never_end_are_given_up_soon(tmp_path: Path) -> None:
    def never_ends(seen: Seen, honest: Honest) -> Any:
        answer = honest(seen)
        if not is_read_of_task(answer):
            return answer
        return changed(
            answer, lambda reply: (reply["data"].update(status="processing"), reply["data"].pop("result", 0))
        )

    api = Api(never_ends)
    done = run(api, tmp_path, PLAN, "-o", "live_task_seconds=3")
    assert done.status == 1
    books_agree(done, api)
    assert "task.ends" in suffixes(done)
    assert done.seconds < LONG


def test_lost_reads_do_not_take_for_ever(tmp_path: Path) -> None:
    """Thirty tests look at reads; they share what was learnt."""

    def drops_reads(seen: Seen, honest: Honest) -> Any:
        is_own = seen.path.rpartition("/")[2] in api.bought and seen.headers.get("authorization") == f"Bearer {KEY}"
        if seen.method == "GET" and is_own:
            raise ConnectionResetError
        return honest(seen)

    api = Api(drops_reads)
    done = run(api, tmp_path, PLAN, *DETERMINISTIC, "-k", "test_tasks or test_accepted")
    assert done.status == 1
    assert done.seconds < LONG


# What shows in files, and when the run is looked back at


def cuts_files(seen: Seen, honest: Honest) -> Any:
    answer = honest(seen)
    is_file = seen.path.startswith("/results/") and answer.status == 200
    return type(answer)(200, answer.headers, answer.body[: len(answer.body) // 2]) if is_file else answer


def runs_again() -> Twist:
    """Tasks go on two seconds after their end."""
    ended: dict[str, float] = {}

    def twist(seen: Seen, honest: Honest) -> Any:
        answer = honest(seen)
        if not (is_read_of_task(answer) and b'"resources"' in answer.body):
            return answer
        since = ended.setdefault(seen.path, time.monotonic())
        return changed(answer, _goes_on) if time.monotonic() - since > 2 else answer

    return twist


def _goes_on(reply: Any) -> None:
    reply["data"].update(status="processing", result=None)


def now_and_then(instead: Callable[[Answer], Answer]) -> Twist:
    """Every thirtieth answer is another."""
    numbers = itertools.count(1)
    return lambda seen, honest: honest(seen) if next(numbers) % 30 else instead(honest(seen))


def _busy_page(answer: Answer) -> Answer:
    return Answer(429, {"Content-Type": "text/html", "Retry-After": "0"}, b"<h1>Busy</h1>")


def _with_the_key(answer: Answer) -> Answer:
    return Answer(answer.status, {**answer.headers, "X-Caller": KEY}, answer.body)


@pytest.mark.parametrize(
    ("twist", "broken"),
    [
        (cuts_files, {"task.file"}),
        (runs_again(), {"task.stable"}),
        (now_and_then(_busy_page), {"failure.429"}),
        (now_and_then(_with_the_key), {"reply.secret"}),
    ],
    ids=["cuts files", "runs again", "busy page", "shows the key"],
)
def test_fault_in_files_or_in_hindsight_breaks_its_own_promise(twist: Twist, broken: set[str], tmp_path: Path) -> None:
    done = run(Api(twist), tmp_path, 12, *DETERMINISTIC, "-k", "test_tasks or test_closing")
    assert (done.status, suffixes(done)) == (1, broken), done.output[-3000:]
