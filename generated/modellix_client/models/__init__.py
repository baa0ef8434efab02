# Generated from openapi/modellix.yaml by `python -m scripts.regenerate`; do not edit.

"""Contains all the data models used in inputs/outputs"""

from .error_reply import ErrorReply
from .get_result import GetResult
from .gpt_image_2_edit_request import GptImage2EditRequest
from .gpt_image_2_edit_request_quality import GptImage2EditRequestQuality
from .gpt_image_2_edit_request_size import GptImage2EditRequestSize
from .gpt_image_2_request import GptImage2Request
from .gpt_image_2_request_quality import GptImage2RequestQuality
from .gpt_image_2_request_size import GptImage2RequestSize
from .resource import Resource
from .result import Result
from .submission import Submission
from .submission_reply import SubmissionReply
from .task_reply import TaskReply
from .task_state import TaskState

__all__ = (
    "ErrorReply",
    "GetResult",
    "GptImage2EditRequest",
    "GptImage2EditRequestQuality",
    "GptImage2EditRequestSize",
    "GptImage2Request",
    "GptImage2RequestQuality",
    "GptImage2RequestSize",
    "Resource",
    "Result",
    "Submission",
    "SubmissionReply",
    "TaskReply",
    "TaskState",
)
