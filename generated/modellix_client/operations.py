# Generated from openapi/modellix.yaml by `python -m scripts.regenerate`; do not edit.

"""What an operation is, what all requests of submissions have in common, and the document they come from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Final, NamedTuple, Self

__all__ = [
    "GET_TASK",
    "SERVER_URL",
    "Operation",
    "SubmissionRequest",
    "document",
]


class Operation(NamedTuple):
    """An operation of the document; `path` is its template, relative to `SERVER_URL`, and `tag` its first tag."""

    operation_id: str
    method: str
    path: str
    tag: str


class SubmissionRequest:
    """The request of a submission: a model that checks itself, and knows its operation."""

    __slots__ = ()
    OPERATION: ClassVar[Operation]

    def to_dict(self) -> dict[str, Any]:
        """The request as JSON has it."""
        raise NotImplementedError

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """A request from JSON. Raises ConstraintError."""
        raise NotImplementedError


SERVER_URL: Final = "https://api.modellix.ai/api/v1"
GET_TASK: Final = Operation("get_task", "GET", "/tasks/{task_id}", "tasks")


def document() -> dict[str, Any]:
    """The OpenAPI document that this package was generated from, read anew at each call."""
    parsed: dict[str, Any] = json.loads(Path(__file__).with_name("openapi.json").read_text("utf-8"))
    return parsed
