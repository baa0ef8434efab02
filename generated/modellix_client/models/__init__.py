# Generated from openapi/modellix.yaml by `python -m scripts.regenerate`; do not edit.

"""All models of requests and replies, each imported when it is first used."""

from typing import TYPE_CHECKING

from ..lazy import lazily

if TYPE_CHECKING:
    from .error_reply import ErrorReply
    from .get_result import GetResult
    from .gpt_image_2_edit_quality import GptImage2EditQuality
    from .gpt_image_2_edit_request import GptImage2EditRequest
    from .gpt_image_2_edit_size import GptImage2EditSize
    from .gpt_image_2_quality import GptImage2Quality
    from .gpt_image_2_request import GptImage2Request
    from .gpt_image_2_size import GptImage2Size
    from .resource import Resource
    from .result import Result
    from .submission import Submission
    from .submission_reply import SubmissionReply
    from .task_reply import TaskReply
    from .task_state import TaskState

__all__: tuple[str, ...] = (
    "ErrorReply",
    "GetResult",
    "GptImage2EditQuality",
    "GptImage2EditRequest",
    "GptImage2EditSize",
    "GptImage2Quality",
    "GptImage2Request",
    "GptImage2Size",
    "Resource",
    "Result",
    "Submission",
    "SubmissionReply",
    "TaskReply",
    "TaskState",
)

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazily(
        globals(),
        {
            "ErrorReply": "models.error_reply",
            "GetResult": "models.get_result",
            "GptImage2EditQuality": "models.gpt_image_2_edit_quality",
            "GptImage2EditRequest": "models.gpt_image_2_edit_request",
            "GptImage2EditSize": "models.gpt_image_2_edit_size",
            "GptImage2Quality": "models.gpt_image_2_quality",
            "GptImage2Request": "models.gpt_image_2_request",
            "GptImage2Size": "models.gpt_image_2_size",
            "Resource": "models.resource",
            "Result": "models.result",
            "Submission": "models.submission",
            "SubmissionReply": "models.submission_reply",
            "TaskReply": "models.task_reply",
            "TaskState": "models.task_state",
        },
    )
