"""The history of every task that was bought: documented states, in order, to an end that stays, and the picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from contract_tests.harness.blame import Fault, check, no_faults
from contract_tests.harness.groups import Each, Group
from contract_tests.harness.not_concluded import NotConcluded
from contract_tests.harness.parametrize import every_submission_bought, plan_of, sizes_asked, wrong_keys_of_reads
from contract_tests.harness.recorded import RecordedExchanges, TaskHistory
from contract_tests.harness.response_checks import (
    GOES_ON,
    answer_in,
    broken_parts,
    data_of,
    faults_of_envelope,
    has_ended,
    is_absolute,
    is_json,
    is_same_model,
    lasting,
    member,
    rank_of,
    resources_of,
    time_of,
)
from contract_tests.harness.target import Target, listed, pixels, sized
from contract_tests.model.bad_requests import BadRequest
from contract_tests.model.document import Document, Operation, contract
from contract_tests.model.near_ids import is_plain, near_ids
from contract_tests.model.planned import PlannedSubmission
from contract_tests.model.promises import is_size
from modellix._openapi import GET_TASK

LEAST_KEPT = 30 * 60  # seconds; pages speak of a day or of seven, and clocks may differ
LONGEST_KEPT = 366 * 24 * 60 * 60


@every_submission_bought
@pytest.mark.promise("task.read")
def test_reads_are_the_documented_ones(operation: Operation, recorded: RecordedExchanges, document: Document) -> None:
    read = document.operation(GET_TASK)
    no_faults(
        Fault(history.planned.name, ", ".join(broken_parts(document, read, reply)), (history.reply, reply))
        for history in recorded.found(operation)
        for reply in _reads_to_judge(history)
    )


def _reads_to_judge(history: TaskHistory) -> Iterator[httpx.Response]:
    """All of them; a task that is gone after its end breaks another promise."""
    for number, reply in enumerate(history.reads):
        if reply.status_code == 200 or not any(map(has_ended, history.reads[:number])):
            yield reply


@every_submission_bought
@pytest.mark.promise("task.identity")
def test_task_asked_for_is_the_task_answered(operation: Operation, recorded: RecordedExchanges) -> None:
    """By its id and its model, where a read names them."""
    for history in recorded.found(operation):
        for data, read in zip(history.told, history.reads, strict=True):
            task_id, model = data.get("task_id"), data.get("model_id")
            told = f"{history.planned.name} is task {history.task_id}, and a read names {task_id} of {model}"
            is_same = task_id in (None, history.task_id)
            is_same &= is_same_model(model, data_of(history.reply).get("model_id"))
            check(is_same, told, history.reply, read)


@every_submission_bought
@pytest.mark.promise("task.states")
def test_states_are_documented(operation: Operation, recorded: RecordedExchanges, document: Document) -> None:
    schema = document.schema(document.replies(document.operation(GET_TASK))["200"]["schema"])
    data = document.schema(schema["properties"]["data"])
    known = document.schema(data["properties"]["status"])["enum"]
    no_faults(
        Fault(history.planned.name, data["status"], (history.reply, read))
        for history in recorded.found(operation)
        for data, read in zip(history.told, history.reads, strict=True)
        if data.get("status", known[0]) not in known
    )


@every_submission_bought
@pytest.mark.promise("task.order")
def test_states_never_go_back(operation: Operation, recorded: RecordedExchanges) -> None:
    """Until the end, which another test looks at."""
    for history in recorded.found(operation):
        ranks = [rank_of(status) for status in history.statuses if status is not None]
        ranks = ranks[: ranks.index(len(GOES_ON)) + 1] if len(GOES_ON) in ranks else ranks
        told = f"{history.planned.name} tells {history.statuses}"
        check(ranks == sorted(ranks), told, history.reply, *history.reads[-1:])


@every_submission_bought
@pytest.mark.promise("task.ends")
def test_task_ends(operation: Operation, recorded: RecordedExchanges) -> None:
    no_faults(
        Fault(
            history.planned.name,
            f"still {history.statuses[-1]!r:.40} after {len(history.reads)} reads",
            (history.reply, history.reads[-1]),
        )
        for history in recorded.found(operation)
        if history.reads and not any(map(has_ended, history.reads))
    )


@every_submission_bought
@pytest.mark.promise("task.stable")
def test_end_stays(operation: Operation, recorded: RecordedExchanges) -> None:
    """Every read after the end tells the same; a URL may be signed anew, and the expiry is not promised exactly."""
    for history in recorded.found(operation):
        ended = [number for number, reply in enumerate(history.reads) if has_ended(reply)]
        after = [(lasting(reply), reply) for reply in history.reads[ended[0] :]] if ended else []
        for told, reply in after:
            what = f"{history.planned.name}: {history.statuses}, {[after[0][0], told]!r:.600}"
            check(told == after[0][0], what, history.reply, after[0][1], reply)


@every_submission_bought
@pytest.mark.promise("task.expiry")
def test_results_expire_in_the_future(operation: Operation, recorded: RecordedExchanges) -> None:
    """Told in milliseconds since 1970; in seconds it would be long ago, in smaller parts of one very far away."""
    for history in recorded.found(operation):
        for reply in history.reads:
            expires = data_of(reply).get("result_expires_at")
            if isinstance(expires, int | float):  # anything else breaks the schema
                ahead = expires / 1000 - time_of(reply)
                told = f"{history.planned.name}: {expires} is {ahead:.0f} s ahead"
                check(LEAST_KEPT < ahead < LONGEST_KEPT, told, history.reply, reply)


@every_submission_bought
@pytest.mark.promise("task.numbers")
def test_numbers_can_be_true(operation: Operation, recorded: RecordedExchanges) -> None:
    for history in recorded.found(operation):
        for reply in history.reads:
            sides = [member(resource, name) for resource in resources_of(reply) for name in ("width", "height")]
            least = [(data_of(reply).get("duration"), 0), *((side, 1) for side in sides)]
            low = [told for told, limit in least if isinstance(told, int | float) and told < limit]
            check(not low, f"{history.planned.name}: {low}", history.reply, reply)


@every_submission_bought
@pytest.mark.promise("task.result")
def test_valid_request_ends_in_a_picture(operation: Operation, recorded: RecordedExchanges, target: Target) -> None:
    ended = [history for history in recorded.found(operation) if history.reads and has_ended(history.reads[-1])]
    for history in ended:
        if not history.has_failed:
            _names_pictures(history)
    failed = [(history, _told_of(history, target)) for history in ended if history.has_failed]
    faults = ((history, told) for history, told in failed if isinstance(told, str))
    no_faults(Fault(history.planned.name, told, (history.reply, history.reads[-1])) for history, told in faults)
    for _, told in failed:
        if isinstance(told, NotConcluded):
            raise told


def _names_pictures(history: TaskHistory) -> None:
    shown = history.reply, history.reads[-1]
    check(history.resources, f"{history.planned.name} ended without results", *shown)
    for resource in history.resources:
        told = {name: member(resource, name) for name in ("url", "type")}
        is_whole = all(isinstance(text, str) and text for text in told.values())
        check(is_whole, f"{history.planned.name}: {told}", *shown)


def _told_of(history: TaskHistory, target: Target) -> str | NotConcluded | None:
    """What the failure of a task says; None for one that breaks nothing."""
    try:
        return target.failure_of(str(history.task_id))
    except NotConcluded as error:
        return error


@every_submission_bought
@pytest.mark.promise("task.urls")
def test_results_have_absolute_urls(operation: Operation, recorded: RecordedExchanges, target: Target) -> None:
    for history in recorded.found(operation):
        for resource in history.resources:
            url = member(resource, "url")
            is_good = not isinstance(url, str) or is_absolute(url, target.origin)
            check(is_good, f"{history.planned.name}: {url!r:.200}", history.reply, history.reads[-1])


@every_submission_bought
@pytest.mark.promise("task.file")
def test_result_is_a_whole_file(operation: Operation, recorded: RecordedExchanges, target: Target) -> None:
    """One result of each operation is fetched wherever it lies, and every one that the API itself serves."""
    files = recorded.files(operation)
    if not files:
        pytest.skip("not run: no result has an address")
    for url, resource in files.items():
        if fault := target.files.fault_of(resource):
            named_by = next(one for one in recorded.found(operation) if resource in one.resources)
            check(False, f"{url:.200}: {fault}", named_by.reply, named_by.reads[-1])


@pytest.mark.parametrize(
    ("operation", "field"),
    [
        pytest.param(
            one,
            field,
            id=one.name,
            marks=[pytest.mark.promise(f"{field}.result"), pytest.mark.looks_at(plan_of(one)[0])],
        )
        for one in contract().submissions
        for field, schema in contract().fields(one).items()
        if is_size(schema)
    ],
)
def test_every_picture_has_the_size_asked(
    operation: Operation, field: str, recorded: RecordedExchanges, target: Target
) -> None:
    """By what the reply tells, and by the files that are fetched."""
    default = contract().fields(operation)[field].get("default", "")
    fetched = recorded.files(operation)
    for history in sorted(recorded.found(operation), key=lambda one: field not in one.planned.body):
        asked = str(history.planned.body.get(field, default))
        if not asked or not history.resources:
            continue
        promise = "" if field in history.planned.body else f"{field}.default"
        shown = history.reply, history.reads[-1]
        told = target.pictures_in(history.resources)
        what = f"{history.planned.name}: {asked} was asked for, and"
        check(not told or sized(asked) in told, f"{what} {listed(told)} came", *shown, promise=promise)
        for one in told.get(sized(asked), []):
            size = target.size_of_file(one) if member(one, "url") in fetched else None
            check(size in (None, pixels(asked)), f"{what} the file is {size}", *shown, promise=promise)


@pytest.mark.parametrize(("planned", "asked"), sizes_asked())
def test_picture_has_the_size_asked(
    planned: PlannedSubmission, asked: str, recorded: RecordedExchanges, target: Target
) -> None:
    """As the reply tells its width and height, or as the file has them where the reply does not."""
    history = recorded.history(planned)
    if history.has_failed:
        pytest.skip(f"not run: the task of {planned.name} failed")
    shown = history.reply, history.reads[-1]
    check(history.resources, f"{history.planned.name} has no picture to look at", *shown, promise="task.result")
    told = target.pictures_in(history.resources)
    if not told:
        pytest.skip("not run: no size can be seen, and the test of the file says why")
    check(sized(asked) in told, f"{history.planned.name}: {asked} was asked for, and {listed(told)} came", *shown)


_READS = [
    pytest.param(contract().operation(GET_TASK), one, id=one.name, marks=pytest.mark.looks_at(plan_of(one)[0]))
    for one in contract().submissions
]


@pytest.mark.parametrize(("operation", "submission"), _READS)
@pytest.mark.promise("task_id.near_miss")
def test_a_near_miss_of_an_id_is_not_found(
    operation: Operation, submission: Operation, recorded: RecordedExchanges, target: Target
) -> None:
    """Ids may be counted up, so that a near miss can be the id of another task. Of controls and slashes in an address,
    many gateways say in a page of their own that nothing is there.
    """
    task_id = recorded.accepted(submission)[0].task_id or ""
    for near in dict.fromkeys(near_ids(task_id)):
        if near.strip() and near not in target.account.task_ids:
            reply = target.read(near)
            allowed = {404} if is_plain(near) else {400, 404}
            check(reply.status_code in allowed, f"{near!r} for {task_id!r} {answer_in(reply)}", reply)
            faults = ", ".join(faults_of_envelope(reply)) if is_plain(near) or is_json(reply) else ""
            check(not faults, f"{near!r}: {faults}", reply, promise="refusal.envelope")


@wrong_keys_of_reads
def test_task_is_not_read_without_the_right_key(
    group: Group[BadRequest], each: Each, recorded: RecordedExchanges
) -> None:
    each(group, lambda bad: _is_not_read(bad, recorded))


def _is_not_read(bad: BadRequest, recorded: RecordedExchanges) -> None:
    assert bad.submission is not None
    task_id = recorded.accepted(bad.submission)[0].task_id
    reply = recorded.refusal(replace(bad, parameters={"task_id": task_id or "none"}))
    check(reply.status_code == 401, answer_in(reply), reply)
    faults = ", ".join(faults_of_envelope(reply))
    check(not faults, faults, reply, promise="refusal.envelope")


@pytest.mark.parametrize(("operation", "submission"), _READS[:1])
@pytest.mark.promise("auth.session")
def test_a_session_is_no_key(
    operation: Operation, submission: Operation, recorded: RecordedExchanges, target: Target
) -> None:
    history = recorded.histories(submission)[0]
    if target.session:
        reply = target.send(operation, None, target.session, parameters={"task_id": history.task_id or "none"})
        check(reply.status_code == 401, f"without a key, with {', '.join(target.session)}, {answer_in(reply)}", reply)
