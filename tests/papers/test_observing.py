"""The programs of docs/observing.md record what its tables say."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from opentelemetry import metrics
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from modellix import errors, events
from modellix._core.log_fields import fields
from modellix._headers import _REQUEST_IDS, Headers
from modellix.testing import StandIn
from tests.papers.test_programs import run
from tests.papers.texts import PAPERS, in_code, programs

PAPER = "docs/observing.md"


@pytest.fixture(autouse=True)
def service(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[StandIn]:
    monkeypatch.setenv("MODELLIX_API_KEY", "test-key")
    monkeypatch.chdir(tmp_path)
    service = StandIn(reads=1)
    with service.fast(), service.mock():
        yield service


def run_the_one_with(word: str) -> None:
    [program] = [one for one in programs() if one.paper == PAPER and word in one.text]
    run(program)


def test_prometheus_counts_each_kind(capsys: pytest.CaptureFixture[str]) -> None:
    run_the_one_with("prometheus_client")
    told = re.findall(r'^modellix_seconds_count\{kind="(\w+)",operation="(\w+)",outcome="(\w+)"\} 1\.0$', *out(capsys))
    assert sorted(told) == [
        ("downloaded", "gpt_image_2", "whole"),
        ("ended", "gpt_image_2", "succeeded"),
        ("polled", "get_task", "succeeded"),
        ("submitted", "gpt_image_2", "accepted"),
    ]


def out(capsys: pytest.CaptureFixture[str]) -> tuple[str, re.RegexFlag]:
    return capsys.readouterr().out, re.MULTILINE


def test_opentelemetry_gets_each_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = InMemoryMetricReader()
    provider = MeterProvider([reader])
    monkeypatch.setattr(metrics, "get_meter", provider.get_meter)
    run_the_one_with("opentelemetry")
    found: Any = reader.get_metrics_data()
    provider.shutdown()
    [metric] = found.resource_metrics[0].scope_metrics[0].metrics
    assert (metric.name, metric.unit) == ("modellix.seconds", "s")
    [point] = metric.data.data_points
    assert dict(point.attributes) == {"kind": "submitted", "operation": "gpt_image_2", "outcome": "accepted"}
    assert point.count == 1


def test_the_format_names_fields(capsys: pytest.CaptureFixture[str]) -> None:
    logger = logging.getLogger("modellix")
    level, handlers = logger.level, list(logger.handlers)
    try:
        run_the_one_with("logging")
    finally:
        logger.setLevel(level)
        logger.handlers[:] = handlers
    assert re.search(r"\[gpt_image_2 accepted task-\S+ [\d.]+ ms\]$", capsys.readouterr().err.strip())


def test_an_error_tells_the_request(service: StandIn, capsys: pytest.CaptureFixture[str]) -> None:
    service.answer_next(429, headers={"X-Request-Id": "req-1", "Retry-After": "2"})
    run_the_one_with("request_id")
    assert capsys.readouterr().out == "429 req-1 2\n"


def test_the_errors_named_are_those_that_tell_the_request() -> None:
    _, said = PAPERS[PAPER].split("as `[key]`.\n\n")
    named = in_code(said.partition(" have these two.")[0])
    classes = [getattr(errors, name) for name in errors.__all__ if name not in ("ConstraintError", "Violation")]
    have = {one for one in classes if hasattr(one(), "request_id")}
    assert have == {one for one in classes if issubclass(one, tuple(getattr(errors, name) for name in named))}
    assert have == {one for one in classes if hasattr(one(), "headers")}


def test_the_headers_named_are_those_that_are_read_and_in_their_order() -> None:
    said = PAPERS[PAPER].partition("It is the first of")[2].partition("that the reply has")[0]
    values = {name: f"id-{number}" for number, name in enumerate(in_code(said))}
    assert len(values) == len(_REQUEST_IDS)
    for number, name in enumerate(list(values)):
        assert Headers(values).request_id == f"id-{number}"
        del values[name]
    assert Headers(values).request_id is None


def test_the_tables_have_every_field_and_kind() -> None:
    told = set(in_code(PAPERS[PAPER]))
    assert {*fields(), *get_args(events.Kind)} - told == set()
    assert {f".{name}" for name in ("request_id", "headers") if hasattr(errors.APIError(), name)} - told == set()
