"""The purchase log: every task id that was bought, the moment after; never the key, a prompt or a reply's text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from contract_tests.harness.not_concluded import NotRun
from contract_tests.harness.purchase_log import PurchaseLog

from .apis import EDIT, KEY, PLAIN, PROMPT, REQUESTS, accepts, loses, refuses, says
from .conftest import Bench, Open
from .test_outcomes import ACCEPTED, REFUSED, UNKNOWN, UNREADABLE

TEXT = "reply-canary"


def lines_of(purchase_log: PurchaseLog) -> list[dict[str, Any]]:
    """What anybody else reads while the file is still open."""
    return [json.loads(line) for line in purchase_log.file.read_text(encoding="utf-8").splitlines()]


def events_of(purchase_log: PurchaseLog) -> list[tuple[str, int]]:
    return [(line["event"], line["number"]) for line in lines_of(purchase_log)]


def test_each_submission_has_its_beginning_and_its_end(purchase_log: PurchaseLog, open_transport: Open) -> None:
    bench = open_transport(accepts("task-7"), refuses(), says(503), loses(httpx.ReadError), purchase_log=purchase_log)
    for name in ("valid", "no key", "valid", "valid"):
        bench.outcome(name)
    begun, ended = lines_of(purchase_log)[::2], lines_of(purchase_log)[1::2]
    assert [line["event"] for line in begun] == ["sending"] * 4
    assert [line["operation"] for line in begun] == [one.operation_id for one in (PLAIN, EDIT, PLAIN, PLAIN)]
    assert [line["number"] for line in begun] == [line["number"] for line in ended] == [1, 2, 3, 4]
    assert [(line["event"], line["task_id"], line["status"]) for line in ended] == [
        ("accepted", "task-7", 200),
        ("refused", None, 400),
        ("unknown", None, 503),
        ("unknown", None, None),
    ]


def test_beginning_is_on_disk_before_a_byte_leaves(purchase_log: PurchaseLog, open_transport: Open) -> None:
    seen: list[list[tuple[str, int]]] = []

    def looks(request: httpx.Request) -> httpx.Response:
        seen.append(events_of(purchase_log))
        return accepts()(request)

    bench = open_transport(looks, purchase_log=purchase_log)
    bench.send("valid")
    bench.send("valid")
    assert seen == [[("sending", 1)], [("sending", 1), ("accepted", 1), ("sending", 2)]]


def test_id_is_on_disk_when_the_reply_is_handed_on(purchase_log: PurchaseLog, open_transport: Open) -> None:
    bench = open_transport(*(accepts(f"task-{number}") for number in range(20)), purchase_log=purchase_log)
    for number in range(20):
        bench.send("valid")
        assert lines_of(purchase_log)[-1]["task_id"] == f"task-{number}"


@pytest.mark.parametrize("case", [*ACCEPTED, *REFUSED, *UNKNOWN, *UNREADABLE])
def test_log_and_account_agree(case: str, purchase_log: PurchaseLog, open_transport: Open) -> None:
    bench = open_transport({**ACCEPTED, **REFUSED, **UNKNOWN, **UNREADABLE}[case], purchase_log=purchase_log)
    bench.outcome("valid")
    last, account = lines_of(purchase_log)[-1], bench.account
    assert getattr(account, last["event"]) == account.sent == len(bench.wire.arrived) == 1
    assert (last["task_id"] or None) == ("".join(account.task_ids) or None)


@pytest.mark.parametrize("case", [case for case in UNKNOWN if "names" in case])
def test_task_of_an_error_is_kept(case: str, purchase_log: PurchaseLog, open_transport: Open) -> None:
    open_transport(UNKNOWN[case], purchase_log=purchase_log).outcome("valid")
    assert (lines_of(purchase_log)[-1]["event"], lines_of(purchase_log)[-1]["task_id"]) == ("unknown", "task-1")


def test_what_was_never_sent_is_no_purchase(purchase_log: PurchaseLog, open_transport: Open) -> None:
    bench = open_transport(loses(httpx.ConnectError), purchase_log=purchase_log)
    with pytest.raises(pytest.exit.Exception):
        bench.send("valid")
    assert events_of(purchase_log) == [("sending", 1), ("never sent", 1)]


def test_reads_and_what_was_not_run_leave_no_line(purchase_log: PurchaseLog, open_transport: Open) -> None:
    bench = open_transport(accepts(), purchase_log=purchase_log, budget=0)
    bench.send("a read")
    assert isinstance(bench.outcome("valid"), NotRun)
    assert not purchase_log.file.exists()


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError])
def test_whatever_stops_a_submission_in_flight_leaves_it_unknown(
    stop: type[BaseException], purchase_log: PurchaseLog, open_transport: Open
) -> None:
    def interrupted(request: httpx.Request) -> httpx.Response:
        raise stop

    bench = open_transport(interrupted, purchase_log=purchase_log, budget=5)
    with pytest.raises(stop):
        bench.send("valid")
    assert events_of(purchase_log) == [("sending", 1), ("unknown", 1)]
    assert (bench.account.unknown, bench.account.spent) == (1, 1)
    assert bench.account.unsettled
    assert len(bench.wire.arrived) == 1


class Stopped(httpx.SyncByteStream):
    """Ctrl-C while the reply comes in."""

    def __iter__(self) -> Iterator[bytes]:
        yield b'{"code": 0, "data": {"task'
        raise KeyboardInterrupt


def test_ctrl_c_inside_a_reply_leaves_it_unknown(purchase_log: PurchaseLog, open_transport: Open) -> None:
    bench = open_transport(lambda request: httpx.Response(200, stream=Stopped()), purchase_log=purchase_log)
    with pytest.raises(KeyboardInterrupt):
        bench.send("valid")
    assert events_of(purchase_log) == [("sending", 1), ("unknown", 1)]


def test_it_goes_on_where_an_earlier_run_ended(tmp_path: Path) -> None:
    for number in (1, 2):
        purchase_log = PurchaseLog(tmp_path / "log.jsonl")
        purchase_log.write("run", number=number)
        purchase_log.close()
    assert events_of(purchase_log) == [("run", 1), ("run", 2)]


def test_every_line_tells_when_in_utc(purchase_log: PurchaseLog) -> None:
    purchase_log.write("run")
    assert lines_of(purchase_log)[0]["at"].endswith("+00:00")


# What it never holds


def told_everything(bench: Bench) -> None:
    """Sends a request of each kind."""
    for name in REQUESTS:
        bench.outcome(name)


ECHO = {"code": 0, "message": f"{TEXT} {KEY} {PROMPT}", "data": {"task_id": "task-1", "echo": f"{TEXT} {KEY} {PROMPT}"}}


@pytest.mark.parametrize(
    "answer",
    [
        says(200, ECHO),
        says(400, {**ECHO, "code": 400, "data": None}),
        says(500, ECHO),
        says(200, f"{TEXT} {KEY} {PROMPT}".encode()),
        says(307, b"", Location=f"https://example.com/{KEY}{PROMPT}{TEXT}"),
        loses(httpx.ReadError),
    ],
    ids=["accepted", "refused", "failed", "unreadable", "redirected", "lost"],
)
def test_it_holds_no_key_no_prompt_no_text(answer: Any, purchase_log: PurchaseLog, open_transport: Open) -> None:
    told_everything(open_transport(answer, purchase_log=purchase_log))
    text = purchase_log.file.read_text(encoding="utf-8")
    assert [word for word in (KEY, PROMPT, TEXT) if word in text] == []
    assert len(lines_of(purchase_log)) == 2 * sum(method != "GET" for method, *_ in REQUESTS.values())


@pytest.mark.parametrize("task_id", [KEY, f"task-{KEY}", KEY.swapcase()])
def test_key_that_comes_back_as_an_id_is_not_written(
    task_id: str, purchase_log: PurchaseLog, open_transport: Open
) -> None:
    open_transport(accepts(task_id), purchase_log=purchase_log).send("valid")
    assert KEY.lower() not in purchase_log.file.read_text(encoding="utf-8").lower()


@pytest.mark.parametrize("task_id", ["\ud800", "\0", "\u2028", "task\n1", '"', "é" * 600])
def test_odd_ids_are_kept_as_they_are(task_id: str, purchase_log: PurchaseLog, open_transport: Open) -> None:
    open_transport(accepts(task_id), purchase_log=purchase_log).send("valid")
    assert [json.loads(line) for line in purchase_log.file.read_bytes().splitlines()][-1]["task_id"] == task_id
