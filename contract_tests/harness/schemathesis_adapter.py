"""Schemathesis over the target's httpx client: every request of it, its probes too, and nothing past the client.

Schemathesis speaks `requests`. Its engine runs here as on the command line, with the settings of `schemathesis.toml`;
while it does, every session of `requests` has one adapter, which hands each request to httpx, and urllib3 refuses to
work at all.
"""

from __future__ import annotations

import copy
import json
import random
import re
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import httpx
import hypothesis
import pytest
import requests
import schemathesis
import urllib3
from requests.adapters import BaseAdapter, HTTPAdapter
from schemathesis.config import SchemathesisConfig
from schemathesis.core import SCHEMATHESIS_TEST_CASE_HEADER
from schemathesis.core.failures import Failure
from schemathesis.engine import events, from_schema
from schemathesis.engine.recorder import CheckNode
from schemathesis.openapi.checks import AuthScenario, IgnoredAuth
from schemathesis.schemas import BaseSchema

from contract_tests.harness.blame import Broken
from contract_tests.harness.expectations import operation_at
from contract_tests.harness.picture_gate import with_pictures
from contract_tests.harness.response_checks import is_refused, strict_payload_of, without_nulls
from contract_tests.harness.schemathesis_hooks import operation_of
from contract_tests.harness.target import Target
from contract_tests.model.contents import json_text
from contract_tests.model.document import Operation, contract
from contract_tests.model.laws import shrinks
from contract_tests.model.pictures import Pictures
from contract_tests.model.promises import all_promises
from modellix._openapi import GET_TASK

SETTINGS = Path(__file__).with_name("schemathesis.toml")

PhaseName = Literal["examples", "coverage", "fuzzing", "stateful"]
PHASES: tuple[PhaseName, ...] = ("examples", "coverage", "fuzzing", "stateful")
Mode = Literal["positive", "negative", "all"]

# What the checks speak of; every other one is about conformance.
_PROMISES = {
    "negative_data_rejection": ("body.broken",),
    "positive_data_acceptance": ("body.valid", "task_id.unknown"),
    "missing_required_header": ("auth.missing",),
    "ignored_auth": ("auth.missing",),
    "SubmittedTaskIsFound": ("reply.task_id",),
}
_OF_SHAPE = ("response_schema_conformance", "content_type_conformance")
_OF_STATUS = ("status_code_conformance", "negative_data_rejection")

# A number for each case, of no use to the API; and encodings that `requests` can undo, but httpx perhaps not.
_NOT_PASSED_ON = (SCHEMATHESIS_TEST_CASE_HEADER, "Accept-Encoding")
_NOT_IN_A_HEADER = re.compile(r"[\0\r\n]")
_SHOWN = 1000  # characters of a failure


class HttpxAdapter(BaseAdapter):
    """Carries requests of `requests` by an httpx client.

    `stopped_by` is what the client raised, a skip for want of money among it. The engine would make an error of the API
    of it, or nothing at all; so it is told to stop, as by Ctrl-C, and the reason kept. With `once`, a submission that
    was sent before is answered from memory: to send the same again teaches nothing, and costs. `pictures` take the
    place of others: not all that the engine sends passes its hooks.
    """

    def __init__(self, http: httpx.Client, *, once: bool = False, pictures: Pictures | None = None) -> None:
        super().__init__()
        self._pictures = pictures or Pictures(contract())
        self.sent: list[httpx.Request] = []
        self.replies: dict[requests.PreparedRequest, httpx.Response] = {}
        self.stopped_by: BaseException | None = None
        self._http = http
        self._replies: dict[Any, httpx.Response] | None = {} if once else None

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        if self.stopped_by is not None:
            raise KeyboardInterrupt
        translated = with_pictures(self._pictures, _to_httpx(request, self._http.timeout))
        try:
            reply = self._exchange(translated)
        except BaseException as error:
            self.stopped_by = error
            raise KeyboardInterrupt from error
        self.replies[request] = reply
        return _from_httpx(request, reply, _content_shown(translated, reply))

    def close(self) -> None:
        """Nothing to close: the client belongs to the target."""

    def _exchange(self, request: httpx.Request) -> httpx.Response:
        key = (request.method, request.url, request.headers.get("authorization"), request.content)
        if self._replies is None or request.method == "GET":
            return self._send(request)
        if key not in self._replies:
            self._replies[key] = self._send(request)
        return self._replies[key]

    def _send(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        return self._http.send(request, follow_redirects=False)


@contextmanager
def nothing_but(adapter: HttpxAdapter) -> Iterator[None]:
    """Within the block, `requests` goes through the adapter, whatever the session, and urllib3 raises."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(requests.Session, "get_adapter", lambda session, url: adapter)
        patch.setattr(HTTPAdapter, "send", _refuse)
        patch.setattr(urllib3.PoolManager, "urlopen", _refuse)
        patch.setattr(urllib3.HTTPConnectionPool, "urlopen", _refuse)
        yield


@dataclass(frozen=True)
class Finding:
    """A check that failed for an operation; one of each kind is kept."""

    check: str
    operation: Operation
    promise: str  # its id
    text: str = field(repr=False)
    reply: httpx.Response | None = field(repr=False)


@dataclass
class Findings:
    """What came of one run of the engine on some operations, the one that the run is about first."""

    operations: Sequence[Operation]
    seed: int
    replies: dict[requests.PreparedRequest, httpx.Response]
    cases: int = 0
    failures: dict[tuple[str, str], Finding] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)  # of the engine itself
    sent: list[httpx.Request] = field(default_factory=list)
    stopped_by: BaseException | None = None

    def settle(self) -> None:
        """Fails the test with every broken check, else raises what has stopped the run, if anything did."""
        if isinstance(self.stopped_by, KeyboardInterrupt):
            raise self.stopped_by
        if self.failures or (self.errors and self.stopped_by is None):
            told = [*(one.text for one in self.failures.values()), *self.errors]
            shown = "\n".join(one[:_SHOWN] for one in told)
            replies = [one.reply for one in self.failures.values() if one.reply is not None]
            raise Broken(f"schemathesis, seed {self.seed}: {shown}", *replies[:1])
        if self.stopped_by is not None:
            raise self.stopped_by
        assert self.cases, "schemathesis had no case to try"

    def add(self, event: events.EngineEvent) -> None:
        """Takes in one event of the engine."""
        if isinstance(event, events.ScenarioFinished):
            self.cases += len(event.recorder.cases)
            for case_id, checks in event.recorder.checks.items():
                found = event.recorder.find_response(case_id=case_id)
                reply = self.replies.get(found.request) if found is not None else None
                for check in checks:
                    self._add_check(event.recorder.cases[case_id].value, check, reply)
        elif isinstance(event, events.NonFatalError):
            self.errors.append(f"{event.label}: {event.info}")
        elif isinstance(event, events.FatalError):
            raise event.exception
        elif isinstance(event, events.Interrupted) and self.stopped_by is None:
            self.stopped_by = KeyboardInterrupt()  # which the engine takes for the end of its own run

    def _add_check(self, case: schemathesis.Case, check: CheckNode, reply: httpx.Response | None) -> None:
        if check.failure_info is None:
            return
        failure = check.failure_info.failure
        broken = operation_of(case)
        suffixes = _suffixes(check.name, failure, broken, reply)
        promise = _promise(suffixes, [broken, *self.operations])
        text = f"{broken.name} {check.name}: {failure}\n{check.failure_info.code_sample}"
        self.failures.setdefault((check.name, promise), Finding(check.name, broken, promise, text, reply))


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


def _suffixes(check: str, failure: Failure, operation: Operation, reply: httpx.Response | None) -> tuple[str, ...]:
    """The promises that a failed check may speak of, without the operation, by what the reply is."""
    if isinstance(failure, IgnoredAuth) and failure.scenario is not AuthScenario.NO_AUTH:
        return ("auth.wrong",)
    if "`Authorization`" in failure.message:  # the negative data of the case is that header, not there
        return ("auth.missing",)
    is_submission = operation in contract().submissions
    if reply is not None and check in (*_OF_SHAPE, *_OF_STATUS):
        if check in _OF_SHAPE and reply.is_error:
            return ("refusal.envelope",)
        if is_refused(reply):  # a success may say so by its `code`
            return ("refusal.status",) if is_submission else ("task_id.unknown",)
        if check != "negative_data_rejection" and not reply.is_error:
            return ("reply.envelope",) if is_submission else ("task.read",)
    return _PROMISES.get(check, ("conformance",))


def _promise(suffixes: Sequence[str], operations: Sequence[Operation]) -> str:
    """The id of one of these promises: of the first operation that is promised such a thing."""
    names = (f"{operation.name}.{suffix}" for operation in operations for suffix in suffixes)
    return next((name for name in names if name in all_promises()), f"{operations[0].name}.conformance")


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


def _refuse(*args: Any, **kwargs: Any) -> Any:
    raise AssertionError("a request went past the client of the target")


def _to_httpx(request: requests.PreparedRequest, timeout: httpx.Timeout) -> httpx.Request:
    """The same request. RequestException when it cannot be sent by HTTP: the engine asks to know."""
    headers = {name: value for name, value in request.headers.items() if name not in _NOT_PASSED_ON}
    if any(_NOT_IN_A_HEADER.search(value) for value in map(_text, headers.values())):
        raise requests.exceptions.InvalidHeader("a header cannot hold this")
    encoded = [(name.encode("latin-1"), _text(value).encode("latin-1")) for name, value in headers.items()]
    extensions = {"timeout": timeout.as_dict()}
    body = request.body
    assert body is None or isinstance(body, str | bytes), "schemathesis streams no body"
    try:
        return httpx.Request(
            request.method or "GET", request.url or "", headers=encoded, content=body, extensions=extensions
        )
    except httpx.InvalidURL as error:
        raise requests.exceptions.InvalidURL(str(error)) from error


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")


def _content_shown(request: httpx.Request, reply: httpx.Response) -> bytes:
    """The body of a reply, decoded; of a documented one without optional members that are null."""
    operation = operation_at(contract(), request) or contract().operation(GET_TASK)
    payload = strict_payload_of(reply) if reply.status_code == 200 and request.method == operation.method else None
    shown = without_nulls(contract(), operation, payload)
    return reply.content if shown == payload else json_text(shown)


def _from_httpx(request: requests.PreparedRequest, reply: httpx.Response, content: bytes) -> requests.Response:
    """The same reply with a body that is decoded."""
    gone = ("content-encoding", "content-length", "transfer-encoding")
    headers = [(name, value) for name, value in reply.headers.multi_items() if name not in gone]
    raw = urllib3.HTTPResponse(
        body=BytesIO(content),
        headers=urllib3.HTTPHeaderDict(headers),
        status=reply.status_code,
        reason=reply.reason_phrase,
        version=10 if reply.http_version == "HTTP/1.0" else 11,
        preload_content=False,
    )
    return HTTPAdapter().build_response(request, raw)
