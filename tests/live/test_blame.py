"""Each fault is blamed on the promise that it breaks: not on those of the tests that come upon it as well."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from schemathesis.core.failures import Failure

from contract_tests.harness.blame import Broken, Fault, check, named_task, no_faults
from contract_tests.model import good
from contract_tests.model.document import contract
from modellix._openapi import GET_TASK
from modellix.testing.replies import json_answer

from .apis import Api, Honest, Seen, accepts, request_of, says
from .runs import run

READ = contract().operation(GET_TASK)
DEFAULT = good.field(good.SIZE)["default"]
OTHER = next(size for size in good.options(good.SIZE) if size != DEFAULT)


def test_replies_of_the_first_fault_are_kept() -> None:
    [first, second] = [answer(request_of("valid")) for answer in (accepts("task-1"), accepts("task-2"))]
    faults = [Fault("a", "", ()), Fault("b", "odd", (first,)), Fault("c", "odd too", (second,))]
    with pytest.raises(Broken, match=r"b: odd\nc: odd too") as found:
        no_faults(faults, promise="reply.envelope")
    assert (found.value.replies, found.value.promise) == ((first,), "reply.envelope")
    no_faults(faults[:1])


def test_check() -> None:
    check(True, "no")
    with pytest.raises(Broken, match="yes"):
        check([], "yes")


def test_reply_without_a_task_breaks_the_promise_of_ids() -> None:
    assert named_task(accepts("task-1")(request_of("valid"))) == "task-1"
    with pytest.raises(Broken) as found:
        named_task(says(200, {"code": 0, "data": {}})(request_of("valid")))
    assert found.value.promise == "reply.task_id"


@pytest.mark.parametrize(
    ("name", "operation", "status", "promise"),
    [
        ("negative_data_rejection", good.GENERATE, 200, "body.broken"),
        ("negative_data_rejection", good.GENERATE, 500, "body.broken"),
        ("negative_data_rejection", good.GENERATE, 422, "refusal.status"),
        ("status_code_conformance", good.GENERATE, 413, "refusal.status"),
        ("status_code_conformance", good.GENERATE, 202, "reply.envelope"),
        ("status_code_conformance", good.GENERATE, 418, "conformance"),
        ("response_schema_conformance", good.GENERATE, 401, "refusal.envelope"),
        ("response_schema_conformance", good.GENERATE, 200, "reply.envelope"),
        ("content_type_conformance", good.GENERATE, 418, "refusal.envelope"),
        ("content_type_conformance", READ, 404, "refusal.envelope"),
        ("response_schema_conformance", READ, 200, "task.read"),
        ("status_code_conformance", READ, 400, "task_id.unknown"),
        ("not_a_server_error", READ, 500, "conformance"),
    ],
)
def test_checks_of_schemathesis_by_what_came(name: str, operation: Any, status: int, promise: str) -> None:
    from contract_tests.harness.schemathesis_findings import _suffixes

    failure = Failure(operation=operation.name, title="made up", message="made up")
    assert promise in _suffixes(name, failure, operation, httpx.Response(status))


def test_success_that_says_no_has_the_wrong_status() -> None:
    from contract_tests.harness.schemathesis_findings import _suffixes

    failure = Failure(operation=good.GENERATE.name, title="made up", message="made up")
    reply = httpx.Response(200, json={"code": 400, "message": "Invalid parameters: no"})
    assert _suffixes("response_schema_conformance", failure, good.GENERATE, reply) == ("refusal.status",)


@pytest.mark.slow
def test_three_faults_break_three_promises(tmp_path: Path) -> None:
    """Another default, 422 for what is broken, refused keys without the envelope."""

    def twist(seen: Seen, honest: Honest) -> Any:
        if seen.is_submission and good.TEXT in seen.payload and good.SIZE not in seen.payload:
            seen = replace(seen, body=json.dumps({**seen.payload, good.SIZE: OTHER}).encode())
        answer = honest(seen)
        if answer.status == 400:
            return json_answer(422, {**answer.json(), "code": 422})
        return json_answer(401, {"error": "no"}) if answer.status == 401 else answer

    done = run(Api(twist), tmp_path, 500)
    suffixes = {name.partition(".")[2] for name in done.broken}
    assert suffixes == {f"{good.SIZE}.default", "refusal.status", "refusal.envelope"}, done.output[-3000:]
