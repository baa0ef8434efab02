"""What shows only when a run is looked back at: late reads, ids of all submissions, every reply that came."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import httpx
import pytest

from contract_tests.harness.blame import Fault, check, no_faults
from contract_tests.harness.groups import Each, Group, Member, each_of
from contract_tests.harness.parametrize import every_submission_bought, plan_of
from contract_tests.harness.recorded import RecordedExchanges
from contract_tests.harness.response_checks import (
    answer_in,
    faults_of_envelope,
    lasting,
    member,
    resources_of,
    task_id_of,
)
from contract_tests.harness.target import Target
from contract_tests.harness.watch import FAILURES
from contract_tests.model.document import Operation, contract
from modellix._openapi import GET_TASK

pytestmark = pytest.mark.closing

MANY = 102  # ids, so that some come twice where they begin anew after a hundred


def used_by(operation: Operation) -> list[Operation]:
    """The submissions that have an operation used: itself, and all where it reads their tasks."""
    return [one for one in contract().submissions if operation in (one, contract().operation(GET_TASK))]


def use(operation: Operation, recorded: RecordedExchanges) -> None:
    """Has something sent to an operation. In a whole run that was done long ago."""
    with suppress(AssertionError, pytest.skip.Exception, pytest.fail.Exception):
        for _ in recorded.refusals(operation):
            pass
        for one in used_by(operation):
            recorded.histories(one)


_looks = {
    one: pytest.mark.looks_at(*(planned for used in used_by(one) for planned in plan_of(used)[:1]))
    for one in contract().operations
}
every_operation_used = pytest.mark.parametrize(
    "operation", [pytest.param(one, id=one.name, marks=mark) for one, mark in _looks.items()]
)


@every_submission_bought
@pytest.mark.promise("task.stable")
def test_end_stays_until_the_end_of_the_run(operation: Operation, recorded: RecordedExchanges) -> None:
    history, late = recorded.late(operation)
    told, tells = lasting(history.reads[-1]), lasting(late)
    what = f"{history.planned.name} told {told!r:.300} and tells {tells!r:.300}"
    check(tells == told, what, history.reply, history.reads[-1], late)


@every_submission_bought
@pytest.mark.promise("task.kept")
def test_result_is_there_at_the_end_of_the_run(
    operation: Operation, recorded: RecordedExchanges, target: Target
) -> None:
    """And is the same picture. Its address may have been signed anew."""
    history, late = recorded.late(operation)
    for before, now in zip(history.resources, resources_of(late), strict=False):
        url, later = member(before, "url"), member(now, "url")
        if url in recorded.files(operation) and isinstance(later, str) and not target.files.fault_of(before):
            first = target.files.get(url)
            again = target.files.get_anew(later, member(now, "type"))
            check(again.look == first.look, f"{later:.200} is another file by now", history.reply, late)
            return
    pytest.skip("not run: no result has a good file")


@every_submission_bought
@pytest.mark.promise("reply.unique")
def test_ids_of_the_whole_run_differ(operation: Operation, recorded: RecordedExchanges, target: Target) -> None:
    """Those of every submission that any tool got accepted, and live of so many that counting to a hundred shows."""
    recorded.bought(operation)
    _buy_up_to(MANY if target.is_live else 0, operation, recorded, target)
    own = [task_id for name, task_id in target.account.bought if name == operation.operation_id]
    if not own:
        pytest.skip("not run: nothing was accepted")
    every = Counter(task_id for _, task_id in target.account.bought)
    repeated = {task_id: every[task_id] for task_id in own if every[task_id] > 1}
    check(not repeated, f"{repeated}: of {len(own)} ids, with how often each came")


def _buy_up_to(many: int, operation: Operation, recorded: RecordedExchanges, target: Target) -> None:
    """Copies of a body that was accepted, as long as the budget lasts."""
    with suppress(AssertionError, pytest.skip.Exception):
        for _ in range(many - len(target.account.bought)):
            target.send(operation, recorded.accepted(operation)[0].planned.content)


@every_operation_used
@pytest.mark.promise("reply.secret")
def test_no_reply_shows_the_key(operation: Operation, recorded: RecordedExchanges, target: Target) -> None:
    """Not even where it was sent in another place than its header: that is no part of this, since it may be echoed."""
    use(operation, recorded)
    leaks = target.watch.leaks[operation.operation_id]
    no_faults(Fault(f"{one.request.method} {one.request.url.path}", answer_in(one), (one,)) for one in leaks)


@dataclass(frozen=True)
class Failure:
    """A documented failure of the service that may have come by itself."""

    operation: Operation
    status: int

    @property
    def sentence(self) -> str:
        return f"{self.operation.name} answers {self.status} in the envelope"


@each_of(
    Member(Failure(one, status), "fails", f"failure.{status}", (mark,))
    for one, mark in _looks.items()
    for status in FAILURES
)
def test_failures_that_came_have_the_envelope(
    group: Group[Failure], each: Each, recorded: RecordedExchanges, target: Target
) -> None:
    """Those that were waited out as well."""
    use(group.operation, recorded)
    each(group, lambda failure: _has_envelope(failure, target))


def _has_envelope(failure: Failure, target: Target) -> None:
    came = target.watch.failures[failure.operation.operation_id, failure.status]
    if not came:
        pytest.skip(f"not seen: no {failure.status} came in this run")
    no_faults(Fault(failure.sentence, ", ".join(_faults_of(reply)), (reply,)) for reply in came)


def _faults_of(reply: httpx.Response) -> Iterator[str]:
    yield from faults_of_envelope(reply)
    if task_id_of(reply) is not None:
        yield f"names the task {task_id_of(reply)}"
