"""The target of a live run, as its options make it, over real sockets but on a clock that only sleeping moves."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from contract_tests.harness.live import LiveOptions, open_live_target
from contract_tests.harness.purchase_log import FILE
from contract_tests.harness.response_checks import data_of, has_ended
from contract_tests.harness.target import Target
from contract_tests.model import good
from modellix.settings import Settings
from modellix.testing import Answer
from modellix.testing.server import serve

from .apis import CONTRACT, KEY, PLAIN, Api, Honest, Seen, Twist, changed, is_read_of_task, refusal
from .conftest import Clock

OpenLive = Callable[..., tuple[Target, Api]]


@pytest.fixture
def open_live(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, clock: Clock) -> Iterator[OpenLive]:
    """open_live(twist=None, budget=50, poll_seconds=0.01, rate=0) gives a target and the API behind it."""
    monkeypatch.chdir(tmp_path)  # where the purchase log goes
    with ExitStack() as stack:

        def start(
            twist: Twist | None = None, budget: int = 50, poll_seconds: float = 0.01, rate: float = 0
        ) -> tuple[Target, Api]:
            api = Api(twist)
            settings = Settings(KEY, stack.enter_context(serve(api.handle, 0)))
            options = LiveOptions(settings, budget=budget, poll_seconds=poll_seconds, rate=rate)
            return stack.enter_context(open_live_target(CONTRACT, options)), api

        yield start


def submit(target: Target, count: int = 1) -> list[str]:
    return [data_of(target.send(PLAIN, good.body()))["task_id"] for _ in range(count)]


def test_request_is_the_documented_one(open_live: OpenLive) -> None:
    target, api = open_live()
    submit(target)
    [seen] = api.seen
    assert seen.headers["authorization"] == f"Bearer {KEY}"
    assert (seen.headers["content-type"], seen.body) == ("application/json", json.dumps(good.body()).encode())
    assert (target.account.accepted, target.account.task_ids, target.is_live) == (1, api.bought, True)


def test_purchase_log_lies_where_the_run_is(open_live: OpenLive, tmp_path: Path) -> None:
    target, api = open_live(budget=5)
    submit(target)
    lines = [json.loads(line) for line in (tmp_path / FILE).read_text().splitlines()]
    assert [line["event"] for line in lines] == ["run", "sending", "accepted"]
    assert (lines[0]["origin"], lines[0]["budget"], lines[2]["task_id"]) == (target.origin, 5, api.bought[0])


def test_cookies_of_an_answer_are_not_sent_back(open_live: OpenLive) -> None:
    """A session that the right key has opened would open doors to requests without a key."""

    def remembers(seen: Seen, honest: Honest) -> Answer:
        answer = honest(seen)
        return Answer(answer.status, {**answer.headers, "Set-Cookie": f"session={len(api.seen)}; Path=/"}, answer.body)

    target, api = open_live(remembers)
    assert target.session == {}
    submit(target)
    assert target.send(PLAIN, good.body(), {}).status_code == 401
    assert ["cookie" in seen.headers for seen in api.seen] == [False, False]
    assert target.session == {"Cookie": "session=1"}, "what came without the key is no session of the key's"


# Nothing that slows the run down takes an end from a task


def all_end(target: Target, count: int) -> bool:
    told = target.follow(submit(target, count), reads_after_end=1)
    return all(has_ended(reads[-1]) for reads in told.values())


@pytest.mark.parametrize(("rate", "poll_seconds", "tasks"), [(0, 0.01, 5), (5, 0.01, 15), (5, 1.0, 5), (0.5, 0.0, 4)])
def test_pace_takes_no_end_from_a_task(rate: float, poll_seconds: float, tasks: int, open_live: OpenLive) -> None:
    """With fast polling and the usual pace, one look at each of fifteen tasks takes three seconds."""
    target, api = open_live(rate=rate, poll_seconds=poll_seconds)
    assert all_end(target, tasks)
    assert len(api.reads) == tasks * 4


def test_429_takes_no_end_from_a_task(open_live: OpenLive) -> None:
    def busy(seen: Seen, honest: Honest) -> Any:
        is_one = len(api.seen) % 20 == 0
        return refusal(429, "Too many requests: wait", Retry_After="5") if is_one else honest(seen)

    target, api = open_live(busy)
    assert all_end(target, 15)
    assert len(api.bought) == 15


@pytest.mark.parametrize("seconds", [0.3, 8, 60, 290])
@pytest.mark.parametrize("poll_seconds", [0, 0.02, 1, 30])
def test_task_may_take_five_minutes_however_often_it_is_looked_at(
    seconds: float, poll_seconds: float, open_live: OpenLive, clock: Clock
) -> None:
    """And a long one is looked at less and less often."""
    due = clock.now + seconds
    slow: Twist = lambda seen, honest: unended(honest(seen)) if clock.now < due else honest(seen)  # noqa: E731
    target, _ = open_live(slow, poll_seconds=poll_seconds)
    [task_id] = submit(target)
    reads = target.follow([task_id])[task_id]
    assert has_ended(reads[-1])
    assert len(reads) <= 80
    assert clock.now <= due + 3 * max(poll_seconds, 0.4 * seconds)


def unended(answer: Answer) -> Answer:
    return changed(answer, lambda reply: reply["data"].update(status="pending")) if is_read_of_task(answer) else answer


def test_tasks_that_never_end_are_given_up_after_one_patience(open_live: OpenLive, clock: Clock) -> None:
    target, api = open_live(lambda seen, honest: unended(honest(seen)), rate=5, poll_seconds=0.01)
    ids, began = submit(target, 5), clock.now
    for task_id in ids:
        assert not has_ended(target.follow([task_id])[task_id][-1])
    assert 300 <= clock.now - began < 400
    assert len(api.reads) < 300


def test_slow_tasks_end_after_one_that_never_does(open_live: OpenLive, clock: Clock) -> None:
    """The provider of one model may be stuck, and those of the others slow."""
    stuck: list[str] = []
    due: dict[str, float] = {}

    def slow(seen: Seen, honest: Honest) -> Answer:
        task_id = seen.path.rpartition("/")[2]
        is_going = task_id in stuck or clock.now < due.setdefault(task_id, clock.now + 8)
        return unended(honest(seen)) if is_going else honest(seen)

    target, _ = open_live(slow)
    stuck += submit(target)
    target.follow(stuck)
    for _ in range(3):
        assert all_end(target, 2)
        target.follow(stuck)
