"""Submissions, reads and waits in any order, against a small model of what the service has to remember."""

from __future__ import annotations

import json
from typing import Any, ClassVar

import httpx
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from contract_tests.harness.blame import check, check_refused, named_task
from contract_tests.harness.parametrize import every_submission
from contract_tests.harness.response_checks import GOES_ON, answer_in, data_of, is_accepted, is_same_model, rank_of
from contract_tests.harness.target import Target
from contract_tests.model import laws, strategies
from contract_tests.model.document import Document, Operation
from contract_tests.model.promises import size_asked
from contract_tests.model.samples import base_body

pytestmark = pytest.mark.random

MOST_TASKS = 3  # of one history
ANY = st.integers(0, 1000)  # which of the tasks, counted round


class History(RuleBasedStateMachine):
    """The model: for each task its id, the size asked for, how far it was seen to be, and its end once it was told."""

    target: ClassVar[Target]
    document: ClassVar[Document]
    operation: ClassVar[Operation]
    failed: ClassVar[BaseException | None] = None
    steps: ClassVar[list[list[Any]]] = []  # of the machine that ran last

    def __init__(self) -> None:
        super().__init__()
        type(self).steps = []
        self.tasks: list[dict[str, Any]] = []

    def step(self, name: str, argument: Any) -> None:
        """One step, by name; without shrinking, nothing is sent again after the first failure."""
        history = type(self)
        if history.failed is not None and not laws.shrinks():
            raise history.failed
        history.steps.append([name, argument])
        try:
            getattr(self, f"_{name}")(argument)
        except Exception as error:
            history.failed = error
            raise

    @precondition(lambda self: len(self.tasks) < MOST_TASKS)
    @rule(data=st.data())
    def submit(self, data: st.DataObject) -> None:
        """A valid body makes a task that was not there before."""
        self.step("submit", data.draw(strategies.acceptable_bodies(self.document, self.operation)))

    @rule(data=st.data())
    def submit_broken(self, data: st.DataObject) -> None:
        """A broken body makes none."""
        self.step("submit_broken", data.draw(strategies.refusable_bodies(self.document, self.operation)))

    @precondition(lambda self: self.tasks)
    @rule(which=ANY)
    def read(self, which: int) -> None:
        """A read tells the task asked for, as far as it was or further."""
        self.step("read", which)

    @precondition(lambda self: self.tasks)
    @rule(which=ANY)
    def wait(self, which: int) -> None:
        """Waiting ends with the picture asked for, whatever became of the other tasks."""
        self.step("wait", which)

    @invariant()
    def ids_differ(self) -> None:
        ids = [task["id"] for task in self.tasks]
        check(len(set(ids)) == len(ids), f"{ids}", *(task["reply"] for task in self.tasks), promise="reply.unique")

    def _submit(self, body: dict[str, Any]) -> None:
        reply = self.target.send(self.operation, body)
        check(is_accepted(reply), answer_in(reply), reply, promise="body.valid")
        asked, model = size_asked(self.document, self.operation, body), data_of(reply).get("model_id")
        task = {"id": named_task(reply), "size": asked, "seen": 0, "model": model, "end": None, "reply": reply}
        self.tasks.append(task)

    def _submit_broken(self, body: Any) -> None:
        reply = self.target.send(self.operation, body)
        check_refused(reply, promise="body.broken")

    def _read(self, which: int) -> None:
        task = self.tasks[which % len(self.tasks)]
        self._compare(task, self.target.read(task["id"]))

    def _wait(self, which: int) -> None:
        task = self.tasks[which % len(self.tasks)]
        reads = self.target.follow([task["id"]])[task["id"]]
        for reply in reads:
            self._compare(task, reply)
        check(task["end"] is not None, f"{task['id']} did not end", task["reply"], *reads[-1:], promise="task.ends")
        promise, size = task["size"]
        self.target.check_sizes(promise, size, task["reply"], reads[-1])

    def _compare(self, task: dict[str, Any], reply: httpx.Response) -> None:
        shown = task["reply"], reply
        data, told = data_of(reply), f"a read of {task['id']} {answer_in(reply)}"
        check(reply.status_code == 200, told, *shown)
        is_same = data.get("task_id") in (None, task["id"]) and is_same_model(data.get("model_id"), task["model"])
        check(is_same, told, *shown, promise="task.identity")
        status = data.get("status")
        check(status is not None, told, *shown, promise="task.read")
        rank = rank_of(status)
        check(rank >= task["seen"], f"{task['id']} went back to {status}", *shown)
        task["seen"] = rank
        if rank == len(GOES_ON):
            check(task["end"] in (None, status), f"{task['id']} ended as {task['end']}, and as {status}", *shown)
            task["end"] = status


@every_submission
@pytest.mark.promise("history")
@pytest.mark.paid
def test_any_order_of_submissions_and_reads(operation: Operation, document: Document, target: Target) -> None:
    members = {"target": target, "document": document, "operation": operation}
    machine: type[History] = type("History", (History,), members)
    name = f"{operation.name} history"
    for steps in laws.finds().get(name, []):
        replay(machine, steps)
    replay(machine, usual_order(operation, document))
    few = 1 if target.is_live else max(5, settings().max_examples // 5)
    some = settings(max_examples=few, stateful_step_count=12)
    try:
        run_state_machine_as_test(machine, settings=some)
    except Exception:
        if settings.get_current_profile_name() == "fuzz":
            laws.keep(name, json.loads(json.dumps(machine.steps)))
        if machine.failed is not None and not laws.shrinks():
            raise machine.failed from None  # a second try, which sends nothing, would hide what was found
        raise


def usual_order(operation: Operation, document: Document) -> list[list[Any]]:
    """A second submission while the first task is in work: a search may never come to it."""
    body = base_body(document, operation)
    return [["submit", body], ["read", 0], ["read", 0], ["submit", body], ["read", 0], ["wait", 1], ["wait", 0]]


def replay(machine: type[History], steps: list[list[Any]]) -> None:
    """The steps of an earlier find once more."""
    history = machine()
    for name, argument in steps:
        history.step(name, argument)
        history.ids_differ()
