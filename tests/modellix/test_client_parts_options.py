"""`with_options`: a light client that shares all but what is named, and a reference on all that comes of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from contract_tests.model import good
from modellix import (
    AuthenticationError,
    BadRequestError,
    BudgetExceeded,
    ConfigurationError,
    JournalError,
    NeverSentError,
    NotFoundError,
    RetryPolicy,
    SqliteJournal,
    SubmissionOutcomeUnknown,
    TaskFailed,
    WaitTimeout,
)
from scripts.mutants.kills import always, kills, never, swap
from tests.modellix.conftest import Open, Serve
from tests.support.clients import Face, arguments, end_of
from tests.support.hostile_server import refused, succeeded
from tests.support.marks import ON_SOCKETS
from tests.support.memory_journal import MemoryJournal, Store
from tests.support.references import REFERENCE, Shop, request
from tests.support.scripts import answers, close_after, stall_after, whole

pytestmark = ON_SOCKETS

BAD = ("", "two words", "a\nb", "a\tb", "\ud800", "\x00", "x" * 201, 5, b"order", ["order"])


@pytest.fixture
def shop(serve: Serve, open_client: Open) -> Shop:
    journal, server = MemoryJournal(Store()), serve()
    return Shop(open_client(server.url, journal=journal, retry=RetryPolicy(connects=0)), journal, server)


def submit(face: Face, client: Any, text: str = "a lighthouse", operation: str = "gpt_image_2") -> Any:
    return face.run(lambda: getattr(client.openai, operation)(**arguments(operation, text)))


def references(shop: Shop) -> list[str | None]:
    return [entry.reference for entry in shop.journal.entries()]


# What is kept, and what is another


def test_a_reference_goes_with_every_way_to_submit(shop: Shop) -> None:
    face, client = shop.face, shop.face.client
    light = client.with_options(reference="order-1")
    assert type(light) is type(client)
    assert submit(face, light).reference == "order-1"
    assert submit(face, client.with_options(reference="order-2"), operation="gpt_image_2_edit").reference == "order-2"
    assert face.run(lambda: client.with_options(reference="order-3").submit(request())).reference == "order-3"
    assert face.run(lambda: client.submit(request(), reference="order-4")).reference == "order-4"
    assert submit(face, client).reference is None
    assert references(shop) == ["order-1", "order-2", "order-3", "order-4", None]
    assert shop.sent == 5


@kills(
    "A light client submits by the client that it was made of, without the reference.",
    "_core.client_base:ClientBase.with_options",
    swap("light._driver = self._driver", "light.__dict__.update({**light.__dict__, **self.__dict__})"),
)
def test_a_namespace_that_was_used_stays_with_its_client(shop: Shop) -> None:
    face, client = shop.face, shop.face.client
    assert submit(face, client).reference is None
    light = client.with_options(reference="order-1")
    assert [submit(face, one).reference for one in (light, client, light)] == ["order-1", None, "order-1"]
    assert references(shop) == [None, "order-1", None]
    assert shop.sent == 3


def test_a_reference_given_to_submit_goes_before_that_of_the_client(shop: Shop) -> None:
    light = shop.face.client.with_options(reference="order-1")
    assert shop.face.run(lambda: light.submit(request(), reference="order-2")).reference == "order-2"
    assert shop.face.run(lambda: light.submit(request())).reference == "order-1"


@kills(
    "A light client forgets the options of the one that it comes from.",
    "_core.client_parts:ClientParts.with_options",
    swap("copy.copy(self)", "copy.copy(self); parts.reference = None"),
)
def test_what_is_not_named_is_kept(shop: Shop) -> None:
    first = shop.face.client.with_options(reference="order-1", timeout=5.0)
    second, third = first.with_options(timeout=7.0), first.with_options(reference="order-2")
    told = [
        (each._parts.reference, each._parts.timeout, each._parts.context.timeout) for each in (first, second, third)
    ]
    assert told == [("order-1", 5.0, 5.0), ("order-1", 7.0, 7.0), ("order-2", 5.0, 5.0)]
    assert (shop.face.client._parts.reference, shop.face.client._parts.timeout) == (None, 30.0)
    same = first.with_options()
    assert (same._parts.reference, same._parts.timeout) == ("order-1", 5.0)


def test_a_timeout_bounds_the_calls_of_the_light_client(shop: Shop) -> None:
    shop.face.read()  # so that the connection is there
    shop.server.play(stall_after(whole))
    light = shop.face.client.with_options(timeout=1.0)
    assert type(end_of(submit, shop.face, light)) is SubmissionOutcomeUnknown
    error = end_of(lambda: shop.face.run(light.task("task-1").refresh))
    assert error is not None
    assert shop.sent == 1


@pytest.mark.parametrize("timeout", [-1.0, float("nan"), "5", True])
def test_a_timeout_that_is_none_is_refused(timeout: Any, shop: Shop) -> None:
    with pytest.raises(ConfigurationError, match="timeout"):
        shop.face.client.with_options(timeout=timeout)


@pytest.mark.parametrize("reference", BAD)
def test_what_is_no_reference_is_refused(reference: Any, shop: Shop) -> None:
    with pytest.raises(ConfigurationError, match="a reference is a string of 1 to 200 characters"):
        shop.face.client.with_options(reference=reference)
    with pytest.raises(ConfigurationError, match="a reference is a string of 1 to 200 characters"):
        shop.face.run(lambda: shop.face.client.submit(request(), reference=reference))
    assert (references(shop), shop.sent) == ([], 0)


def test_a_reference_needs_a_journal(serve: Serve, open_client: Open) -> None:
    server = serve()
    face = open_client(server.url)
    for call in (
        lambda: face.client.submit(request(), reference=REFERENCE),
        lambda: face.client.with_options(reference=REFERENCE).openai.gpt_image_2(**good.words()),
    ):
        with pytest.raises(ConfigurationError, match="a reference needs a journal"):
            face.run(call)
    assert server.connections == 0


@kills(
    "A light client closes what it shares.",
    sync=("client:Modellix.close", never("self._is_light")),
    asynchronous=("async_client:AsyncModellix.aclose", always("not self._is_light")),
)
def test_its_close_does_nothing(shop: Shop) -> None:
    face, client = shop.face, shop.face.client
    submit(face, client)
    light = client.with_options(reference="order-1")
    for each in (light, light.with_options(timeout=9.0)):
        face.run(each.aclose if hasattr(each, "aclose") else each.close)
    assert submit(face, light).id == "task-2"
    assert submit(face, client).id == "task-3"
    assert shop.server.connections == 1


def test_connections_budget_and_places_in_flight_are_shared(serve: Serve, open_client: Open) -> None:
    server = serve()
    face = open_client(server.url, journal=MemoryJournal(Store()), max_submissions=2)
    client = face.client
    submit(face, client.with_options(reference="order-1"))
    submit(face, client.with_options(reference="order-2"))
    assert server.connections == 1
    for other in (client, client.with_options(reference="order-3"), client.with_options(timeout=9.0)):
        assert type(end_of(submit, face, other)) is BudgetExceeded
    assert len(server.submissions) == 2


# The client's own budget


@kills(
    "The client's own budget is asked before the journal, so that a finished batch cannot be run again.",
    "_core.client_parts:ClientParts.submission",
    swap("if reference is None:", "if True:"),
)
def test_a_finished_batch_gives_its_tasks_with_the_budget_spent(serve: Serve, open_client: Open) -> None:
    server, store = serve(), Store()
    names = [f"row-{number}" for number in range(3)]
    for spent in (3, 3, 0):
        face = open_client(server.url, journal=MemoryJournal(store, max_submissions=3), max_submissions=spent)
        ids = [submit(face, face.client.with_options(reference=name)).id for name in [*names, *names]]
        assert ids == ["task-1", "task-2", "task-3"] * 2
        error = end_of(submit, face, face.client.with_options(reference="row-3"))
        assert (type(error), error.reference) == (BudgetExceeded, "row-3")
    assert len(server.submissions) == 3


@kills(
    "What the client's own budget refused stays open in the journal.",
    "_core.submission:SubmissionAttempts._use_slot",
    swap("yield from self._settle()\n            raise", "raise"),
)
def test_what_the_clients_own_budget_refuses_ends_as_never_sent(serve: Serve, open_client: Open) -> None:
    server, store = serve(), Store()
    face = open_client(server.url, journal=MemoryJournal(store), max_submissions=0)
    assert type(end_of(submit, face, face.client.with_options(reference=REFERENCE))) is BudgetExceeded
    [row] = store.rows
    assert (row.entry.outcome, row.entry.attempt, server.connections) == ("never sent", 1, 0)
    richer = open_client(server.url, journal=MemoryJournal(store), max_submissions=1)
    assert submit(richer, richer.client.with_options(reference=REFERENCE)).is_new
    assert (row.entry.outcome, row.entry.attempt, len(server.submissions)) == ("accepted", 2, 1)


# The reference is on all that comes of it


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        (answers(400, refused(400)), BadRequestError),
        (answers(401, refused(401)), AuthenticationError),
        (close_after(whole), SubmissionOutcomeUnknown),
        (None, NeverSentError),
    ],
    ids=["refused", "no key", "unknown", "never sent"],
)
def test_errors_of_a_submission_name_it(script: Any, kind: type[Exception], serve: Serve, open_client: Open) -> None:
    server = serve(script) if script else serve(is_listening=False)
    journal = MemoryJournal(Store())
    shop = Shop(open_client(server.url, journal=journal, retry=RetryPolicy(connects=0)), journal, server)
    error = shop.buy()
    assert (type(error), error.reference) == (kind, REFERENCE)
    if isinstance(error, SubmissionOutcomeUnknown):
        assert error.entry == shop.entry


def test_an_error_of_the_journal_names_it(serve: Serve, open_client: Open, tmp_path: Path) -> None:
    server = serve()
    face = open_client(server.url, journal=SqliteJournal(tmp_path / "missing" / "journal.db"))
    error = end_of(submit, face, face.client.with_options(reference=REFERENCE))
    assert (type(error), error.reference, server.connections) == (JournalError, REFERENCE, 0)


@pytest.mark.parametrize("where", ["new", "bought before", "resumed"])
def test_results_and_failures_of_the_task_name_it(where: str, shop: Shop) -> None:
    face, task = shop.face, shop.submit()
    if where == "bought before":
        task = shop.submit()
    if where == "resumed":
        [task] = face.run(lambda: face.client.resume(shop.journal))
    shop.server.play(answers(200, succeeded()))
    assert face.read(task).reference == REFERENCE
    assert face.poll(task).reference == REFERENCE
    assert face.wait(task).reference == REFERENCE
    assert [result.reference for result in face.wait_all([task, "task-1"])] == [REFERENCE] * 2
    assert [result.reference for result in face.as_completed([task])] == [REFERENCE]
    shop.server.play(answers(200, succeeded(status="failed", error="no")))
    for call in (lambda: face.wait(task), lambda: face.poll(task), lambda: face.wait_all([task])[0]):
        error = end_of(call)
        assert (type(error), error.reference) == (TaskFailed, REFERENCE)


def test_errors_of_reading_the_task_name_it(shop: Shop) -> None:
    face, task = shop.face, shop.submit()
    shop.server.play(answers(404, refused(404)))
    for call, kind in ((lambda: face.read(task), NotFoundError), (lambda: face.wait(task), TaskFailed)):
        error = end_of(call)
        assert (type(error), error.reference) == (kind, REFERENCE)
    assert face.poll(task).reference == REFERENCE
    shop.server.play(answers(401, refused(401)))
    for call in (lambda: face.read(task), lambda: face.wait(task), lambda: face.poll(task)):
        error = end_of(call)
        assert (type(error), error.reference) == (AuthenticationError, REFERENCE)
    shop.server.play(answers(200, succeeded(status="processing")))
    error = end_of(lambda: face.wait(task, timeout=0.2))
    assert (type(error), error.reference) == (WaitTimeout, REFERENCE)
