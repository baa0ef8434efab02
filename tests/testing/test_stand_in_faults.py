"""Faults that a test has asked for: the same in process and over sockets, for submissions, reads and results."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from contract_tests.model import good
from modellix import ConnectionLostError, DownloadError, NeverSentError, RetryPolicy, SubmissionOutcomeUnknown
from modellix.testing import StandIn
from tests.support.carried import CARRIERS, ORIGIN, Carried, carried
from tests.support.clients import FACES, PATHS, body, end_of, kind_of
from tests.support.timing import LONG, SOON

CUTS = ("request", "status", "body")
LITTLE = 0.6  # seconds for a call that will get no answer

Open = Callable[..., Any]


@pytest.fixture(params=CARRIERS)
def carrier(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=FACES)
def opened(carrier: str, request: pytest.FixtureRequest) -> Open:
    """opened(**options) is a stand-in that is carried so, and a client of each kind."""
    return lambda **options: carried(carrier, request.param, **{"timeout": LONG, **options})


@pytest.fixture
def way(opened: Open) -> Iterator[Carried]:
    with opened() as way:
        yield way


def sent(way: Carried) -> Any:
    """The end of a submission that was sent with little time: on a busy machine that may be too little to send it."""
    ends = (way.face.within(LITTLE * 2**number).attempt() for number in range(7))
    return next(end for end in ends if not isinstance(end, NeverSentError))


@pytest.mark.parametrize("after", CUTS)
def test_a_submission_that_is_cut_was_bought_once_and_is_unknown(way: Carried, after: Any) -> None:
    way.stand_in.cut_next(after)
    end = way.face.attempt()
    [bought] = way.bought()
    assert isinstance(end, SubmissionOutcomeUnknown)
    assert isinstance(end.__cause__, httpx.RemoteProtocolError)
    assert bought is not None
    assert (end.status, end.task_id) == {"request": (None, None), "status": (200, None), "body": (200, bought)}[after]
    assert way.paths("POST") == ["submission"]


@pytest.mark.parametrize("after", CUTS)
def test_a_read_that_is_cut_is_read_again(way: Carried, after: Any) -> None:
    task = way.face.submit()
    way.stand_in.cut_next(after, to="reads")
    assert kind_of(way.face.wait(task)) == "TaskResult"
    assert (len(way.bought()), way.paths("GET")) == (1, ["task", "task"])


def test_reads_that_are_all_cut_are_a_lost_connection(way: Carried) -> None:
    task = way.face.submit()
    way.stand_in.cut_next(count=9, to="reads")
    end = end_of(way.face.read, task)
    assert isinstance(end, ConnectionLostError)
    assert len(way.bought()) == 1


@pytest.mark.parametrize("after", CUTS)
def test_a_result_that_is_cut_is_fetched_again(way: Carried, after: Any) -> None:
    result = way.face.wait(way.face.submit())
    way.stand_in.cut_next(after, to="results")
    assert len(way.face.run(result.read)) > 0
    way.stand_in.cut_next(after, count=9, to="results")
    assert isinstance(end_of(way.face.run, result.read), DownloadError)
    assert len(way.bought()) == 1


def test_a_submission_that_hangs_was_bought_once_and_is_unknown(opened: Open) -> None:
    with opened() as way:
        way.stand_in.hang_next(count=9)
        end = sent(way)
        assert isinstance(end, SubmissionOutcomeUnknown)
        assert (end.status, end.task_id) == (None, None)
        [bought] = way.bought()
        assert bought is not None


def test_a_read_that_hangs_is_read_again(opened: Open) -> None:
    with opened() as way:
        task = way.face.submit()
        way.stand_in.hang_next(to="reads")
        assert kind_of(end_of(way.face.wait, task, timeout=LITTLE * 3)) in ("TaskResult", "WaitTimeout")
        assert way.face.wait(task).status == "success"
        assert len(way.bought()) == 1


def test_a_hang_takes_no_time_under_fast(opened: Open) -> None:
    """Whatever hangs, with the time-outs that the client has by itself."""
    began = time.monotonic()
    with opened(retry=RetryPolicy()) as way, way.stand_in.fast():
        way.stand_in.hang_next(to="submissions")
        assert isinstance(way.face.attempt(), SubmissionOutcomeUnknown)
        task = way.face.submit()
        way.stand_in.hang_next(to="reads")
        result = way.face.wait(task)
        way.stand_in.hang_next(to="results", count=9)
        assert isinstance(end_of(way.face.run, result.read), DownloadError)
        assert (len(way.bought()), way.bought().count(None)) == (2, 0)
    assert time.monotonic() - began < SOON


def test_a_hang_ends_with_the_stand_in(carrier: str) -> None:
    """Also for a client without a time-out."""
    stand_in, ends = StandIn(), []

    def ask(url: str) -> None:
        with httpx.Client(timeout=None, trust_env=False, verify=False) as client:
            ends.append(end_of(client.get, f"{url}/api/v1/tasks/x"))

    stand_in.hang_next()
    with stand_in.mock() if carrier == "mocked" else stand_in.serve() as url:
        asking = threading.Thread(target=ask, args=(url if carrier == "served" else ORIGIN,))
        asking.start()
        while not stand_in.requests:
            time.sleep(0.005)
    asking.join(LONG)
    assert [type(end) for end in ends] == [httpx.RemoteProtocolError]


def test_a_delay_is_waited_for(opened: Open) -> None:
    with opened() as way:
        way.stand_in.delay_next(0.3, to="submissions")
        began = time.monotonic()
        task = way.face.submit()
        assert time.monotonic() - began >= 0.29
        assert way.bought() == [task.id]


def test_a_delay_beyond_the_time_of_the_client_is_no_answer(opened: Open) -> None:
    with opened() as way:
        way.stand_in.delay_next(LONG, count=9)
        end = sent(way)
        assert isinstance(end, SubmissionOutcomeUnknown)
        assert (end.status, len(way.bought())) == (None, 1)


def test_scripts_are_handed_out_in_the_order_asked(way: Carried) -> None:
    way.stand_in.answer_next(503, to="submissions")
    way.stand_in.cut_next()
    way.stand_in.answer_next(429, to="submissions")
    ends = [way.face.attempt() for _ in range(4)]
    assert [kind_of(end) for end in ends] == ["SubmissionOutcomeUnknown"] * 2 + ["RateLimitError", "Task"]
    assert [each.accepted for each in way.stand_in.submissions] == [False, True, False, True]


class TestWhen:
    """`when=` tells submitters apart, whatever their order."""

    @staticmethod
    def about(text: str) -> Callable[[Any], bool]:
        return lambda sent: sent == body("gpt_image_2", text)

    def test_only_the_submission_that_is_meant(self, way: Carried) -> None:
        way.stand_in.cut_next(when=self.about("two"))
        way.stand_in.answer_next(402, when=self.about("three"))
        ends = {text: kind_of(way.face.attempt(text=text)) for text in ("one", "two", "three", "four")}
        expected = {"two": "SubmissionOutcomeUnknown", "three": "PaymentRequiredError"}
        assert ends == {text: expected.get(text, "Task") for text in ends}
        assert [each.accepted for each in way.stand_in.submissions] == [True, True, False, True]

    def test_reads_and_results_are_those_of_the_task_that_was_bought_with_it(self, way: Carried) -> None:
        tasks = {text: way.face.submit(text=text) for text in ("one", "two")}
        way.stand_in.answer_next(404, to="reads", when=self.about("one"))
        assert kind_of(way.face.poll(tasks["two"])) == "TaskResult"
        assert way.face.poll(tasks["one"]).status is None
        results = {text: way.face.wait(task) for text, task in tasks.items()}
        way.stand_in.cut_next(to="results", count=9, when=self.about("one"))
        assert way.face.run(results["two"].read)
        assert isinstance(end_of(way.face.run, results["one"].read), DownloadError)
        assert len(way.bought()) == 2

    def test_the_ends_of_tasks(self, way: Carried) -> None:
        way.stand_in.fail_next(when=self.about("one"))
        way.stand_in.script_next("odd", "success", when=self.about("two"))
        tasks = {text: way.face.submit(text=text) for text in ("three", "two", "one")}
        assert kind_of(end_of(way.face.wait, tasks["one"])) == "TaskFailed"
        assert way.face.read(tasks["two"]).status == "odd"
        assert way.face.read(tasks["three"]).status == "success"
        assert len(way.bought()) == 3

    def test_at_once(self, carrier: str) -> None:
        with carried(carrier, "Modellix") as way, ThreadPoolExecutor(8) as pool:
            way.stand_in.cut_next(when=self.about("4"))
            ends = list(pool.map(lambda number: kind_of(way.face.attempt(text=str(number))), range(8)))
            assert ends == ["Task"] * 4 + ["SubmissionOutcomeUnknown"] + ["Task"] * 3
            assert len(way.bought()) == 8

    def test_what_has_no_submission_is_not_meant(self, carrier: str) -> None:
        """Neither a body that is no object, nor a read of a task that nobody bought."""

        def refuse(_: Any) -> bool:
            raise AssertionError

        with carried(carrier, "Modellix") as way:
            way.stand_in.answer_next(500, when=refuse)
            with httpx.Client(base_url=way.url, trust_env=False, verify=False) as client:
                assert client.post(PATHS["gpt_image_2"], content=b"[]").status_code == 401
                assert client.get("/api/v1/tasks/x").status_code == 401
                assert client.get("/results/x/0.png").status_code == 404

    def test_what_it_raises_leaves_the_outcome_unknown(self, carrier: str) -> None:
        """A server prints what it was."""
        with carried(carrier, "Modellix") as way:
            way.stand_in.answer_next(500, when=lambda body: body["a field that is not there"])
            end = way.face.attempt()
            assert isinstance(end, SubmissionOutcomeUnknown)
            assert isinstance(end.__cause__, KeyError) is (carrier == "mocked")

    def test_a_request_takes_one_script(self, carrier: str) -> None:
        with carried(carrier, "Modellix") as way:
            way.stand_in.delay_next(0, to="submissions")
            way.stand_in.answer_next(402, to="submissions")
            assert [kind_of(way.face.attempt()) for _ in range(2)] == ["Task", "PaymentRequiredError"]

    def test_it_may_ask_for_more(self, stand_in: StandIn, send: Any) -> None:
        stand_in.answer_next(500, when=lambda _: stand_in.answer_next(503))
        path = PATHS["gpt_image_2"].removeprefix("/api/v1")
        assert [send("POST", path, good.body()).status for _ in range(2)] == [503, 503]


@pytest.mark.parametrize(
    "ask",
    [
        lambda stand_in: stand_in.cut_next("head"),
        lambda stand_in: stand_in.delay_next(-1),
        lambda stand_in: stand_in.delay_next(float("nan")),
        lambda stand_in: stand_in.delay_next(float("inf")),
    ],
)
def test_what_makes_no_sense_is_refused(stand_in: StandIn, ask: Any) -> None:
    with pytest.raises(ValueError, match="must be"):
        ask(stand_in)


def test_without_faults_an_answer_has_none(stand_in: StandIn, send: Any) -> None:
    assert send("GET", "/tasks/x").fault is None
