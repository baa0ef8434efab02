"""What a reply says instead: other members, or another status and content type. The stand-in tells it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from contract_tests.model.document import Node
from modellix.testing.replies import Answer, json_answer
from scripts.mutants.changes import at

Rewrite = Callable[[Node], object]
"""Changes a reply in place, or returns an Answer that is given for it."""

Story = Callable[[Node, int], object]
"""The same for the reads of a task, with how often the task was read."""

GONE: Any = object()


def says(*path: str, **members: Any) -> Rewrite:
    """Other members of the object at a path; GONE leaves one out."""

    def rewrite(reply: Node) -> None:
        node = at(reply, *path)
        node.update(members)
        for name in [name for name, value in members.items() if value is GONE]:
            del node[name]

    return rewrite


def answered(status: int, content_type: str = "application/json", **members: Any) -> Rewrite:
    """Another status or content type, and other members."""
    return lambda reply: json_answer(status, {**reply, **members}, {"Content-Type": content_type})


def reworded(change: Callable[[str], str], *path: str) -> Rewrite:
    """Another text at a path."""

    def rewrite(reply: Node) -> None:
        says(*path[:-1], **{path[-1]: change(at(reply, *path))})(reply)

    return rewrite


def since(first: int, rewrite: Rewrite) -> Story:
    """A reply that is another from that read on."""
    return lambda reply, number: rewrite(reply) if number >= first else None


def rewritten(answer: Answer, rewrite: Rewrite) -> Answer:
    """The answer with another reply."""
    reply: Node = json.loads(answer.body)
    instead = rewrite(reply)
    return instead if isinstance(instead, Answer) else json_answer(answer.status, reply, answer.headers)
