"""Requests keep their pace, and an API that asks to wait is given time: as much as it asks for, within limits."""

from __future__ import annotations

import httpx
import pytest

from .apis import Answers, accepts, loses, refuses, says
from .conftest import Clock, Open


def test_requests_are_an_interval_apart(open_transport: Open, clock: Clock) -> None:
    bench = open_transport(accepts(), rate=5)
    for name in ("valid", "a read", "no prompt", "a read"):
        bench.send(name)
    assert clock.pauses == pytest.approx([0.2, 0.2, 0.2])


def test_rate_zero_is_no_pacing(open_transport: Open, clock: Clock) -> None:
    bench = open_transport(accepts(), rate=0)
    for _ in range(50):
        bench.send("valid")
    assert clock.pauses == []


def test_time_that_answers_take_counts(open_transport: Open, clock: Clock) -> None:
    def slow(request: httpx.Request) -> httpx.Response:
        clock.now += 0.15
        return accepts()(request)

    bench = open_transport(slow, rate=5)
    for _ in range(4):
        bench.send("a read")
    assert clock.pauses == pytest.approx([0.05, 0.05, 0.05])


def test_rest_is_not_made_up_for(open_transport: Open, clock: Clock) -> None:
    """After a minute of silence there is no burst."""
    bench = open_transport(accepts(), rate=5)
    bench.send("a read")
    clock.now += 60
    for _ in range(3):
        bench.send("a read")
    assert clock.pauses == pytest.approx([0.2, 0.2])


def test_repeats_are_paced_too(open_transport: Open, clock: Clock) -> None:
    bench = open_transport(loses(httpx.ReadError), refuses(429, Retry_After="1"), accepts(), rate=0.25, patience=100)
    bench.send("a read")
    assert sum(clock.pauses) == pytest.approx(8)
    assert len(bench.wire.arrived) == 3


@pytest.mark.parametrize("name", ["valid", "no prompt", "a read"])
def test_429_is_waited_out(name: str, open_transport: Open, clock: Clock) -> None:
    bench = open_transport(refuses(429, Retry_After="7"), refuses(429, Retry_After="2"), accepts(), patience=100)
    assert bench.send(name).status_code == 200
    assert clock.pauses == [7.0, 2.0]
    assert len(bench.wire.arrived) == 3
    assert {request.content for request in bench.wire.arrived} == {bench.wire.arrived[0].content}
    assert (bench.account.accepted, bench.account.refused) == ((1, 2) if name != "a read" else (0, 0))


def test_429_waited_out_costs_nothing(open_transport: Open) -> None:
    bench = open_transport(refuses(429), accepts(), patience=100, budget=1)
    assert bench.send("valid").status_code == 200
    assert (bench.account.spent, bench.account.unsettled) == (1, [])


HEADERS: dict[str, dict[str, str]] = {"none": {}} | {
    text: {"Retry_After": text}
    for text in ("", "soon", "-5", "1.5", "nan", "inf", "1e3", "²", "Sat, 21 Nov 2026 12:00:00 GMT", "0", "00")
}


@pytest.mark.parametrize("case", HEADERS)
def test_pause_is_a_second_or_so_when_none_is_named(case: str, open_transport: Open, clock: Clock) -> None:
    headers = [(b"retry-after", HEADERS[case]["Retry_After"].encode())] if HEADERS[case] else []
    bench = open_transport(lambda request: httpx.Response(429, headers=headers), accepts(), patience=100)
    assert bench.send("valid").status_code == 200
    assert 0 <= sum(clock.pauses) <= 60


@pytest.mark.parametrize("answer", [refuses(429, Retry_After="0"), refuses(429), refuses(429, Retry_After="9")])
@pytest.mark.parametrize("name", ["valid", "a read"])
def test_patience_ends(answer: Answers, name: str, open_transport: Open, clock: Clock) -> None:
    """An API that asks for time again and again gets so much in all, and is not asked in a tight loop meanwhile."""
    bench = open_transport(answer, patience=30.0)
    bench.outcome(name)
    assert sum(clock.pauses) <= 30.0
    assert len(bench.wire.arrived) <= 31 + 3


def test_patience_is_that_of_the_whole_run(open_transport: Open, clock: Clock) -> None:
    one = refuses(429, Retry_After="20")
    bench = open_transport(one, accepts(), one, accepts(), patience=30.0)
    assert bench.outcome("valid")
    bench.outcome("valid")
    assert sum(clock.pauses) == 20.0


@pytest.mark.parametrize("seconds", ["61", "3600", "9" * 400])
def test_too_long_a_pause_is_not_waited_for(seconds: str, open_transport: Open, clock: Clock) -> None:
    bench = open_transport(refuses(429, Retry_After=seconds), accepts(), patience=600)
    bench.outcome("valid")
    assert (clock.pauses, len(bench.wire.arrived)) == ([], 1)


@pytest.mark.parametrize("name", ["valid", "a read"])
def test_without_patience_429_is_handed_on(name: str, open_transport: Open, clock: Clock) -> None:
    bench = open_transport(refuses(429, Retry_After="1"), accepts())
    assert bench.send(name).status_code == 429
    assert (clock.pauses, len(bench.wire.arrived)) == ([], 1)


@pytest.mark.parametrize("name", ["valid", "no prompt", "a read"])
def test_429_that_outlasts_the_patience_is_not_concluded(name: str, open_transport: Open) -> None:
    """It says nothing about any promise: neither that a body is refused for its content, nor that it is not."""
    bench = open_transport(refuses(429, Retry_After="20"), patience=30.0)
    end = bench.outcome(name)
    assert not isinstance(end, httpx.Response), "a 429 passes for a refusal"
    assert bench.account.unsettled


def test_429_that_names_a_task_is_not_sent_again(open_transport: Open) -> None:
    """It may have been bought."""
    named = {"code": 429, "message": "Too many: no", "data": {"task_id": "task-9"}}
    bench = open_transport(says(429, named, Retry_After="1"), accepts(), patience=100)
    bench.outcome("valid")
    assert len(bench.wire.arrived) == 1
    assert bench.account.task_ids == ["task-9"]


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_passing_failure_of_a_read_is_tried_again_thrice_at_most(status: int, open_transport: Open) -> None:
    failing = says(status, {"code": status, "message": "Oh: no"})
    assert open_transport(failing, failing, accepts(), patience=100).send("a read").status_code == 200
    bench = open_transport(failing, patience=100)
    bench.outcome("a read")
    assert bench.transport.recent[-1].status_code == status
    assert len(bench.wire.arrived) == 3
