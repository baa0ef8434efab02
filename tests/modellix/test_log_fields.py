"""Each log record carries the same fields as attributes, so that machines need not read its message."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from contract_tests.model import good
from modellix import JournalError, RetryPolicy, SqliteJournal
from modellix._core.log_fields import fields
from tests.modellix.conftest import Open, OpenSide, Serve
from tests.support.clients import Face
from tests.support.hostile_server import HostileServer, healthy, refused
from tests.support.marks import ON_SOCKETS
from tests.support.scripts import answers
from tests.support.virtual_service import Answer

pytestmark = ON_SOCKETS

NAMES = list(fields())


def told(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """The fields of each record of the client, and its seconds left out."""
    records = [record for record in caplog.records if record.name == "modellix"]
    assert all(vars(record).keys() >= set(NAMES) for record in records)
    return [{name: getattr(record, name) for name in NAMES if name != "milliseconds"} for record in records]


@pytest.fixture
def buyer(serve: Serve, open_client: Open, journal: SqliteJournal, caplog: pytest.LogCaptureFixture) -> Face:
    caplog.set_level(logging.DEBUG)
    retry = RetryPolicy(rate_limited=1, first_pause=0.001)
    return open_client(serve(answers(429, refused(429)), healthy).url, retry=retry, journal=journal)


def submitted(buyer: Face, reference: str | None = None) -> Any:
    client = buyer.client if reference is None else buyer.client.with_options(reference=reference)
    return buyer.run(lambda: client.openai.gpt_image_2(**good.words()))


def test_a_read_tells_the_task_and_its_reference(buyer: Face, caplog: pytest.LogCaptureFixture) -> None:
    task = submitted(buyer, "order-1")
    caplog.clear()
    buyer.read(task)
    same = {"operation": "get_task", "task_id": "task-1", "attempt": 1, "reference": "order-1"}
    assert told(caplog) == [{**same, "status": 200, "outcome": "succeeded"}]


@pytest.mark.parametrize(
    ("step", "status", "outcome"),
    [
        ("pending", 200, "running"),
        ("a word of next year", 200, "running"),
        ("failed", 200, "failed"),
        (404, 404, "refused"),
        (Answer(body={"code": 404, "message": "No"}), 200, "refused"),
        (302, 302, "unexpected"),
    ],
)
def test_a_read_tells_its_outcome(
    step: Any, status: int, outcome: str, open_side: OpenSide, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    open_side(retry=RetryPolicy(reads=0)).script("task-1", step).attempt_read("task-1")
    [read] = [one for one in told(caplog) if one["operation"] == "get_task"]
    assert (read["status"], read["outcome"], read["task_id"]) == (status, outcome, "task-1")


def test_reads_that_are_not_logged_cost_no_record(open_side: OpenSide, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    open_side().script("task-1", "success").read()
    assert told(caplog) == []


def test_every_record_has_every_field(
    serve: Serve,
    open_client: Open,
    journal: SqliteJournal,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also those about a journal that fails, and about a status that nobody knows."""

    def refuse(task_id: str) -> None:
        raise JournalError("full")

    caplog.set_level(logging.DEBUG)
    server: HostileServer = serve(healthy, answers(200, {"code": 0, "data": {"status": "odd", "task_id": "task-1"}}))
    buyer = open_client(server.url, journal=journal)
    task = submitted(buyer, "order-1")
    buyer.poll(task)
    monkeypatch.setattr(journal, "delivered", refuse)
    buyer.run(task.delivered)
    rows = told(caplog)
    assert {row["task_id"] for row in rows} == {"task-1"}
    assert [row["status"] for row in rows] == [200, 200, "odd", None]
    assert len(server.submissions) == 1


def test_a_text_of_the_service_is_one_line_and_short() -> None:
    row = fields(task_id="task\n1", status="x" * 1000)
    assert row["task_id"] == "task\ufffd1"
    assert len(str(row["status"])) == 80
