"""The spend guard: exact, however many submit at once, and never a wait."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from contract_tests.model import good
from modellix import AsyncModellix, BudgetExceeded, ConfigurationError, Modellix, RetryPolicy
from modellix_client.models import GptImage2EditRequest
from scripts.mutants.kills import kills, swap
from tests.modellix.conftest import Open, Serve
from tests.support.clients import KEY, OPERATIONS, arguments, kind_of
from tests.support.hostile_server import Wire, accepted, refused, reply
from tests.support.marks import ON_SOCKETS
from tests.support.scripts import answers, late
from tests.support.timing import LONG

pytestmark = ON_SOCKETS

GOOD = reply(200, accepted())


def outcome(call: Callable[[], Any]) -> str:
    try:
        return kind_of(call())
    except Exception as error:
        return kind_of(error)


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("most", [0, 1, 7])
def test_fifty_threads_never_send_one_too_many(most: int, operation: str, serve: Serve) -> None:
    server = serve(late(GOOD, 0.02))
    request = arguments(operation)
    with Modellix(KEY, base_url=server.url, max_submissions=most) as client, ThreadPoolExecutor(50) as pool:
        submit = getattr(client.openai, operation)
        ends = Counter(pool.map(lambda _: outcome(lambda: submit(**request)), range(50)))
    assert ends == Counter({"Task": most, "BudgetExceeded": 50 - most})
    assert len(server.submissions) == most


@pytest.mark.parametrize("most", [0, 1, 7])
def test_five_hundred_coroutines_never_send_one_too_many(most: int, serve: Serve) -> None:
    server = serve(late(GOOD, 0.02))

    async def main() -> Counter[str]:
        async with AsyncModellix(KEY, base_url=server.url, max_submissions=most) as client:
            calls = [client.openai.gpt_image_2(**good.words(f"lighthouse {number}")) for number in range(500)]
            ends = await asyncio.gather(*calls, return_exceptions=True)
        return Counter(kind_of(end) for end in ends)

    assert asyncio.run(main()) == Counter({"Task": most, "BudgetExceeded": 500 - most})
    assert len(server.submissions) == most


def test_what_is_refused_before_it_begins_tells_of_no_submission(serve: Serve, open_client: Open) -> None:
    end = open_client(serve().url, max_submissions=0).attempt()
    assert isinstance(end, BudgetExceeded)
    assert not hasattr(end, "modellix_submission")
    client = AsyncModellix(KEY)

    async def bind() -> None:
        async with client:
            pass

    async def submit() -> Any:
        return await client.openai.gpt_image_2(**good.words("a heron"))

    asyncio.run(bind())
    with pytest.raises(ConfigurationError, match="another event loop") as caught:
        asyncio.run(submit())
    assert not hasattr(caught.value, "modellix_submission")


def test_five_hundred_coroutines_under_a_budget(serve: Serve) -> None:
    server = serve()

    async def main() -> Counter[str]:
        async with AsyncModellix(KEY, base_url=server.url) as client, client.budget(20):
            calls = [client.openai.gpt_image_2(**good.words(f"lighthouse {number}")) for number in range(500)]
            return Counter(kind_of(end) for end in await asyncio.gather(*calls, return_exceptions=True))

    assert asyncio.run(main()) == Counter({"Task": 20, "BudgetExceeded": 480})
    assert len(server.submissions) == 20


def test_fifty_threads_of_which_many_are_refused_end_with_exactly_the_most(serve: Serve) -> None:
    """Refused submissions give their reservation back while others try: in the end all are used, and no more."""
    scripts = [answers(400, refused(400)), answers(429, refused(429)), answers(402, refused(402))] * 10
    server = serve(*scripts, late(GOOD, 0.005))
    with Modellix(KEY, base_url=server.url, max_submissions=9) as client, ThreadPoolExecutor(50) as pool:

        def persist(number: int) -> str:
            while True:
                end = outcome(lambda: client.openai.gpt_image_2(**good.words(f"lighthouse {number}")))
                if end in ("Task", "BudgetExceeded") and (end == "Task" or bought() >= 9):
                    return end
                time.sleep(0.001)

        def bought() -> int:
            return client._parts.guard._limits[0].used if len(server.submissions) >= 39 else 0

        ends = Counter(pool.map(persist, range(50)))
    assert ends["Task"] == 9
    assert len(server.submissions) == 30 + 9


def test_a_submitter_without_a_place_fails_at_once(serve: Serve, open_client: Open) -> None:
    """It does not wait for the one under way, which might be refused and give its reservation back."""
    may_answer = threading.Event()

    def holds_back(wire: Wire) -> bool:
        wire.read_request()
        may_answer.wait(LONG)
        wire.send(reply(400, refused(400)))
        return True

    server = serve(holds_back)
    with Modellix(KEY, base_url=server.url, max_submissions=1) as client, ThreadPoolExecutor() as pool:
        first = pool.submit(outcome, lambda: client.openai.gpt_image_2(**good.words("the first one")))
        server.wait_for(1)
        with pytest.raises(BudgetExceeded, match="max_submissions"):
            client.openai.gpt_image_2(**good.words("the second one"))
        may_answer.set()
        assert first.result() == "BadRequestError"
    assert len(server.submissions) == 1


@kills("`max_submissions` and budgets allow one more.", "_core.budget:_require", swap(">=", ">"))
def test_budget_exceeded_sends_nothing_and_says_so(serve: Serve, open_client: Open) -> None:
    server = serve()
    end = open_client(server.url, max_submissions=0).attempt()
    assert kind_of(end) == "BudgetExceeded"
    assert "nothing was sent" in str(end)
    assert server.connections == 0


def test_a_limit_broken_locally_reserves_nothing(serve: Serve, open_client: Open) -> None:
    server = serve()
    buyer = open_client(server.url, max_submissions=1)
    for operation in (good.GENERATE, good.EDIT):
        too_long = good.longest_prompt(operation=operation) + "x"
        assert kind_of(buyer.attempt(operation.operation_id, too_long)) == "ConstraintError"
    assert kind_of(buyer.attempt()) == "Task"
    assert len(server.submissions) == 1


@kills(
    "A request that was broken in place is sent.",
    "_core.attempt:prepare_request",
    swap("check_body(~)", "~.to_dict()"),
)
def test_a_request_broken_in_place_reserves_nothing(serve: Serve, open_client: Open) -> None:
    server = serve()
    buyer = open_client(server.url, max_submissions=1)
    request = GptImage2EditRequest(**arguments("gpt_image_2_edit"))
    getattr(request, good.attribute(good.PICTURES, good.EDIT)).clear()
    assert kind_of(buyer.attempt_request(request)) == "ConstraintError"
    assert kind_of(buyer.attempt()) == "Task"
    assert len(server.submissions) == 1


@kills("`max_submissions` and budgets allow one less.", "_core.budget:_require", swap(">= ~.most", ">= ~.most - 1"))
@kills("A refused submission gives back more than it took.", "_core.budget:SpendGuard.give_back", swap("-= 1", "-= 2"))
def test_reservations_come_back_after_never_sent(serve: Serve, open_client: Open) -> None:
    server = serve(is_listening=False)
    buyer = open_client(server.url, max_submissions=1, retry=RetryPolicy(connects=0))
    assert [kind_of(buyer.attempt()) for _ in range(5)] == ["NeverSentError"] * 5
    assert buyer.client._parts.guard._limits[0].used == 0  # below that, two at once would be sent
    server.listen()
    assert [kind_of(buyer.attempt()) for _ in range(2)] == ["Task", "BudgetExceeded"]
    assert len(server.submissions) == 1


def test_budgets_nest_and_end(serve: Serve) -> None:
    server = serve()
    with Modellix(KEY, base_url=server.url, max_submissions=6) as client:

        def ends(count: int) -> list[str]:
            return [outcome(lambda: client.openai.gpt_image_2(**good.words())) for _ in range(count)]

        with client.budget(3):
            with client.budget(1):
                assert ends(2) == ["Task", "BudgetExceeded"]
            with client.budget(9):
                assert ends(3) == ["Task", "Task", "BudgetExceeded"]
        assert ends(4) == ["Task", "Task", "Task", "BudgetExceeded"]
    assert len(server.submissions) == 6


def test_a_budget_may_be_opened_again(serve: Serve) -> None:
    server = serve()
    with Modellix(KEY, base_url=server.url) as client:
        budget = client.budget(1)
        for _ in range(2):
            with budget:
                assert outcome(lambda: client.openai.gpt_image_2(**good.words())) == "Task"
                assert outcome(lambda: client.openai.gpt_image_2(**good.words())) == "BudgetExceeded"
    assert len(server.submissions) == 2


def test_a_budget_ends_with_an_exception_too(serve: Serve) -> None:
    server = serve()
    with Modellix(KEY, base_url=server.url) as client:
        with pytest.raises(ZeroDivisionError), client.budget(0):
            raise ZeroDivisionError
        assert outcome(lambda: client.openai.gpt_image_2(**good.words())) == "Task"
    assert len(server.submissions) == 1


def test_a_budget_counts_the_submissions_of_other_threads(serve: Serve) -> None:
    server = serve()
    with Modellix(KEY, base_url=server.url) as client:

        def submit() -> str:
            return outcome(lambda: client.openai.gpt_image_2(**good.words()))

        with client.budget(3), ThreadPoolExecutor(10) as pool:
            ends = Counter(future.result() for future in [pool.submit(submit) for _ in range(10)])
        assert ends == Counter({"Task": 3, "BudgetExceeded": 7})
    assert len(server.submissions) == 3


@kills(
    "A refused submission counts as one that was paid for.",
    "_core.submission:SubmissionAttempts._settle",
    swap("SubmissionOutcomeUnknown", "SubmissionOutcomeUnknown | APIError"),
)
@kills(
    "A budget goes on when its block is over.",
    "_core.budget:Budget.__exit__",
    swap("_guard.remove(self._open.pop())", "_open.pop()"),
)
def test_what_was_refused_within_a_budget_gives_its_reservation_back(serve: Serve, open_client: Open) -> None:
    server = serve(answers(422, refused(422)))
    buyer = open_client(server.url)
    budget = buyer.client.budget(1)
    budget.__enter__()
    assert [kind_of(buyer.attempt()) for _ in range(3)] == ["BadRequestError"] * 3
    server.play()
    assert [kind_of(buyer.attempt()) for _ in range(2)] == ["Task", "BudgetExceeded"]
    budget.__exit__(None, None, None)
    assert kind_of(buyer.attempt()) == "Task"
    assert len(server.submissions) == 5


@pytest.mark.parametrize("most", [-1, 1.5, "1", None, True, float("nan")])
def test_a_budget_is_a_whole_number(most: Any, serve: Serve, open_client: Open) -> None:
    from modellix import ConfigurationError

    buyer = open_client(serve().url)
    with pytest.raises(ConfigurationError):
        buyer.client.budget(most)


def test_one_client_is_shared_by_fifty_threads_and_keeps_to_its_slots(serve: Serve) -> None:
    most_at_once, now, lock = [0], [0], threading.Lock()

    def counted(wire: Any) -> bool:
        request = wire.read_request()
        with lock:
            now[0] += 1
            most_at_once[0] = max(most_at_once[0], now[0])
        time.sleep(0.005)
        with lock:
            now[0] -= 1
        wire.send(reply(200, accepted(wire.server.next_id(request))))
        return True

    server = serve(counted)
    with Modellix(KEY, base_url=server.url, max_in_flight=4) as client, ThreadPoolExecutor(50) as pool:
        tasks = list(
            pool.map(lambda number: client.openai.gpt_image_2(**good.words(f"lighthouse {number}")), range(200))
        )
    assert {server.bought[task.id].text for task in tasks} == {f"lighthouse {number}" for number in range(200)}
    assert [server.bought[task.id].text for task in tasks] == [f"lighthouse {number}" for number in range(200)]
    assert (most_at_once[0], len(server.submissions)) == (4, 200)
    assert server.connections <= 4
