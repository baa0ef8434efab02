"""A client for the Modellix image API: safe with money, secrets, files and long waits. Synchronous and asynchronous.

    with Modellix() as client:
        task = client.openai.gpt_image_2(prompt="A lighthouse in fog", size="2048x1152")
        paths = task.wait().download("pictures")

Names are imported when they are first used, so that `import modellix` costs next to nothing.
"""

from typing import TYPE_CHECKING, Any

from modellix._version import __version__

if TYPE_CHECKING:
    from modellix.client import AsyncModellix, Modellix
    from modellix.errors import (
        APIError,
        AuthenticationError,
        BadRequestError,
        BudgetExceeded,
        ConfigurationError,
        ConnectionLostError,
        ConstraintError,
        DownloadError,
        JournalError,
        ModellixError,
        NeverSentError,
        NotFoundError,
        PaymentRequiredError,
        RateLimitError,
        ServerError,
        SubmissionOutcomeUnknown,
        TaskFailed,
        UnexpectedReplyError,
        Violation,
        WaitTimeout,
    )
    from modellix.journal import Entry, SqliteJournal
    from modellix.policies import PollPolicy, RetryPolicy
    from modellix.tasks import AsyncTask, AsyncTaskResult, Task, TaskResult

_HOMES = {
    "client": "AsyncModellix Modellix",
    "journal": "Entry SqliteJournal",
    "policies": "PollPolicy RetryPolicy",
    "tasks": "AsyncTask AsyncTaskResult Task TaskResult",
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names.split()}

__all__ = [
    "APIError",
    "AsyncModellix",
    "AsyncTask",
    "AsyncTaskResult",
    "AuthenticationError",
    "BadRequestError",
    "BudgetExceeded",
    "ConfigurationError",
    "ConnectionLostError",
    "ConstraintError",
    "DownloadError",
    "Entry",
    "JournalError",
    "Modellix",
    "ModellixError",
    "NeverSentError",
    "NotFoundError",
    "PaymentRequiredError",
    "PollPolicy",
    "RateLimitError",
    "RetryPolicy",
    "ServerError",
    "SqliteJournal",
    "SubmissionOutcomeUnknown",
    "Task",
    "TaskFailed",
    "TaskResult",
    "UnexpectedReplyError",
    "Violation",
    "WaitTimeout",
    "__version__",
]


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name == "errors":
        return import_module("modellix.errors")
    if name not in __all__:
        raise AttributeError(f"module 'modellix' has no attribute {name!r}")
    value = getattr(import_module(f"modellix.{_HOME_OF.get(name, 'errors')}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
