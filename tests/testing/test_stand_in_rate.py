"""A stand-in that takes so many requests a second, and results that expire."""

from __future__ import annotations

import datetime
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from contract_tests.model import good
from modellix import DownloadError, PollPolicy, RateLimitError, RetryPolicy
from modellix._core.clock import Clock
from modellix.testing import StandIn
from modellix.testing.rates import Rate
from modellix.testing.replies import Refused
from tests.support.carried import CARRIERS, carried
from tests.support.clients import FACES, PATHS, body, end_of, kind_of

EVERY_WAY = pytest.mark.parametrize(("carrier", "kind"), [(carrier, kind) for carrier in CARRIERS for kind in FACES])
GENERATE = PATHS["gpt_image_2"].removeprefix("/api/v1")


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, to be set."""
    time = [1000.0]
    monkeypatch.setattr(Clock, "now", lambda _: time[0])
    return time


class TestRate:
    def test_beyond_it_comes_429_with_the_pause(self, now: list[float], sender_to: Any) -> None:
        stand_in = StandIn(rate=2)
        send = sender_to(stand_in)
        answers = [send("POST", GENERATE, good.body()) for _ in range(3)]
        assert [answer.status for answer in answers] == [200, 200, 429]
        assert answers[2].headers["Retry-After"] == "1"
        assert answers[2].json()["message"].startswith("Rate limit exceeded: ")
        assert [each.accepted for each in stand_in.submissions] == [True, True, False]
        assert send("GET", f"/tasks/{stand_in.submissions[0].task_id}").status == 429
        now[0] += 1
        assert send("POST", GENERATE, good.body()).status == 200

    def test_any_second_counts(self, now: list[float]) -> None:
        rate = Rate(2)
        taken: list[float] = []
        for step in range(40):
            now[0] = 1000 + step / 8
            try:
                rate.take()
            except Refused:
                continue
            taken.append(now[0] - 1000)
        assert taken == [moment + half for moment in range(5) for half in (0, 0.125)]

    def test_what_costs_nobody_a_place(self, now: list[float], sender_to: Any) -> None:
        """A wrong key, scripted answers, and pictures, which the API does not serve."""
        stand_in = StandIn(reads=1, rate=2)
        send = sender_to(stand_in)
        task_id = send("POST", GENERATE, good.body()).json()["data"]["task_id"]
        assert send("GET", f"/tasks/{task_id}").status == 200
        stand_in.answer_next(500)
        assert send("POST", GENERATE, good.body()).status == 500
        assert send("POST", GENERATE, good.body(), {}).status == 401
        assert stand_in.handle("GET", f"/results/{task_id}/0.png", {}, b"").status == 200
        assert send("GET", f"/tasks/{task_id}").status == 429

    def test_callers_whose_times_differ_do_not_keep_each_other_waiting(self, now: list[float]) -> None:
        rate = Rate(1)
        for moment in (1000.0, 5000.0, 2000.0):
            now[0] = moment
            rate.take()
        now[0] = 1000.5
        with pytest.raises(Refused):
            rate.take()

    @pytest.mark.parametrize("rate", [0, -1])
    def test_a_rate_below_one_is_refused(self, rate: int) -> None:
        with pytest.raises(ValueError, match="rate must be at least 1"):
            StandIn(rate=rate)


@EVERY_WAY
def test_clients_keep_to_the_rate_under_fast(carrier: str, kind: str) -> None:
    """The pause that a 429 asks for has passed for the stand-in too."""
    retry = RetryPolicy(rate_limited=5)
    with carried(carrier, kind, rate=1, retry=retry, poll=PollPolicy()) as way, way.stand_in.fast():
        tasks = [way.face.submit() for _ in range(3)]
        results = way.face.wait_all(tasks)
    assert [kind_of(result) for result in results] == ["TaskResult"] * 3
    assert sum(each.accepted for each in way.stand_in.submissions) == 3
    assert any(each.answer.status == 429 for each in way.stand_in.requests)


@pytest.mark.parametrize("carrier", CARRIERS)
def test_of_many_at_once_so_many_are_taken(carrier: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modellix.testing.rates.Clock.now", lambda _: 1000.0)
    with carried(carrier, "Modellix", rate=5, timeout=60.0) as way, ThreadPoolExecutor(8) as pool:
        ends = list(pool.map(lambda _: way.face.attempt(), range(8)))
    refused = [end for end in ends if isinstance(end, RateLimitError)]
    assert [end.retry_after for end in refused] == [1] * 3
    assert [each.accepted for each in way.stand_in.submissions].count(True) == 5


@EVERY_WAY
class TestExpiry:
    def test_the_file_is_gone(self, carrier: str, kind: str) -> None:
        with carried(carrier, kind) as way:
            result = way.face.wait(way.face.submit())
            assert way.face.run(result.read)
            way.stand_in.expire_results()
            end = end_of(way.face.run, result.read)
            assert isinstance(end, DownloadError)
            assert "expired" in end.reason
            assert len(way.bought()) == 1

    def test_a_task_that_is_read_anew_tells_it(self, carrier: str, kind: str) -> None:
        with carried(carrier, kind, reads=2) as way:
            task = way.face.submit()
            way.stand_in.expire_results()
            result = way.face.wait(task)
            assert result.expires_at <= datetime.datetime.now(datetime.UTC)
            assert isinstance(end_of(way.face.run, result.read), DownloadError)
            assert len(way.bought()) == 1

    def test_only_those_that_are_meant_and_none_that_come_later(self, carrier: str, kind: str) -> None:
        with carried(carrier, kind) as way:
            tasks = [way.face.submit(text=text) for text in ("one", "two")]
            way.stand_in.expire_results(when=lambda sent: sent == body("gpt_image_2", "one"))
            tasks.append(way.face.submit(text="one"))
            ends = [end_of(way.face.run, way.face.wait(task).read) for task in tasks]
            assert [isinstance(end, bytes) for end in ends] == [False, True, True]
            assert len(way.bought()) == 3
