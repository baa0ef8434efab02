"""What the service and the operator see of a client: a name, log lines, spans."""

from __future__ import annotations

import logging
import platform
from collections.abc import Iterator

import httpx
import pytest
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from modellix import RetryPolicy, __version__
from scripts.mutants.kills import control
from tests.modellix.conftest import Open, Serve
from tests.support.clients import KEY, kind_of
from tests.support.hostile_server import healthy, refused
from tests.support.marks import ON_SOCKETS
from tests.support.scripts import answers

pytestmark = ON_SOCKETS


@control()
def test_the_user_agent_names_versions(serve: Serve, open_client: Open) -> None:
    server = serve()
    buyer = open_client(server.url)
    buyer.submit()
    buyer.read()
    expected = f"modellix-client/{__version__} httpx/{httpx.__version__} Python/{platform.python_version()}"
    assert {request.headers["user-agent"] for request in server.requests} == {expected}
    assert {request.headers["accept"] for request in server.requests} == {"application/json"}
    assert len(server.submissions) == 1


def test_logs_tell_method_template_status_time_attempt_and_task(
    serve: Serve, open_client: Open, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server = serve(answers(429, refused(429)), healthy, healthy, answers(500, refused(500)))
    buyer = open_client(server.url, retry=RetryPolicy(rate_limited=1, first_pause=0.001))
    buyer.submit()
    buyer.read("task-1")
    buyer.attempt()
    records = [record for record in caplog.records if record.name.startswith("modellix")]
    lines = [record.getMessage() for record in records]
    submissions = [line for line in lines if line.startswith("POST /openai/gpt-image-2/async: ")]
    reads = [line for line in lines if line.startswith("GET /tasks/{task_id}: ")]
    for line, parts in zip(
        submissions,
        [("429", "attempt 1", "none"), ("200", "attempt 2", "task-1"), ("500", "attempt 1", "none")],
        strict=True,
    ):
        assert all(part in line for part in (*parts, " ms"))
    assert [all(part in line for part in ("200", " ms", "attempt 1", "task-1")) for line in reads] == [True]
    assert records[-1].levelno == logging.WARNING
    others = {record.name for record in caplog.records if record.name.startswith(("httpx", "httpcore"))}
    assert others == set()


def test_other_users_of_httpx_keep_their_logs(
    serve: Serve, open_client: Open, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server = serve()
    open_client(server.url).submit()
    caplog.clear()
    with httpx.Client() as client:
        client.get(f"{server.url}/tasks/1")
    assert {"httpx", "httpcore.http11"} <= {record.name for record in caplog.records}


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    """OpenTelemetry's httpx instrumentation, taken off again in the end."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    instrumentor = HTTPXClientInstrumentor()
    instrumentor.instrument(tracer_provider=provider)
    yield exporter
    instrumentor.uninstrument()
    provider.shutdown()


def test_each_request_has_one_span(serve: Serve, open_client: Open, spans: InMemorySpanExporter) -> None:
    server = serve(answers(429, refused(429)), healthy)
    buyer = open_client(server.url, retry=RetryPolicy(rate_limited=1, first_pause=0.001))
    buyer.submit()
    buyer.read()
    finished = spans.get_finished_spans()
    assert [span.name for span in finished] == ["POST", "POST", "GET"]
    assert KEY not in "".join(span.to_json() for span in finished)
    assert len(server.submissions) == 2


def test_a_submission_that_was_lost_has_its_span_too(
    serve: Serve, open_client: Open, spans: InMemorySpanExporter
) -> None:
    from tests.support.scripts import close_after, whole

    server = serve(close_after(whole))
    assert kind_of(open_client(server.url).attempt()) == "SubmissionOutcomeUnknown"
    assert [span.name for span in spans.get_finished_spans()] == ["POST"]
    assert len(server.submissions) == 1
