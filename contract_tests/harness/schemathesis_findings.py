"""What schemathesis finds, and which promise each of its checks speaks of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import httpx
import requests
import schemathesis
from schemathesis.core.failures import Failure
from schemathesis.engine import events
from schemathesis.engine.recorder import CheckNode
from schemathesis.openapi.checks import AuthScenario, IgnoredAuth

from contract_tests.harness.blame import Broken
from contract_tests.harness.response_checks import is_refused
from contract_tests.harness.schemathesis_hooks import operation_of
from contract_tests.model.document import Operation, contract
from contract_tests.model.promises import all_promises

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

_SHOWN = 1000  # characters of a failure


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
