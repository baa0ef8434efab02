"""From a result's URL to a complete file, or no file. The key never goes along, nor does an injected client."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from modellix.errors import DownloadError, shorten
from modellix_client.models import Resource

_TIMEOUT = 60.0  # seconds for each step of a download
_LARGEST_FILE = 1024**3  # bytes
_KINDS = ((b"\x89PNG\r\n\x1a\n", ".png"), (b"\xff\xd8\xff", ".jpg"), (b"RIFF", ".webp"))


def download(task_id: str, resources: Sequence[Resource], folder: Path, api_origin: str, overwrite: bool) -> list[Path]:
    """Every resource as a file in `folder`, in order. Raises DownloadError."""
    if not resources:
        raise DownloadError(
            f"task {shorten(task_id)}: the result names no file",
            task_id=task_id,
            url="",
            path=None,
            reason="no resources",
        )
    with httpx.Client(trust_env=False, follow_redirects=False, timeout=_TIMEOUT) as client:
        return [
            _Download(task_id, index, resource.url, folder, api_origin, overwrite).run(client)
            for index, resource in enumerate(resources)
        ]


async def download_async(
    task_id: str, resources: Sequence[Resource], folder: Path, api_origin: str, overwrite: bool
) -> list[Path]:
    """The asynchronous twin of `download`, in a thread."""
    import asyncio  # a synchronous client never needs it

    return await asyncio.to_thread(download, task_id, resources, folder, api_origin, overwrite)


class _Download:
    def __init__(self, task_id: str, index: int, url: str, folder: Path, api_origin: str, overwrite: bool) -> None:
        self.task_id = task_id
        self.url = url
        self.folder = folder
        self.stem = f"{safe_name(task_id)}-{index}"
        self.api_origin = api_origin
        self.overwrite = overwrite

    def run(self, client: httpx.Client) -> Path:
        self._check_url()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            present = self._present()
            return present if present is not None else self._fetch(client)
        except httpx.HTTPError as error:
            raise self._error(f"{type(error).__name__}: {shorten(str(error))}") from error
        except OSError as error:
            raise self._error(f"{type(error).__name__}: {error.strerror or error}") from error

    def _check_url(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme == "https" and parts.hostname:
            return
        if self.api_origin.startswith("http://") and f"{parts.scheme}://{parts.netloc}" == self.api_origin:
            return  # a stand-in on loopback serves its own pictures
        raise self._error("not an https URL")

    def _present(self) -> Path | None:
        if self.overwrite:
            return None
        candidates = [self.folder / (self.stem + suffix) for _, suffix in _KINDS]
        return next((path for path in candidates if path.is_file() and not path.is_symlink()), None)

    def _fetch(self, client: httpx.Client) -> Path:
        with client.stream("GET", self.url, headers={"Accept-Encoding": "identity"}) as response:
            if response.status_code != 200:
                raise self._error(f"status {response.status_code}")
            with _temporary(self.folder) as (file, name):
                head = self._copy(response, file)
                suffix = next((suffix for magic, suffix in _KINDS if head.startswith(magic)), None)
                if suffix is None:
                    raise self._error("not a picture: neither png, jpeg nor webp")
                target = self.folder / (self.stem + suffix)
                Path(name).replace(target)
                return target

    def _copy(self, response: httpx.Response, file: int) -> bytes:
        head, size = b"", 0
        for chunk in response.iter_raw():
            head = head if len(head) >= 16 else head + chunk[:16]
            size += len(chunk)
            if size > _LARGEST_FILE:
                raise self._error(f"larger than {_LARGEST_FILE} bytes")
            _write(file, chunk)
        os.fsync(file)
        return head

    def _error(self, reason: str) -> DownloadError:
        parts = urlsplit(self.url)
        url = shorten(f"{parts.scheme}://{parts.hostname}{parts.path}", 200)
        text = f"task {shorten(self.task_id)}: {url} was not downloaded to {self.folder}: {reason}"
        return DownloadError(text, task_id=self.task_id, url=url, path=self.folder / self.stem, reason=reason)


def _write(file: int, chunk: bytes) -> None:
    view = memoryview(chunk)
    while view:
        view = view[os.write(file, view) :]


@contextlib.contextmanager
def _temporary(folder: Path) -> Iterator[tuple[int, str]]:
    """An open file in the folder, removed at the end unless it was renamed."""
    file, name = tempfile.mkstemp(prefix=".modellix-", dir=folder)
    try:
        yield file, name
    finally:
        os.close(file)
        Path(name).unlink(missing_ok=True)


def safe_name(task_id: str) -> str:
    """The id as part of a file name: letters, digits, `-` and `_`."""
    return re.sub(r"[^A-Za-z0-9_-]+", "_", task_id)[:80] or "task"
