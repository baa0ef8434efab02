"""What one call of `download` or `open` works on, and what its files share. No I/O."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from modellix._core.clock import Clock
from modellix._core.url_policy import UrlPolicy, bare
from modellix._http import httpx
from modellix._records import define, field, frozen
from modellix._version import __version__
from modellix.errors import DownloadError, ModellixError, shorten


@dataclass(frozen=True)  # made by the import
class Limits:
    """How much a download may take. A picture of this API has some ten MB; the limits only stop what runs away."""

    file_bytes: int = 1024**3  # 1 GiB
    result_bytes: int = 4 * 1024**3  # 4 GiB, all that arrives for one result
    resources: int = 256  # files of one result
    redirects: int = 5
    idle: float = 30.0  # seconds without a byte, and seconds to the first one
    bytes_per_second: int = 16 * 1024  # the least that must arrive on average, after `idle`
    longest: float = 3600.0  # seconds that may be spent waiting for one file's bytes


LIMITS = Limits()

#: All that is said in a request. "Accept: */*", lest a storage makes another picture of it.
HEADERS = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": f"modellix-client/{__version__}"}


@frozen
class Manifest:
    """What there is to fetch. `api_origin`, `expires_at` and `reference` as a result has them; `through_proxy`: the
    environment's proxies are used.
    """

    task_id: str
    urls: list[str] = field(repr=False)
    api_origin: str
    expires_at: datetime.datetime | None
    through_proxy: bool = False
    reference: str | None = None


@frozen
class Fresh:
    """What the task told when it was read again: where its files are, and until when, if it says so."""

    urls: list[str] = field(repr=False)
    expires_at: datetime.datetime | None


@define
class DownloadSession:
    """One call of `download` or `open`. `environment_proxy` names the proxy that the environment has for a URL.

    `fresh` is what `ReadTaskAgain` came to, None before.
    """

    manifest: Manifest
    environment_proxy: Callable[[httpx.URL], str | None] = field(repr=False)
    clock: Clock = field(factory=Clock)
    limits: Limits = field(factory=lambda: LIMITS)
    url_policy: UrlPolicy = field(init=False, repr=False)
    received: int = 0  # bytes, for all files
    fresh: Fresh | ModellixError | None = field(default=None, repr=False)
    _lock: threading.Lock = field(factory=threading.Lock, repr=False)

    def __attrs_post_init__(self) -> None:
        self.url_policy = UrlPolicy(self.manifest.api_origin)

    @property
    def expires_at(self) -> datetime.datetime | None:
        """Until when the files are kept, as the task told last."""
        told = self.fresh.expires_at if isinstance(self.fresh, Fresh) else None
        return told or self.manifest.expires_at

    def proxy(self, url: httpx.URL) -> str | None:
        """The proxy to ask, None to connect directly. Raises AddressRefused for a host that it may not be asked for."""
        proxy = self.environment_proxy(url) if self.manifest.through_proxy else None
        if proxy is not None:
            self.url_policy.check_unresolved(url.raw_host.decode("ascii"))
        return proxy

    def take(self, size: int) -> bool:
        """Count bytes that arrived; False once they are too many for one result."""
        with self._lock:
            self.received += size
            return self.received <= self.limits.result_bytes

    def check(self, index: int = 0) -> int:
        """The number of a file. Raises DownloadError when there is none, or suspiciously many."""
        count = len(self.manifest.urls)
        if count == 0:
            raise self.error("", None, "the result names no file")
        if count > self.limits.resources:
            raise self.error("", None, f"the result names {count} files, more than {self.limits.resources}")
        if not 0 <= index < count:
            raise self.error("", None, f"there is no file {index}, the result names {count}, from 0 on")
        return index

    def error(self, url: str, path: Path | None, reason: str) -> DownloadError:
        """The error of one file."""
        task, url = self.manifest.task_id, bare(url)
        text = f"task {shorten(task)}: {url or 'the result'} was not downloaded" + (f" to {path}" if path else "")
        error = DownloadError(f"{text}: {reason}", task_id=task, url=url, path=path, reason=reason)
        error.reference = self.manifest.reference
        return error
