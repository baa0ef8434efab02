# Generated from openapi/modellix.yaml by `python -m scripts.regenerate`; do not edit.

"""Contains all the data models used in inputs/outputs"""

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

__all__ = (
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
