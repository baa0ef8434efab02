"""Each attempt of a submission has a record, with its fields, and so has each repeat."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from contract_tests.model import good
from modellix import RetryPolicy, SqliteJournal
from tests.modellix.conftest import Open, Serve
from tests.support.hostile_server import healthy, refused
from tests.support.marks import ON_SOCKETS
from tests.support.scripts import answers

pytestmark = ON_SOCKETS

NAMES = ("operation", "task_id", "status", "attempt", "outcome", "reference")


@pytest.mark.parametrize("level", [logging.INFO, logging.WARNING])
def test_a_submission_tells_each_attempt_and_each_repeat(
    level: int, serve: Serve, open_client: Open, journal: SqliteJournal, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(level)
    server = serve(answers(429, refused(429)), healthy)
    buyer = open_client(server.url, retry=RetryPolicy(rate_limited=1, first_pause=0.001), journal=journal)
    client = buyer.client.with_options(reference="order-1")
    buyer.run(lambda: client.openai.gpt_image_2(**good.words()))
    refusal = ("gpt_image_2", None, 429, 1, "refused", "order-1")
    accepted = ("gpt_image_2", "task-1", 200, 2, "accepted", "order-1")
    records: list[dict[str, Any]] = [vars(record) for record in caplog.records if record.name == "modellix"]
    rows = [tuple(record[name] for name in NAMES) for record in records]
    assert rows == ([refusal, refusal, accepted] if level == logging.INFO else [refusal])
    timed = [record["milliseconds"] is not None for record in records]
    assert timed == ([True, False, True] if level == logging.INFO else [False])
    assert len(server.submissions) == 2
