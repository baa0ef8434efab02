"""The live target: the options of a run, the plan printed before it, and what is said when it is over."""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx
import pytest

from contract_tests.harness.account import Account
from contract_tests.harness.budget_transport import BudgetTransport
from contract_tests.harness.connections import Connections
from contract_tests.harness.forecast import USUAL_SECONDS, Pace
from contract_tests.harness.picture_gate import NoPicture, PictureGate
from contract_tests.harness.purchase_log import FILE, PurchaseLog
from contract_tests.harness.result_files import open_ways
from contract_tests.harness.target import Polling, Target
from contract_tests.harness.whose_fault import WhoseFault
from contract_tests.model.document import Document, Operation, contract
from contract_tests.model.pictures import Pictures, in_words, misfits
from contract_tests.model.planned import PlannedSubmission
from modellix import ConfigurationError
from modellix._io.proxies import environment_proxy
from modellix._values import is_loopback
from modellix.settings import Settings, read_settings

TASK_SECONDS = 300  # for a task to end, as in the vendor's clients, however often it is looked at
LEAST_POLLS = 5  # of a task before that, because pacing and 429 take time of the clock, too
PATIENCE = 600.0  # seconds in all that answers with 429 are waited out
TIMEOUT = 30.0  # seconds for a reply


@dataclass(frozen=True)
class LiveOptions:
    """What a live run was asked for. Checked, with everything it needs from the environment."""

    settings: Settings
    budget: int
    poll_seconds: float
    rate: float
    images: tuple[str, ...] = ()
    task_seconds: float = TASK_SECONDS


def add_options(parser: pytest.Parser) -> None:
    group = parser.getgroup("live", "contract tests against a live API")
    group.addoption(
        "--live", action="store_true", help="test the API at MODELLIX_BASE_URL, with MODELLIX_API_KEY, not the stand-in"
    )
    group.addoption(
        "--live-budget", type=_whole, metavar="N", help="submissions that may be accepted, and paid for (default 0)"
    )
    group.addoption(
        "--live-poll-seconds", type=_seconds, metavar="S", help="seconds between two reads of a task (default 1)"
    )
    group.addoption(
        "--live-rate", type=_seconds, metavar="R", help="requests a second (default 5; 0: as fast as possible)"
    )
    group.addoption(
        "--live-image", action="append", metavar="URL", help="a picture that the service can fetch; may be repeated"
    )
    parser.addini("live_task_seconds", "for a task to end; for tests of the harness", default=str(TASK_SECONDS))


def read_options(config: pytest.Config, models: list[Operation] | None) -> LiveOptions | None:
    """The options of a live run; None when it is none. UsageError, exit 4, for what cannot be done."""
    given = {name: config.getoption(f"live_{name}") for name in ("budget", "poll_seconds", "rate")}
    images = tuple(config.getoption("live_image") or ())
    if not config.getoption("live"):
        if images or any(value is not None for value in given.values()):
            raise pytest.UsageError("--live-budget, --live-poll-seconds, --live-rate and --live-image need --live")
        return None
    if config.getoption("numprocesses", None) or config.getoption("dist", "no") != "no":
        raise pytest.UsageError("a live run is serial, so that one transport sees every submission: leave -n out")
    try:
        settings = read_settings(None, None)
    except ConfigurationError as error:
        raise pytest.UsageError(f"--live: {error}") from None
    chosen = {"budget": 0, "poll_seconds": 1.0, "rate": 5.0} | {
        name: one for name, one in given.items() if one is not None
    }
    for url in images:
        _check_image(url, models or list(contract().submissions))
    return LiveOptions(settings, **chosen, images=images, task_seconds=float(config.getini("live_task_seconds")))


def _check_image(url: str, models: list[Operation]) -> None:
    """UsageError for a picture that some model does not take."""
    for operation in models:
        for field, schema in misfits(contract(), operation, url):
            raise pytest.UsageError(
                f"--live-image {url}: {field} of {operation.name} takes {in_words(contract(), schema)}"
            )


@contextmanager
def open_live_target(document: Document, options: LiveOptions) -> Iterator[Target]:
    """The API named by the environment, behind the transport that keeps the budget."""
    settings = options.settings
    inner = Connections(environment_proxy(settings.origin))
    purchase_log = PurchaseLog(FILE)
    purchase_log.write("run", origin=settings.origin, budget=options.budget)
    transport = BudgetTransport(
        inner,
        document,
        settings.api_key,
        budget=options.budget,
        rate=options.rate,
        patience=PATIENCE,
        purchase_log=purchase_log,
    )
    polling = Polling(rounds=LEAST_POLLS, seconds=options.task_seconds, pause=options.poll_seconds)
    gate = PictureGate(transport, Pictures(document, options.images), settings.api_key)
    judge = WhoseFault(gate, document, settings.api_key, transport.account)
    with httpx.Client(transport=judge, timeout=TIMEOUT, trust_env=False) as http:
        target = Target(
            document,
            http,
            transport,
            origin=settings.origin,
            api_key=settings.api_key,
            polling=polling,
            is_live=True,
            ways=open_ways(),
            gate=gate,
            whose_fault=judge,
        )
        gate.follow = lambda task_id: target.follow([task_id])[task_id]
        yield target


def pace_of(options: LiveOptions) -> Pace:
    """How fast a run goes. On loopback nothing is painted."""
    is_near = is_loopback(urlsplit(options.settings.origin).hostname or "")
    return Pace(options.rate, options.poll_seconds, 0.0 if is_near else USUAL_SECONDS)


def plan_text(
    options: LiveOptions, tests: int, items: int, paid: int, wanted: list[PlannedSubmission], drawn: int
) -> Iterator[str]:
    """The plan of a run, before the first request."""
    essential = max((at for at, planned in enumerate(wanted, 1) if planned.is_essential), default=0)
    pace = f"at most {options.rate:g} requests a second" if options.rate else "without pacing"
    covered = min(options.budget, len(wanted))
    yield f"live run against {options.settings.origin}, {pace}"
    price = f"{tests - paid} are free (refusals, keys, reads), {paid} look at submissions that cost"
    yield f"  {tests} tests: {price}; pytest counts them in {items} groups"
    what = f"the first {essential} cover every option and both ends of every limit"
    yield f"  {len(wanted)} planned submissions, the models by turns, cheapest first; {what}"
    yield f"  {drawn} tests draw more, as long as the budget lasts"
    yield f"  the budget covers {covered} of the planned submissions and {options.budget - covered} more"
    yield from _about_pictures(options, wanted)
    yield f"  every task id that is bought goes to {FILE}"


def _about_pictures(options: LiveOptions, wanted: list[PlannedSubmission]) -> Iterator[str]:
    """What becomes of the planned submissions that name pictures."""
    asking = {planned.operation for planned in wanted if planned.is_plainest}
    count = sum(planned.operation in asking for planned in wanted)
    if asking and not options.images:
        others = f"{count - len(asking)} only if the service can fetch what that one names"
        yield f"  no --live-image: {len(asking)} of {count} planned submissions with pictures goes first, {others}"


def account_text(account: Account) -> Iterator[str]:
    """What a run has cost, after the last request."""
    yield (
        f"live run: {account.sent} submissions sent, {account.accepted} accepted, {account.refused} refused, "
        f"{account.unknown} unknown; see {FILE}"
    )
    yield from (f"ACCEPTED although it should have been refused: {surprise}" for surprise in account.surprises)
    for name, answer in account.unfetched.items():
        told = f"{NoPicture.REASON}: the first submission of {name} names a picture of the documentation and {answer}"
        yield f"{told}. Next: --live-image URL, a picture that the service can fetch"
    for reason, times in Counter(account.unsettled).items():
        yield f"NOT CONCLUDED: {reason}{f' ({times} times)' if times > 1 else ''}"


def _whole(text: str) -> int:
    if not text.isdecimal():
        raise ValueError(text)
    return int(text)


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 <= number < math.inf:
        raise ValueError(text)
    return number


def environment_names() -> tuple[str, ...]:
    """Variables of the machine that play no part unless a run is live."""
    names = ("MODELLIX_API_KEY", "MODELLIX_BASE_URL", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
    return tuple(name for name in (*names, *map(str.lower, names)) if name in os.environ)
