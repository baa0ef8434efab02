"""What `on_event` is told of a purchase, from its attempts to its files."""

from __future__ import annotations

import asyncio
import copy
import pickle
from pathlib import Path
from typing import Any

import pytest

from contract_tests.model import good
from modellix import AsyncModellix, Event, GptImage2Request, RetryPolicy, SqliteJournal
from modellix.testing import StandIn
from scripts.mutants.kills import kills, swap
from tests.modellix.conftest import Open, Serve
from tests.support.cancelling import by_hand
from tests.support.clients import OFTEN, TASK_ID, Face, end_of, kind_of
from tests.support.held import HeldAnswer
from tests.support.hostile_server import HostileServer, Script, Wire, accepted, healthy, refused
from tests.support.hostile_server import reply as reply_of
from tests.support.marks import ON_SOCKETS
from tests.support.pictures import TASK, PictureServer, reply, task_of
from tests.support.scripts import answers, close_after, stall_after

pytestmark = ON_SOCKETS

PROMPT = good.prompt("prompt-canary-lighthouse")


class Watched:
    """A client, its server, and what it has told."""

    def __init__(self, face: Face, server: HostileServer, told: list[Event]) -> None:
        self.face, self.server, self.told = face, server, told

    @property
    def rows(self) -> list[tuple[Any, ...]]:
        return [(one.kind, one.operation, one.task_id, one.status, one.outcome, one.attempt) for one in self.told]


@pytest.fixture
def watched(serve: Serve, open_client: Open) -> Any:
    """watched(*scripts, **options) opens a client of either kind whose events are kept."""

    def start(*scripts: Script, is_listening: bool = True, **options: Any) -> Watched:
        told: list[Event] = []
        server = serve(*scripts, is_listening=is_listening)
        options = {"retry": RetryPolicy(first_pause=0.001), **options}
        return Watched(open_client(server.url, on_event=told.append, **options), server, told)

    return start


@pytest.mark.parametrize(
    ("script", "status", "outcome", "task_id"),
    [
        (healthy, 200, "accepted", "task-1"),
        (answers(402, refused(402)), 402, "refused", None),
        (answers(200, refused(401)), 401, "refused", None),
        (answers(500, refused(500)), 500, "unknown", None),
        (close_after(Wire.read_request), None, "unknown", None),
        (answers(503, {"code": 503, "data": {"task_id": "task-9"}}), 503, "unknown", "task-9"),
    ],
)
def test_a_submission_is_told_once_with_its_end(
    script: Script, status: int | None, outcome: str, task_id: str | None, watched: Any
) -> None:
    shop = watched(script)
    shop.face.attempt()
    assert shop.rows == [("submitted", "gpt_image_2", task_id, status, outcome, 1)]
    assert shop.told[0].seconds > 0
    assert len(shop.server.submissions) == 1


def test_a_repeat_is_told_with_the_pause_that_follows(watched: Any) -> None:
    calls: list[Any] = []
    retry = RetryPolicy(rate_limited=1, first_pause=0.01, on_retry=lambda *call: calls.append(call))
    shop = watched(answers(429, refused(429)), healthy, retry=retry)
    shop.face.submit()
    assert shop.rows == [
        ("retried", "gpt_image_2", None, 429, "refused", 1),
        ("submitted", "gpt_image_2", "task-1", 200, "accepted", 2),
    ]
    assert [(call[1], call[3]) for call in calls] == [(1, shop.told[0].seconds)]
    assert len(shop.server.submissions) == 2


def test_a_port_without_a_listener_is_told_as_never_sent(watched: Any) -> None:
    shop = watched(is_listening=False, retry=RetryPolicy(connects=1, first_pause=0.001))
    shop.face.attempt()
    assert shop.rows == [
        ("retried", "gpt_image_2", None, None, "never sent", 1),
        ("submitted", "gpt_image_2", None, None, "never sent", 2),
    ]


def test_what_never_gets_a_place_is_told_as_never_sent(serve: Serve) -> None:
    told: list[Event] = []
    server = serve(stall_after(Wire.read_request))

    async def main() -> None:
        options: dict[str, Any] = {"max_in_flight": 1, "timeout": 2.0, "on_event": told.append}
        async with AsyncModellix("test-key", base_url=server.url, **options) as client:
            calls = [client.openai.gpt_image_2(**good.words()) for _ in range(2)]
            await asyncio.gather(*calls, return_exceptions=True)

    asyncio.run(main())
    assert sorted(event.outcome or "" for event in told) == ["never sent", "unknown"]
    assert len(server.submissions) == 1


def test_what_was_bought_before_is_no_submission(watched: Any, journal: SqliteJournal) -> None:
    shop = watched(healthy, journal=journal)
    request = GptImage2Request(**good.words("prompt-canary-lighthouse"))
    for _ in range(2):
        task = shop.face.run(lambda: shop.face.client.submit(request, reference="order-1"))
    assert (task.is_new, task.operation, task.sent_at is None) == (False, "gpt_image_2", False)
    assert [(event.kind, event.reference) for event in shop.told] == [("submitted", "order-1")]
    assert len(shop.server.submissions) == 1


@pytest.mark.parametrize("refusal", ["budget", "limit"])
def test_what_is_refused_here_is_not_told(refusal: str, watched: Any) -> None:
    shop = watched(healthy, max_submissions=0)
    shop.face.attempt(text="a lighthouse" if refusal == "budget" else "")
    assert (shop.told, len(shop.server.submissions)) == ([], 0)


def test_with_options_keeps_it(watched: Any) -> None:
    shop = watched(healthy)
    light = shop.face.client.with_options(timeout=9.0)
    shop.face.run(lambda: light.openai.gpt_image_2(**good.words()))
    assert [event.kind for event in shop.told] == ["submitted"]


def test_a_cancelled_submission_is_told_when_its_end_is_known(serve: Serve) -> None:
    told: list[Event] = []
    held = HeldAnswer()
    server = serve(held(reply_of(200, accepted())))

    async def main() -> None:
        async with AsyncModellix("test-key", base_url=server.url, on_event=told.append) as client:

            async def sent() -> None:
                await asyncio.to_thread(server.wait_for, 1, 20.0)

            await by_hand(client.openai.gpt_image_2(**good.words()), sent)
            assert told == []
            held.opened.set()

    asyncio.run(main())
    assert [(event.kind, event.outcome, event.task_id) for event in told] == [("submitted", "accepted", "task-1")]
    assert len(server.submissions) == 1


class Odd(Exception):
    """Of the user's own."""


@kills(
    "What on_event raises ends the call, and its task is lost.",
    "_core.observer:Observer.tell",
    swap("except Exception", "except LookupError"),
    row="submitted",
)
@pytest.mark.parametrize("kind", ["submitted", "retried", "polled", "ended", "downloaded"])
def test_what_it_raises_is_logged_and_costs_nothing(
    kind: str, open_client: Open, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def on_event(event: Event) -> None:
        if event.kind == kind:
            raise Odd

    stand_in = StandIn(reads=2)
    stand_in.answer_next(429)
    retry = RetryPolicy(rate_limited=1, first_pause=0.001)
    with stand_in.serve() as url:
        face = open_client(url, api_key="test-key", poll=OFTEN, retry=retry, on_event=on_event)
        result = face.wait(face.submit())
        assert len(face.run(lambda: result.download(folder))) == 1
    assert [one.accepted for one in stand_in.submissions] == [False, True]
    records = [record for record in caplog.records if "on_event" in record.getMessage()]
    assert {record.exc_info[0] for record in records if record.exc_info} == {Odd}


def test_a_whole_purchase_is_told_in_order(open_client: Open, folder: Path, journal: SqliteJournal) -> None:
    told: list[Event] = []
    stand_in = StandIn(reads=2)
    with stand_in.serve() as url:
        face = open_client(url, api_key="test-key", poll=OFTEN, journal=journal, on_event=told.append)
        request = GptImage2Request(**good.words("prompt-canary-lighthouse"))
        task = face.run(lambda: face.client.submit(request, reference="order-1"))
        result = face.wait(task)
        face.run(lambda: result.download(folder))
    assert [(event.kind, event.operation, event.status, event.outcome) for event in told] == [
        ("submitted", "gpt_image_2", 200, "accepted"),
        ("polled", "get_task", "pending", "running"),
        ("polled", "get_task", "success", "succeeded"),
        ("ended", "gpt_image_2", "success", "succeeded"),
        ("downloaded", "gpt_image_2", None, "whole"),
    ]
    assert {(event.task_id, event.reference) for event in told} == {(task.id, "order-1")}
    assert all(event.seconds >= 0 for event in told)
    assert told[3].seconds >= told[2].seconds
    assert PROMPT not in repr(told)
    assert [pickle.loads(pickle.dumps(event)) for event in told] == [copy.deepcopy(event) for event in told] == told


def test_a_batch_tells_each_row(open_client: Open, folder: Path, journal: SqliteJournal) -> None:
    told: list[Event] = []
    stand_in = StandIn(reads=1)
    requests = {f"row-{number}": GptImage2Request(**good.words("prompt-canary-lighthouse")) for number in range(3)}
    with stand_in.serve() as url:
        face = open_client(url, api_key="test-key", poll=OFTEN, journal=journal, on_event=told.append)
        face.run_all(requests, folder=folder)
        face.run_all(requests, folder=folder)  # nothing is done, so nothing is told
    for kind in ("submitted", "polled", "ended", "downloaded"):
        assert sorted(event.reference or "" for event in told if event.kind == kind) == list(requests)
    assert len(stand_in.submissions) == 3


def test_a_download_that_fails_is_told_and_the_end_of_its_task_once(
    server: PictureServer, open_client: Open, folder: Path
) -> None:
    told: list[Event] = []
    server.routes |= {"/old": reply(404), "/new": reply(404)}
    server.routes[TASK] = [task_of(f"{server.url}/old"), task_of(f"{server.url}/new")]
    face = open_client(server.url, on_event=told.append)
    result = face.wait(TASK_ID)
    error = end_of(face.run, lambda: result.download(folder))
    assert kind_of(error) == "DownloadError"
    assert [(event.kind, event.outcome) for event in told] == [
        ("polled", "succeeded"),
        ("ended", "succeeded"),
        ("polled", "succeeded"),
        ("downloaded", "failed"),
    ]
