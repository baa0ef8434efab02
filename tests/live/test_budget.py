"""The budget: at most N submissions are accepted by an API that is right, at most N + 1 by one that is wrong."""

from __future__ import annotations

from collections.abc import Sequence

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract_tests.harness import budget_transport
from contract_tests.harness.budget_transport import BudgetTransport
from contract_tests.harness.not_concluded import NotRun

from .apis import CONTRACT, KEY, REQUESTS, Answers, Wire, accepts, loses, refuses, request_of, says
from .conftest import Bench, Clock, Open

BUDGETS = (0, 1, 5)
PAID = [name for name, (method, *_) in REQUESTS.items() if method != "GET"]
COSTS = [name for name, row in REQUESTS.items() if row[4] in ("accepted", "unsettled")]
FREE = [name for name, row in REQUESTS.items() if row[4] == "refused"]


def honest(request: httpx.Request) -> httpx.Response:
    """Takes whatever it need not refuse."""
    return (refuses() if any(_is_like(request, name) for name in FREE) else accepts())(request)


def _is_like(request: httpx.Request, name: str) -> bool:
    method, url, headers, content, _ = REQUESTS[name]
    sent = (request.method, str(request.url), request.headers.get("Authorization"), request.content)
    return sent == (method, url, headers.get("Authorization"), content)


MAY_HAVE_BOUGHT: dict[str, Answers] = {
    "accepts": accepts(),
    "accepts oddly": says(200, {"task_id": 7}),
    "accepts and says nothing": says(204, b""),
    "accepts and stammers": says(200, b"<html>"),
    "fails": says(500, {"code": 500, "message": "Internal: no"}),
    "fails with a task": says(400, {"code": 400, "message": "Oh: no", "data": {"task_id": "task-2"}}),
    "leads elsewhere": says(307, b"", Location="https://example.com/"),
    "is silent": loses(httpx.ReadTimeout),
    "hangs up": loses(httpx.RemoteProtocolError),
}
BOUGHT_NOTHING: dict[str, Answers] = {
    "refuses": refuses(),
    "refuses with 401": refuses(401),
    "refuses by its code": says(200, {"code": 400, "message": "Invalid parameters: no"}),
    "asks to wait": refuses(429, Retry_After="3"),
}
BEHAVIOURS = {"is honest": honest} | MAY_HAVE_BOUGHT | BOUGHT_NOTHING


class Moody:
    """An API that behaves in another way at each request, and knows what it may have sold."""

    def __init__(self, moods: Sequence[str]) -> None:
        self._moods = list(moods)
        self.sold = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        mood = self._moods.pop(0) if self._moods else "is honest"
        if request.method != "GET":
            self.sold += mood in MAY_HAVE_BOUGHT or (
                mood == "is honest" and not any(_is_like(request, name) for name in FREE)
            )
        return BEHAVIOURS[mood](request)


orders = st.lists(st.sampled_from(list(REQUESTS)), max_size=30)
quick = settings(max_examples=60)


@pytest.fixture(scope="module", autouse=True)
def _nobody_sleeps() -> object:
    """For the properties, whose examples are many to one test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(budget_transport, "time", Clock())
        yield


def run_through(api: Answers, order: Sequence[str], budget: int | None) -> tuple[Bench, list[str]]:
    """Sends some requests; what was not run, by name. An answer that was lost is as good as any here."""
    wire = Wire(api)
    made = BudgetTransport(httpx.MockTransport(wire), CONTRACT, KEY, budget=budget)
    bench, skipped = Bench(made, httpx.Client(transport=made, trust_env=False), wire), []
    for name in order:
        arrived = len(wire.submissions)
        end = bench.outcome(name)
        if isinstance(end, NotRun):
            skipped.append(name)
        sent = 0 if isinstance(end, NotRun) or name not in PAID else 1
        assert len(wire.submissions) == arrived + sent, "what is not run is not sent, the rest exactly once"
    return bench, skipped


@quick
@given(order=orders, budget=st.sampled_from(BUDGETS))
def test_right_api_accepts_what_the_budget_covers_and_no_more(order: list[str], budget: int) -> None:
    api = Moody([])
    bench, skipped = run_through(api, order, budget)
    wanted = [name for name in order if name in COSTS]
    assert api.sold == bench.account.accepted == min(budget, len(wanted))
    assert skipped == wanted[budget:], "exactly what the money does not reach; refusals and reads are always sent"
    assert not bench.account.surprises
    assert not bench.account.unsettled


@quick
@given(order=orders, moods=st.lists(st.sampled_from(list(BEHAVIOURS)), max_size=30), budget=st.sampled_from(BUDGETS))
def test_wrong_api_sells_at_most_one_more(order: list[str], moods: list[str], budget: int) -> None:
    """However wrong it is, and in whatever order."""
    api = Moody(moods)
    bench, _ = run_through(api, order, budget)
    assert api.sold == bench.account.spent <= budget + 1
    assert bench.account.sent == bench.account.spent + bench.account.refused == len(bench.wire.submissions)


def test_without_a_budget_everything_is_sent() -> None:
    order = list(REQUESTS) * 3
    bench, skipped = run_through(Moody(list(BEHAVIOURS)), order, None)
    assert skipped == []
    assert len(bench.wire.submissions) == 3 * len(PAID)


@pytest.mark.parametrize("budget", BUDGETS)
@pytest.mark.parametrize("name", FREE)
def test_one_surprise_and_no_more(name: str, budget: int, open_transport: Open) -> None:
    """An API that takes everything sells N + 1: with nothing left, one that should be refused may show it."""
    bench = open_transport(accepts(), budget=budget)
    ends = [bench.outcome(name) for _ in range(budget + 4)]
    assert [isinstance(end, NotRun) for end in ends] == [False] * (budget + 1) + [True] * 3
    assert len(bench.wire.arrived) == bench.account.accepted == len(bench.account.surprises) == budget + 1


@pytest.mark.parametrize("name", COSTS)
def test_what_may_cost_is_not_sent_without_money(name: str, open_transport: Open) -> None:
    """Unsettled requests too: nobody promises that they are refused."""
    bench = open_transport(accepts(), budget=0)
    assert isinstance(bench.outcome(name), NotRun)
    assert bench.wire.arrived == []
    assert bench.account.sent == 0


def test_unsettled_request_that_is_accepted_is_no_surprise(open_transport: Open) -> None:
    bench = open_transport(accepts(), budget=5)
    bench.send("an odd URL")
    assert (bench.account.accepted, bench.account.surprises) == (1, [])


def test_reads_are_free(open_transport: Open) -> None:
    bench = open_transport(loses(httpx.ReadTimeout), accepts(), budget=0)
    for _ in range(10):
        bench.outcome("no prompt")
        assert bench.send("a read").status_code == 200
    assert len(bench.wire.submissions) == 1


@pytest.mark.parametrize("behaviour", MAY_HAVE_BOUGHT)
def test_what_may_have_been_bought_is_paid_from_the_budget(behaviour: str, open_transport: Open) -> None:
    bench = open_transport(MAY_HAVE_BOUGHT[behaviour], budget=1)
    assert not isinstance(bench.outcome("valid"), NotRun)
    assert isinstance(bench.outcome("valid"), NotRun)
    assert (len(bench.wire.arrived), bench.account.spent) == (1, 1)


@pytest.mark.parametrize("behaviour", BOUGHT_NOTHING)
def test_what_was_refused_leaves_the_budget_alone(behaviour: str, open_transport: Open) -> None:
    bench = open_transport(BOUGHT_NOTHING[behaviour], BOUGHT_NOTHING[behaviour], accepts(), budget=1)
    ends = [bench.outcome("valid") for _ in range(4)]
    assert [isinstance(end, NotRun) for end in ends] == [False, False, False, True]
    assert (bench.account.refused, bench.account.accepted) == (2, 1)


def test_not_run_skips_the_test_with_its_reason(open_transport: Open) -> None:
    bench = open_transport(accepts(), budget=0)
    with pytest.raises(pytest.skip.Exception, match=r"^not run: budget$"):
        bench.http.send(request_of("valid"))
