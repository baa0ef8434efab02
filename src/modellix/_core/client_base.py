"""What both clients can do without I/O, and all of them that is imported before a client is made."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn, Self, TypeVar

from modellix._fork import no_fork
from modellix_client import lazy
from modellix_client.namespaces import Submissions
from modellix_client.operations import SubmissionRequest

if TYPE_CHECKING:
    from modellix._core.budget import Budget
    from modellix._core.client_parts import ClientParts
    from modellix._core.read_task import TaskSnapshot

lazy.guard = no_fork  # an import that a fork cuts in two stays locked in the child

R = TypeVar("R", bound=Any)  # TaskResult or AsyncTaskResult
T = TypeVar("T")  # what `submit` returns

ARGUMENTS = """

    Every argument may be left out. `api_key` and `base_url` (an origin) fall back to MODELLIX_API_KEY and
    MODELLIX_BASE_URL; `timeout` (seconds) bounds each call as a whole: tries, pauses and queueing; a
    submission leaves while half of it is left, or not at all. `max_submissions` is the most submissions that may be
    sent, `max_in_flight` the most requests under way at a time, `journal` where submissions are recorded
    (SqliteJournal, SqlJournal). `http_client` is used for the API alone and never closed. `on_event` is called with an
    Event for each thing that the client does, in the thread that does it; what it raises is logged.

    The proxies of the environment (HTTPS_PROXY, ALL_PROXY, NO_PROXY) are honoured for the API, never for loopback.
    Downloads go direct, to addresses that were checked. `download_proxy=True` sends them through the proxies too, which
    resolve names unchecked; URLs that name a private address or localhost stay refused.
    Raises ConfigurationError for a setting that cannot be used.
"""


class ClientBase(Submissions[T]):
    """What both clients can do without I/O."""

    _parts: ClientParts
    _driver: Any
    _is_light = False

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self._parts.settings.origin!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__} clients cannot be pickled or copied: create one where it is used")

    def budget(self, n: int) -> Budget:
        """`with client.budget(n):` at most n submissions are sent inside the block, by the whole client.

        In asynchronous code `async with` does the same.
        """
        return self._parts.guard.budget(n)

    def submit(self, request: SubmissionRequest, *, reference: str | None = None) -> T:
        """Send a paid request, once."""
        raise NotImplementedError

    def with_options(self, *, reference: str | None = None, timeout: float | None = None) -> Self:
        """A light client for a few calls: it shares connections, budget and journal, and its `close` does nothing.

        `reference` is your own name for a purchase (it needs a journal): under it at most one picture is bought, by all
        who share the journal. `timeout` in seconds. What is not named is kept. Raises ConfigurationError.
        """
        light = type(self).__new__(type(self))
        super(ClientBase, light).__init__(light.submit)
        light._driver = self._driver  # and no namespace, each of which submits by the client that it was taken from
        light._parts, light._is_light = self._parts.with_options(reference, timeout), True
        return light

    def _results(self, kind: Callable[..., R]) -> Callable[[TaskSnapshot], R]:
        """What makes a result of a task that has ended well."""
        parts = self._parts
        origin, proxy, observer = parts.settings.origin, parts.download_proxy, parts.observer
        return lambda read: kind(read.task_id, read.raw, origin, proxy, client=self, observer=observer)
