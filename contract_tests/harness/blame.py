"""What a failed check blames: the replies that show the fault, and the promise, where it is not the test's own.

A broad test, a drawn one above all, comes upon faults of every kind. It names the promise of each, so that a wrong
size breaks the promise of sizes and not the one of valid bodies.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import httpx

from contract_tests.harness.response_checks import answer_in, is_accepted, is_refused, is_usable, task_id_of


class Broken(AssertionError):
    """A promise is broken, as some replies show, the last one most plainly. `promise` is without the operation, and
    empty for that of the test.
    """

    def __init__(self, text: str, *replies: httpx.Response, promise: str = "") -> None:
        super().__init__(text)
        self.replies = replies
        self.promise = promise


class Fault(NamedTuple):
    """What was found at one of many: its name, what is wrong, and the replies that show it."""

    name: str
    found: object
    replies: tuple[httpx.Response, ...]


def check(condition: object, text: str, *replies: httpx.Response, promise: str = "") -> None:
    """Raises Broken unless the condition is met."""
    if not condition:
        raise Broken(text, *replies, promise=promise)


def check_refused(reply: httpx.Response, promise: str = "") -> None:
    """Checks that a submission was refused. One that says so and names a task breaks a promise of its own."""
    names_task = task_id_of(reply) is not None and not is_accepted(reply)
    check(is_refused(reply), answer_in(reply), reply, promise="refusal.free" if names_task else promise)


def named_task(reply: httpx.Response) -> str:
    """The id of the task that an accepted reply names."""
    task_id = task_id_of(reply)
    check(is_usable(task_id), f"names no task: {reply.text[:200]}", reply, promise="reply.task_id")
    return str(task_id)


def no_faults(looked_at: Iterable[Fault], promise: str = "") -> None:
    """Raises Broken with whatever was found; the replies are those of the first fault."""
    faults = [one for one in looked_at if one.found]
    if faults:
        told = "\n".join(f"{one.name}: {one.found}" for one in faults)
        raise Broken(told, *faults[0].replies, promise=promise)
