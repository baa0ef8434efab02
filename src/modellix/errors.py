"""What can go wrong, drawn as a tree.

ModellixError
├── ConfigurationError (ValueError)   a key, address, number or injected client that cannot be used
├── BudgetExceeded                    the spend guard said no; nothing was sent
├── JournalError                      the intent could not be recorded; nothing was sent
├── ReferenceConflict                 another request was submitted under this reference; nothing was sent
├── NeverSentError                    no connection was made, or no time was left for one; nothing was sent
├── APIError                          the service said no; each class says for which statuses
│   ├── BadRequestError               the request breaks the service's rules
│   ├── AuthenticationError           the key is missing, wrong or not allowed to do this
│   ├── PaymentRequiredError          the balance does not cover the request
│   ├── NotFoundError                 no such task, model or path
│   ├── RateLimitError                too many requests
│   └── ServerError                   the service failed at a read
├── SubmissionOutcomeUnknown          a paid request may or may not have been accepted; never sent again
├── ConnectionLostError               a read that got no answer
├── UnexpectedReplyError              an answer to a read that the contract does not know
├── TaskFailed                        the task ended without a result, or cannot be read (`status` None)
├── WaitTimeout (TimeoutError)        tasks are still running
└── DownloadError                     no complete file
ConstraintError (ValueError)          a limit of the contract, broken by a request before anything was sent

Every error survives pickle and deepcopy with its fields. A ModellixError also survives a serializer that keeps its
class and its `args` as JSON, and later calls `cls(*args)`. Then it has its message and the fields that `args` tells.
"""

from __future__ import annotations

import datetime
import ssl
from collections.abc import Collection, Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from modellix._error_args import ARGS, FromArgs, message_of
from modellix._headers import Headers
from modellix_client.violations import ConstraintError, Violation

if TYPE_CHECKING:
    from pathlib import Path

    from modellix._entry import Entry
    from modellix_client.models import Resource

__all__ = [
    "APIError",
    "AuthenticationError",
    "BadRequestError",
    "BudgetExceeded",
    "ConfigurationError",
    "ConnectionLostError",
    "ConstraintError",
    "DownloadError",
    "JournalError",
    "ModellixError",
    "NeverSentError",
    "NotFoundError",
    "PaymentRequiredError",
    "RateLimitError",
    "ReferenceConflict",
    "ServerError",
    "SubmissionOutcomeUnknown",
    "TaskFailed",
    "UnexpectedReplyError",
    "Violation",
    "WaitTimeout",
]

BODY_KEPT = 4096  # bytes of a reply that an error carries
UNKNOWN_TIME = datetime.datetime.fromtimestamp(0, datetime.UTC)


def shorten(value: object, limit: int = 80) -> str:
    """The value on one line, printable, cut to `limit` characters."""
    text = (value if isinstance(value, str) else repr(value))[: limit + 1]
    if not text.isprintable():
        text = "".join(character if character.isprintable() else "\ufffd" for character in text)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def is_foreign(error: BaseException) -> bool:
    """Did a signal handler raise this OSError (or TimeoutError)? The system gives its own a number."""
    return isinstance(error, OSError) and error.errno is None and not isinstance(error, ssl.SSLError)


def _unpickle(cls: type[ModellixError], message: str, fields: dict[str, Any]) -> ModellixError:
    error = cls.__new__(cls)
    error.args = (message,)
    vars(error).update(fields)
    return error


class ModellixError(Exception, metaclass=FromArgs):
    """Base of every error of this package but ConstraintError.

    `reference` is the one under which the request was submitted, None if there was none. `args` is the message and a
    dict of what else is an id, a number or a time, as it is now.
    """

    reference: str | None = None
    args: tuple[Any, ...] = ARGS

    def __init__(self, message: str = "") -> None:
        super().__init__(message)

    def __str__(self) -> str:
        return message_of(self)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpickle, (type(self), message_of(self), dict(vars(self)))


class ConfigurationError(ModellixError, ValueError):
    """A setting that cannot be used: no key, a bad base_url, a number out of range, an unsuitable http_client."""


class BudgetExceeded(ModellixError):
    """The spend guard allows no further submission. Nothing was sent.

    Submissions under way count. One that ends as refused (429) or never sent gives its place back, so the same call may
    be allowed later.
    """


class JournalError(ModellixError):
    """The journal could not record the intent to submit, so nothing was sent; or it could not be read."""


class ReferenceConflict(ModellixError):
    """Another request was submitted under this reference, the one in `entry`. Nothing was sent."""

    def __init__(self, message: str = "", *, entry: Entry | None = None) -> None:
        super().__init__(message)
        self.entry = entry


class NeverSentError(ModellixError):
    """No connection was made, or less than half of the time was left, so nothing was sent and nothing was bought. Safe
    to submit again.
    """

    def __init__(self, message: str = "", *, operation: str = "", attempts: int = 0) -> None:
        super().__init__(message)
        self.operation = operation
        self.attempts = attempts


class APIError(ModellixError):
    """The service refused the request; a refused submission costs nothing.

    Each class says what its statuses mean (plugin rest-playbook.md, CLI modellix-client.ts); one that no class has is
    an APIError. `category` and `detail` are the two halves of the service's message, None when it had none; `body`
    holds the first 4 KiB of the reply; `retry_after` is the pause the service asked for in seconds, None when it named
    none. `headers` are those of the reply that hold no secret, looked up in any case; `request_id` is the service's own
    name for the request, None when it told none.
    """

    statuses: ClassVar[Collection[int]] = ()
    refuses: ClassVar[bool] = False  # for certain, so that a submission answered with one of them bought nothing
    repeats: ClassVar[Collection[int]] = (408,)  # on which a read is repeated; here, of those that no class has
    next_step: ClassVar[str] = "see .body"

    retry_after: float | None = None

    def __init__(
        self,
        message: str = "",
        *,
        status: int = 0,
        code: int | None = None,
        category: str | None = None,
        detail: str | None = None,
        operation: str = "",
        task_id: str | None = None,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.category = category
        self.detail = detail
        self.operation = operation
        self.task_id = task_id
        self.body = body
        self.headers = Headers(headers)
        self.request_id = self.headers.request_id


class BadRequestError(APIError):
    """The request breaks the service's rules."""

    statuses = (400, 413, 415, 422)
    refuses = True
    next_step = "correct the request"


class AuthenticationError(APIError):
    """The key is missing, wrong or not allowed to do this."""

    statuses = (401, 403)
    refuses = True
    next_step = "check the API key"


class PaymentRequiredError(APIError):
    """The balance does not cover the request."""

    statuses = (402,)
    refuses = True
    next_step = "top up the account"


class NotFoundError(APIError):
    """No such task, model or path."""

    statuses = (404, 405)
    refuses = True
    next_step = "check the id, the model and base_url"


class RateLimitError(APIError):
    """Too many requests."""

    statuses = (429,)
    refuses = True
    repeats = (429,)
    next_step = "try again later"


class ServerError(APIError):
    """The service failed at a read, and at its repeats."""

    statuses = range(500, 600)
    repeats = (500, 502, 503, 504)
    next_step = "try again later"


_KINDS = (BadRequestError, AuthenticationError, PaymentRequiredError, NotFoundError, RateLimitError, ServerError)


def class_of(status: int) -> type[APIError]:
    """The class that says what a status means."""
    return next((kind for kind in _KINDS if status in kind.statuses), APIError)


class SubmissionOutcomeUnknown(ModellixError):
    """A submission may or may not have been accepted and paid for. It is never sent again by this package.

    `fingerprint` is a digest of operation and body, `sent_at` the UTC time of the attempt, `status` the HTTP status
    when one arrived, `body` the first 4 KiB of what arrived, `task_id` the id when the reply held one:
    `client.task(task_id)` then tells what became of it. `headers` and `request_id` are as in an APIError.

    `entry` is what the journal has of this submission, None without a journal. It is the one that this very call sent,
    or, if nothing was sent now, an earlier one under the same reference whose end is not known: then `status` is None
    and `body` empty.
    """

    def __init__(
        self,
        message: str = "",
        *,
        operation: str = "",
        fingerprint: str = "",
        sent_at: datetime.datetime = UNKNOWN_TIME,
        status: int | None = None,
        body: bytes = b"",
        task_id: str | None = None,
        entry: Entry | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.operation = operation
        self.fingerprint = fingerprint
        self.sent_at = sent_at
        self.status = status
        self.body = body
        self.task_id = task_id
        self.entry = entry
        self.headers = Headers(headers)
        self.request_id = self.headers.request_id


class ConnectionLostError(ModellixError):
    """A read got no answer: no connection, or one that was lost or too slow. Reads are free and may be repeated."""

    def __init__(
        self, message: str = "", *, operation: str = "", task_id: str | None = None, attempts: int = 0
    ) -> None:
        super().__init__(message)
        self.operation = operation
        self.task_id = task_id
        self.attempts = attempts


class UnexpectedReplyError(ModellixError):
    """An answer to a read that the contract does not know. `body` holds its first 4 KiB; `headers` and `request_id` are
    as in an APIError.
    """

    def __init__(
        self,
        message: str = "",
        *,
        operation: str = "",
        task_id: str | None = None,
        status: int = 0,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.operation = operation
        self.task_id = task_id
        self.status = status
        self.body = body
        self.headers = Headers(headers)
        self.request_id = self.headers.request_id


class FailedRead(Enum):
    """What a failed read of a task means."""

    REPEAT = "read again at once; if that fails too, a wait goes on"
    WAIT = "not again at once, but a wait goes on"
    TASK = "the task cannot be read"
    CLIENT = "no task can be read: the key or the account is not good enough"


def judge_failed_read(error: ModellixError) -> FailedRead:
    """Whether the read may be tried again, and whether a wait goes on."""
    if isinstance(error, AuthenticationError | PaymentRequiredError):
        return FailedRead.CLIENT
    if isinstance(error, ConnectionLostError) or (isinstance(error, APIError) and error.status in error.repeats):
        return FailedRead.REPEAT
    return FailedRead.WAIT if isinstance(error, ServerError) else FailedRead.TASK


class TaskFailed(ModellixError):
    """The task ended without a result. `error` is what the service said, as it came; its shape is not documented.
    `operation` bought it, None if only its id was known.

    With `status` None the task could not be read (404, an odd reply), and `__cause__` says why. It may still succeed:
    read it again, with `client.task(task_id).wait()` or `resume`, before you buy again.
    """

    operation: str | None = None

    def __init__(
        self,
        message: str = "",
        *,
        task_id: str = "",
        status: str | None = None,
        error: Any = None,
        raw: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.task_id = task_id
        self.status = status
        self.error = error
        self.raw = {} if raw is None else raw


class FinishedTask(Protocol):
    """What a task that ended well has made: a TaskResult, or an AsyncTaskResult, whose `download` is awaited."""

    task_id: str
    status: str
    resources: list[Resource]
    expires_at: datetime.datetime | None
    raw: dict[str, Any]

    def download(self, folder: str | Path, *, name: str | None = None, overwrite: bool = False) -> Any:
        """Fetch every file of the result into `folder`."""
        ...


class WaitTimeout(ModellixError, TimeoutError):
    """Tasks were still running at the deadline. They go on: wait again with the ids in `pending`.

    `last_seen` has the last status of each pending task by its id, as it came, None when none was ever seen.
    """

    def __init__(
        self,
        message: str = "",
        *,
        finished: list[Any] | None = None,
        pending: list[str] | None = None,
        last_seen: dict[str, str | None] | None = None,
    ) -> None:
        super().__init__(message)
        self.finished: list[FinishedTask | TaskFailed] = [] if finished is None else finished
        self.pending = [] if pending is None else pending
        self.last_seen = dict.fromkeys(self.pending) if last_seen is None else last_seen


class DownloadError(ModellixError):
    """No complete file could be written; nothing partial is left. `url` is given without its query.

    `is_gone`: the service has deleted the files after the time for which it keeps them, so no other try will help.
    """

    is_gone: bool = False

    def __init__(
        self, message: str = "", *, task_id: str = "", url: str = "", path: Path | None = None, reason: str = ""
    ) -> None:
        super().__init__(message)
        self.task_id = task_id
        self.url = url
        self.path = path
        self.reason = reason
