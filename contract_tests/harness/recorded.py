"""What was sent to the target in this run and what came back: every request once, whichever tests look at it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from contract_tests.harness.not_concluded import NotConcluded
from contract_tests.harness.picture_gate import NoPicture
from contract_tests.harness.response_checks import (
    data_of,
    has_ended,
    is_accepted,
    is_usable,
    member,
    resources_of,
    task_id_of,
)
from contract_tests.harness.target import Target
from contract_tests.harness.whose_fault import NotTheBody
from contract_tests.model.bad_requests import BadRequest, bad_requests_to
from contract_tests.model.cases import Case
from contract_tests.model.company import body_sent
from contract_tests.model.document import Operation, contract
from contract_tests.model.keys import variants_of
from contract_tests.model.pictures import is_about_a_url
from contract_tests.model.planned import DrawnSubmission, PlannedSubmission, planned_with
from contract_tests.model.witnesses import spared_cases
from contract_tests.model.wrong_keys import IN_BODY
from modellix._core.task_status import Meaning, meaning_of

UNABLE = 401
"""What says of a good submission that the key is not good enough."""
READS_AFTER_END = 3  # of each task, to see whether its end stays


@dataclass(frozen=True, eq=False)
class TaskHistory:
    """One accepted submission: the reply to it, and every read of its task."""

    planned: PlannedSubmission
    reply: httpx.Response
    task_id: str | None
    reads: list[httpx.Response] = field(default_factory=list)

    @property
    def told(self) -> list[dict[str, Any]]:
        """The `data` of each read."""
        return [data_of(read) for read in self.reads]

    @property
    def is_found(self) -> bool:
        """Whether the task can be read: else the promise about its id is broken, and nothing is known of it."""
        return bool(self.reads) and self.reads[0].status_code != 404

    @property
    def statuses(self) -> list[Any]:
        """What each read tells, as it was written."""
        return [data.get("status") for data in self.told]

    @property
    def has_failed(self) -> bool:
        """Whether the last read tells that it failed."""
        return bool(self.reads) and meaning_of(self.statuses[-1]) is Meaning.FAILED

    @property
    def resources(self) -> list[Any]:
        """The results that the read of its end names, else the last read; none when their shape is not the documented
        one. What comes after the end is for the test of that.
        """
        ends = [read for read in self.reads if has_ended(read)]
        return resources_of([*ends, *self.reads[-1:]][0]) if self.reads else []


class RecordedExchanges:
    """Sends on demand, and remembers. `wanted` is what this run's tests look at of the plan, in its order."""

    def __init__(self, target: Target, wanted: list[PlannedSubmission]) -> None:
        self._target = target
        self._wanted = [*wanted]
        self._unsent = wanted
        self._wanted_of: dict[Operation, list[PlannedSubmission]] = {}
        for planned in wanted:
            self._wanted_of.setdefault(planned.operation, []).append(planned)
        self._outcomes: dict[Any, httpx.Response | BaseException] = {}
        self._histories: dict[PlannedSubmission, TaskHistory] = {}
        self._looked_at_again: set[Any] = set()
        self._stopped: AssertionError | None = None
        self.seen: list[httpx.Response] = []  # what the current test has looked at

    def accepts(self, case: Case) -> bool:
        """Whether a valid case is accepted: within its planned submission, and if that is refused, alone. NoPicture on
        a live API for URLs that nobody can fetch.
        """
        if self._target.is_live and is_about_a_url(contract(), case):
            raise NoPicture(NoPicture.ODD)
        planned = planned_with(case)
        if planned is not None and is_accepted(self.submitted(planned)):
            return True
        return is_accepted(self.alone(case))

    def alone(self, case: Case) -> httpx.Response:
        """The reply to the body of a case; to that of a refused one in company."""
        return self._once(case, partial(self._target.send, case.operation, body_sent(case)))

    def refusal(self, bad: BadRequest) -> httpx.Response:
        """The reply to a request that should be refused."""
        return self._once(bad.case or bad, partial(self._send_bad, bad))

    def refusals(self, operation: Operation) -> Iterator[tuple[BadRequest, httpx.Response]]:
        """Every bad request of an operation that was answered with an error or an error's `code`. What was not
        concluded is left to the test of that request.
        """
        spared = frozenset() if self._target.is_live else spared_cases()
        for bad in (one for one in bad_requests_to(operation) if one.case not in spared):
            with suppress(NotConcluded):
                reply = self.refusal(bad)
                if not is_accepted(reply):
                    yield bad, reply

    def submitted(self, planned: PlannedSubmission) -> httpx.Response:
        """The reply to a planned submission. All that are wanted are bought at the first call."""
        self._buy()
        return self._once(planned, partial(self._send_planned, planned))

    def drawn(self, operation: Operation, body: dict[str, Any]) -> httpx.Response:
        """The reply to a drawn body, after what is planned. Whoever looks at tasks looks at its task as well."""
        self._buy()
        drawn = DrawnSubmission(operation, len(self._wanted) + 1, body)
        self._wanted.append(drawn)
        self._wanted_of.setdefault(operation, []).append(drawn)
        return self._once(drawn, partial(self._send_planned, drawn))

    def accepted(self, operation: Operation) -> list[TaskHistory]:
        """What was accepted of an operation, cheapest first, its tasks perhaps not read yet. Skips the test without
        any: another one says why.
        """
        histories = self.bought(operation)
        if not histories:
            self.submitted(self._wanted_of[operation][0])  # raises why, if it was not sent
            pytest.skip("not run: no submission was accepted")
        return histories

    def bought(self, operation: Operation) -> list[TaskHistory]:
        """The same; none is an answer as well."""
        plan = self._wanted_of.get(operation, [])
        self._buy()
        return [self._history(planned) for planned in plan if self._is_accepted(planned)]

    def histories(self, operation: Operation) -> list[TaskHistory]:
        """The same with all reads of their tasks; the tasks of all operations are followed together."""
        histories = self.accepted(operation)
        if not all(history.reads for history in histories if history.task_id is not None):
            self._follow()
        return histories

    def found(self, operation: Operation) -> list[TaskHistory]:
        """Those of tasks that can be read, and that no other one is taken for. Skips the test without any: another one
        fails.
        """
        histories, counts = self.histories(operation), self._counts()
        found = [history for history in histories if history.is_found and counts[history.task_id] == 1]
        if not found:
            pytest.skip("not run: no task can be read")
        return found

    def _counts(self) -> Counter[str | None]:
        """How often each id came: of one that came twice nobody knows whose reads these are."""
        return Counter(self._history(planned).task_id for planned in self._wanted if self._is_accepted(planned))

    def files(self, operation: Operation) -> dict[str, Any]:
        """The results whose files are fetched, by their addresses: those of the first task that names any, and whatever
        the API serves itself.
        """
        found: dict[str, Any] = {}
        for history in self.histories(operation):
            named = {one["url"]: one for one in history.resources if isinstance(member(one, "url"), str)}
            found |= {url: one for url, one in named.items() if not found or self._target.files.is_own(url)}
        return found

    def late(self, operation: Operation) -> tuple[TaskHistory, httpx.Response]:
        """The first task of an operation that has ended, read once more some time after that. Skips the test without
        any: another one says why.
        """
        for history in self.found(operation):
            ends = [reply for reply in history.reads if has_ended(reply)]
            if ends and history.task_id is not None:
                read = partial(self._target.read_late, history.task_id, ends[0])
                return history, self._once(("late", history), read)
        pytest.skip("not run: no task has ended")

    def history(self, planned: PlannedSubmission) -> TaskHistory:
        """All reads of the task of a planned submission. Skips the test when it was not accepted: another one fails."""
        if not is_accepted(self.submitted(planned)):
            pytest.skip(f"not run: {planned.name} was not accepted")
        history = self._history(planned)
        if not history.reads:
            self._follow()
        if not history.is_found or self._counts()[history.task_id] > 1:
            pytest.skip(f"not run: the task of {planned.name} cannot be read")
        self.seen += history.reads[-1:]
        return history

    def _buy(self) -> None:
        unsent, self._unsent = self._unsent, []
        for planned in unsent:
            self._try_once(planned, partial(self._send_planned, planned))

    def _send_planned(self, planned: PlannedSubmission) -> httpx.Response:
        body = planned.fetchable_body if self._target.is_live else planned.body
        body = self._target.pictures.put_into(planned.operation, body)
        return self._target.send(planned.operation, planned.spelt(body), habit=planned.habit)

    def _follow(self) -> None:
        """Reads all tasks that were not read yet. What stops that stops every later test as well, at once."""
        if self._stopped is not None:
            raise self._stopped.with_traceback(None)
        try:
            self._follow_all()
        except AssertionError as error:
            self._stopped = error
            raise

    def _follow_all(self) -> None:
        histories = [self._history(planned) for planned in self._wanted if self._is_accepted(planned)]
        unread: dict[str, list[TaskHistory]] = {}  # ids that are not unique are read once
        for history in histories:
            if history.task_id is not None and is_usable(history.task_id) and not history.reads:
                unread.setdefault(history.task_id, []).append(history)
        for task_id, reads in self._target.follow(list(unread), READS_AFTER_END).items():
            for history in unread[task_id]:
                history.reads.extend([*self._target.read_before.get(task_id, []), *reads])

    def _history(self, planned: PlannedSubmission) -> TaskHistory:
        if planned not in self._histories:
            reply = self.submitted(planned)
            self._histories[planned] = TaskHistory(planned, reply, task_id_of(reply))
        return self._histories[planned]

    def _is_accepted(self, planned: PlannedSubmission) -> bool:
        reply = self._outcomes.get(planned)
        return isinstance(reply, httpx.Response) and is_accepted(reply)

    def _send_bad(self, bad: BadRequest) -> httpx.Response:
        keys = variants_of(self._target.api_key)
        headers = None
        if bad.headers is not None:
            headers = {name: value.format(**keys) for name, value in bad.headers.items()}
        query = bad.query and bad.query.format(**{name: quote(text, safe="") for name, text in keys.items()})
        body = {**bad.body, **dict.fromkeys(IN_BODY, keys["key"])} if bad.has_key_in_body else bad.body
        return self._target.send(bad.operation, body, headers, parameters=bad.parameters, query=query)

    def _once(self, key: Any, send: Callable[[], httpx.Response]) -> httpx.Response:
        self._try_once(key, send)
        outcome = self._settled(key)
        if isinstance(outcome, BaseException):
            raise outcome.with_traceback(None)  # or it would grow with every test that looks here
        self.seen.append(outcome)
        return outcome

    def _settled(self, key: Any) -> httpx.Response | BaseException:
        """What was kept. A refusal of which nothing followed is looked at once more: others may be accepted by now."""
        outcome = self._outcomes[key]
        if isinstance(outcome, NotTheBody) and key not in self._looked_at_again:
            self._looked_at_again.add(key)
            if self._target.is_the_body(outcome):
                self._outcomes[key] = outcome.reply
        return self._outcomes[key]

    def _try_once(self, key: Any, send: Callable[[], httpx.Response]) -> None:
        """Keeps what was raised as well: asking again would send again."""
        if key in self._outcomes:
            return
        try:
            self._outcomes[key] = send()
        except (AssertionError, pytest.skip.Exception) as error:
            self._outcomes[key] = error
