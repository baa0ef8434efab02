"""Habits of a good client: sharing, event loops, errors that travel, a name, logs, spans."""

from __future__ import annotations

import asyncio
import copy
import datetime
import logging
import pickle
import platform
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from contract_tests.model import good
from modellix import AsyncModellix, ConfigurationError, Modellix, RetryPolicy, Violation, __version__, errors
from scripts.mutants.kills import control, kills, never
from tests.support.clients import KEY, kind_of
from tests.support.hostile_server import healthy, refused
from tests.support.scripts import answers

from .conftest import Open, Serve


def test_one_client_is_shared_by_fifty_threads(serve: Serve) -> None:
    server = serve()
    with Modellix(KEY, base_url=server.url) as client, ThreadPoolExecutor(50) as pool:

        def buy_and_read(number: int) -> str:
            task = client.openai.gpt_image_2(**good.words(f"lighthouse {number}"))
            return f"{task.refresh().status} {server.bought[task.id].text}"

        found = list(pool.map(buy_and_read, range(200)))
    assert found == [f"success lighthouse {number}" for number in range(200)]
    assert (len(server.submissions), len(server.reads)) == (200, 200)
    assert server.connections <= 8


def test_a_client_opens_nothing_before_it_is_used(serve: Serve) -> None:
    server = serve()
    with Modellix(KEY, base_url=server.url) as client:
        client.task("task-1")
    assert server.connections == 0


def test_a_second_event_loop_is_refused(serve: Serve) -> None:
    server = serve()
    client = AsyncModellix(KEY, base_url=server.url, max_submissions=2)

    async def submit() -> str:
        return (await client.openai.gpt_image_2(**good.words())).id

    async def both() -> None:
        await submit()
        with ThreadPoolExecutor(1) as pool:
            other = asyncio.get_running_loop().run_in_executor(pool, asyncio.run, submit())
            with pytest.raises(ConfigurationError, match="event loop"):
                await other
        await submit()
        await client.aclose()

    asyncio.run(both())
    with pytest.raises(ConfigurationError, match="event loop"):
        asyncio.run(submit())
    assert len(server.submissions) == 2


@kills(
    "A client that was closed goes on.",
    sync=("_io.sync_driver:SyncDriver._take", never("_is_closed")),
    asynchronous=("_io.async_driver:AsyncDriver._take", never("_is_closed")),
)
def test_a_closed_client_sends_nothing_and_says_so(serve: Serve, open_client: Open) -> None:
    server = serve()
    buyer = open_client(server.url, max_submissions=1)
    buyer.submit()
    buyer.close() if hasattr(buyer.client, "close") else buyer.runner.run(buyer.client.aclose())  # type: ignore[attr-defined]
    assert kind_of(buyer.attempt_read()) == "ConfigurationError"
    assert len(server.submissions) == 1


# Errors


def sample_errors() -> list[BaseException]:
    now = datetime.datetime.now(datetime.UTC)
    refusal: dict[str, Any] = {
        "status": 400, "code": 400, "category": "A", "detail": "b",
        "operation": "gpt_image_2", "task_id": None, "body": b"x",
    }  # fmt: skip
    limited = errors.RateLimitError("limited", **{**refusal, "status": 429})
    limited.retry_after = 2.5
    kinds = [errors.APIError, errors.BadRequestError, errors.AuthenticationError, errors.PaymentRequiredError]
    return [
        errors.ModellixError("base"),
        errors.ConfigurationError("no key"),
        errors.BudgetExceeded("no more"),
        errors.JournalError("full"),
        errors.NeverSentError("no", operation="gpt_image_2", attempts=3),
        *(kind("refused", **refusal) for kind in (*kinds, errors.NotFoundError, errors.ServerError)),
        limited,
        errors.SubmissionOutcomeUnknown(
            "?", operation="gpt_image_2", fingerprint="f" * 64, sent_at=now, status=500, body=b"y", task_id="task-1"
        ),
        errors.ConnectionLostError("lost", operation="get_task", task_id="task-1", attempts=4),
        errors.UnexpectedReplyError("odd", operation="get_task", task_id="task-1", status=302, body=b"z"),
        errors.TaskFailed("failed", task_id="task-1", status="failed", error={"a": [1]}, raw={"data": {}}),
        errors.WaitTimeout("late", finished=[], pending=["task-1"], last_seen={"task-1": "Processing"}),
        errors.DownloadError("no", task_id="task-1", url="https://x.example/1", path=Path("x"), reason="cut"),
        errors.ConstraintError([Violation(field="seed", keyword="minLength", limit=1, actual=0)]),
    ]


@pytest.mark.parametrize("error", sample_errors(), ids=lambda error: type(error).__name__)
@pytest.mark.parametrize(
    "way",
    [lambda error: pickle.loads(pickle.dumps(error)), copy.copy, copy.deepcopy],
    ids=["pickle", "copy", "deepcopy"],
)
def test_errors_travel_with_their_fields(error: BaseException, way: Any) -> None:
    error.add_note("seen in the night run")
    copied = way(error)
    assert type(copied) is type(error)
    assert (str(copied), copied.args, vars(copied)) == (str(error), error.args, vars(error))


def test_every_error_has_a_sample() -> None:
    classes = {getattr(errors, name) for name in errors.__all__} - {errors.Violation}
    assert {type(error) for error in sample_errors()} == classes


def test_errors_from_the_wire_travel_too(serve: Serve, open_client: Open) -> None:
    server = serve(answers(400, refused(400)), answers(500, refused(500)), answers(429, refused(429), "Retry-After: 3"))
    buyer = open_client(server.url)
    for _ in range(3):
        end = buyer.attempt()
        copied = pickle.loads(pickle.dumps(end))
        assert (type(copied), vars(copied)) == (type(end), vars(end))
    assert len(server.submissions) == 3


# What the service and the operator see


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
