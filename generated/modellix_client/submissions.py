# Generated from openapi/modellix.yaml by `python -m scripts.regenerate`; do not edit.

"""A table of all submissions, whose requests are imported when they are asked for."""

from __future__ import annotations

from typing import Final, NamedTuple

from .lazy import load
from .operations import SubmissionRequest


class Submission(NamedTuple):
    """`client.NAMESPACE.METHOD(…)` submits a request of the class `request`, in the module `models.MODULE`."""

    namespace: str
    method: str
    request: str
    module: str


SUBMISSIONS: Final[dict[str, Submission]] = {
    "gpt_image_2": Submission("openai", "gpt_image_2", "GptImage2Request", "gpt_image_2_request"),
    "gpt_image_2_edit": Submission("openai", "gpt_image_2_edit", "GptImage2EditRequest", "gpt_image_2_edit_request"),
}
"""By operationId."""


def request_model(operation_id: str) -> type[SubmissionRequest]:
    """The class of the requests of a submission."""
    known = SUBMISSIONS[operation_id]
    model: type[SubmissionRequest] = getattr(load(f"models.{known.module}"), known.request)
    return model
