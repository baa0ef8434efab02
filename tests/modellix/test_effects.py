"""What the rules ask for, and what is known of one attempt at each moment."""

from __future__ import annotations

import httpx
import pytest

from modellix._core.effects import LEAST_TIME, AttemptTrace, SendRequest

URL = httpx.URL("https://api.example/v1/tasks/task-1")


@pytest.mark.parametrize(
    ("handed_over", "reports_steps", "sent", "is_proof"),
    [
        (False, False, False, True),
        (True, True, False, True),
        (True, True, True, False),
        (True, False, False, False),  # a transport that reports nothing may have sent it
    ],
)
def test_only_a_transport_that_reports_its_steps_proves_that_nothing_left(
    handed_over: bool, reports_steps: bool, sent: bool, is_proof: bool
) -> None:
    trace = AttemptTrace(handed_over=handed_over, reports_steps=reports_steps, sent=sent)
    assert trace.proves_unsent is is_proof


def test_there_is_no_reply_before_the_status_line() -> None:
    assert AttemptTrace().reply() is None


def test_a_reply_is_cut_until_all_of_it_is_there() -> None:
    trace = AttemptTrace(status=200)
    trace.collector.add(b'{"code": 0')
    reply = trace.reply()
    assert reply is not None
    assert (reply.status, reply.fault) == (200, "cut")
    trace.collector.add(b"}")
    trace.is_whole = True
    reply = trace.reply()
    assert reply is not None
    assert (reply.fault, reply.body) == ("", b'{"code": 0}')


def test_attempts_share_nothing_that_changes() -> None:
    first, second = AttemptTrace(), AttemptTrace()
    first.raw.append(b"x")
    first.collector.add(b"x")
    assert second.raw == []
    assert second.collector is not first.collector


@pytest.mark.parametrize(("latest", "leaves_by"), [(5.0, 5.0), (None, 10.0 - LEAST_TIME)])
def test_a_request_leaves_in_time_to_be_read(latest: float | None, leaves_by: float) -> None:
    assert SendRequest("GET", URL, 10.0, AttemptTrace(), latest=latest).leaves_by == leaves_by
