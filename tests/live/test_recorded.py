"""What was sent in a run and what came back: every request once, planned submissions taken apart only when refused."""

from __future__ import annotations

from collections import Counter
from functools import partial
from traceback import walk_tb
from typing import Any

import httpx
import pytest

from contract_tests.harness.expectations import expectation_of
from contract_tests.harness.not_concluded import NotConcluded, NotRun
from contract_tests.harness.recorded import READS_AFTER_END, RecordedExchanges
from contract_tests.harness.target import Polling
from contract_tests.model import good
from contract_tests.model.bad_requests import all_bad_requests
from contract_tests.model.cases import all_cases
from contract_tests.model.keys import variants_of
from contract_tests.model.planned import PlannedSubmission, whole_plan

from .apis import CONTRACT, KEY, Api, Honest, Seen, Twist, refusal
from .conftest import OpenTarget

PLAN = list(whole_plan())
SIZED = [planned for planned in PLAN if planned.operation is good.GENERATE and good.SIZE in planned.body]
FEW = SIZED[:6]
PLAIN = next(planned for planned in SIZED if len(planned.cases) > 2)
FAST = Polling(rounds=1, seconds=5.0, pause=0.01)


@pytest.fixture
def exchanged(open_target: OpenTarget) -> Any:
    """exchanged(twist=None, plan=FEW, budget=None) gives what is recorded over a stand-in, and that stand-in."""

    def start(
        twist: Twist | None = None, plan: list[PlannedSubmission] = FEW, **options: Any
    ) -> tuple[RecordedExchanges, Api]:
        api = Api(twist)
        target, _ = open_target(api.through, polling=FAST, **options)
        return RecordedExchanges(target, plan), api

    return start


def bodies(api: Api) -> Counter[bytes]:
    return Counter(seen.path.encode() + b" " + seen.body for seen in api.submissions)


def refuses_value(name: str, value: Any) -> Twist:
    """An API that wrongly refuses one value of a field."""

    def twist(seen: Seen, honest: Honest) -> Any:
        return refusal(400) if seen.is_submission and seen.payload.get(name) == value else honest(seen)

    return twist


def drops_submissions(seen: Seen, honest: Honest) -> Any:
    if seen.is_submission:
        raise ConnectionResetError
    return honest(seen)


def outcome(ask: Any, *arguments: Any) -> Any:
    try:
        return ask(*arguments)
    except BaseException as error:
        return error


def test_every_submission_is_bought_once_and_stands_for_its_cases(exchanged: Any) -> None:
    recorded, api = exchanged()
    for _ in range(2):
        assert all(recorded.accepts(case) for planned in FEW for case in planned.cases)
    for planned in FEW:
        assert recorded.submitted(planned) is recorded.submitted(planned)
    assert len(api.submissions) == len(api.bought) == len(FEW)


def test_submissions_are_bought_in_their_order(exchanged: Any) -> None:
    recorded, api = exchanged()
    recorded.submitted(FEW[-1])
    assert [seen.payload for seen in api.submissions] == [planned.body for planned in FEW]


def test_submissions_that_no_test_looks_at_are_not_bought(exchanged: Any) -> None:
    recorded, api = exchanged(plan=FEW[:2])
    recorded.accepts(FEW[0].cases[0])
    assert len(api.bought) == 2


def test_same_case_alone_and_same_bad_request_are_sent_once(exchanged: Any) -> None:
    recorded, api = exchanged()
    case = next(case for case in all_cases() if case.is_valid)
    for _ in range(3):
        assert recorded.alone(case).status_code == 200
    assert len(api.submissions) == 1
    for bad in all_bad_requests()[:40]:
        assert recorded.refusal(bad) is recorded.refusal(bad)
    assert len(api.seen) == 41


def test_refusals_are_those_of_one_operation(exchanged: Any) -> None:
    recorded, api = exchanged()
    operation = all_bad_requests()[0].operation
    own = [bad for bad in all_bad_requests() if bad.operation is operation]
    assert [bad for bad, _ in recorded.refusals(operation)] == own
    list(recorded.refusals(operation))
    assert len(api.seen) == len(own)


def test_each_case_of_a_refused_submission_is_tried_alone(exchanged: Any) -> None:
    recorded, api = exchanged(refuses_value(good.SIZE, PLAIN.body[good.SIZE]), plan=[PLAIN])
    told = {case.field: [recorded.accepts(case) for _ in range(2)] for case in PLAIN.cases}
    assert told == {case.field: [case.field != good.SIZE] * 2 for case in PLAIN.cases}
    follow_ups = 2  # after the whole and after the one case that is refused
    assert len(api.submissions) == 1 + len({str(case.body) for case in PLAIN.cases}) + follow_ups


def test_refused_submission_leaves_the_others_alone(exchanged: Any) -> None:
    """Every other one was accepted as it was, so that none of its cases is sent again."""
    size = FEW[2].body[good.SIZE]
    recorded, api = exchanged(refuses_value(good.SIZE, size))
    innocent = [planned for planned in FEW if planned.body.get(good.SIZE) != size]
    assert all(recorded.accepts(case) for planned in innocent for case in planned.cases)
    refused = len(FEW) - len(innocent)
    assert len(api.submissions) == len(FEW) + refused, "and the plainest body after each that is refused"
    assert len(api.bought) == len(innocent) + refused


def test_submissions_beyond_the_budget_skip_their_own_tests_and_nothing_else(exchanged: Any) -> None:
    recorded, api = exchanged(budget=3)
    for _ in range(2):
        ends = [outcome(recorded.submitted, planned) for planned in FEW]
        assert [isinstance(end, NotRun) for end in ends] == [False] * 3 + [True] * 3
        cases = [outcome(recorded.accepts, planned.cases[0]) for planned in FEW]
        assert [isinstance(end, NotRun) for end in cases] == [False] * 3 + [True] * 3
        assert isinstance(outcome(recorded.history, FEW[5]), NotRun)
    for operation in {planned.operation for planned in FEW[:3]}:
        histories = recorded.histories(operation)
        own = [planned for planned in FEW[:3] if planned.operation is operation]
        assert [history.planned for history in histories] == own
    assert [read.status_code for read in recorded.history(FEW[0]).reads] == [200] * (3 + READS_AFTER_END)
    assert len(api.submissions) == len(api.bought) == 3


def test_without_any_money_the_tests_of_submissions_are_skipped(exchanged: Any) -> None:
    recorded, api = exchanged(budget=0)
    operation = FEW[0].operation
    for ask in (recorded.accepted, recorded.histories):
        assert isinstance(outcome(ask, operation), NotRun)
    assert recorded.bought(operation) == []
    assert api.seen == []


@pytest.mark.parametrize("status", [400, 401, 402, 403, 429, 500])
def test_nothing_follows_when_every_submission_is_refused(status: int, exchanged: Any) -> None:
    """It may be the key, the account, the provider."""
    recorded, api = exchanged(lambda seen, honest: refusal(status))
    for look in (partial(recorded.histories, FEW[0].operation), partial(recorded.submitted, FEW[0])):
        with pytest.raises(NotConcluded, match=f"answers {status}" if status != 401 else "refuses the key"):
            look()
    assert len(api.submissions) <= 2 * len(FEW)


def test_tasks_are_followed_once_and_together(exchanged: Any) -> None:
    recorded, api = exchanged()
    operations = {planned.operation for planned in FEW}
    first = [history.reads for operation in operations for history in recorded.histories(operation)]
    count = len(api.reads)
    assert count == len(FEW) * (3 + READS_AFTER_END)
    again = [history.reads for operation in operations for history in recorded.histories(operation)]
    assert first == again
    assert [recorded.history(planned).statuses[-1] for planned in FEW] == ["success"] * len(FEW)
    assert len(api.reads) == count


def test_drawn_task_is_followed_with_the_planned_ones(exchanged: Any) -> None:
    recorded, api = exchanged()
    operation = FEW[0].operation
    reply = recorded.drawn(operation, FEW[0].body)
    assert len(api.submissions) == len(FEW) + 1, "the plan comes first"
    last = recorded.histories(operation)[-1]
    assert (last.reply, last.statuses[-1]) == (reply, "success")
    assert len(api.reads) == (len(FEW) + 1) * (3 + READS_AFTER_END)
    rounds = [seen.path for seen in api.reads[: len(FEW) + 1]]
    assert len(set(rounds)) == len(rounds), "in turns with the others"


def test_task_that_never_ends_is_followed_once(exchanged: Any) -> None:
    recorded, api = exchanged()
    api.stand_in.script_next("pending")
    stuck = recorded.history(FEW[0])
    count = len(api.reads)
    assert set(stuck.statuses) == {"pending"}
    assert recorded.history(FEW[1]).statuses[-1] == "success"
    recorded.histories(FEW[0].operation)
    assert len(api.reads) == count


# What was lost is not sent again


@pytest.mark.parametrize("ask", ["submitted", "accepts", "alone", "refusal"])
def test_lost_submission_is_not_sent_again(ask: str, exchanged: Any) -> None:
    recorded, api = exchanged(drops_submissions, plan=FEW[:1])
    about: Any = {"submitted": FEW[0], "refusal": all_bad_requests()[0]}.get(ask, FEW[0].cases[0])
    ends = [outcome(getattr(recorded, ask), about) for _ in range(3)]
    assert {type(end) for end in ends} == {NotConcluded}
    assert max(bodies(api).values()) == len(api.submissions) == 1


def test_trace_of_what_was_kept_does_not_grow(exchanged: Any) -> None:
    """A hundred tests may raise the same; the last trace would be a hundred times as long, and slow to show."""
    recorded, _ = exchanged(drops_submissions, plan=FEW[:1])
    lengths = [len(list(walk_tb(outcome(recorded.submitted, FEW[0]).__traceback__))) for _ in range(5)]
    assert lengths[1:] == [lengths[1]] * 4


BROKEN_REPLIES = {
    "not gzip": httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=httpx.ByteStream(b"no gzip")),
    "not deflate": httpx.Response(200, headers={"Content-Encoding": "deflate"}, stream=httpx.ByteStream(b"\xff\xff")),
}


@pytest.mark.parametrize("case", BROKEN_REPLIES)
def test_submission_whose_reply_cannot_be_decoded_is_not_sent_again(case: str, open_target: OpenTarget) -> None:
    target, wire = open_target(lambda request: BROKEN_REPLIES[case], polling=FAST)
    recorded = RecordedExchanges(target, FEW[:1])
    for ask in (recorded.submitted, recorded.submitted, recorded.history):
        assert isinstance(outcome(ask, FEW[0]), BaseException)
    assert len(wire.submissions) == 1


def test_ctrl_c_is_not_kept_for_an_answer(open_target: OpenTarget) -> None:
    def interrupted(request: httpx.Request) -> httpx.Response:
        raise KeyboardInterrupt

    target, _ = open_target(interrupted)
    with pytest.raises(KeyboardInterrupt):
        RecordedExchanges(target, FEW).submitted(FEW[0])


def test_lost_reads_are_not_followed_again_by_every_test(exchanged: Any) -> None:
    """Some thirty tests look at reads. Each would wait for the same lost connections again."""

    def drops_reads(seen: Seen, honest: Honest) -> Any:
        if seen.method == "GET":
            raise ConnectionResetError
        return honest(seen)

    recorded, api = exchanged(drops_reads)
    assert isinstance(outcome(recorded.histories, FEW[0].operation), AssertionError)
    count = len(api.seen)
    for planned in FEW:
        assert isinstance(outcome(recorded.history, planned), AssertionError)
    assert len(api.seen) == count


# Near misses of a key


@pytest.mark.parametrize("key", [KEY, "0123456789", "x", "yx", "ABC", "~!~", "a" * 200])
def test_near_misses_of_a_key_differ_from_it(key: str) -> None:
    variants = variants_of(key)
    assert variants.pop("key") == key
    assert key not in variants.values()


@pytest.mark.parametrize("key", [KEY, 'a"b\\c%41d+e/f=g&h#i', "{key}{short}"])
def test_key_in_the_address_is_the_right_key(key: str, open_target: OpenTarget) -> None:
    """Else its refusal proves nothing."""
    target, wire = open_target(lambda request: httpx.Response(401), key=key)
    for bad in (bad for bad in all_bad_requests() if bad.query):
        RecordedExchanges(target, []).refusal(bad)
        assert set(wire.arrived[-1].url.params.values()) == {key}


@pytest.mark.parametrize("key", [KEY, "a-very-long-key" * 40])
def test_requests_with_wrong_keys_are_free_and_pass_proxies(key: str, open_target: OpenTarget) -> None:
    """Whatever is sent with them is to be refused; the address and each header are shorter than 8 KB, all under 16."""
    target, wire = open_target(lambda request: httpx.Response(401), key=key)
    wrong = [bad for bad in all_bad_requests() if bad.status == 401]
    for bad in wrong:
        RecordedExchanges(target, []).refusal(bad)
        sent = wire.arrived[-1]
        told = expectation_of(CONTRACT, sent, key) if bad.operation in CONTRACT.submissions else "refused"
        assert told == "refused", bad.sentence
        sizes = [len(sent.url.raw_path), *(len(name) + len(value) for name, value in sent.headers.raw)]
        assert max(sizes) < 8000, bad.sentence
        assert sum(sizes) < 16000, bad.sentence
    assert len(wire.arrived) == len(wrong)
