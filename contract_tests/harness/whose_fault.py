"""Whose fault it is that a valid body is refused, or that its task fails: the body's, or that of account and provider.

The plainest body of the same operation is sent right after it, within the budget. Where that fails as well, nothing
follows. A task may fail once by accident, and moderation may stop a text that nobody knows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import httpx
import pytest

from contract_tests.harness.account import Account
from contract_tests.harness.expectations import expectation_of, operation_at
from contract_tests.harness.not_concluded import NotConcluded, NotRun, SaysNothing
from contract_tests.harness.response_checks import answer_in, data_of, has_ended, is_accepted, is_usable, task_id_of
from contract_tests.model.document import Document, Operation
from contract_tests.model.moderation import may_be_stopped, worded_plainly
from contract_tests.model.samples import base_body
from modellix._core.task_status import Meaning, meaning_of

USUAL = 20  # of so many tasks one may fail by accident
STOPPED = 403  # what firewalls say
ACCOUNT = "look at the key, the balance and the provider of this model, then run again"

Send = Callable[[Operation, Any], httpx.Response]
Follow = Callable[[list[str]], dict[str, list[httpx.Response]]]


@dataclass(frozen=True)
class Failure:
    """What became of a follow-up that did not end well. `is_known`: whether the service said so; `is_of_task`: by its
    task, which costs.
    """

    text: str
    advice: str = ACCOUNT
    is_known: bool = True
    is_of_task: bool = False


class NotTheBody(NotConcluded):
    """A valid body is refused, and the plainest one too. `reply` is the refusal."""

    def __init__(self, operation: Operation, reply: httpx.Response, plainest: Failure) -> None:
        super().__init__(
            f"a valid body {answer_in(reply)}, and the plainest one, sent after it, {plainest.text}", plainest.advice
        )
        self.operation = operation
        self.reply = reply


@dataclass(frozen=True)
class _Sent:
    """A submission that was accepted."""

    operation: Operation
    content: bytes = field(repr=False)


class WhoseFault(httpx.BaseTransport):
    """Wraps the transport of a target, so that all tools share what it finds. `send` and `follow` are the target's."""

    def __init__(self, inner: httpx.BaseTransport, document: Document, api_key: str, account: Account) -> None:
        self.send: Send
        self.follow: Follow
        self._inner = inner
        self._document = document
        self._api_key = api_key
        self._account = account
        self._sent: dict[str, _Sent] = {}  # by the id of the task
        self._ends: dict[str, Meaning | None] = {}  # of tasks that are not follow-ups
        self._verdicts: dict[str, str | NotConcluded | None] = {}  # on tasks that failed
        self._works: set[Operation] = set()  # where the task of a plainest body ended well
        self._down: dict[Operation, Failure] = {}  # where it did not, and how it ended
        self._is_following_up = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """One request. NotConcluded when a valid body is refused, and the fault is perhaps not its own."""
        try:
            reply = self._inner.handle_request(request)
        except SaysNothing as error:
            return self._stopped_on_the_way(request, error)
        operation = operation_at(self._document, request)
        if operation is None:
            self._note_end(request, reply)
        elif self._is_following_up:
            pass
        elif is_accepted(reply):
            self._sent[task_id_of(reply) or ""] = _Sent(operation, request.content)
        elif expectation_of(self._document, request, self._api_key) == "accepted":
            self._settle(operation, reply)
        return reply

    def close(self) -> None:
        self._inner.close()

    def is_the_body(self, refused: NotTheBody) -> bool:
        """Whether the body was at fault after all: the plainest one is refused again, another one accepted again."""
        if not any(sent.operation is refused.operation for sent in self._sent.values()):
            return False
        try:
            self._settle(refused.operation, refused.reply)
        except NotTheBody:
            return False
        return True

    def _settle(self, operation: Operation, reply: httpx.Response) -> None:
        """Returns when a refusal is the fault of its body; else raises NotTheBody. Sends the plainest body."""
        plainest = self._failure_of_account(operation)
        if plainest is not None:
            raise NotTheBody(operation, reply, plainest)

    def of_task(self, task_id: str) -> str | None:
        """What a task that failed says of the API; None when it says nothing because moderation may have stopped it.
        NotConcluded when nothing follows.
        """
        if task_id not in self._verdicts:
            try:
                self._verdicts[task_id] = self._judged(task_id)
            except NotConcluded as error:
                self._verdicts[task_id] = error
        verdict = self._verdicts[task_id]
        if isinstance(verdict, NotConcluded):
            raise verdict.with_traceback(None)
        return verdict

    def _judged(self, task_id: str) -> str | None:
        sent = self._sent.get(task_id)
        if sent is None:
            return f"task {task_id} failed"
        if may_be_stopped(self._document, sent.operation, sent.content):
            return None
        what = f"task {task_id} failed"
        if sent.operation in self._works and (count := self._too_many()):
            return f"{what}, as {count} of this run did"
        plainest = self._failure_of_account(sent.operation)
        if plainest is not None:
            raise NotConcluded(f"{what}, and the plainest body, sent after it, {plainest.text}", plainest.advice)
        if count := self._too_many():
            return f"{what}, as {count} of this run did"
        again = self._failure_of(sent.operation, sent.content)
        if again is None:
            raise NotConcluded(f"{what}, and the same body, sent once more, did not", "run again to see if it stays so")
        if not again.is_known:
            raise NotConcluded(f"{what}, and the same body {again.text}", again.advice)
        return f"{what}, and the same body, sent once more, {again.text}"

    def _too_many(self) -> str:
        """How many tasks failed, if more than may fail by accident. Those of a provider that is down do not count."""
        ends = [one for one in self._ends if self._sent[one].operation not in self._down]
        failed = [one for one in ends if self._has_failed(one)]
        return f"{len(failed)} of {len(ends)} tasks" if len(failed) > 1 and len(failed) * USUAL > len(ends) else ""

    def _has_failed(self, task_id: str) -> bool:
        """Whether a task failed although nothing in its text might have stopped it."""
        sent = self._sent[task_id]
        is_failed = self._ends[task_id] is Meaning.FAILED
        return is_failed and not may_be_stopped(self._document, sent.operation, sent.content)

    def _failure_of_account(self, operation: Operation) -> Failure | None:
        """What became of the plainest body, sent now. None when that was well, or when another body goes well again, as
        it did before: then the plainest one is at fault itself. In a run one task of it is followed.
        """
        if operation in self._down:
            return self._down[operation]
        plainest = base_body(self._document, operation)
        failure = self._failure_of(operation, plainest, to_its_end=operation not in self._works)
        if failure is None or self._goes_well_again(operation):
            self._works.add(operation)
            return None
        if failure.is_of_task:
            self._down[operation] = failure
        return failure

    def _goes_well_again(self, operation: Operation) -> bool:
        """Whether a body that went well before does so now."""
        ends = {task_id: self._ends.get(task_id) for task_id, one in self._sent.items() if one.operation is operation}
        good = [task_id for task_id, end in ends.items() if end is Meaning.SUCCEEDED]
        rest = [task_id for task_id, end in ends.items() if end is None]
        other = next(iter([*good, *rest]), None)
        if other is None:
            return False
        return self._failure_of(operation, self._sent[other].content, to_its_end=operation not in self._works) is None

    def _failure_of(self, operation: Operation, body: Any, *, to_its_end: bool = True) -> Failure | None:
        """What became of a body, sent now; None when it was accepted and, if it is followed, its task ended well."""
        try:
            with self._following_up():
                reply = self.send(operation, body)
                if not is_accepted(reply):
                    return Failure(answer_in(reply))
                return self._failure_of_task(task_id_of(reply)) if to_its_end else None
        except NotRun as error:
            return Failure(f"was {error.msg}", "run again with a larger --live-budget", is_known=False)
        except pytest.skip.Exception as error:
            return Failure(f"was {error.msg}", "name pictures that the service can fetch: --live-image", is_known=False)
        except NotConcluded as error:
            return Failure(f"came to nothing ({error.reason})", error.advice, is_known=False)

    def _failure_of_task(self, task_id: str | None) -> Failure | None:
        if task_id is None or not is_usable(task_id):
            return Failure("is accepted, without a task to follow")
        status = data_of(self.follow([task_id])[task_id][-1]).get("status")
        if meaning_of(status) is Meaning.SUCCEEDED:
            return None
        return Failure(f"is accepted, and its task {task_id} ends as {status!r:.40}", is_of_task=True)

    def _stopped_on_the_way(self, request: httpx.Request, error: SaysNothing) -> httpx.Response:
        """The refusal, when a firewall stops a valid body for its words; else raises the error.

        That is so when the same options with plain words pass, and the same body is stopped again.
        """
        operation = operation_at(self._document, request)
        if error.reply.status_code != STOPPED or self._is_following_up or operation is None:
            raise error
        if expectation_of(self._document, request, self._api_key) != "accepted":
            raise error
        plain = worded_plainly(self._document, operation, json.loads(request.content))
        if plain is None or self._failure_of(operation, plain) is not None:
            raise error
        try:
            with self._following_up():
                self.send(operation, request.content)
        except SaysNothing as again:
            if again.reply.status_code == STOPPED:
                return error.reply
        raise error

    def _note_end(self, request: httpx.Request, reply: httpx.Response) -> None:
        task_id = unquote(request.url.path.rpartition("/")[2])
        if task_id in self._sent and not self._is_following_up and has_ended(reply):
            self._ends[task_id] = meaning_of(data_of(reply)["status"])

    @contextmanager
    def _following_up(self) -> Iterator[None]:
        """Within the block, what is sent is judged by nobody, and pays from the whole budget."""
        share, self._account.share = self._account.share, None
        self._is_following_up = True
        try:
            yield
        finally:
            self._is_following_up = False
            self._account.share = share
