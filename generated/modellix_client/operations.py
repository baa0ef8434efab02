# Generated from openapi/modellix.yaml by `python -m scripts.regenerate`; do not edit.

"""The operations that submit paid tasks, the one that reads them, and the document they come from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final, TypeAlias

from .models.gpt_image_2_edit_request import GptImage2EditRequest
from .models.gpt_image_2_request import GptImage2Request

__all__ = [
    "GET_TASK",
    "SERVER_URL",
    "SUBMISSIONS",
    "Operation",
    "SubmissionRequest",
    "document",
]


@dataclass(frozen=True)
class Operation:
    """An operation of the document; `path` is its template, relative to `SERVER_URL`, and `tag` its first tag."""

    operation_id: str
    method: str
    path: str
    tag: str


SERVER_URL: Final = "https://api.modellix.ai/api/v1"

SubmissionRequest: TypeAlias = GptImage2Request | GptImage2EditRequest

SUBMISSIONS: Final[dict[type[SubmissionRequest], Operation]] = {
    GptImage2Request: Operation("gpt_image_2", "POST", "/openai/gpt-image-2/async", "openai"),
    GptImage2EditRequest: Operation("gpt_image_2_edit", "POST", "/openai/gpt-image-2-edit/async", "openai"),
}

GET_TASK: Final = Operation("get_task", "GET", "/tasks/{task_id}", "tasks")


def document() -> dict[str, Any]:
    """The OpenAPI document that this package was generated from, read anew at each call."""
    parsed: dict[str, Any] = json.loads(files(__package__ or "").joinpath("openapi.json").read_text("utf-8"))
    return parsed
