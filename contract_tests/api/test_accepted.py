"""What the document allows is accepted, at both ends of every limit, and the reply is the documented one."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from urllib.parse import unquote, urlsplit

import pytest

from contract_tests.harness.blame import Broken, Fault, check, no_faults
from contract_tests.harness.groups import Each, Group
from contract_tests.harness.parametrize import (
    bad_keys,
    cases,
    every_planned,
    every_submission,
    every_submission_bought,
    planned_twice,
)
from contract_tests.harness.recorded import RecordedExchanges, TaskHistory
from contract_tests.harness.response_checks import (
    answer_in,
    broken_parts,
    data_of,
    faults_of_envelope,
    is_accepted,
    is_json,
    is_usable,
)
from contract_tests.harness.target import Target
from contract_tests.model.bad_requests import BadRequest
from contract_tests.model.cases import Case, cases_of
from contract_tests.model.document import Document, Node, Operation, contract
from contract_tests.model.planned import PlannedSubmission
from contract_tests.model.samples import base_body
from contract_tests.model.wrong_keys import CREDENTIALS
from modellix._openapi import GET_TASK
from modellix._values import is_loopback


@cases(lambda case: case.is_valid and not case.is_about_counting and case.keyword != "examples")
def test_accepted(group: Group[Case], each: Each, recorded: RecordedExchanges) -> None:
    each(group, lambda case: _is_accepted(case, recorded))


def _is_accepted(case: Case, recorded: RecordedExchanges) -> None:
    if not recorded.accepts(case):
        reply = recorded.alone(case)
        check(is_accepted(reply), answer_in(reply), reply)


@every_planned
def test_planned_body_is_accepted(group: Group[PlannedSubmission], each: Each, recorded: RecordedExchanges) -> None:
    """Options together, texts of every kind, JSON and headers written in every way."""
    each(group, lambda planned: _is_taken(planned, recorded))


def _is_taken(planned: PlannedSubmission, recorded: RecordedExchanges) -> None:
    reply = recorded.submitted(planned)
    how = f"sent with JSON {planned.spelling}, headers {planned.habit}, {len(reply.request.content)} bytes"
    check(is_accepted(reply), f"{how}: {answer_in(reply)}", reply)


@every_submission_bought
@bad_keys
def test_key_is_asked_for_once_it_was_given(operation: Operation, noun: str, recorded: RecordedExchanges) -> None:
    """The service remembers neither callers nor answers: here the same bytes came with the right key before."""
    taken = recorded.accepted(operation)[0].reply.request.content
    kind, headers, _ = CREDENTIALS[noun]
    reply = recorded.refusal(BadRequest(f"{noun} again", operation, f"auth.{kind}", 401, taken, headers))
    check(reply.status_code == 401, answer_in(reply), reply)


@every_submission_bought
@pytest.mark.promise("auth.session")
def test_a_session_is_no_key(operation: Operation, recorded: RecordedExchanges, target: Target) -> None:
    """Sends nothing where no reply hands out a cookie or a token."""
    taken = recorded.accepted(operation)[0].planned.content
    if target.session:
        reply = target.send(operation, taken, target.session)
        check(reply.status_code == 401, f"without a key, with {', '.join(target.session)}, {answer_in(reply)}", reply)


@every_submission
@pytest.mark.promise("model.unknown")
@pytest.mark.paid
def test_unknown_model_is_not_found(operation: Operation, target: Target, document: Document) -> None:
    """Paid, because nobody knows what another address buys."""
    for path in unknown_models(operation):
        other = replace(operation, path=path)
        reply = target.send(other, base_body(document, operation))
        check(reply.status_code == 404, f"{path} {answer_in(reply)}", reply)
        faults = list(faults_of_envelope(reply)) if is_json(reply) else []
        check(not faults, f"{path}: {', '.join(faults)}", reply, promise="refusal.envelope")


@cases(lambda case: case.is_about_counting)
def test_counted_in_code_points(group: Group[Case], each: Each, recorded: RecordedExchanges) -> None:
    """Judged as plain letters of the same number are: only the way of counting can make a difference."""
    each(group, lambda case: _is_counted(case, recorded))


def _is_counted(case: Case, recorded: RecordedExchanges) -> None:
    plain = _plain(case)
    if case.is_valid:
        is_taken = recorded.accepts(case)
        reply = recorded.alone(plain if is_taken else case) if recorded.accepts(plain) != is_taken else None
        if reply is not None:
            raise Broken(answer_in(reply), reply)
    elif is_accepted(recorded.alone(plain)):
        pytest.skip("not run: the limit itself is not kept, which another test says")
    else:
        reply = recorded.alone(case)
        check(not is_accepted(reply), answer_in(reply), reply)


def _plain(case: Case) -> Case:
    """The case with as many letters as this one has characters."""
    length = len(case.value)
    return next(
        one
        for one in cases_of(case.operation)
        if (one.field, one.is_valid) == (case.field, case.is_valid)
        and isinstance(one.value, str)
        and len(one.value) == length
        and not one.is_about_counting
    )


@every_submission_bought
@pytest.mark.promise("reply.envelope")
def test_reply_is_the_documented_one(operation: Operation, recorded: RecordedExchanges, document: Document) -> None:
    no_faults(
        Fault(history.planned.name, ", ".join(broken_parts(document, operation, history.reply)), (history.reply,))
        for history in recorded.accepted(operation)
    )


@every_submission_bought
@pytest.mark.promise("reply.status")
def test_task_begins_as_the_document_says(
    operation: Operation, recorded: RecordedExchanges, document: Document
) -> None:
    known = first_statuses(document, operation)
    _all_told("status", known, recorded.accepted(operation))


@every_submission_bought
@pytest.mark.promise("reply.model_id")
def test_model_is_the_one_asked(operation: Operation, recorded: RecordedExchanges) -> None:
    """The name of a model is the segment before `async` in the address of its submissions."""
    segments = operation.path.strip("/").removesuffix("/async").split("/")
    _all_told("model_id", segments[-1:], recorded.accepted(operation))


def _all_told(name: str, known: list[str], histories: list[TaskHistory]) -> None:
    """Whether a member of `data` is one of those known in every reply. Where it is missing, another test says so."""
    told = [(data_of(history.reply).get(name), history.reply) for history in histories]
    wrong = [reply for value, reply in told if value is not None and value not in known]
    counts = Counter(str(value) for value, _ in told)
    check(not wrong, f"{name}, and how often it came: {dict(counts)}", *wrong[:1])


@every_submission_bought
@pytest.mark.promise("reply.task_id")
def test_task_id_is_usable(operation: Operation, recorded: RecordedExchanges) -> None:
    """It is a string fit for a path, and reads with it find the task, some seconds later at the latest."""
    for history in recorded.histories(operation):
        task_id = data_of(history.reply).get("task_id")
        check(is_usable(task_id), f"task id {task_id!r:.80}", history.reply)
        first = history.reads[0]
        check(first.status_code == 200, f"the first read {answer_in(first)}", history.reply, first)


@pytest.mark.parametrize(
    ("operation", "plan"),
    [
        pytest.param(one, plan, id=one.name, marks=pytest.mark.looks_at(*plan))
        for one, plan in ((one, planned_twice(one)) for one in contract().submissions)
    ],
)
@pytest.mark.promise("reply.unique")
def test_task_ids_differ(operation: Operation, plan: list[PlannedSubmission], recorded: RecordedExchanges) -> None:
    """Those of two submissions with equal bodies as well, and those of different operations."""
    for planned in plan:
        recorded.submitted(planned)
    own = {history.task_id: history.reply for history in recorded.accepted(operation) if is_usable(history.task_id)}
    every = [history.task_id for one in contract().submissions for history in recorded.bought(one)]
    repeated = {task_id: every.count(task_id) for task_id in own if every.count(task_id) > 1}
    check(not repeated, f"ids and how often they came: {repeated}", *(own[task_id] for task_id in list(repeated)[:1]))


@every_submission_bought
@pytest.mark.promise("reply.get_result")
def test_get_result_is_how_the_task_is_read(
    operation: Operation, recorded: RecordedExchanges, target: Target, document: Document
) -> None:
    """Where it is present: the document's method and path, this task's id, an absolute URL of the API."""
    read = document.operation(GET_TASK)
    for history in recorded.accepted(operation):
        told = data_of(history.reply).get("get_result")
        if not isinstance(told, dict) or told.get("url") is None or not is_usable(history.task_id):
            continue  # it need not be there; and other tests say so where the envelope or the id is broken
        check(told.get("method") == read.method, f"method {told.get('method')!r:.80}", history.reply)
        url = urlsplit(str(told.get("url")))
        path = read.path.replace("{task_id}", str(history.task_id))
        is_own = unquote(url.path) == document.prefix + path and not url.query
        check(is_own, f"{told.get('url')!r:.200} is not the address of {history.task_id}", history.reply)
        is_known = is_api(url.scheme, url.hostname or "", target, document)
        check(is_known, f"{told.get('url')!r:.200} is not the API's", history.reply)


def unknown_models(operation: Operation) -> list[str]:
    """The path of a submission with other models and providers, none of which can be one that the pages do not show."""
    segments = operation.path.split("/")
    at = -2 if segments[-1] == "async" else -1
    model, provider = segments[at], segments[at - 1]
    joined = model.replace("-", "_") if "-" in model else f"{model}_"
    names = [f"{model}-none", f"{model}x", model.upper(), joined, "none"]
    changed = [[*segments[:at], name, *segments[at:][1:]] for name in names]
    others = [[*segments[: at - 1], name, *segments[at:]] for name in ("nobody", provider.upper())]
    return ["/".join(one) for one in (*changed, *others)]


def first_statuses(document: Document, operation: Operation) -> list[str]:
    """What the document lets `status` be in the reply to a submission."""
    reply = document.schema(document.replies(operation)["200"]["schema"])
    data = document.schema(reply["properties"]["data"])
    return _options(document.schema(data["properties"]["status"]))


def is_api(scheme: str, host: str, target: Target, document: Document) -> bool:
    """Whether an address is at the API: as the document names it or as this run does, any loopback name for another."""
    known = [urlsplit(document.server), urlsplit(target.origin)]
    if is_loopback(host) and is_loopback(known[1].hostname or ""):
        return scheme == known[1].scheme
    return (scheme, host) in [(one.scheme, one.hostname) for one in known]


def _options(schema: Node) -> list[str]:
    return [schema["const"]] if "const" in schema else schema["enum"]
