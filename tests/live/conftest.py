"""Fixtures: the transport over a wire that answers as it is told, and a clock that moves only when somebody sleeps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from contract_tests.harness import budget_transport, late_tasks, target
from contract_tests.harness.account import Account
from contract_tests.harness.budget_transport import BudgetTransport
from contract_tests.harness.purchase_log import PurchaseLog
from contract_tests.harness.target import Polling, Target
from contract_tests.harness.whose_fault import WhoseFault

from .apis import CONTRACT, KEY, ORIGIN, Answers, Wire, request_of


class Clock:
    """In the place of the module `time`: nobody really sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.pauses: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.now += seconds
        if seconds:
            self.pauses.append(seconds)


@dataclass(frozen=True)
class Bench:
    """A transport, the client in front of it and the wire behind it."""

    transport: BudgetTransport
    http: httpx.Client
    wire: Wire

    @property
    def account(self) -> Account:
        return self.transport.account

    def send(self, name: str) -> httpx.Response:
        """A request by its name in `apis.REQUESTS`."""
        return self.http.send(request_of(name))

    def outcome(self, name: str = "valid") -> httpx.Response | BaseException:
        """The same; what is raised is returned as well."""
        try:
            return self.send(name)
        except BaseException as error:
            return error


Open = Callable[..., Bench]
OpenTarget = Callable[..., tuple[Target, Wire]]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The time of transport and target, both."""
    made = Clock()
    monkeypatch.setattr(budget_transport, "time", made)
    monkeypatch.setattr(target, "time", made)
    monkeypatch.setattr(late_tasks, "time", made)
    return made


def bench(*answers: Answers, **options: Any) -> Bench:
    """A transport whose wire answers like this, the last answer again and again."""
    wire = Wire(*answers)
    made = BudgetTransport(httpx.MockTransport(wire), CONTRACT, KEY, **options)
    return Bench(made, httpx.Client(transport=made, trust_env=False), wire)


@pytest.fixture
def open_transport(clock: Clock) -> Iterator[Open]:
    """open_transport(*answers, budget=None, rate=0, patience=0, purchase_log=None); all are closed in the end."""
    with ExitStack() as stack:

        def start(*answers: Answers, **options: Any) -> Bench:
            made = bench(*answers, **options)
            stack.enter_context(made.http)
            return made

        yield start


@pytest.fixture
def open_target(open_transport: Open) -> OpenTarget:
    """open_target(*answers, polling=None, key=KEY, budget=None) gives a target, as a live run has one, and its wire."""

    def start(*answers: Answers, polling: Polling | None = None, key: str = KEY, **options: Any) -> tuple[Target, Wire]:
        made = open_transport(*answers, **options)
        judge = WhoseFault(made.transport, CONTRACT, key, made.account)
        http = httpx.Client(transport=judge, trust_env=False)  # closed with the transport
        target = Target(
            CONTRACT,
            http,
            made.transport,
            origin=ORIGIN,
            api_key=key,
            polling=polling,
            is_live=True,
            whose_fault=judge,
        )
        return target, made.wire

    return start


@pytest.fixture
def purchase_log(tmp_path: Path) -> Iterator[PurchaseLog]:
    made = PurchaseLog(tmp_path / "log.jsonl")
    yield made
    made.close()
