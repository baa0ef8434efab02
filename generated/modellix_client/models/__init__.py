# Generated from openapi/modellix.yaml by `python -m scripts.regenerate`; do not edit.

"""Contains all the data models used in inputs/outputs"""

from .error_reply import ErrorReply
from .get_result import GetResult
from .gpt_image_2_edit_request import GptImage2EditRequest
from .gpt_image_2_request import GptImage2Request
from .quality import Quality
from .resource import Resource
from .result import Result
from .size import Size
from .submission import Submission
from .submission_reply import SubmissionReply
from .task_reply import TaskReply
from .task_state import TaskState

__all__ = (
    "ErrorReply",
    "GetResult",
    "GptImage2EditRequest",
    "GptImage2Request",
    "Quality",
    "Resource",
    "Result",
    "Size",
    "Submission",
    "SubmissionReply",
    "TaskReply",
    "TaskState",
)
