"""What schemathesis may send, and a check that it lacks. Loaded by `schemathesis.toml`.

The schema says less than the contract: whether extra properties are refused, or what makes an https URL good beyond
scheme and host, is not promised, although the schema decides it. Cases of that kind are made clear where that is
possible, and left out where it is not, so that no failure has to be ignored.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx
import schemathesis
from schemathesis import Case, CheckContext, HookContext, Response
from schemathesis.core import NOT_SET
from schemathesis.generation.meta import REQUEST_SHAPE_PROBES, CoveragePhaseData, CoverageScenario

from contract_tests.harness.expectations import expectation_of
from contract_tests.harness.response_checks import member
from contract_tests.model.body_expectations import with_clear_urls
from contract_tests.model.contents import json_text
from contract_tests.model.document import Operation, contract
from modellix._values import LONGEST_TASK_ID

# What a path segment holds as it is. A read of another path may end before the API sees it: at a proxy, or where the
# server picks its routes.
_UNCLEAR_IN_PATH = re.compile(r"[^A-Za-z0-9._~!$&'()*+,;=:@-]|^\.+$")

_NO_KEY = (CoverageScenario.MISSING_PARAMETER, "Authorization")
_KEY = "any"
_HEADERS = {"Authorization": f"Bearer {_KEY}", "Content-Type": "application/json"}


@schemathesis.hook
def filter_case(context: HookContext, case: Case) -> bool:
    """Lets a case pass when the contract says what has to become of it."""
    probe = _coverage(case)
    if probe is not None and probe.scenario in REQUEST_SHAPE_PROBES:
        return False  # other methods, other content types
    operation = operation_of(case)
    is_without_key = probe is not None and (probe.scenario, probe.parameter) == _NO_KEY
    if is_without_key or operation not in contract().submissions:
        return True
    if case.body is NOT_SET:
        return False  # no body, so no content type either
    request = httpx.Request(operation.method, operation.url, headers=_HEADERS, content=_content(operation, case.body))
    is_negative = case.meta is not None and case.meta.generation.mode.is_negative
    return expectation_of(contract(), request, _KEY) == ("refused" if is_negative else "accepted")


@schemathesis.hook
def map_case(context: HookContext, case: Case) -> Case:
    """The case without what is promised to end neither way."""
    parameters = {name: _clear_segment(value) for name, value in (case.path_parameters or {}).items()}
    if parameters != case.path_parameters:
        case.path_parameters = parameters
    if case.body is not NOT_SET:
        body = _clear_body(operation_of(case), case.body)
        if body != case.body:
            case.body = body
    return case


@schemathesis.check
class SubmittedTaskIsFound:
    """A task that was submitted in this run is found by its id."""

    def __init__(self) -> None:
        self._submitted: set[str] = set()

    def after_response(self, ctx: CheckContext, response: Response, case: Case) -> bool | None:
        if operation_of(case) in contract().submissions:
            self._submitted |= _task_ids(response)
            return None
        task_id = unquote(urlsplit(response.request.url or "").path.rpartition("/")[2])
        is_lost = task_id in self._submitted and response.status_code == 404
        assert not is_lost, f"task {task_id}, submitted in this run, is not found"
        return None


def operation_of(case: Case) -> Operation:
    """The operation that a case is of, whatever method it has."""
    method, path = case.operation.method.upper(), case.operation.path
    return next(one for one in contract().operations if (one.method, one.path) == (method, path))


def _coverage(case: Case) -> CoveragePhaseData | None:
    """What a case of the phase `coverage` is about."""
    data = case.meta.phase.data if case.meta is not None else None
    return data if isinstance(data, CoveragePhaseData) else None


def _clear_segment(value: object) -> str:
    return _UNCLEAR_IN_PATH.sub("-", str(value))[:LONGEST_TASK_ID]


def _clear_body(operation: Operation, body: Any) -> Any:
    """A body without extra properties, its URLs plainly good or plainly bad."""
    if not isinstance(body, dict):
        return body
    known = contract().fields(operation)
    return with_clear_urls(contract(), operation, {name: value for name, value in body.items() if name in known})


def _content(operation: Operation, body: Any) -> bytes:
    """A body as it is sent. Schemathesis draws bytes as well, for what is not even JSON."""
    return body if isinstance(body, bytes) else json_text(_clear_body(operation, body))


def _task_ids(response: Response) -> set[str]:
    """The id in an accepted reply; none in any other."""
    try:
        task_id = member(member(response.json(), "data"), "task_id")
    except (ValueError, RecursionError):
        return set()
    return {task_id} if response.status_code == 200 and isinstance(task_id, str) else set()
