"""What was sent in a run and what came back: every request once, rows taken apart only when they are refused."""

from __future__ import annotations

from collections import Counter
from functools import partial
from traceback import walk_tb
from typing import Any

import httpx
import pytest

from contract_tests.harness.budget_transport import NotConcluded, NotRun
from contract_tests.harness.recorded import READS_AFTER_END, Exchanges
from contract_tests.harness.target import Polling
from contract_tests.model import good
from contract_tests.model.bad_requests import all_bad_requests
from contract_tests.model.cases import all_cases
from contract_tests.model.keys import variants_of
from contract_tests.model.planned import Row, all_rows

from .apis import KEY, Api, Honest, Seen, Twist, refusal
from .conftest import OpenTarget

ROWS = list(all_rows())
SIZED = [row for row in ROWS if row.operation is good.GENERATE and good.SIZE in row.body]
FEW = SIZED[:6]
PLAIN_ROW = next(row for row in SIZED if len(row.cases) > 2)
FAST = Polling(rounds=1, seconds=5.0, pause=0.01)


@pytest.fixture
def exchanged(open_target: OpenTarget) -> Any:
    """exchanged(twist=None, rows=FEW, budget=None) gives exchanges over a stand-in, and that stand-in."""

    def start(twist: Twist | None = None, rows: list[Row] = FEW, **options: Any) -> tuple[Exchanges, Api]:
        api = Api(twist)
        target, _ = open_target(api.through, polling=FAST, **options)
        return Exchanges(target, rows), api

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


def test_every_row_is_bought_once_and_stands_for_its_cases(exchanged: Any) -> None:
    exchanges, api = exchanged()
    for _ in range(2):
        assert all(exchanges.accepts(case) for row in FEW for case in row.cases)
    for row in FEW:
        assert exchanges.submitted(row) is exchanges.submitted(row)
    assert len(api.submissions) == len(api.bought) == len(FEW)


def test_rows_are_bought_in_their_order(exchanged: Any) -> None:
    exchanges, api = exchanged()
    exchanges.submitted(FEW[-1])
    assert [seen.payload for seen in api.submissions] == [row.body for row in FEW]


def test_rows_that_no_test_looks_at_are_not_bought(exchanged: Any) -> None:
    exchanges, api = exchanged(rows=FEW[:2])
    exchanges.accepts(FEW[0].cases[0])
    assert len(api.bought) == 2


def test_same_case_alone_and_same_bad_request_are_sent_once(exchanged: Any) -> None:
    exchanges, api = exchanged()
    case = next(case for case in all_cases() if case.is_valid)
    for _ in range(3):
        assert exchanges.alone(case).status_code == 200
    assert len(api.submissions) == 1
    for bad in all_bad_requests()[:40]:
        assert exchanges.refusal(bad) is exchanges.refusal(bad)
    assert len(api.seen) == 41


def test_refusals_are_those_of_one_operation(exchanged: Any) -> None:
    exchanges, api = exchanged()
    operation = all_bad_requests()[0].operation
    own = [bad for bad in all_bad_requests() if bad.operation is operation]
    assert [bad for bad, _ in exchanges.refusals(operation)] == own
    list(exchanges.refusals(operation))
    assert len(api.seen) == len(own)


def test_each_case_of_a_refused_row_is_tried_alone(exchanged: Any) -> None:
    exchanges, api = exchanged(refuses_value(good.SIZE, PLAIN_ROW.body[good.SIZE]), rows=[PLAIN_ROW])
    told = {case.field: [exchanges.accepts(case) for _ in range(2)] for case in PLAIN_ROW.cases}
    assert told == {case.field: [case.field != good.SIZE] * 2 for case in PLAIN_ROW.cases}
    assert len(api.submissions) == 1 + len({str(case.body) for case in PLAIN_ROW.cases})


def test_refused_row_leaves_the_others_alone(exchanged: Any) -> None:
    """Every other row was accepted as it was, so that none of its cases is sent again."""
    size = FEW[2].body[good.SIZE]
    exchanges, api = exchanged(refuses_value(good.SIZE, size))
    innocent = [row for row in FEW if row.body.get(good.SIZE) != size]
    assert all(exchanges.accepts(case) for row in innocent for case in row.cases)
    assert len(api.submissions) == len(FEW)
    assert len(api.bought) == len(innocent)


def test_rows_beyond_the_budget_skip_their_own_tests_and_nothing_else(exchanged: Any) -> None:
    exchanges, api = exchanged(budget=3)
    for _ in range(2):
        ends = [outcome(exchanges.submitted, row) for row in FEW]
        assert [isinstance(end, NotRun) for end in ends] == [False] * 3 + [True] * 3
        assert [isinstance(outcome(exchanges.accepts, row.cases[0]), NotRun) for row in FEW] == [False] * 3 + [True] * 3
        assert isinstance(outcome(exchanges.life, FEW[5]), NotRun)
    for operation in {row.operation for row in FEW[:3]}:
        lives = exchanges.lives(operation)
        assert [life.row for life in lives] == [row for row in FEW[:3] if row.operation is operation]
    assert [read.status_code for read in exchanges.life(FEW[0]).reads] == [200] * (3 + READS_AFTER_END)
    assert len(api.submissions) == len(api.bought) == 3


def test_without_money_for_any_row_the_tests_of_rows_are_skipped(exchanged: Any) -> None:
    exchanges, api = exchanged(budget=0)
    operation = FEW[0].operation
    for ask in (exchanges.accepted, exchanges.lives):
        assert isinstance(outcome(ask, operation), NotRun)
    assert exchanges.bought(operation) == []
    assert api.seen == []


def test_every_row_refused_fails_what_looks_at_bought_ones(exchanged: Any) -> None:
    exchanges, _ = exchanged(lambda seen, honest: refusal(400))
    with pytest.raises(pytest.fail.Exception, match="no submission was accepted"):
        exchanges.lives(FEW[0].operation)


@pytest.mark.parametrize("status", [401, 402, 403])
def test_nothing_follows_when_the_key_or_the_account_is_refused(status: int, exchanged: Any) -> None:
    exchanges, api = exchanged(lambda seen, honest: refusal(status))
    for look in (partial(exchanges.lives, FEW[0].operation), partial(exchanges.submitted, FEW[0])):
        with pytest.raises(NotConcluded, match=f"no submission is taken: {status}"):
            look()
    assert len(api.submissions) == len(FEW)


def test_tasks_are_followed_once_and_together(exchanged: Any) -> None:
    exchanges, api = exchanged()
    operations = {row.operation for row in FEW}
    first = [life.reads for operation in operations for life in exchanges.lives(operation)]
    count = len(api.reads)
    assert count == len(FEW) * (3 + READS_AFTER_END)
    again = [life.reads for operation in operations for life in exchanges.lives(operation)]
    assert first == again
    assert [exchanges.life(row).statuses[-1] for row in FEW] == ["success"] * len(FEW)
    assert len(api.reads) == count


def test_task_that_never_ends_is_followed_once(exchanged: Any) -> None:
    exchanges, api = exchanged()
    api.stand_in.script_next("pending")
    stuck = exchanges.life(FEW[0])
    count = len(api.reads)
    assert set(stuck.statuses) == {"pending"}
    assert exchanges.life(FEW[1]).statuses[-1] == "success"
    exchanges.lives(FEW[0].operation)
    assert len(api.reads) == count


# What was lost is not sent again


@pytest.mark.parametrize("ask", ["submitted", "accepts", "alone", "refusal"])
def test_lost_submission_is_not_sent_again(ask: str, exchanged: Any) -> None:
    exchanges, api = exchanged(drops_submissions, rows=FEW[:1])
    about: Any = {"submitted": FEW[0], "refusal": all_bad_requests()[0]}.get(ask, FEW[0].cases[0])
    ends = [outcome(getattr(exchanges, ask), about) for _ in range(3)]
    assert {type(end) for end in ends} == {NotConcluded}
    assert max(bodies(api).values()) == len(api.submissions) == 1


def test_trace_of_what_was_kept_does_not_grow(exchanged: Any) -> None:
    """A hundred tests may raise the same; the last trace would be a hundred times as long, and slow to show."""
    exchanges, _ = exchanged(drops_submissions, rows=FEW[:1])
    lengths = [len(list(walk_tb(outcome(exchanges.submitted, FEW[0]).__traceback__))) for _ in range(5)]
    assert lengths[1:] == [lengths[1]] * 4


BROKEN_REPLIES = {
    "not gzip": httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=httpx.ByteStream(b"no gzip")),
    "not deflate": httpx.Response(200, headers={"Content-Encoding": "deflate"}, stream=httpx.ByteStream(b"\xff\xff")),
}


@pytest.mark.parametrize("case", BROKEN_REPLIES)
def test_submission_whose_reply_cannot_be_decoded_is_not_sent_again(case: str, open_target: OpenTarget) -> None:
    target, wire = open_target(lambda request: BROKEN_REPLIES[case], polling=FAST)
    exchanges = Exchanges(target, FEW[:1])
    for ask in (exchanges.submitted, exchanges.submitted, exchanges.life):
        assert isinstance(outcome(ask, FEW[0]), BaseException)
    assert len(wire.submissions) == 1


def test_ctrl_c_is_not_kept_for_an_answer(open_target: OpenTarget) -> None:
    def interrupted(request: httpx.Request) -> httpx.Response:
        raise KeyboardInterrupt

    target, _ = open_target(interrupted)
    with pytest.raises(KeyboardInterrupt):
        Exchanges(target, FEW).submitted(FEW[0])


def test_lost_reads_are_not_followed_again_by_every_test(exchanged: Any) -> None:
    """Some thirty tests look at reads. Each would wait for the same lost connections again."""

    def drops_reads(seen: Seen, honest: Honest) -> Any:
        if seen.method == "GET":
            raise ConnectionResetError
        return honest(seen)

    exchanges, api = exchanged(drops_reads)
    assert isinstance(outcome(exchanges.lives, FEW[0].operation), AssertionError)
    count = len(api.seen)
    for row in FEW:
        assert isinstance(outcome(exchanges.life, row), AssertionError)
    assert len(api.seen) == count


# Keys that are nearly right


@pytest.mark.parametrize("key", [KEY, "0123456789", "x", "yx", "ABC", "~!~", "a" * 200])
def test_neighbours_of_a_key_differ_from_it(key: str) -> None:
    variants = variants_of(key)
    assert variants.pop("key") == key
    assert key not in variants.values()


@pytest.mark.parametrize("key", [KEY, 'a"b\\c%41d+e/f=g&h#i', "{key}{short}"])
def test_key_in_the_address_is_the_right_key(key: str, open_target: OpenTarget) -> None:
    """Else its refusal proves nothing."""
    target, wire = open_target(lambda request: httpx.Response(401), key=key)
    Exchanges(target, []).refusal(next(bad for bad in all_bad_requests() if bad.query))
    assert set(wire.arrived[0].url.params.values()) == {key}
