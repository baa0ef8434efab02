"""A child forked at any moment, as prefork servers do, has locks, counts and connections of its own."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from contract_tests.model import good
from modellix import (
    AsyncModellix,
    BudgetExceeded,
    Entry,
    JournalError,
    Modellix,
    PollPolicy,
    SqliteJournal,
    Task,
)
from modellix._fork import PerProcess
from modellix._io import public_network
from modellix.journal import sqlite
from modellix.testing import StandIn
from modellix.testing.replies import Answer
from scripts.mutants.kills import kills, swap, without
from tests.support.clients import KEY
from tests.support.processes import in_child

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="because this system has no fork")


QUICK = PollPolicy(first=0.01, longest=0.1)


class Service(StandIn):
    """A stand-in that can hold up one request, the first whose method and path contain `held`."""

    def __init__(self) -> None:
        super().__init__(KEY, reads=1)
        self.asked: list[str] = []
        self.held = ""
        self.is_holding, self.goes_on = threading.Event(), threading.Event()

    def handle(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        self.asked.append(asked := f"{method} {path}")
        if self.held and self.held in asked:
            self.held = ""
            self.is_holding.set()
            assert self.goes_on.wait(60)
        return super().handle(method, path, headers, body)

    @contextmanager
    def holding(self, part: str, call: Callable[[], Any]) -> Generator[Callable[[], Any], None, None]:
        """Within the block another thread waits for the reply. What is yielded lets it go on, and gives its result."""
        self.held = part

        def go_on() -> Any:
            self.goes_on.set()
            return result.result(60)

        with ThreadPoolExecutor(1) as pool:
            result = pool.submit(call)
            try:
                assert self.is_holding.wait(60)
                yield go_on
            finally:
                self.goes_on.set()


def buy(client: Modellix, reference: str | None = None) -> Task:
    return client.with_options(reference=reference).openai.gpt_image_2(**good.words("a lighthouse"))


def is_spent(client: Modellix) -> bool:
    try:
        buy(client)
    except BudgetExceeded:
        return True
    return False


@contextmanager
def taken(lock: threading.Lock) -> Generator[None, None, None]:
    """Another thread has the lock."""
    is_taken, may_end = threading.Event(), threading.Event()

    def take() -> None:
        with lock:
            is_taken.set()
            may_end.wait()

    thread = threading.Thread(target=take)
    thread.start()
    is_taken.wait()
    try:
        yield
    finally:
        may_end.set()
        thread.join()


FIRST_CALLS = """
import json, os, signal, sys, threading
from modellix import Modellix, PollPolicy, SqliteJournal
from modellix.testing import StandIn

class Slow:
    def find_spec(self, name, *_):
        if name == sys.argv[1]:
            is_importing.set()
            is_forking.wait(60)  # the parent's is set soon after the fork has begun, the child's never

is_importing, is_forking = threading.Event(), threading.Event()
with StandIn("test-key", reads=1).serve() as url:
    quick = PollPolicy(first=0.01, longest=0.1)
    client = Modellix("test-key", base_url=url, poll=quick, journal=SqliteJournal("journal.db"))
    buy = lambda: client.openai.gpt_image_2(**json.loads(sys.argv[2])).wait().download("out")
    sys.meta_path.insert(0, Slow())
    thread = threading.Thread(target=buy)
    thread.start()
    assert is_importing.wait(60)
    threading.Timer(0.2, is_forking.set).start()
    pid = os.fork()
    if pid == 0:
        signal.alarm(30)
        buy()
        os._exit(7)
    thread.join()
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""


@pytest.mark.parametrize("module", ["sqlite3", "modellix._io.transports", "modellix._io.download_sync"])
def test_a_child_forked_in_the_middle_of_a_first_call_can_make_its_own(module: str, tmp_path: Path) -> None:
    program = [sys.executable, "-c", FIRST_CALLS, module, json.dumps(good.words("a lighthouse"))]
    assert subprocess.run(program, cwd=tmp_path, timeout=60, check=False).returncode == 7


# The means


@kills("A child has what its parent has.", "_fork:PerProcess.__call__", swap("os.getpid()", "0"))
def test_each_process_makes_one_of_its_own() -> None:
    own = PerProcess[list[str]](list)
    own().append("the parent's")
    assert in_child(lambda: (own(), own() is own())) == "([], True)"
    assert own() == ["the parent's"]


@kills(
    "Two threads of a child have different ones.",
    "_fork:PerProcess.__call__",
    swap("self._made.setdefault(", "self._made.__setitem__("),
)
def test_threads_that_ask_at_once_get_the_same() -> None:
    at_once = threading.Barrier(2)

    def make() -> object:
        at_once.wait(60)
        return object()

    def ask() -> object:
        given = own()
        at_once.wait(60)
        return given is own()

    own = PerProcess(make)
    with ThreadPoolExecutor(2) as pool:
        assert [each.result() for each in [pool.submit(ask), pool.submit(ask)]] == [True, True]


# Locks, counts, slots and connections of a client

LOCKS: dict[str, Callable[[Modellix, Any], threading.Lock]] = {
    "of the budget": lambda client, journal: client._parts.guard._lock(),
    "of the connections": lambda client, journal: client._driver._means().lock,
    "of the journal": lambda client, journal: journal._lock(),
    "of new files": lambda client, journal: sqlite._making(),
}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_child_buys_while_a_thread_of_its_parent_has_a_lock(
    lock: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SqliteJournal, "before_fork", lambda self: False)  # as when a record takes too long
    service, journal = Service(), SqliteJournal(tmp_path / "journal.db")
    with service.serve() as url, journal, Modellix(KEY, base_url=url, journal=journal, poll=QUICK) as client:

        def work() -> object:
            task = buy(client, "of-the-child")
            [path] = task.wait(timeout=30.0).download(tmp_path)
            task.delivered()
            entry = journal.find("of-the-child")
            assert entry is not None
            return path.is_file(), entry.task_id == task.id, entry.delivered_at is not None

        buy(client, "before")
        with taken(LOCKS[lock](client, journal)):
            assert in_child(work) == "(True, True, True)"
        buy(client, "after")
        assert journal.spent() == 3
    assert len(service.submissions) == 3


def test_a_stand_in_answers_in_a_child() -> None:
    stand_in = StandIn(KEY)
    with stand_in.mock(), Modellix(KEY) as client:
        with taken(stand_in._lock()), taken(stand_in._scripts._lock()):
            assert in_child(lambda: buy(client).is_new) == "True"
        buy(client)
    assert len(stand_in.submissions) == 1  # a child's are in a copy of its own


@kills(
    "A reservation of a thread of its parent is never given back in a child.",
    "_core.budget:_Limit.used",
    swap("self.under_way().number", "sum(each.number for each in self.under_way._made.values())"),
)
def test_a_child_forked_in_the_middle_of_a_purchase_goes_on_with_what_was_bought(tmp_path: Path) -> None:
    """The purchase under way is the parent's: it has the only slot, a reservation and an open entry."""
    service, journal = Service(), SqliteJournal(tmp_path / "journal.db")
    options: dict[str, Any] = {"journal": journal, "max_in_flight": 1, "max_submissions": 3}
    with service.serve() as url, journal, Modellix(KEY, base_url=url, **options) as client:
        buy(client)
        with service.holding("POST", lambda: buy(client, "under-way")) as go_on:
            assert in_child(lambda: (len({buy(client).id, buy(client).id}), is_spent(client))) == "(2, True)"
            entry = journal.find("under-way")
            assert entry is not None
            assert entry.outcome is None
            assert go_on().is_new
        buy(client)
        assert is_spent(client)
        assert len(journal.undelivered()) == 5
    assert len({bought.task_id for bought in service.submissions}) == len(service.submissions) == 5


def test_a_child_leaves_the_block_of_a_budget() -> None:
    service = Service()
    with service.serve() as url, Modellix(KEY, base_url=url) as client:
        block = client.budget(1)

        def work() -> object:
            was_spent = buy(client).is_new and is_spent(client)
            block.__exit__()
            return was_spent, is_spent(client)

        with block, service.holding("POST", lambda: buy(client)) as go_on:
            assert in_child(work) == "(True, False)"
            go_on()
            assert is_spent(client)
    assert len(service.submissions) == 3


def connection_of(transport: Any) -> object:
    """The only one of its pool."""
    [connection] = transport._pool._connections
    return connection


@kills("A child sends through its parent's connection.", "_fork:PerProcess.__call__", swap("os.getpid()", "0"))
def test_a_child_neither_uses_nor_closes_its_parents_connection() -> None:
    service = Service()
    with service.serve() as url, Modellix(KEY, base_url=url) as client:

        def work() -> object:
            buy(client)
            is_shared = idle in client._driver._means().idle
            client.close()
            return is_shared

        buy(client)
        [idle] = client._driver._means().idle
        connection = connection_of(idle)
        assert in_child(work) == "False"
        buy(client)
        assert connection_of(idle) is connection
    assert len(service.submissions) == 3


def test_a_child_has_a_tls_context_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread may be at a handshake, with a lock of the context."""
    with Modellix(KEY, base_url="https://api.example") as client:

        def contexts() -> list[Any]:
            client._driver._take(httpx.URL("https://api.example/")).close()
            opener = client._driver._means().opener
            assert opener is not None
            return [opener._options["verify"], public_network._context("https")]

        first = contexts()
        assert all(map(lambda one, other: one is other, contexts(), first))
        monkeypatch.setattr(os, "getpid", lambda: 0)
        assert not any(map(lambda one, other: one is other, contexts(), first))


@kills(
    "A child sends through the parent's own http_client.",
    sync=("_io.sync_driver:_Means.__init__", without("require_no_connections(injected)")),
)
def test_a_child_may_use_a_lent_client_that_has_no_connection() -> None:
    service = Service()
    with service.serve() as url, httpx.Client() as lent, Modellix(KEY, base_url=url, http_client=lent) as client:
        assert in_child(lambda: buy(client).is_new and buy(client).is_new) == "True"
        buy(client)
        assert "ConfigurationError('http_client has connections of the parent process" in in_child(lambda: buy(client))
        assert in_child(client.close) == "None"
        buy(client)
    assert len(service.submissions) == 4


class Forgetful:
    """A journal that cannot record an end while it is told not to."""

    def __init__(self, journal: SqliteJournal) -> None:
        self._journal = journal
        self.is_failing = True
        self.ends = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._journal, name)

    def end(self, entry: Entry, outcome: str, task_id: str | None) -> None:
        if self.is_failing:
            raise JournalError("full")
        self.ends += 1
        self._journal.end(entry, outcome, task_id)


def test_an_end_that_could_not_be_recorded_is_left_to_the_parent(tmp_path: Path) -> None:
    service, journal = Service(), SqliteJournal(tmp_path / "journal.db")
    forgetful: Any = Forgetful(journal)
    with service.serve() as url, journal, Modellix(KEY, base_url=url, journal=forgetful) as client:
        buy(client, "of-the-parent")
        forgetful.is_failing = False

        def work() -> object:
            buy(client, "of-the-child")
            return forgetful.ends

        assert in_child(work) == "1"
        buy(client)
        assert forgetful.ends == 2
        assert not journal.unresolved()
    assert len(service.submissions) == 3


# Calls under way


@pytest.mark.parametrize("way", ["download", "read"])
def test_a_child_forked_in_the_middle_of_a_download_has_its_own(way: str, tmp_path: Path) -> None:
    service = Service()
    with service.serve() as url, Modellix(KEY, base_url=url, poll=QUICK) as client:
        result = buy(client).wait(timeout=30.0)
        fetch = {"download": lambda: result.download(tmp_path)[0].read_bytes(), "read": result.read}[way]
        with service.holding(result.resources[0].url.removeprefix(url), fetch) as go_on:
            assert in_child(lambda: len(result.read()) == len(buy(client).wait(timeout=30.0).read())) == "True"
            assert go_on() == result.read()
    assert not list(tmp_path.glob(".modellix-*"))
    assert len(service.submissions) == 2


@kills(
    "A child cuts the reads of the wait that it was forked in.",
    sync=("_io.sync_driver:_Workers.close", swap("self._process != os.getpid()", "False")),
)
@kills(
    "A child waits for ever for the threads of its parent.",
    sync=("_io.sync_driver:_Workers._require_own_process", swap("self._process != os.getpid()", "False")),
    is_about_ending=True,
)
def test_a_wait_goes_on_in_the_parent_alone() -> None:
    service = Service()
    with service.serve() as url, Modellix(KEY, base_url=url, poll=QUICK) as client:
        tasks = [buy(client) for _ in range(3)]
        service.held = "GET"
        iterator: Any = client.as_completed(tasks, timeout=60.0)
        ended = [next(iterator).task_id]
        assert service.is_holding.wait(60)
        assert "ConfigurationError('this wait goes on in the parent" in in_child(lambda: list(iterator))
        assert in_child(iterator.close) == "None"
        service.goes_on.set()
        ended += [result.task_id for result in iterator]
    assert sorted(ended) == sorted(task.id for task in tasks)
    assert len(service.asked) == 6  # none was cut, and read once more


# AsyncModellix


async def buy_async(client: AsyncModellix) -> bool:
    return (await client.openai.gpt_image_2(**good.words("a lighthouse"))).is_new


async def buy_and_close(client: AsyncModellix) -> bool:
    async with client:
        return await buy_async(client)


async def close(client: AsyncModellix) -> None:
    await client.aclose()


def test_an_asynchronous_client_that_was_used_stays_with_its_parent() -> None:
    service = Service()
    with service.serve() as url, asyncio.Runner() as loop:
        client = AsyncModellix(KEY, base_url=url)
        assert loop.run(buy_async(client))
        [idle] = client._driver._idle()
        connection = connection_of(idle)
        refusal = "ConfigurationError('this client belongs to another event loop"
        assert refusal in in_child(lambda: asyncio.run(buy_async(client)))
        assert in_child(lambda: asyncio.run(close(client))) == "None"
        assert loop.run(buy_async(client))
        assert connection_of(idle) is connection
        loop.run(close(client))
    assert len(service.submissions) == 2


def test_an_asynchronous_client_that_was_not_used_works_in_a_child() -> None:
    service = Service()
    with service.serve() as url:
        client = AsyncModellix(KEY, base_url=url)
        assert in_child(lambda: asyncio.run(buy_and_close(client))) == "True"
        assert asyncio.run(buy_and_close(client))
    assert len(service.submissions) == 2


def test_a_coroutine_that_was_forked_sends_nothing() -> None:
    service = Service()

    def go_on(coroutine: Any) -> object:
        return coroutine.send(None)

    async def fork(client: AsyncModellix) -> str:
        async with client:
            await buy_async(client)
            return in_child(lambda: go_on(buy_async(client)))

    with service.serve() as url:
        client = AsyncModellix(KEY, base_url=url)
        assert asyncio.run(fork(client)).startswith("ConfigurationError")
    assert len(service.submissions) == 1
