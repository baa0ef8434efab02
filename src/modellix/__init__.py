"""A client for the Modellix image API: safe with money, secrets, files and long waits. Synchronous and asynchronous.

    with Modellix() as client:
        task = client.openai.gpt_image_2(prompt="A lighthouse in fog", size="2048x1152")
        paths = task.wait().download("pictures")

The requests of all models and the types of their fields are here too: `from modellix import GptImage2Size`. Name them:
`from modellix import *` leaves them out, as it would import all models.
Names are imported when they are first used, so that `import modellix` costs next to nothing.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import modellix_client.requests as requests
    from modellix._core.rows import Outcome
    from modellix._version import __version__
    from modellix.async_client import AsyncModellix
    from modellix.client import Modellix
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
        ReferenceConflict,
        ServerError,
        SubmissionOutcomeUnknown,
        TaskFailed,
        UnexpectedReplyError,
        Violation,
        WaitTimeout,
    )
    from modellix.events import Event
    from modellix.journal import AsyncJournal, Entry, Intent, Journal, SqliteJournal, SqlJournal, fingerprint
    from modellix.policies import PollPolicy, RetryPolicy
    from modellix.tasks import AsyncTask, AsyncTaskResult, Task, TaskResult
    from modellix_client.requests import *  # noqa: F403

_HOMES = {
    "_core.rows": "Outcome",
    "_version": "__version__",
    "async_client": "AsyncModellix",
    "client": "Modellix",
    "events": "Event",
    "journal": "AsyncJournal Entry Intent Journal SqlJournal SqliteJournal fingerprint",
    "policies": "PollPolicy RetryPolicy",
    "tasks": "AsyncTask AsyncTaskResult Task TaskResult",
}
_REQUESTS = "modellix_client.requests"
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names.split()}

__all__ = [
    "APIError",
    "AsyncJournal",
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
    "Event",
    "Intent",
    "Journal",
    "JournalError",
    "Modellix",
    "ModellixError",
    "NeverSentError",
    "NotFoundError",
    "Outcome",
    "PaymentRequiredError",
    "PollPolicy",
    "RateLimitError",
    "ReferenceConflict",
    "RetryPolicy",
    "ServerError",
    "SqlJournal",
    "SqliteJournal",
    "SubmissionOutcomeUnknown",
    "Task",
    "TaskFailed",
    "TaskResult",
    "UnexpectedReplyError",
    "Violation",
    "WaitTimeout",
    "__version__",
    "fingerprint",
]


if TYPE_CHECKING:
    __all__ += requests.__all__
else:  # A checker that saw these would take any name for one of ours.

    def __getattr__(name: str) -> Any:
        from importlib import import_module

        if name == "errors":
            return import_module("modellix.errors")
        if name in __all__:
            home = import_module(f"modellix.{_HOME_OF.get(name, 'errors')}")
        elif name.startswith("_") or name not in (home := import_module(_REQUESTS)).__all__:
            raise AttributeError(f"module 'modellix' has no attribute {name!r}")
        value = getattr(home, name)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        from importlib import import_module

        return sorted({*__all__, *import_module(_REQUESTS).__all__})
