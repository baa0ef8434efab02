"""A valid body that is refused, a task that fails: the follow-ups that tell whose fault it is, and what they cost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from contract_tests.harness.not_concluded import NotConcluded
from contract_tests.harness.recorded import RecordedExchanges
from contract_tests.harness.target import Polling, Target
from contract_tests.harness.whose_fault import USUAL
from contract_tests.model import good
from contract_tests.model.contents import MAY_BE_STOPPED
from contract_tests.model.moderation import may_be_stopped, worded_plainly
from contract_tests.model.planned import whole_plan
from contract_tests.model.samples import base_body

from .apis import CONTRACT, EDIT, KEY, PLAIN, Api, Honest, Seen, Twist, changed, is_read_of_task, refusal
from .conftest import OpenTarget

PLAINEST = base_body(CONTRACT, PLAIN)
CHOSEN = {**PLAINEST, good.CHOICE: good.options(good.CHOICE)[0]}
OTHER = {**PLAINEST, good.SIZE: good.options(good.SIZE)[0]}
MARKED = {**PLAINEST, good.TEXT: next(iter(MAY_BE_STOPPED))}
DRAWN = {**PLAINEST, good.TEXT: "nobody knows what this says"}
WORDLESS = {**PLAINEST, good.TEXT: "1234567890"}
FAST = Polling(rounds=1, seconds=5.0, pause=0.01)

Judged = Callable[..., tuple[Target, Api]]


@pytest.fixture
def judged(open_target: OpenTarget) -> Judged:
    """judged(twist=None, budget=None) gives a target and the stand-in behind it."""

    def start(twist: Twist | None = None, **options: Any) -> tuple[Target, Api]:
        api = Api(twist)
        target, _ = open_target(api.through, polling=FAST, **options)
        return target, api

    return start


def refuses(*bodies: Any, status: int = 400) -> Twist:
    def twist(seen: Seen, honest: Honest) -> Any:
        return refusal(status) if seen.is_submission and seen.payload in bodies else honest(seen)

    return twist


def fails(api: Api, is_one: Callable[[int, Any], bool]) -> None:
    """Has those tasks fail, by their number from 1 and their body."""

    def twist(seen: Seen, honest: Honest) -> Any:
        answer = honest(seen)
        task_id = seen.path.rpartition("/")[2]
        if is_read_of_task(answer) and task_id in api.bought:
            number = api.bought.index(task_id) + 1
            body = [one.body for one in api.stand_in.submissions if one.task_id is not None][number - 1]
            if is_one(number, body):
                return changed(answer, lambda reply: reply["data"].update(status="failed", result=None))
        return answer

    api._twist = twist


def told(target: Target, body: Any) -> Any:
    """What is told of a body: its reply, or what was raised."""
    try:
        return target.send(PLAIN, body)
    except BaseException as error:
        return error


def told_of_task(target: Target, body: Any) -> Any:
    """What is told of the failure of its task."""
    task_id = target.send(PLAIN, body).json()["data"]["task_id"]
    target.follow([task_id])
    try:
        return target.failure_of(task_id)
    except NotConcluded as error:
        return error


def sent(api: Api) -> list[Any]:
    return [seen.payload for seen in api.submissions]


# Refused


def test_refused_where_the_plainest_is_accepted_is_its_own_fault(judged: Judged) -> None:
    target, api = judged(refuses(CHOSEN))
    assert told(target, CHOSEN).status_code == 400
    assert sent(api) == [CHOSEN, PLAINEST], "the plainest one right after it"
    assert (target.account.sent, target.account.accepted, target.account.refused) == (2, 1, 1)


@pytest.mark.parametrize("status", [400, 404, 422, 429, 500])
def test_nothing_follows_where_the_plainest_is_refused_too(status: int, judged: Judged) -> None:
    target, api = judged(refuses(CHOSEN, PLAINEST, status=status))
    end = told(target, CHOSEN)
    assert isinstance(end, NotConcluded)
    assert str(status) in end.reason
    assert end.advice
    assert sent(api) == [CHOSEN, PLAINEST]


def test_nothing_follows_where_the_task_of_the_plainest_fails(judged: Judged) -> None:
    target, api = judged()
    fails(api, lambda number, body: True)
    honest = api._twist
    api._twist = lambda seen, real: refuses(CHOSEN)(seen, lambda one: honest(one, real))  # type: ignore[misc]
    for _ in range(2):
        assert isinstance(told(target, CHOSEN), NotConcluded)
    assert sent(api) == [CHOSEN, PLAINEST, CHOSEN], "one such task is enough for a run"


def test_one_task_of_the_plainest_is_followed_in_a_run(judged: Judged) -> None:
    target, api = judged(refuses(CHOSEN))
    told(target, CHOSEN)
    reads = len(api.reads)
    assert told(target, CHOSEN).status_code == 400
    assert sent(api) == [CHOSEN, PLAINEST] * 2
    assert len(api.reads) == reads


def test_plainest_that_is_refused_is_at_fault_where_another_is_accepted(judged: Judged) -> None:
    target, api = judged(refuses(PLAINEST))
    assert told(target, OTHER).is_success
    assert told(target, PLAINEST).status_code == 400
    assert sent(api) == [OTHER, PLAINEST, PLAINEST, OTHER]


def test_refusal_is_settled_by_what_is_accepted_later(judged: Judged) -> None:
    """The plainest of the plan goes first, before anything else was accepted."""
    few = [planned for planned in whole_plan() if planned.operation is PLAIN][:3]
    target, _ = judged(refuses(few[0].body, PLAINEST))
    recorded = RecordedExchanges(target, few)
    assert recorded.submitted(few[0]).status_code == 400
    assert recorded.submitted(few[1]).is_success


def test_follow_up_stays_within_the_budget(judged: Judged) -> None:
    """A 500 may have bought what the budget was for."""
    target, api = judged(refuses(CHOSEN, status=500), budget=1)
    end = told(target, CHOSEN)
    assert isinstance(end, NotConcluded)
    assert "not run: budget" in end.reason
    assert "--live-budget" in end.advice
    assert sent(api) == [CHOSEN]


def test_follow_up_does_not_ask_for_the_share_of_a_test(judged: Judged) -> None:
    target, _ = judged(refuses(CHOSEN, status=500), budget=2)
    target.account.share = 1
    assert told(target, CHOSEN).status_code == 500
    assert target.account.share == 1


@pytest.mark.parametrize("body", [{}, {**PLAINEST, good.SIZE: "1x1"}, b"no JSON", []])
def test_what_should_be_refused_is_followed_by_nothing(body: Any, judged: Judged) -> None:
    target, api = judged()
    assert told(target, body).status_code == 400
    assert len(api.submissions) == 1


def test_what_nobody_promises_is_followed_by_nothing(judged: Judged) -> None:
    target, api = judged(lambda seen, honest: refusal(400))
    body = {**good.body(EDIT), good.PICTURES: good.images("HTTPS://example.com/a.png")}
    assert target.send(EDIT, body).status_code == 400
    assert target.send(PLAIN, PLAINEST, {"Authorization": f"Bearer {KEY}x"}).status_code == 400
    assert len(api.submissions) == 2


# Stopped on the way


def stops(*texts: str) -> Twist:
    """A firewall that does not like these."""

    def twist(seen: Seen, honest: Honest) -> Any:
        return refusal(403) if seen.is_submission and seen.payload.get(good.TEXT) in texts else honest(seen)

    return twist


def test_firewall_that_stops_a_valid_text_is_at_fault(judged: Judged) -> None:
    target, api = judged(stops(MARKED[good.TEXT]))
    body = {**MARKED, good.CHOICE: CHOSEN[good.CHOICE]}
    assert told(target, body).status_code == 403
    assert sent(api) == [body, CHOSEN, body]


@pytest.mark.parametrize("body", [PLAINEST, CHOSEN, MARKED, DRAWN])
def test_403_to_everything_says_nothing(body: Any, judged: Judged) -> None:
    target, _ = judged(lambda seen, honest: refusal(403))
    assert isinstance(told(target, body), NotConcluded)


def test_403_for_an_option_says_nothing(judged: Judged) -> None:
    """The account may not have it."""
    target, _ = judged(
        lambda seen, honest: refusal(403) if seen.payload.get(good.CHOICE) == CHOSEN[good.CHOICE] else honest(seen)
    )
    assert isinstance(told(target, CHOSEN), NotConcluded)
    assert isinstance(told(target, {**MARKED, good.CHOICE: CHOSEN[good.CHOICE]}), NotConcluded)


def test_403_once_says_nothing(judged: Judged) -> None:
    told_once: list[Seen] = []

    def twist(seen: Seen, honest: Honest) -> Any:
        if told_once:
            return honest(seen)
        told_once.append(seen)
        return refusal(403)

    target, _ = judged(twist)
    assert isinstance(told(target, MARKED), NotConcluded)


# Failed


def test_one_failed_task_is_not_concluded(judged: Judged) -> None:
    target, api = judged()
    fails(api, lambda number, body: number == 1)
    assert isinstance(told_of_task(target, CHOSEN), NotConcluded)
    assert sent(api) == [CHOSEN, PLAINEST, CHOSEN]
    assert target.account.accepted == 3


def test_body_that_fails_twice_is_at_fault(judged: Judged) -> None:
    target, api = judged()
    fails(api, lambda number, body: body == CHOSEN)
    assert "sent once more" in told_of_task(target, CHOSEN)
    assert sent(api) == [CHOSEN, PLAINEST, CHOSEN]


def test_plainest_that_fails_is_at_fault_where_another_goes_well(judged: Judged) -> None:
    target, api = judged()
    fails(api, lambda number, body: good.CHOICE not in body)
    ids = [target.send(PLAIN, body).json()["data"]["task_id"] for body in (CHOSEN, PLAINEST)]
    target.follow(ids)
    assert "sent once more" in str(target.failure_of(ids[1]))
    assert sent(api) == [CHOSEN, PLAINEST, PLAINEST, CHOSEN, PLAINEST]


def test_verdict_on_a_task_costs_once(judged: Judged) -> None:
    target, api = judged()
    fails(api, lambda number, body: body == CHOSEN)
    told_of_task(target, CHOSEN)
    count = len(api.submissions)
    target.failure_of(api.bought[0])
    assert len(api.submissions) == count


def test_every_task_that_fails_is_not_concluded(judged: Judged) -> None:
    target, api = judged()
    fails(api, lambda number, body: True)
    for _ in range(5):
        assert isinstance(told_of_task(target, CHOSEN), NotConcluded)
    assert sent(api).count(PLAINEST) == 1, "one plain task tells it for the whole run"


@pytest.mark.parametrize(("failing", "of"), [(2, 5), (2, 2 * USUAL - 1), (3, 3 * USUAL - 1)])
def test_more_than_one_in_twenty_is_at_fault(failing: int, of: int, judged: Judged) -> None:
    target, api = judged()
    fails(api, lambda number, body: number <= failing)
    ids = [target.send(PLAIN, CHOSEN).json()["data"]["task_id"] for _ in range(of)]
    target.follow(ids)
    assert f"{failing} of {of} tasks" in str(target.failure_of(ids[0]))


@pytest.mark.parametrize(("failing", "of"), [(1, 1), (1, 5), (2, 2 * USUAL)])
def test_so_few_are_not_concluded(failing: int, of: int, judged: Judged) -> None:
    target, api = judged()
    fails(api, lambda number, body: number <= failing)
    ids = [target.send(PLAIN, CHOSEN).json()["data"]["task_id"] for _ in range(of)]
    target.follow(ids)
    with pytest.raises(NotConcluded):
        target.failure_of(ids[0])


@pytest.mark.parametrize(
    ("body", "is_free"), [(MARKED, True), (DRAWN, True), (WORDLESS, True), (CHOSEN, False), (OTHER, False)]
)
def test_task_that_moderation_may_have_stopped_breaks_nothing(body: Any, is_free: bool, judged: Judged) -> None:
    target, api = judged()
    fails(api, lambda number, one: one == body)
    assert (told_of_task(target, body) is None) == is_free
    assert (len(api.submissions) == 1) == is_free


def test_stopped_tasks_are_not_counted(judged: Judged) -> None:
    target, api = judged()
    fails(api, lambda number, body: body == MARKED or number == 4)
    ids = [target.send(PLAIN, body).json()["data"]["task_id"] for body in (MARKED, MARKED, MARKED, CHOSEN)]
    target.follow(ids)
    with pytest.raises(NotConcluded):
        target.failure_of(ids[3])


def test_without_money_a_failed_task_is_not_concluded(judged: Judged) -> None:
    target, api = judged(budget=1)
    fails(api, lambda number, body: True)
    end = told_of_task(target, CHOSEN)
    assert isinstance(end, NotConcluded)
    assert "not run: budget" in end.reason
    assert len(api.bought) == 1


# Texts


def test_texts_of_the_plan_are_known_but_for_those_marked() -> None:
    stopped = [one for one in whole_plan() if may_be_stopped(CONTRACT, one.operation, one.content)]
    texts = {text for one in stopped for text in one.body.values() if isinstance(text, str)}
    assert texts.issuperset(MAY_BE_STOPPED)
    assert 0 < len(stopped) < len(whole_plan()) / 2


def test_plain_words_leave_the_options() -> None:
    assert worded_plainly(CONTRACT, PLAIN, {**MARKED, good.SIZE: OTHER[good.SIZE]}) == OTHER
    assert worded_plainly(CONTRACT, PLAIN, CHOSEN) is None


def test_reply_is_kept_with_the_error(judged: Judged) -> None:
    target, _ = judged(refuses(CHOSEN, PLAINEST))
    end = told(target, CHOSEN)
    assert isinstance(end.reply, httpx.Response)
