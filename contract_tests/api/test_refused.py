"""What has to be refused is refused, as the documentation says, and buys nothing. Free on a live API."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import httpx
import pytest

from contract_tests.harness.blame import Fault, check, check_refused, no_faults
from contract_tests.harness.groups import Each, Group
from contract_tests.harness.not_concluded import NotConcluded
from contract_tests.harness.parametrize import bad_requests, every_operation, every_submission
from contract_tests.harness.recorded import UNABLE, RecordedExchanges
from contract_tests.harness.response_checks import answer_in, category_of, faults_of_envelope, is_refused, task_id_of
from contract_tests.model.bad_requests import BadRequest
from contract_tests.model.document import Document, Operation, contract
from contract_tests.model.samples import base_body


@bad_requests
def test_refused(group: Group[BadRequest], each: Each, recorded: RecordedExchanges) -> None:
    """Keys and unknown tasks by their own status; whatever breaks the contract by any that buys nothing."""
    each(group, lambda bad: _is_refused(bad, recorded))


def _is_refused(bad: BadRequest, recorded: RecordedExchanges) -> None:
    reply = _refusal_of_key(bad, recorded) if bad.status == UNABLE else recorded.refusal(bad)
    if bad.operation in contract().submissions:
        check_refused(reply)
    check(is_refused(reply), answer_in(reply), reply)
    if bad.status == 400 and reply.status_code == UNABLE:
        raise NotConcluded(f"{answer_in(reply)}, which says nothing of the body", "look at the key and its account")
    if bad.status != 400:
        check(reply.status_code in bad.statuses, answer_in(reply), reply)


def _refusal_of_key(bad: BadRequest, recorded: RecordedExchanges) -> httpx.Response:
    """The reply to a wrong key. A service that looks at the body first may be wrong about it: then to the plainest."""
    reply = recorded.refusal(bad)
    if bad.body is None or not is_refused(reply) or reply.status_code == UNABLE:
        return reply
    plainest = base_body(contract(), bad.operation)
    return reply if bad.body == plainest else recorded.refusal(replace(bad, body=plainest))


@every_submission
@pytest.mark.promise("refusal.status")
def test_what_breaks_the_contract_is_answered_400(operation: Operation, recorded: RecordedExchanges) -> None:
    replies = [reply for bad, reply in recorded.refusals(operation) if bad.status == 400]
    others = [reply for reply in replies if reply.status_code != 400]
    told = Counter(reply.status_code for reply in replies)
    check(not others, f"statuses and how often they came: {dict(told)}", *others[:1])


@every_operation
@pytest.mark.promise("refusal.envelope")
def test_refusals_have_the_envelope(operation: Operation, recorded: RecordedExchanges) -> None:
    no_faults(
        Fault(bad.sentence, ", ".join(faults_of_envelope(reply)), (reply,))
        for bad, reply in recorded.refusals(operation)
        if reply.is_error  # a success that says otherwise by its `code` has another status than it should
    )


@every_operation
@pytest.mark.promise("refusal.category")
def test_refusals_have_a_documented_category(
    operation: Operation, recorded: RecordedExchanges, document: Document
) -> None:
    """Where the envelope is whole: another test says where it is not."""
    known = document.categories(operation)
    no_faults(
        Fault(bad.sentence, f"{reply.status_code} {category_of(reply)!r}", (reply,))
        for bad, reply in recorded.refusals(operation)
        if category_of(reply) not in known.get(reply.status_code, [category_of(reply)])
        and not list(faults_of_envelope(reply))
    )


@every_submission
@pytest.mark.promise("refusal.free")
def test_refusals_name_no_task(operation: Operation, recorded: RecordedExchanges) -> None:
    """An error that names a task may have bought it."""
    no_faults(Fault(bad.sentence, task_id_of(reply), (reply,)) for bad, reply in recorded.refusals(operation))
