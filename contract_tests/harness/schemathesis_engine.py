"""The engine of schemathesis, as on the command line, on the target: with the settings of `schemathesis.toml`."""

from __future__ import annotations

import copy
import json
import random
import tomllib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import hypothesis
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import from_schema
from schemathesis.schemas import BaseSchema

from contract_tests.harness.schemathesis_adapter import HttpxAdapter, nothing_but
from contract_tests.harness.schemathesis_findings import Findings
from contract_tests.harness.target import Target
from contract_tests.model.document import Operation, contract
from contract_tests.model.laws import shrinks

SETTINGS = Path(__file__).with_name("schemathesis.toml")

PhaseName = Literal["examples", "coverage", "fuzzing", "stateful"]
PHASES: tuple[PhaseName, ...] = ("examples", "coverage", "fuzzing", "stateful")
Mode = Literal["positive", "negative", "all"]


def explore(target: Target, operations: Sequence[Operation], *, phases: Sequence[PhaseName], mode: Mode) -> Findings:
    """Runs phases of schemathesis on some operations of the target, its probes before them."""
    adapter = HttpxAdapter(target.http, once=target.is_live, pictures=target.pictures)
    settings = _settings(target, phases, mode)
    findings = Findings(operations, settings["seed"], adapter.replies, sent=adapter.sent)
    with nothing_but(adapter):
        for event in from_schema(_schema(operations, settings)).execute():
            findings.stopped_by = findings.stopped_by or adapter.stopped_by
            findings.add(event)
    return findings


def _schema(operations: Sequence[Operation], settings: dict[str, Any]) -> BaseSchema:
    """Some operations of the document, by settings as schemathesis.toml has them."""
    schema = _loaded(json.dumps(settings))
    others = [one.operation_id for one in contract().operations if one not in operations]
    return schema.exclude(operation_id=others) if others else schema


@lru_cache(maxsize=2)
def _loaded(settings: str) -> BaseSchema:
    """The document by these settings. Of a live run all are the same, so that it is loaded once."""
    root = copy.deepcopy(contract().root)  # the loader and its hooks may change it
    return schemathesis.openapi.from_dict(root, config=SchemathesisConfig.from_dict(json.loads(settings)))


def _settings(target: Target, phases: Sequence[PhaseName], mode: Mode) -> dict[str, Any]:
    """The settings of schemathesis.toml, and those of the target and of Hypothesis' current profile.

    A profile that is not random keeps the seed of the file. One that does not shrink ends at the first failure.
    """
    profile = hypothesis.settings()
    settings = tomllib.loads(SETTINGS.read_text("utf-8"))
    settings["base-url"] = target.base_url
    settings["headers"] = target.authorization()
    if not profile.derandomize:
        settings["seed"] = random.getrandbits(64)
    if not shrinks():
        settings["max-failures"] = 1
    settings["generation"] |= {"mode": mode, "no-shrink": not shrinks()}
    for name in PHASES:
        settings["phases"].setdefault(name, {})["enabled"] = name in phases
    for name, share in (("fuzzing", 2), ("stateful", 8)):  # the laws draw bodies as well; a scenario is up to 6 of them
        settings["phases"][name]["generation"] = {"max-examples": max(4, profile.max_examples // share)}
    return settings
